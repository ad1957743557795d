"""Workbooks: the first sheet becomes a CSV file, once, and that file is the table of store, link and script.

Reading is left to a process with bounds on memory and time (`mlcore.files.sheet`).
"""

from __future__ import annotations

from mlcore.base.limits import limits
from mlcore.files import apart, records, sheet
from mlcore.files.table_problems import TableError

ZIP, OLE = (b"PK\x03\x04", b"PK\x05\x06"), b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def as_csv(raw: bytes) -> bytes:
    """The file itself, or the first sheet of a .xlsx workbook as CSV, which says in a line whose it is.

    Raises TableError.
    """
    if len(raw) > (most := limits().upload_bytes):
        raise TableError("too_large", megabytes=len(raw) / 2**20, limit=most / 2**20)
    if raw.startswith(OLE):
        raise TableError("locked" if _ENCRYPTED in raw else "old_workbook")
    if not raw.startswith(ZIP):
        return raw
    try:
        said, body = apart.ask("mlcore.files.sheet", raw, sheet.BOUNDS)
    except apart.Unread as problem:
        raise TableError(problem.code, **problem.values) from None
    return f"{records.of_sheet(said['sheet'], said['sheets'])}\n".encode() + body
