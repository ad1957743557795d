"""Masks that a person paints or types: which pixels of a scene belong to an object, and their text in a link.

A mask is SIDE rows of SIDE signs, "#" for an object and "." for the background. In a link every six pixels,
row by row, are one of the 64 signs of base64url (RFC 4648); a mask without any object is the empty text. So
every mask has one text.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mlcore.base.points import SIGNS, VALUE
from mlcore.base.refusal import Refusal

SIDE = 24  # pixels along each side
OBJECT, GROUND = "#", "."
OTHERS = {"1": OBJECT, "0": GROUND}  # what people also type
BITS = 6  # pixels of a sign
LONGEST = SIDE * SIDE // BITS  # signs of a text
Mask = NDArray[np.bool_]  # [SIDE, SIDE]


class MaskError(Refusal):
    """Lines that are no mask: `code` and `values` for the page, the sentence for others."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "rows": "These are {rows} lines. A mask has {side}: add or remove some.",
        "columns": "Line {row} has {columns} signs. It needs {side}.",
        "sign": "Line {row}, column {column}: {sign!r} is no sign of a mask. Use # for an object and . for "
        "the background.",
    }


def write(mask: Mask) -> str:
    """A mask as a link carries it."""
    if not mask.any():
        return ""
    groups = mask.reshape(-1, BITS) @ (1 << np.arange(BITS)[::-1])
    return "".join(SIGNS[group] for group in groups)


def read(text: str) -> Mask:
    """The mask of a link. Raises ValueError for every text that `write` would not write."""
    if text == "":
        return np.zeros((SIDE, SIDE), bool)
    if len(text) != LONGEST or not set(text) <= VALUE.keys() or set(text) == {SIGNS[0]}:
        raise ValueError("No mask is written like this.")
    groups = np.array([VALUE[sign] for sign in text])
    found: Mask = (groups[:, None] >> np.arange(BITS)[::-1] & 1).astype(bool).reshape(SIDE, SIDE)
    return found


def listed(mask: Mask) -> str:
    """A line for each row of pixels."""
    return "\n".join("".join(OBJECT if one else GROUND for one in row) for row in mask)


def typed(text: str) -> Mask:
    """The mask of such lines; empty lines and spaces are left out. Raises `MaskError`."""
    lines = [line for line in ("".join(part.split()) for part in text.splitlines()) if line]
    if len(lines) != SIDE:
        raise MaskError("rows", rows=len(lines), side=SIDE)
    return np.array([_row(i, line) for i, line in enumerate(lines, 1)])


def _row(number: int, line: str) -> list[bool]:
    if len(line) != SIDE:
        raise MaskError("columns", row=number, columns=len(line), side=SIDE)
    signs = [OTHERS.get(sign, sign) for sign in line]
    for column, sign in enumerate(signs, 1):
        if sign not in (OBJECT, GROUND):
            raise MaskError("sign", row=number, column=column, sign=sign)
    return [sign == OBJECT for sign in signs]
