"""The first sheet of a workbook as CSV. It runs as a process of its own: `python -m mlcore.files.sheet`.

    the bytes of a .xlsx file -> a line of JSON, then CSV in UTF-8

The reader, calamine, keeps every cell between the first and the last: a workbook of 5 kB with a number in the
last corner of a sheet asks for 550 GB, and where it gets none, the process ends. So it is one that may end,
with bounds on memory and time that the system keeps. Python unpacks the file first, up to MAX_UNPACKED bytes
whatever the file declares, and calamine is given these bytes. It expands no entities of XML.

Formulas give the values that were stored with them, errors are empty, macros are not even looked at.
"""

from __future__ import annotations

import csv
import datetime
import io
import zipfile
from typing import Any

from mlcore.files import apart, numbers
from mlcore.files.apart import Unread
from mlcore.files.records import MAX_BYTES

MAX_UNPACKED = 64 * 2**20  # bytes of all parts together
BOUNDS = apart.Bounds(memory=2**30, seconds=20)
MAX_CSV = MAX_BYTES - 2**10  # bytes; a line that says which sheet comes before them
_KNOWN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CONTROL = dict.fromkeys([*range(9), *range(14, 32)], " ")


def first_sheet(raw: bytes) -> tuple[str, int, bytes]:
    """Name of the first visible sheet, how many there are, and its cells as CSV. Raises Unread."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    workbook = CalamineWorkbook.from_object(io.BytesIO(unpacked(raw)))
    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    sheets = [sheet for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible] or sheets
    if not sheets:
        raise Unread("damaged")
    name = sheets[0].name
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    rows = 0
    for row in workbook.get_sheet_by_name(name).iter_rows():
        if any(cell != "" for cell in row):
            writer.writerow(map(written, row))
            rows += 1
        if file.tell() > MAX_CSV:  # characters, of one byte or more
            break
    if not rows:
        raise Unread("sheet_empty", name=name)
    text = file.getvalue().encode("utf-8", "replace")
    if len(text) > MAX_CSV:
        raise Unread("sheet_large", name=name, limit=MAX_BYTES >> 20)
    return name, len(sheets), text


def unpacked(raw: bytes) -> bytes:
    """The parts of the workbook that are XML, in an archive that packs nothing: what it declares, it has."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = archive.infolist()
        names = {part.filename.lower() for part in parts}
        if "xl/workbook.xml" not in names:  # .xlsb, .ods, .docx and other archives
            raise Unread("locked" if any(part.flag_bits & 1 for part in parts) else "workbook")
        if any(name.endswith("vbaproject.bin") for name in names):
            raise Unread("macros")
        parts = [part for part in parts if part.filename.lower().endswith((".xml", ".rels"))]
        if any(part.flag_bits & 1 for part in parts):
            raise Unread("locked")
        if (size := sum(part.file_size for part in parts)) > MAX_UNPACKED:
            raise Unread("unpacked", megabytes=size / 2**20, limit=MAX_UNPACKED >> 20)
        if any(part.compress_type not in _KNOWN for part in parts):
            raise Unread("damaged")
        stored = io.BytesIO()
        with zipfile.ZipFile(stored, "w") as out:
            for part in parts:  # zipfile stops at the declared size, and compares the checksum
                out.writestr(part.filename, archive.read(part))
    return stored.getvalue()


def written(cell: Any) -> Any:
    """A cell as it stands in the CSV; text that a spreadsheet would run gets an apostrophe before it."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 2**53 else cell
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ") if cell.time() != datetime.time() else cell.date().isoformat()
    if not isinstance(cell, str):
        return str(cell)  # dates as ISO 8601, times and durations as text
    text = cell.translate(_CONTROL)
    harmless = text.strip() == "-" or numbers.shows_number(text.strip())
    return "'" + text if text.lstrip().startswith(tuple("=+-@＝＋－＠")) and not harmless else text


def read(raw: bytes) -> tuple[dict[str, object], bytes]:
    name, sheets, body = first_sheet(raw)
    return {"sheet": name, "sheets": sheets}, body


if __name__ == "__main__":
    apart.answer(read, BOUNDS)
