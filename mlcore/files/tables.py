"""From an uploaded CSV file to a frozen table, or to a sentence saying why not.

    raw bytes -> read -> Table (frozen), which `mlcore.files.examples` turns into x and y

Everything is bounded before it is parsed: bytes, then lines, then columns and rows. There is one parser,
Python's `csv`: `pandas.read_csv` needs 40 s for a line of a million columns and makes integers of `1,5;2,5`,
and where two parsers read a file, they disagree on some of it. At the limits, reading takes about 0.5 s.

Names and cells are kept as people wrote them. Show them through `mlcore.files.escape`, or use `.markdown()`.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.files.escape import line
from mlcore.files.table_problems import Note, TableError

Floats = NDArray[np.float64]
Cells = NDArray[Any]  # float64 with NaN where missing, or str with None where missing

MAX_BYTES = 4 * 2**20
MAX_LINE = 20_000  # characters of one line of the file
MAX_COLUMNS = 64
MAX_ROWS = 20_000
MAX_LINES = 5 * MAX_ROWS  # a quoted cell may span some
MAX_NUMBER = 1e30  # its square fits float64, itself fits float32
MAX_NAME = 60  # characters of a column's name
_INFINITE = {sign + word for sign in ("", "+", "-") for word in ("inf", "infinity")}
MISSING = frozenset({"", "?", "-", "na", "n/a", "#n/a", "nan", "none", "null"} | _INFINITE)
SEPARATORS = "\t;|,"  # the comma last: it may be a decimal comma


@dataclass(frozen=True)
class Column:
    """What one column holds. `low` and `high` are None for text and where every cell is missing."""

    name: str
    kind: Literal["number", "text"]
    missing: int
    distinct: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Table:
    """A file that was read. Equal bytes give equal tables; the arrays are read-only."""

    digest: str  # SHA-256 of the raw bytes
    columns: tuple[Column, ...]  # [C]
    rows: int
    notes: tuple[Note, ...]
    cells: tuple[Cells, ...] = field(compare=False, repr=False)  # C arrays [rows]

    @property
    def frame(self) -> pd.DataFrame:
        """A copy as a data frame, to show or to export."""
        names = [column.name for column in self.columns]
        return pd.DataFrame(dict(zip(names, self.cells, strict=True)), copy=True)


def read(raw: bytes) -> Table:
    """Read an uploaded CSV file.

    UTF-8, UTF-16 with a byte order mark, CP949 or Windows-1252; separated by comma, semicolon, tab or
    vertical bar; cells may be quoted. A column whose cells are all numbers is a number column, any other is
    text. Skipped are blank lines and columns with neither a name nor a value; missing are cells in MISSING,
    whatever their case.

    Raises TableError.
    """
    if len(raw) > MAX_BYTES:
        raise TableError("too_large", megabytes=len(raw) / 2**20, limit=MAX_BYTES / 2**20)
    text, notes = decode(raw)
    _check_lines(text)
    separator = separator_of(text)
    header, *rows = _grid(text, separator)
    if all(is_number(cell) or not cell for cell in header):
        notes.append(Note("no_header", {}))
        rows.insert(0, header)
        header = [f"column {position}" for position in range(1, len(header) + 1)]
    if not rows:
        raise TableError("header_only")
    if len(rows) > MAX_ROWS:
        raise TableError("too_many_rows", limit=MAX_ROWS)
    names, renamed = _names(header)
    by_column = zip(*rows, strict=True)
    made = [_column(name, cells, separator) for name, cells in zip(names, by_column, strict=True)]
    columns, cells, column_notes = zip(*made, strict=True)
    notes += [*renamed, *chain(*column_notes)]
    return Table(hashlib.sha256(raw).hexdigest(), columns, len(rows), tuple(notes), cells)


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


def _check_lines(text: str) -> None:
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        raise TableError("too_many_rows", limit=MAX_ROWS)
    for number, content in enumerate(lines, 1):
        if len(content) > MAX_LINE:
            limits = {"limit": MAX_LINE, "columns": MAX_COLUMNS}
            raise TableError("long_line", line=number, length=len(content), **limits)


def lines_of(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The number of its first line and the cells of every record that is not blank."""
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True, skipinitialspace=True)
    first = 1
    try:
        for record in reader:
            cells = [cell.strip() for cell in record]
            if any(cells):
                yield first, cells
            first = reader.line_num + 1
    except csv.Error:
        raise TableError("unclosed_quote", line=first) from None


def separator_of(text: str) -> str:
    """The first separator that splits each of the first 50 records into equally many cells, at least two.

    Where none does, the one under which most records are as wide as the first, so that an error names a line.
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
    return best if any(score(best)) else ","


def _grid(text: str, separator: str) -> list[list[str]]:
    """All records, of one width; without the columns that have neither a name nor a value."""
    records = list(islice(lines_of(text, separator), MAX_ROWS + 2))
    if not records:
        raise TableError("empty")
    width = len(records[0][1])
    if width > MAX_COLUMNS:
        raise TableError("too_many_columns", columns=width, limit=MAX_COLUMNS)
    for number, cells in records:
        if len(cells) < width or any(cells[width:]):
            raise TableError("ragged", line=number, cells=len(cells), expected=width)
    used = [i for i in range(width) if any(cells[i] for _, cells in records)]
    if len(used) < 2:
        raise TableError("one_column")
    return [[cells[i] for i in used] for _, cells in records]


def _names(header: Sequence[str]) -> tuple[tuple[str, ...], list[Note]]:
    """Names that are visible, of bounded length and all different."""
    names: list[str] = []
    notes: list[Note] = []
    for position, cell in enumerate(header, 1):
        names.append(unused(line(cell, MAX_NAME) or f"column {position}", names))
        if names[-1] != line(cell):
            notes.append(Note("renamed", {"column": position, "old": line(cell), "name": names[-1]}))
    return tuple(names), notes


def unused(name: str, taken: Sequence[str]) -> str:
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name} ({count})"
    return candidate


# No part of a pattern can match where its neighbor does: the time stays linear in the length of a cell.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA_NUMBER = re.compile(r"[+-]?(\d+(,\d*)?|,\d+)([eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}((,\d{3})+(\.\d*)?|(\.\d{3})+(,\d*)?)", re.ASCII)


def is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _COMMA_NUMBER.fullmatch(cell))


def _column(name: str, cells: Sequence[str], separator: str) -> tuple[Column, Cells, list[Note]]:
    present = {cell: count for cell, count in Counter(cells).items() if cell.lower() not in MISSING}
    others = [cell for cell in present if not _NUMBER.fullmatch(cell)]
    ungrouped = [cell for cell in others if not _GROUPED.fullmatch(cell)]
    if not others:
        return _numbers(name, cells, {cell: float(cell) for cell in present}, [])
    # '1,234' is a thousand in a file separated by commas, and little more than one in any other.
    if (ungrouped or separator != ",") and all(map(_COMMA_NUMBER.fullmatch, present)):
        values = {cell: float(cell.replace(",", ".")) for cell in present}
        return _numbers(name, cells, values, [Note("decimal_comma", {"name": name})])
    notes = []
    total, odd = sum(present.values()), sum(present[cell] for cell in others)
    if not ungrouped:
        notes.append(Note("thousands", {"name": name, "cell": line(others[0])}))
    elif odd <= total / 10:
        counts = {"numbers": total - odd, "others": odd}
        notes.append(Note("mixed", {"name": name, "cell": line(others[0]), **counts}))
    text = np.array([cell if cell in present else None for cell in cells], dtype=object)
    text.setflags(write=False)
    return Column(name, "text", len(cells) - total, len(present)), text, notes


def _numbers(
    name: str, cells: Sequence[str], values: Mapping[str, float], notes: list[Note]
) -> tuple[Column, Cells, list[Note]]:
    numbers = np.array([values.get(cell, np.nan) for cell in cells])
    huge = np.abs(numbers) > MAX_NUMBER
    numbers[huge] = np.nan
    numbers.setflags(write=False)
    if huge.any():
        notes = [*notes, Note("huge", {"name": name, "count": int(huge.sum()), "limit": MAX_NUMBER})]
    levels = distinct(numbers)
    ends = (float(levels[0]), float(levels[-1])) if len(levels) else (None, None)
    return Column(name, "number", int(np.isnan(numbers).sum()), len(levels), *ends), numbers, notes


def distinct(cells: Cells) -> Cells:
    """The different values that are not missing, sorted."""
    return np.unique(cells[~pd.isna(cells)])
