"""From an uploaded CSV file to a frozen table, or to a sentence saying why not.

    raw bytes -> read -> Table (frozen), which `mlcore.files.examples` turns into x and y

Its bytes become records in `mlcore.files.records`, its cells numbers in `mlcore.files.numbers`.
At the limits, reading takes about 0.6 s, and 1.7 s where all numbers have signs to drop.

Names and cells are kept as people wrote them. Show them through `mlcore.files.escape`, or use `.markdown()`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.base.limits import limits
from mlcore.files import numbers, records
from mlcore.files.escape import line
from mlcore.files.numbers import Reading
from mlcore.files.records import MAX_COLUMNS, MAX_ROWS, Opening, lines_of
from mlcore.files.table_problems import Note, TableError

Floats = NDArray[np.float64]
Cells = NDArray[Any]  # float64 with NaN where missing, or str with None where missing

MAX_NUMBER = 1e30  # its square fits float64, itself fits float32
MAX_NAME = 60  # characters of a column's name
_INFINITE = {sign + word for sign in ("", "+", "-") for word in ("inf", "infinity")}
MISSING = frozenset({"", "?", "-", "na", "n/a", "#n/a", "nan", "none", "null"} | _INFINITE)


@dataclass(frozen=True)
class Column:
    """What one column holds. `low` and `high` are None for text and where every cell is missing."""

    name: str
    kind: Literal["number", "text"]
    missing: int
    distinct: int
    low: float | None = None
    high: float | None = None
    reading: Reading = "plain"  # of a column of numbers


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

    UTF-8, UTF-16 with a byte order mark, CP949 or Windows-1252; separated by comma, semicolon, tab, vertical
    bar or spaces, or by what the first line says (`sep=;`); cells may be quoted. A column whose cells are all
    numbers, or all dates, is a number column, any other is text. Skipped are comments before the table, blank
    lines and columns with neither a name nor a value; missing are cells in MISSING, whatever their case.

    Raises TableError.
    """
    if len(raw) > (most := limits().upload_bytes):
        raise TableError("too_large", megabytes=len(raw) / 2**20, limit=most / 2**20)
    text, notes = records.decode(raw)
    records.check_lines(text)
    opened = records.opening(text)
    notes += opened.notes
    header, *rows = _grid(text, opened)
    if all(numbers.shows_value(cell) or not cell for cell in header):
        notes.append(Note("no_header", {}))
        rows.insert(0, header)
        header = [f"column {position}" for position in range(1, len(header) + 1)]
    if not rows:
        raise TableError("header_only")
    if len(rows) > MAX_ROWS:
        raise TableError("too_many_rows", limit=MAX_ROWS)
    names, renamed = _names(header)
    by_column = zip(*rows, strict=True)
    made = [_column(name, cells, opened.separator) for name, cells in zip(names, by_column, strict=True)]
    columns, cells, column_notes = zip(*made, strict=True)
    notes += [*renamed, *chain(*column_notes)]
    return Table(hashlib.sha256(raw).hexdigest(), columns, len(rows), tuple(notes), cells)


def _grid(text: str, opened: Opening) -> list[list[str]]:
    """All records, of one width; without the columns that have neither a name nor a value."""
    lines = list(islice(lines_of(text, opened.separator, opened.lines), MAX_ROWS + 2))
    if not lines:
        raise TableError("empty")
    width = len(lines[0][1])
    if width > MAX_COLUMNS:
        raise TableError("too_many_columns", columns=width, limit=MAX_COLUMNS)
    for number, cells in lines:
        if len(cells) < width or any(cells[width:]):
            raise TableError("ragged", line=number, cells=len(cells), expected=width)
    used = [i for i in range(width) if any(cells[i] for _, cells in lines)]
    if len(used) < 2:
        raise TableError("one_column")
    return [[cells[i] for i in used] for _, cells in lines]


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


def _column(name: str, cells: Sequence[str], separator: str) -> tuple[Column, Cells, list[Note]]:
    present = {cell: count for cell, count in Counter(cells).items() if cell.lower() not in MISSING}
    if found := numbers.reading(list(present), separator):
        values = {cell: numbers.reader(found)(cell) for cell in present}
        return _numbers(name, cells, values, found, numbers.notes(name, list(present), found))
    total, notes = sum(present.values()), []
    for code, shows in (("mixed", numbers.shows_number), ("mixed_dates", numbers.shows_date)):
        others = [cell for cell in present if not shows(cell)]
        odd = sum(present[cell] for cell in others)
        if others and odd <= total / 10:
            counts = {"numbers": total - odd, "others": odd}
            notes = [Note(code, {"name": name, "cell": line(others[0]), **counts})]
    if all(map(numbers.shows_number, present)):
        notes = [Note("differently", {"name": name, **_unlike(list(present), separator)})]
    text = np.array([cell if cell in present else None for cell in cells], dtype=object)
    text.setflags(write=False)
    return Column(name, "text", len(cells) - total, len(present)), text, notes


def _unlike(cells: Sequence[str], separator: str) -> dict[str, str]:
    """Two cells that no one way of reading suits; where it takes three, the first and the last."""
    alone = (other for other in cells if numbers.reading([cells[0], other], separator) is None)
    return {"cell": line(cells[0]), "other": line(next(alone, cells[-1]))}


def _numbers(
    name: str, cells: Sequence[str], values: Mapping[str, float], reading: Reading, notes: list[Note]
) -> tuple[Column, Cells, list[Note]]:
    column = np.array([values.get(cell, np.nan) for cell in cells])
    huge = np.abs(column) > MAX_NUMBER
    column[huge] = np.nan
    column.setflags(write=False)
    if huge.any():
        notes = [*notes, Note("huge", {"name": name, "count": int(huge.sum()), "limit": MAX_NUMBER})]
    levels = distinct(column)
    low, high = (float(levels[0]), float(levels[-1])) if len(levels) else (None, None)
    missing = int(np.isnan(column).sum())
    return Column(name, "number", missing, len(levels), low, high, reading), column, notes


def distinct(cells: Cells) -> Cells:
    """The different values that are not missing, sorted."""
    return np.unique(cells[~pd.isna(cells)])
