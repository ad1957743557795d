"""The data of a script that come from an uploaded table: what was found out about the file, in literals."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

from mlcore.files import examples, store, tables
from mlcore.script.python import Part, fold, literal, text_literal
from mlcore.training import data
from mlcore.training.data import DataSpec

OPEN = """\
path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("data.csv")
raw = path.read_bytes()
if hashlib.sha256(raw).hexdigest() != SHA256:
    sys.exit(f"{path} is not the table of this run.")"""
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def table_part(asked: DataSpec) -> tuple[Part, int]:
    """x, y of an uploaded table, and how many examples they are."""
    table, made = data.prepared_table(asked.table, asked.target, asked.task)
    target = table.columns[asked.target]
    cells = {c.name: values[made.rows] for c, values in zip(table.columns, table.cells, strict=True)}
    features = [c for c in table.columns if c != target and examples.features_of(c.name, cells[c.name])[0]]
    rows, raw_cells = _rows(store.get(asked.table), table)
    numbers = {c.name: raw_cells[c.name] for c in (*features, target) if c.kind == "number"}
    number, parse = _number(table, numbers)

    values: list[str] = []
    for column in features:
        cell = f"row[{text_literal(column.name)}]"
        levels = tables.distinct(cells[column.name]) if column.kind == "text" else ()
        values += [f"float({cell} == {text_literal(level)})" for level in levels] or [f"{number}({cell})"]
    label = f"row[{text_literal(target.name)}]"
    given = f"{label} in CLASSES" if target.kind == "text" else f"{label} not in MISSING"
    label = label if target.kind == "text" else f"{number}({label})"
    classes = [literal(level) for level in np.unique(cells[target.name])] if made.class_names else []
    y = f"[CLASSES.index({label}) for row in table]" if classes else f"[{label} for row in table]"
    return (
        Part([f'SHA256 = "{asked.table}"'], lines=OPEN.split("\n"))
        + rows
        + parse
        + Part(
            [fold("CLASSES = [", classes, "]")] if classes else [],
            ["def features(row: dict[str, str]) -> list[float]:\n" + fold("    return [", values, "]")],
            [f"table = [row for row in table if {given}]"] if len(made.rows) < table.rows else [],
        )
        + Part(
            lines=[
                "x = torch.tensor([features(row) for row in table], dtype=torch.float64)",
                f"y = torch.tensor({y})" if classes else f"y = torch.tensor({y}, dtype=torch.float64)",
            ]
        )
    ), len(made.rows)


def _rows(raw: bytes, table: tables.Table) -> tuple[Part, dict[str, list[str]]]:
    """The lines of the file as rows {name of a column: cell}; and the cells of each column as they stand."""
    text, notes = tables.decode(raw)
    separator = tables.separator_of(text)
    lines = [cells for _, cells in tables.lines_of(text, separator)]
    titled = len(lines) > table.rows
    used = [i for i in range(len(lines[0])) if any(line[i] for line in lines)]
    names = [""] * len(lines[0])  # the name of a column without name and value
    for i, column in zip(used, table.columns, strict=True):
        names[i] = column.name

    encoding = next((name for mark, name in MARKS.items() if raw.startswith(mark)), "utf-8")
    encoding = str(notes[0].values["encoding"]) if notes else encoding
    decoded = f'raw.decode("{encoding}")'
    if raw.endswith(b"\x1a"):  # the end-of-file mark of DOS
        decoded = f'raw.rstrip(b"\\x1a").decode("{encoding}")'
    if not unicodedata.is_normalized("NFC", raw.rstrip(b"\x1a").decode(encoding)):
        decoded = f'unicodedata.normalize("NFC", {decoded})'
    part = Part(
        [fold("COLUMNS = [", map(text_literal, names), "]")],
        lines=[
            f"text = io.StringIO({decoded}, newline=None)",
            f"lines = csv.reader(text, delimiter={text_literal(separator)}, skipinitialspace=True)",
            "lines = [[cell.strip() for cell in line] for line in lines]",
            f"{'titles, *lines' if titled else 'lines'} = [line for line in lines if any(line)]",
            "table = [dict(zip(COLUMNS, line)) for line in lines]",
        ],
    )
    return part, {names[i]: [line[i] for line in lines[titled:]] for i in used}


def _number(table: tables.Table, columns: Mapping[str, Sequence[str]]) -> tuple[str, Part]:
    """What makes a number of a cell of these columns: float, or a function of the script."""
    values = dict(zip((c.name for c in table.columns), table.cells, strict=True))
    gaps = {
        cell
        for name, cells in columns.items()
        for cell, gap in zip(cells, np.isnan(values[name]), strict=True)
        if gap
    }
    code = "float(cell)"
    if any(note.code == "decimal_comma" and note.values["name"] in columns for note in table.notes):
        code = 'float(cell.replace(",", "."))'
    if gaps:
        code = f"math.nan if cell in MISSING else {code}"
    if code == "float(cell)":
        return "float", Part()
    missing = [fold("MISSING = {", sorted(map(text_literal, gaps)), "}")] if gaps else []
    return "number", Part(missing, [f"def number(cell: str) -> float:\n    return {code}"])
