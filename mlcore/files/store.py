"""Uploaded tables, kept by their content: a link names its table by SHA-256, never by a path.

They lie in the laboratory's store, where every web process and every worker finds them, and take
MLCORE_TABLES megabytes at most; the table that nobody used for longest goes first.
"""

from __future__ import annotations

import re
from typing import ClassVar

from mlcore.base.limits import limits
from mlcore.base.refusal import Refusal
from mlcore.store import store
from mlcore.store.errors import Missing

DIGEST = re.compile(r"[0-9a-f]{64}")


class DataError(Refusal):
    """Data that cannot be used: `code` and `values` for the page, the sentence for everybody else."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "too_large": "The table has {bytes:,} bytes; at most {limit:,} are kept. Upload a smaller file.",
        "no_name": "A table is named by 64 hexadecimal digits. Upload the file to get its link.",
        "lost": "The table of this link is not on this server (any more). Upload the file again.",
        "no_table": "There is no table yet. Upload a CSV or .xlsx file, or choose another data set.",
        "target": "The table has {columns} columns and none with the number {target}, counted from 0. "
        "Choose the target again.",
        "hole": "The formula has no value at some of the points, or one beyond {largest:,.0f}. Write one "
        "that has a value wherever x and y are between -1 and 1.",
        "nothing_drawn": "Nothing is drawn yet. Draw points onto the plane, or choose another data set.",
        "one_class": "All points are of one class. Draw some of a second one.",
        "too_few": "{examples} examples are too few: at least 2 to train on and 1 to test on are needed. "
        "Take more examples or a smaller share for the test.",
    }


def budget() -> int:
    """Bytes of all tables together."""
    return limits().tables * 2**20


def put(raw: bytes) -> str:
    """Keep `raw` and return its digest. Raises `DataError` above the budget, and `StoreError`."""
    if len(raw) > (most := budget()):
        raise DataError("too_large", bytes=len(raw), limit=most)
    return store().uploads.put(raw, most)


def get(digest: str) -> bytes:
    """The bytes whose SHA-256 is `digest`. Raises `DataError` if the store has none, and `StoreError`."""
    if DIGEST.fullmatch(digest) is None:
        raise DataError("no_name")
    try:
        return store().uploads.get(digest)
    except Missing:
        raise DataError("lost") from None
