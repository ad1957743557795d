"""The data of a script that come from an uploaded table: what was found out about the file, in literals."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

from mlcore.files import examples, numbers, records, store, tables
from mlcore.script.python import Part, fold, literal, sources, text_literal
from mlcore.training import draws
from mlcore.training.data import DataSpec

OPEN = """\
path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("data.csv")
raw = path.read_bytes()
if hashlib.sha256(raw).hexdigest() != SHA256:
    sys.exit(f"{path} is not the table of this run.")"""
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def table_part(asked: DataSpec) -> tuple[Part, int]:
    """x, y of an uploaded table, and how many examples they are."""
    table, made = draws.prepared_table(asked.table, asked.target, asked.task)
    target = table.columns[asked.target]
    cells = {c.name: values[made.rows] for c, values in zip(table.columns, table.cells, strict=True)}
    features = [c for c in table.columns if c != target and examples.features_of(c.name, cells[c.name])[0]]
    rows, raw_cells = _rows(store.get(asked.table), table)
    number_cells = {c.name: raw_cells[c.name] for c in (*features, target) if c.kind == "number"}
    number_of, parse = _values(table, number_cells)

    values: list[str] = []
    for column in features:
        cell = f"row[{text_literal(column.name)}]"
        levels = tables.distinct(cells[column.name]) if column.kind == "text" else ()
        one_hot = [f"float({cell} == {text_literal(level)})" for level in levels]
        values += one_hot or [number_of[column.name].format(cell)]
    label = f"row[{text_literal(target.name)}]"
    given = f"{label} in CLASSES" if target.kind == "text" else f"{label} not in MISSING"
    label = label if target.kind == "text" else number_of[target.name].format(label)
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
    text, notes = records.decode(raw)
    opened = records.opening(text)
    lines = [cells for _, cells in records.lines_of(text, opened.separator, opened.lines)]
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
    skip = [f"for _ in range({opened.lines}):  # before the table", "    next(text)"]
    spaces = opened.separator == " "  # several are one separator
    initial, cells = ("", " if cell") if spaces else (", skipinitialspace=True", "")
    part = Part(
        [fold("COLUMNS = [", map(text_literal, names), "]")],
        lines=[
            f"text = io.StringIO({decoded}, newline=None)",
            *(skip if opened.lines else []),
            f"lines = csv.reader(text, delimiter={text_literal(opened.separator)}{initial})",
            f"lines = [[cell.strip() for cell in line{cells}] for line in lines]",
            f"{'titles, *lines' if titled else 'lines'} = [line for line in lines if any(line)]",
            "table = [dict(zip(COLUMNS, line)) for line in lines]",
        ],
    )
    return part, {names[i]: [line[i] for line in lines[titled:]] for i in used}


def _values(table: tables.Table, columns: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], Part]:
    """What makes a number of the cells of each of these columns, with {} for a cell, and what that needs."""
    values = dict(zip((c.name for c in table.columns), table.cells, strict=True))
    gaps = {
        cell
        for name, cells in columns.items()
        for cell, gap in zip(cells, np.isnan(values[name]), strict=True)
        if gap
    }
    readers = {c.name: numbers.reader(c.reading) for c in table.columns if c.name in columns}
    functions = [code for reader in readers.values() if reader is not float for code in sources(reader)]
    if not gaps:
        return {name: f"{reader.__name__}({{}})" for name, reader in readers.items()}, Part((), functions)
    plain = all(reader is float for reader in readers.values())
    if plain:
        code = ["def value(cell: str) -> float:", "    return math.nan if cell in MISSING else float(cell)"]
    else:
        code = [
            "def value(cell: str, read: Callable[[str], float] = float) -> float:",
            "    return math.nan if cell in MISSING else read(cell)",
        ]
    made = {n: "value({})" if r is float else f"value({{}}, {r.__name__})" for n, r in readers.items()}
    missing = fold("MISSING = {", sorted(map(text_literal, gaps)), "}")
    return made, Part([missing], [*functions, "\n".join(code)])
