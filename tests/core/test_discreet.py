"""Logs tell where a mistake happened and what kind it is, and nothing that a person typed."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from mlcore.base import discreet


def breaks(typed: str) -> None:
    try:
        float(typed)
    except ValueError as error:
        raise KeyError(typed) from error


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    before = logging.getLogRecordFactory()
    discreet.all_logs()
    discreet.all_logs()  # a second time changes nothing
    out = io.StringIO()
    logger = logging.getLogger("somebody else's")
    logger.addHandler(handler := logging.StreamHandler(out))
    yield out
    logger.removeHandler(handler)
    logging.setLogRecordFactory(before)


def test_the_chain_is_there_without_messages(log: io.StringIO) -> None:
    try:
        breaks(" ".join(["my", "salary"]))
    except KeyError:
        logging.getLogger("somebody else's").exception("it broke")
    told = log.getvalue()
    assert "it broke" in told
    assert told.index("KeyError") < told.index("which followed from") < told.index("ValueError")
    assert "float(typed)" in told
    assert "my salary" not in told


def test_what_is_no_exception_stays_as_it_is(log: io.StringIO) -> None:
    logging.getLogger("somebody else's").warning("%d of %d", 1, 2)
    logging.getLogger("somebody else's").error("none", exc_info=True)
    assert log.getvalue() == "1 of 2\nnone\nNoneType: None\n"
