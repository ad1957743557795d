"""A small gray image that a person draws or types: 8 x 8 values of 0 to 16, and how a link carries them.

A link has a sign for each value, row after row: 64 signs. It is read back only if nothing else stands there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from mlcore.base.refusal import Refusal

SIDE, MOST = 8, 16  # pixels of a side; the value of black
SIGNS = "0123456789abcdefg"
LONGEST = SIDE * SIDE
PARTS = re.compile(r"[,;\s]+")
Gray = tuple[int, ...]  # SIDE * SIDE values, row after row


class PixelError(Refusal):
    """Typed values that are no image: `code` and `values` for the page, the sentence for others."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "rows": "These are {count} lines of values. An image has {side}: a line for each row, from the top.",
        "columns": "Line {line} has {count} values. A row has {side}, from left to right.",
        "value": "Line {line}: {text!r} is no value. Write whole numbers from 0, white, to {most}, black.",
    }


def write(values: Sequence[int]) -> str:
    """An image as a link carries it. Raises ValueError for what is none."""
    if len(values) != LONGEST or not all(value in range(MOST + 1) for value in values):
        raise ValueError(f"{len(values)} values are no image.")
    return "".join(SIGNS[value] for value in values)


def read(text: str) -> Gray:
    """The image of a link. Raises ValueError for every text that `write` would not write."""
    if len(text) != LONGEST or not set(text) <= set(SIGNS):
        raise ValueError("No image is written like this.")
    return tuple(SIGNS.index(sign) for sign in text)


def listed(values: Sequence[int]) -> str:
    """A line for each row."""
    rows = (values[i : i + SIDE] for i in range(0, LONGEST, SIDE))
    return "\n".join(" ".join(f"{value:2d}" for value in row) for row in rows)


def typed(text: str) -> Gray:
    """The image of such lines; empty ones are left out. Raises `PixelError`."""
    lines = [(i, line.strip(" \t,;")) for i, line in enumerate(text.splitlines(), 1)]
    lines = [(i, line) for i, line in lines if line]
    if len(lines) != SIDE:
        raise PixelError("rows", count=len(lines), side=SIDE)
    return tuple(value for i, line in lines for value in _row(i, PARTS.split(line)))


def _row(line: int, parts: Sequence[str]) -> list[int]:
    if len(parts) != SIDE:
        raise PixelError("columns", line=line, count=len(parts), side=SIDE)
    for part in parts:
        if not re.fullmatch(r"\d{1,2}", part, re.ASCII) or int(part) > MOST:
            raise PixelError("value", line=line, text=part[:40], most=MOST)
    return [int(part) for part in parts]
