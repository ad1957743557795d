"""Points that a person draws or types: as a link carries them, and as lines of text.

A coordinate is a whole number of thousandths from -2 to 2. In a link it is two of the 64 signs of base64url
(RFC 4648), so a point takes four: "." and a digit before a point tell its class, where that is not the one of
the point before, at first 0. "." alone is an empty plane. Every list of points has one text, in the order in
which they were drawn.

In lines a point is `x y` or `x y class`, separated by commas, semicolons or spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar

from mlcore.base.refusal import Refusal

Point = tuple[float, float, int]  # x, y and class
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
VALUE = {sign: value for value, sign in enumerate(SIGNS)}
REACH = 2.0  # how far from 0 a coordinate may be
FINE = 1000  # parts of 1
MIDDLE = 2048  # what is written for 0: half of the 64 * 64 values of two signs
CLASSES = 4
MOST = 300  # points
EMPTY = "."
LONGEST = 6 * MOST  # signs of a text in which every point has another class than the one before
GROUP = re.compile(rf"(?:\.([0-{CLASSES - 1}]))?((?:[\w-]{{4}})+)", re.ASCII)
PARTS = re.compile(r"\s*[,;\s]\s*")
NUMERAL = re.compile(r"[-+]?[.0-9]+(?:[eE][-+]?[0-9]{1,3})?")  # float() would also read nan and 1_0


class PointsError(Refusal):
    """Typed points that cannot be taken: `code` and `values` for the page, the sentence for others."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "line": "Line {line}: {text!r} is not two coordinates. Write x and y, as in 0.5, -1.2{more}.",
        "outside": "Line {line}: {text!r} lies outside. Coordinates go from {low:g} to {high:g}.",
        "cls": "Line {line}: {text!r} names no class. A class is a whole number from 0 to {last}.",
        "many": "These are {count} points; at most {most} are kept. Leave some out.",
    }


def write(points: Iterable[Point]) -> str:
    """Points as a link carries them, rounded to thousandths. Raises ValueError for what has no text."""
    told, last, count = [], 0, 0
    for x, y, cls in points:
        if cls not in range(CLASSES) or not (abs(x) <= REACH and abs(y) <= REACH):
            raise ValueError(f"({x}, {y}) of class {cls} is no point of the plane.")
        if cls != last:
            told.append(f".{cls}")
        told += [_signs(x), _signs(y)]
        last, count = cls, count + 1
    if count > MOST:
        raise ValueError(f"{count} points are more than {MOST}.")
    return "".join(told) or EMPTY


def _signs(value: float) -> str:
    return "".join(SIGNS[part] for part in divmod(round(value * FINE) + MIDDLE, len(SIGNS)))


def read(text: str) -> tuple[Point, ...]:
    """The points of a link. Raises ValueError for every text that `write` would not write."""
    if text == EMPTY:
        return ()
    found: list[Point] = []
    if len(text) <= LONGEST:
        cls, at = 0, 0
        while part := GROUP.match(text, at):
            cls, at = int(part[1] or cls), part.end()
            numbers = [_number(part[2][i : i + 2]) for i in range(0, len(part[2]), 2)]
            found += [(x, y, cls) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    if not found or write(found) != text:
        raise ValueError("No points are written like this.")
    return tuple(found)


def _number(signs: str) -> float:
    return (VALUE[signs[0]] * len(SIGNS) + VALUE[signs[1]] - MIDDLE) / FINE


def listed(points: Iterable[Point], classes: bool) -> str:
    """A line for each point."""
    return "\n".join(f"{x:g}, {y:g}" + (f", {cls}" if classes else "") for x, y, cls in points)


def typed(text: str, classes: bool) -> tuple[Point, ...]:
    """The points of such lines; empty ones are left out. Raises `PointsError`."""
    lines = [(i, line.strip()) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MOST:
        raise PointsError("many", count=len(lines), most=MOST)
    return tuple(_typed(i, line, classes) for i, line in lines)


def _typed(line: int, text: str, classes: bool) -> Point:
    told = {"line": line, "text": text[:40]}
    parts: Sequence[str] = PARTS.split(text.replace("−", "-"))  # the sign of print
    try:
        if not (2 <= len(parts) <= 2 + classes and all(NUMERAL.fullmatch(part) for part in parts[:2])):
            raise ValueError
        x, y = (round(float(part), 3) + 0.0 for part in parts[:2])
    except ValueError:
        raise PointsError("line", **told, more=", 1" if classes else "") from None
    if not (abs(x) <= REACH and abs(y) <= REACH):
        raise PointsError("outside", **told, low=-REACH, high=REACH)
    if len(parts) == 2:
        return x, y, 0
    if parts[2] not in map(str, range(CLASSES)):
        raise PointsError("cls", **told, last=CLASSES - 1)
    return x, y, int(parts[2])
