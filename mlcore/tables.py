"""From an uploaded CSV file to examples a model can be trained on, or to a sentence saying why not.

    raw bytes -> read -> Table (frozen) -> prepare -> Prepared (x, y) -> fill -> x without holes

Everything is bounded before it is parsed: bytes, then lines, then columns and rows. There is one parser,
Python's `csv`: `pandas.read_csv` needs 40 s for a line of a million columns and makes integers of `1,5;2,5`,
and where two parsers read a file, they disagree on some of it. At the limits, reading takes about 0.5 s.

Names and cells are kept as people wrote them. Show them through `mlcore.escape`, or use `.markdown()`.
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
from functools import partial
from itertools import chain, islice
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.escape import line, plain

Floats = NDArray[np.float64]
Cells = NDArray[Any]  # float64 with NaN where missing, or str with None where missing

MAX_BYTES = 4 * 2**20
MAX_LINE = 20_000  # characters of one line of the file
MAX_COLUMNS = 64
MAX_ROWS = 20_000
MAX_LINES = 5 * MAX_ROWS  # a quoted cell may span some
MIN_ROWS = 10  # with a target
MAX_CLASSES = 20
MAX_LEVELS = 8  # of a text feature, one 0/1 feature each
AUTO_CLASSES = 10  # of whole numbers that are still taken for classes
MAX_NUMBER = 1e30  # its square fits float64, itself fits float32
MAX_NAME = 60  # characters of a column's name
_INFINITE = {sign + word for sign in ("", "+", "-") for word in ("inf", "infinity")}
MISSING = frozenset({"", "?", "-", "na", "n/a", "#n/a", "nan", "none", "null"} | _INFINITE)
SEPARATORS = "\t;|,"  # the comma last: it may be a decimal comma

PROBLEMS: dict[str, str] = {
    "too_large": "The file has {megabytes:,.1f} MB; at most {limit:g} MB are read. Upload a part of it.",
    "empty": "The file is empty. Upload a CSV file: a line of column names, then one line for each example.",
    "workbook": "This is a spreadsheet or an archive, not a CSV file. Open it and save it as 'CSV UTF-8'.",
    "binary": "The file is not text: byte {position:,} is a control character. "
    "Save the table as 'CSV UTF-8'.",
    "encoding": "The characters of the file are neither UTF-8 nor UTF-16, CP949 or Windows-1252. "
    "Save the table as 'CSV UTF-8'.",
    "long_line": "Line {line:,} has {length:,} characters; at most {limit:,} are read. "
    "A table has one line for each example and at most {columns} columns.",
    "unclosed_quote": "The quotation mark opened in line {line:,} is not closed before the next separator. "
    "Close it, or write a quotation mark within a cell twice.",
    "one_column": "The table has a single column; training needs a feature and a target. "
    "Separate the columns with commas, semicolons, tabs or vertical bars.",
    "too_many_columns": "The table has {columns:,} columns; at most {limit} are read. Remove some columns.",
    "header_only": "The table has column names but no rows. Add one line for each example.",
    "too_many_rows": "The table has more than {limit:,} rows. Upload a random part of it.",
    "ragged": "Line {line:,} has {cells:,} cells where the first line has {expected:,}. Correct that line; "
    "a cell with a separator in it needs quotation marks around it.",
    "unknown_column": "The table has no column named '{name}'. Choose one of its columns as the target.",
    "unknown_task": "'{task}' is no task. Choose auto, classification or regression.",
    "too_few_rows": "Only {rows} rows have a value in the target '{name}'; at least {limit} are needed. "
    "Add rows, or choose another target.",
    "text_target": "The target '{name}' is text, and regression predicts numbers. "
    "Choose classification, or a target that holds numbers.",
    "constant_target": "The target '{name}' has one value in all rows: there is nothing to predict. "
    "Choose another target.",
    "too_many_classes": "The target '{name}' has {classes:,} classes; at most {limit} are allowed. "
    "Choose another target, or regression where it holds numbers.",
    "no_features": "No column is left to predict '{name}' from: a feature holds numbers, or text with at "
    "most {limit} different values, and is not the same in all rows. Add such a column.",
}

NOTES: dict[str, str] = {
    "encoding_guessed": "The file is not UTF-8; it was read as {encoding}. Check the letters.",
    "no_header": "The first line holds numbers, not names: it was read as a row, and the columns numbered.",
    "renamed": "Column {column}, '{old}', was renamed '{name}'.",
    "decimal_comma": "The commas in '{name}' were read as decimal commas.",
    "thousands": "'{name}' was read as text: its numbers have thousands separators, like '{cell}'. "
    "Remove them to use it as numbers.",
    "mixed": "'{name}' was read as text: {numbers:,} cells are numbers, {others:,} are not, like '{cell}'. "
    "Correct or empty these to use it as numbers.",
    "huge": "{count:,} cells of '{name}' lie beyond ±{limit:g} and count as missing.",
    "rows_dropped": "{count:,} rows without a value in '{name}' were left out.",
    "constant": "'{name}' is the same in all rows and was left out.",
    "too_many_levels": "'{name}' was left out: it is text with {levels:,} different values, over {limit}.",
    "one_hot": "'{name}' is text and became {levels} features of 0 and 1, one for each value.",
    "row_number": "'{name}' merely counts the rows. In a sorted table it gives the answer away.",
    "filled": "{count:,} missing cells of '{name}' are filled with its median over the training rows.",
    "rare_class": "The class '{label}' has a single example: it can be learned or tested, not both.",
}


class TableError(ValueError):
    """A table that cannot be used. `code` is a key of PROBLEMS; `values` fill its sentence, user text raw."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(PROBLEMS[code].format(**values))
        self.code = code
        self.values = values

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(TableError, self.code, **self.values), ()  # it may cross to another process

    def markdown(self, sentences: Mapping[str, str] = PROBLEMS) -> str:
        """The sentence, of another language's catalog if given, with user text escaped for Markdown."""
        return _markdown(sentences[self.code], self.values)


@dataclass(frozen=True)
class Note:
    """Something done to a table that its owner should know. `code` is a key of NOTES."""

    code: str
    values: dict[str, object] = field(hash=False)  # user text raw

    def __str__(self) -> str:
        return NOTES[self.code].format(**self.values)

    def markdown(self, sentences: Mapping[str, str] = NOTES) -> str:
        """As `TableError.markdown`."""
        return _markdown(sentences[self.code], self.values)


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


# --- reading -----------------------------------------------------------------------------------------------


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
    text, notes = _decode(raw)
    _check_lines(text)
    separator = _separator(text)
    header, *rows = _grid(text, separator)
    if all(_is_number(cell) or not cell for cell in header):
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


def _decode(raw: bytes) -> tuple[str, list[Note]]:
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


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
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


def _separator(text: str) -> str:
    """The first separator that splits each of the first 50 records into equally many cells, at least two.

    Where none does, the one under which most records are as wide as the first, so that an error names a line.
    """

    def score(separator: str) -> tuple[bool, int]:
        widths: list[int] = []
        broken = True
        with suppress(TableError):
            for _, cells in islice(_records(text, separator), 50):
                widths.append(len(cells))
            broken = False
        even = sum(width == widths[0] > 1 for width in widths)
        return 0 < even == len(widths) and not broken, even

    best = max(SEPARATORS, key=score)
    return best if any(score(best)) else ","


def _grid(text: str, separator: str) -> list[list[str]]:
    """All records, of one width; without the columns that have neither a name nor a value."""
    records = list(islice(_records(text, separator), MAX_ROWS + 2))
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
        names.append(_unused(line(cell, MAX_NAME) or f"column {position}", names))
        if names[-1] != cell:
            notes.append(Note("renamed", {"column": position, "old": line(cell), "name": names[-1]}))
    return tuple(names), notes


def _unused(name: str, taken: Sequence[str]) -> str:
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name} ({count})"
    return candidate


# No part of a pattern can match where its neighbor does: the time stays linear in the length of a cell.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA_NUMBER = re.compile(r"[+-]?(\d+(,\d*)?|,\d+)([eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}((,\d{3})+(\.\d*)?|(\.\d{3})+(,\d*)?)", re.ASCII)


def _is_number(cell: str) -> bool:
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
    levels = _levels(numbers)
    ends = (float(levels[0]), float(levels[-1])) if len(levels) else (None, None)
    return Column(name, "number", int(np.isnan(numbers).sum()), len(levels), *ends), numbers, notes


# --- preparing ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Prepared:
    """The examples of a table. Missing numbers are NaN: `fill` them once the training rows are known."""

    x: Floats  # [N, D]
    y: NDArray[Any]  # [N], float64 for regression, int64 codes into class_names for classification
    feature_names: tuple[str, ...]  # [D]
    target: str
    task: Literal["classification", "regression"]
    class_names: tuple[str, ...]  # [K], empty for regression
    rows: NDArray[np.int64]  # [N], which rows of the table the examples are
    notes: tuple[Note, ...]


def prepare(table: Table, target: str | None = None, task: str = "auto") -> Prepared:
    """Choose features and target: the last column if none is named.

    `task="auto"` is classification if the target is text, or if it holds whole numbers, at most AUTO_CLASSES
    different ones and each twice on average; otherwise regression. Classes are numbered in sorted order.

    Number columns are features as they are. Text of at most MAX_LEVELS values becomes one 0/1 feature for
    each value, all 0 where it is missing. Constant columns and other text are left out, with a note.

    Raises TableError.
    """
    named = {column.name: i for i, column in enumerate(table.columns)}
    name = table.columns[-1].name if target is None else target
    if name not in named:
        raise TableError("unknown_column", name=name)
    rows = np.flatnonzero(~pd.isna(table.cells[named[name]]))
    if len(rows) < MIN_ROWS:
        raise TableError("too_few_rows", name=name, rows=len(rows), limit=MIN_ROWS)
    notes = []
    if dropped := table.rows - len(rows):
        notes.append(Note("rows_dropped", {"name": name, "count": dropped}))
    chosen, y, class_names, target_notes = _target(name, table.cells[named[name]][rows], task)
    features: list[tuple[str, Floats]] = []
    for column, cells in zip(table.columns, table.cells, strict=True):
        if column.name != name:
            made, made_notes = _features(column.name, cells[rows])
            features += made
            notes += made_notes
    if not features:
        raise TableError("no_features", name=name, limit=MAX_LEVELS)
    x = np.column_stack([values for _, values in features])
    feature_names: list[str] = []
    for feature, _ in features:
        feature_names.append(_unused(feature, feature_names))
    return Prepared(x, y, tuple(feature_names), name, chosen, class_names, rows, (*notes, *target_notes))


def fill(x: Floats, train_rows: NDArray[Any] | Sequence[int]) -> Floats:
    """x [N, D] with every NaN replaced by its column's median over `train_rows` (indices, or a mask [N]).

    The other rows have no say, so nothing of the test set leaks; 0 where the training rows have no value.
    """
    seen = [column[~np.isnan(column)] for column in x[np.asarray(train_rows)].T]
    medians = np.array([np.median(values) if len(values) else 0.0 for values in seen])  # [D]
    return np.where(np.isnan(x), medians, x)


def _target(
    name: str, cells: Cells, task: str
) -> tuple[Literal["classification", "regression"], NDArray[Any], tuple[str, ...], list[Note]]:
    """The task, y [N], the names of the classes and notes, from a target without missing cells [N]."""
    text = cells.dtype == object
    levels, codes, counts = np.unique(cells, return_inverse=True, return_counts=True)
    if task == "auto":
        few = len(levels) <= min(AUTO_CLASSES, len(cells) // 2)
        task = "classification" if text or (few and not np.any(cells % 1)) else "regression"
    if task not in ("classification", "regression"):
        raise TableError("unknown_task", task=task)
    if task == "regression" and text:
        raise TableError("text_target", name=name)
    if len(levels) < 2:
        raise TableError("constant_target", name=name)
    if task == "regression":
        return "regression", cells, (), []
    if len(levels) > MAX_CLASSES:
        raise TableError("too_many_classes", name=name, classes=len(levels), limit=MAX_CLASSES)
    class_names: list[str] = []
    for level in levels:
        class_names.append(_unused(_label(level), class_names))
    rare = [Note("rare_class", {"label": class_names[k]}) for k in np.flatnonzero(counts == 1)]
    return "classification", codes.astype(np.int64), tuple(class_names), rare


def _features(name: str, cells: Cells) -> tuple[list[tuple[str, Floats]], list[Note]]:
    """Names and values [N] of the features that one column gives."""
    levels = _levels(cells)
    if len(levels) < 2:
        return [], [Note("constant", {"name": name})]
    if cells.dtype == object:
        if len(levels) > MAX_LEVELS:
            return [], [Note("too_many_levels", {"name": name, "levels": len(levels), "limit": MAX_LEVELS})]
        made = [(f"{name}={_label(level)}", (cells == level).astype(np.float64)) for level in levels]
        return made, [Note("one_hot", {"name": name, "levels": len(levels)})]
    notes = []
    if missing := int(np.isnan(cells).sum()):
        notes.append(Note("filled", {"name": name, "count": missing}))
    if cells[0] in (0, 1) and np.array_equal(cells, np.arange(len(cells)) + cells[0]):
        notes.append(Note("row_number", {"name": name}))
    return [(name, cells)], notes


def _levels(cells: Cells) -> Cells:
    """The different values that are not missing, sorted."""
    return np.unique(cells[~pd.isna(cells)])


def _label(level: str | float) -> str:
    if isinstance(level, str):
        return line(level, MAX_NAME) or "?"  # nothing visible in it
    return str(int(level)) if float(level).is_integer() else repr(float(level))


def _markdown(sentence: str, values: Mapping[str, object]) -> str:
    return sentence.format(**{k: plain(v) if isinstance(v, str) else v for k, v in values.items()})


# --- exporting ---------------------------------------------------------------------------------------------


def to_csv(frame: pd.DataFrame) -> str:
    """The frame, without its index, as CSV that a spreadsheet does not take for formulas.

    Text and names that start with `= + - @`, a tab or a line end get a leading apostrophe unless they are
    numbers. Every text is quoted, so that a spreadsheet that separates by semicolons cannot split one.
    Encode as utf-8-sig: without the mark, Excel misreads Korean.
    """
    inert = frame.map(_inert)
    inert.columns = [_inert(str(name)) for name in frame.columns]
    return str(inert.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n"))


def _inert(cell: Any) -> Any:
    if not isinstance(cell, str) or not cell.startswith(tuple("=+-@\t\r\n＝＋－＠")):
        return cell
    return cell if _is_number(cell) else "'" + cell
