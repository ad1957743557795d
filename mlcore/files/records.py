"""From the bytes of a file to its records: encoding, limits, what stands before the table, the separator.

    raw bytes -> decode -> text -> Opening -> lines_of -> cells

Everything is bounded before it is parsed: bytes, then lines, then columns and rows. There is one parser,
Python's `csv`: `pandas.read_csv` needs 40 s for a line of a million columns and makes integers of `1,5;2,5`,
and where two parsers read a file, they disagree on some of it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, takewhile

from mlcore.files import numbers
from mlcore.files.escape import line
from mlcore.files.table_problems import Note, TableError

MAX_BYTES = 4 * 2**20
MAX_LINE = 20_000  # characters of one line of the file
MAX_COLUMNS = 64
MAX_ROWS = 20_000
MAX_LINES = 5 * MAX_ROWS  # a quoted cell may span some
SEPARATORS = "\t;|,"  # the comma last: it may be a decimal comma

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")  # xlsx, ods, zip; empty zip; xls
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")


def decode(raw: bytes) -> tuple[str, list[Note]]:
    """The text with line ends as one newline and Korean letters composed."""
    if raw.startswith(_ARCHIVES):
        raise TableError("workbook")
    raw = raw.rstrip(b"\x1a")  # the end-of-file mark of DOS
    mark, marked = next((m for m in _MARKS if raw.startswith(m[0])), (b"", ""))
    # No other encoding here uses these bytes within a letter, so they are found before one is chosen.
    if not marked.startswith("utf-16") and (found := _CONTROL.search(raw.decode("latin-1"))):
        raise TableError("binary", position=found.start() + 1)
    for encoding in (marked,) if marked else ("utf-8", "cp949", "cp1252"):
        try:
            text = raw[len(mark) :].decode(encoding)
        except UnicodeDecodeError:
            continue
        if found := _CONTROL.search(text):
            raise TableError("binary", position=2 * found.start() + 3)
        if not text.strip():
            raise TableError("empty")
        notes = [Note("encoding_guessed", {"encoding": encoding})] if encoding.startswith("cp") else []
        return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")), notes
    raise TableError("encoding")


def check_lines(text: str) -> None:
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        raise TableError("too_many_rows", limit=MAX_ROWS)
    for number, content in enumerate(lines, 1):
        if len(content) > MAX_LINE:
            limits = {"limit": MAX_LINE, "columns": MAX_COLUMNS}
            raise TableError("long_line", line=number, length=len(content), **limits)


_SEPARATOR = re.compile(r'"?sep=([^\w"])"?', re.IGNORECASE)  # for Excel, which obeys it
_SHEET = re.compile(r"# sheet 1 of (\d+): (.*)")


def of_sheet(name: str, sheets: int) -> str:
    """The line that says which sheet of a workbook a table was: `opening` reads it."""
    return f"# sheet 1 of {sheets}: {line(name)}"


@dataclass(frozen=True)
class Opening:
    """What stands before a table, and the separator of its cells."""

    lines: int  # of the file
    separator: str
    notes: tuple[Note, ...]


def opening(text: str) -> Opening:
    """Which lines come before the column names: `sep=;`, the sheet of a workbook, comments that start with #.

    A column may be named `#`: a line that is as wide as the table is no comment, unless names follow it.
    """
    lines, first, notes = text.split("\n"), 0, []
    if declared := _SEPARATOR.fullmatch(lines[0]):
        first = 1
    if first < len(lines) and (sheet := _SHEET.fullmatch(lines[first])):
        notes.append(Note("sheet", {"name": sheet[2], "sheets": int(sheet[1])}))
        first += 1
    table = first
    while table < len(lines) and (not lines[table].strip() or lines[table].startswith(("#", '"#'))):
        table += 1
    for start in (table, first):  # where every line is a comment, none is
        rest = "\n".join(lines[start:])
        separator = declared[1] if declared else separator_of(rest)
        if width := next((len(cells) for _, cells in lines_of(rest, separator)), 0):
            break
    titled = _titled(rest, separator)
    comments = list(
        takewhile(lambda said: titled or not _may_name(said, width, separator), lines[first:start])
    )
    if said := [comment for comment in comments if comment.strip()]:
        notes.append(Note("comments", {"count": len(said), "cell": line(said[0])}))
    return Opening(first + len(comments), separator, tuple(notes))


def _titled(text: str, separator: str) -> bool:
    """Whether a record without numbers comes before one with some: the names of the columns."""
    with suppress(TableError):
        some = [any(map(numbers.shows_value, cells)) for _, cells in islice(lines_of(text, separator), 2)]
        return some == [False, True]
    return False


def _may_name(comment: str, width: int, separator: str) -> bool:
    """Whether it may be the names of so many columns."""
    with suppress(TableError):
        return any(
            len(cells) == width > 1 < sum(map(bool, cells)) for _, cells in lines_of(comment, separator)
        )
    return False


def lines_of(text: str, separator: str, skipped: int = 0) -> Iterator[tuple[int, list[str]]]:
    """The number of its first line and the cells of every record that is not blank, behind skipped lines.

    Of cells separated by spaces none is empty, as several spaces are one separator.
    """
    file, spaces = io.StringIO(text), separator == " "
    for _ in range(skipped):
        next(file)
    reader = csv.reader(file, delimiter=separator, strict=True, skipinitialspace=not spaces)
    first = skipped + 1
    try:
        for record in reader:
            cells = [cell.strip() for cell in record if cell or not spaces]
            if any(cells):
                yield first, cells
            first = skipped + reader.line_num + 1
    except csv.Error:
        raise TableError("unclosed_quote", line=first) from None


def separator_of(text: str) -> str:
    """The first separator that splits each of the first 50 records into equally many cells, at least two.

    Where none does, the one under which most records are as wide as the first, so that an error names a line.
    Spaces stand in text as well: they separate cells where nothing else does, and all records evenly.
    """

    def score(separator: str) -> tuple[bool, int]:
        widths: list[int] = []
        broken = True
        with suppress(TableError):
            for _, cells in islice(lines_of(text, separator), 50):
                widths.append(len(cells))
            broken = False
        even = sum(width == widths[0] > 1 for width in widths)
        return 0 < even == len(widths) and not broken, even

    best = max(SEPARATORS, key=score)
    if any(score(best)):
        return best
    return " " if score(" ")[0] else ","
