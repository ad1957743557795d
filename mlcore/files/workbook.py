"""Workbooks: the first sheet becomes a CSV file, once, and that file is the table of store, link and script.

Reading is left to a process with bounds on memory and time (`mlcore.files.sheet`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

from mlcore.files import records, sheet
from mlcore.files.table_problems import TableError

ROOT = Path(__file__).parents[2]
WAIT = 60  # seconds until a reader is ended; it has MAX_SECONDS of computing, on a machine that may be busy
ZIP, OLE = (b"PK\x03\x04", b"PK\x05\x06"), b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_TWO = threading.BoundedSemaphore(2)  # readers at a time: a class that uploads at once waits in line


def as_csv(raw: bytes) -> bytes:
    """The file itself, or the first sheet of a .xlsx workbook as CSV, which says in a line whose it is.

    Raises TableError.
    """
    if len(raw) > records.MAX_BYTES:
        raise TableError("too_large", megabytes=len(raw) / 2**20, limit=records.MAX_BYTES / 2**20)
    if raw.startswith(OLE):
        raise TableError("locked" if _ENCRYPTED in raw else "old_workbook")
    if not raw.startswith(ZIP):
        return raw
    heavy = TableError("heavy", mb=sheet.MAX_MEMORY >> 20, seconds=sheet.MAX_SECONDS)
    command = [sys.executable, "-m", "mlcore.files.sheet"]
    with _TWO:
        try:
            done = subprocess.run(command, input=raw, capture_output=True, cwd=ROOT, timeout=WAIT)
        except subprocess.TimeoutExpired:
            raise heavy from None
    if done.returncode < 0:  # the system ended it
        raise heavy
    head, _, body = done.stdout.partition(b"\n")
    if done.returncode or not head:
        raise TableError("damaged")
    said = json.loads(head)
    if "code" in said:
        raise TableError(said["code"], **said["values"])
    return f"{records.of_sheet(said['sheet'], said['sheets'])}\n".encode() + body
