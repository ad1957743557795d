"""Uploaded tables, kept by their content: a link names its table by SHA-256, never by a path.

All processes of one machine read the same folder (`MLCORE_STORE`, or one below the temporary folder that
only this account may read). It keeps `BUDGET` bytes; the table that nobody used for longest goes first.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from mlcore.base.refusal import Refusal

BUDGET = 64 * 2**20  # bytes of all tables together
DIGEST = re.compile(r"[0-9a-f]{64}")
DRAFT = ".draft"


class DataError(Refusal):
    """Data that cannot be used: `code` and `values` for the page, the sentence for everybody else."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "too_large": "The table has {bytes:,} bytes; at most {limit:,} are kept. Upload a smaller file.",
        "folder": "The folder of tables belongs to another account. Set MLCORE_STORE to another folder.",
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


def folder() -> Path:
    """The folder of this account's tables, created on first use. Raises `DataError` if it is another's."""
    account = getattr(os, "getuid", lambda: 0)()
    path = Path(os.environ.get("MLCORE_STORE") or f"{tempfile.gettempdir()}/mlp-laboratory-{account}")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and path.stat().st_uid != account:
        raise DataError("folder")
    return path


def put(raw: bytes) -> str:
    """Keep `raw` and return its digest. Raises `DataError` if it alone exceeds the budget."""
    if len(raw) > BUDGET:
        raise DataError("too_large", bytes=len(raw), limit=BUDGET)
    digest, home = hashlib.sha256(raw).hexdigest(), folder()
    handle, draft = tempfile.mkstemp(dir=home, suffix=DRAFT)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        os.replace(draft, home / digest)  # readers see all of it or nothing
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    _evict(home, keep=digest)
    return digest


def get(digest: str) -> bytes:
    """The bytes whose SHA-256 is `digest`. Raises `DataError` if this machine does not have them."""
    if DIGEST.fullmatch(digest) is None:  # before it becomes part of a path
        raise DataError("no_name")
    path = folder() / digest
    with suppress(FileNotFoundError):
        raw = path.read_bytes()
        if hashlib.sha256(raw).hexdigest() == digest:
            with suppress(OSError):
                os.utime(path)  # used now: others go first
            return raw
    raise DataError("lost")


def _evict(home: Path, keep: str) -> None:
    """Delete the tables used longest ago until the rest fit into the budget, and no file that is not ours."""
    files = []
    for path in home.iterdir():
        with suppress(FileNotFoundError):  # another process was faster
            used, size = path.stat().st_mtime_ns, path.stat().st_size
            abandoned = path.suffix == DRAFT and time.time_ns() - used > 60 * 10**9  # its writer died
            if abandoned or DIGEST.fullmatch(path.name):
                files.append((used, size, path))
    total = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if total <= BUDGET:
            return
        if path.name != keep:
            path.unlink(missing_ok=True)
            total -= size
