"""Uploaded tables: content-addressed, bounded, and closed to names that are no digest."""

from __future__ import annotations

import hashlib
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlcore.files import store
from mlcore.files.store import DataError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MLCORE_DATABASE", raising=False)
    monkeypatch.setenv("MLCORE_STORE", str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_what_was_put_is_found_under_its_sha256() -> None:
    digest = store.put(b"a,b\n1,2\n")
    assert digest == hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert store.get(digest) == b"a,b\n1,2\n"
    assert store.put(b"a,b\n1,2\n") == digest


@pytest.mark.parametrize(
    "digest",
    ["", "abc", "../" * 21 + "x", "/etc/passwd", "A" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n", "٠" * 64],
)
def test_a_name_that_is_no_digest_is_not_even_looked_for(digest: str, home: Path) -> None:
    with pytest.raises(DataError) as caught:
        store.get(digest)
    assert caught.value.code == "no_name"
    assert not home.exists()


def test_a_table_that_is_gone_is_a_sentence() -> None:
    with pytest.raises(DataError, match="not on this server") as caught:
        store.get("0" * 64)
    assert caught.value.code == "lost"


def test_a_table_above_the_budget_is_refused(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(store, "budget", lambda: 10)
    with pytest.raises(DataError) as caught:
        store.put(b"x" * 11)
    assert caught.value.values == {"bytes": 11, "limit": 10}
    assert not home.exists()


def test_many_writers_leave_whole_tables_within_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "budget", lambda: 40_000)
    tables = [bytes([i]) * 10_000 for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(store.put, tables * 5))
    left = []
    for digest in digests:
        try:
            left.append(store.get(digest))
        except DataError as gone:
            left += [] if gone.code == "lost" else [b""]
    assert 1 <= len(left) <= 4
    assert {hashlib.sha256(raw).hexdigest() for raw in left} <= digests


@pytest.mark.parametrize("code", DataError.SENTENCES)
def test_an_error_survives_the_way_to_another_process(code: str) -> None:
    values = {"bytes": 1, "limit": 2, "columns": 3, "target": 4, "examples": 5, "largest": 6}
    error = DataError(code, **values)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.code, again.values) == (str(error), code, values)
    assert "{" not in str(error)
