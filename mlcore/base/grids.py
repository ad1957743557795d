"""Grid worlds that a person draws or types: rows of signs, and how a link carries them.

A row is a text of one sign for each cell; a link joins the rows by "-". Every world has one text.
"""

from __future__ import annotations

from typing import ClassVar

from mlcore.base.refusal import Refusal

FREE, WALL, START, GOAL, PIT = ".", "w", "s", "g", "p"
WINDS = {  # what the wind adds to (row, column) of whoever leaves this cell
    "u": (-1, 0), "d": (1, 0), "l": (0, -1), "r": (0, 1),
    "U": (-2, 0), "D": (2, 0), "L": (0, -2), "R": (0, 2),
}  # fmt: skip
SIGNS = (FREE, WALL, START, GOAL, PIT, *WINDS)
BETWEEN = "-"
LEAST, ROWS, COLUMNS = 2, 12, 16  # of a side, at least; at most
LONGEST = ROWS * (COLUMNS + 1) - 1  # signs of a text
Grid = tuple[str, ...]


class GridError(Refusal):
    """Rows that are no world: `code` and `values` for the page, the sentence for others."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "size": "These are {rows} rows and {columns} columns. A world has {least} to {most_rows} rows and "
        "{least} to {most_columns} columns: add or remove some.",
        "ragged": "Row {row} has {cells} cells, row 1 has {wanted}. All rows need the same number.",
        "sign": "Row {row}, column {column}: {sign!r} is no sign of a world. Use one of {signs}.",
        "start": "The world has {count} starts (s). It needs exactly one.",
        "goal": "The world has no goal (g). Set at least one, or an episode has no end.",
    }


def check(rows: Grid) -> Grid:
    """The same rows. Raises `GridError` for what is no world."""
    columns = len(rows[0]) if rows else 0
    if not (LEAST <= len(rows) <= ROWS and LEAST <= columns <= COLUMNS):
        limits = {"least": LEAST, "most_rows": ROWS, "most_columns": COLUMNS}
        raise GridError("size", rows=len(rows), columns=columns, **limits)
    for i, row in enumerate(rows, 1):
        if len(row) != columns:
            raise GridError("ragged", row=i, cells=len(row), wanted=columns)
        for j, sign in enumerate(row, 1):
            if sign not in SIGNS:
                raise GridError("sign", row=i, column=j, sign=sign, signs=" ".join(SIGNS))
    together = "".join(rows)
    if together.count(START) != 1:
        raise GridError("start", count=together.count(START))
    if GOAL not in together:
        raise GridError("goal")
    return rows


def read(text: str) -> Grid:
    """The world of a link. Raises `GridError`."""
    return check(tuple(text.split(BETWEEN)) if len(text) <= LONGEST else ())


def write(rows: Grid) -> str:
    """A world as a link carries it. Raises `GridError`."""
    return BETWEEN.join(check(rows))


def typed(text: str) -> Grid:
    """The world of lines that a person typed; empty lines and spaces are left out. Raises `GridError`."""
    lines = ("".join(line.split()) for line in text.splitlines())
    return check(tuple(line for line in lines if line))


def put(rows: Grid, row: int, column: int, sign: str) -> Grid:
    """The world with another sign at this cell; a start moves.

    Raises `GridError` where none would be left."""
    if sign == START:
        rows = tuple(line.replace(START, FREE) for line in rows)
    line = rows[row]
    return check((*rows[:row], line[:column] + sign + line[column + 1 :], *rows[row + 1 :]))
