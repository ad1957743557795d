"""Pictures of a pin: Plotly figures as JSON, made small enough to be kept, and their curves taken out."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Figure = Mapping[str, Any]  # data and layout, as Plotly's JSON has them
PACKED = 380_000  # bytes of one pin's pictures, compressed
UNPACKED = 8 * 2**20  # and as JSON


@dataclass(frozen=True, eq=False)
class Line:
    name: str
    x: NDArray[np.float64]  # [M]
    y: NDArray[np.float64]  # [M]


def pack(texts: Sequence[str], most: int = PACKED) -> tuple[bytes, tuple[int, ...]]:
    """The figures (JSON) in at most `most` bytes, numbers in float32, and the places of those within.

    The first come first; of equal ones the first is kept.
    """
    kept: list[Any] = []
    places: list[int] = []
    packed, size = zlib.compress(b"[]"), 0
    for place, text in enumerate(texts):
        if text in texts[:place] or size + len(text) > UNPACKED:
            continue
        light = _light(json.loads(text))
        tried = zlib.compress(json.dumps([*kept, light], separators=(",", ":")).encode(), 6)
        if len(tried) <= most:
            packed, size = tried, size + len(text)
            kept.append(light)
            places.append(place)
    return packed, tuple(places)


def unpack(packed: bytes) -> tuple[Figure, ...]:
    reader = zlib.decompressobj()
    return tuple(json.loads(reader.decompress(packed, 2 * UNPACKED)))


def lines(figure: Figure) -> tuple[Line, ...]:
    """The curves of a figure that is a plot of curves over an axis; none for every other."""
    found = []
    for trace in figure["data"]:
        if trace.get("type", "scatter") not in ("scatter", "scattergl"):
            return ()
        if "lines" not in str(trace.get("mode", "")) or trace.get("fill") or trace.get("visible") is False:
            continue
        x, y = numbers(trace.get("x")), numbers(trace.get("y"))
        if x is not None and y is not None and len(x) == len(y) > 2 and (np.diff(x) > 0).all():
            found.append(Line(str(trace.get("name") or ""), x, y))
    return tuple(found)


def first_lines(figures: Sequence[Figure]) -> tuple[int, tuple[Line, ...]] | None:
    """The place of the first figure of curves, and its curves."""
    return next(((i, found) for i, figure in enumerate(figures) if (found := lines(figure))), None)


def numbers(values: Any) -> NDArray[np.float64] | None:
    """[M] of Plotly's typed array or list; None for anything else, dates and names among it."""
    if isinstance(values, Mapping) and "bdata" in values and "shape" not in values:
        return np.frombuffer(b64decode(values["bdata"]), dtype=np.dtype(values["dtype"])).astype(np.float64)
    if isinstance(values, list):
        try:
            return np.array([np.nan if v is None else v for v in values], dtype=np.float64).reshape(
                len(values)
            )
        except (TypeError, ValueError):
            return None
    return None


def _light(value: Any) -> Any:
    """The same with every array of float64 in float32: half the bytes, and more than a screen shows."""
    if isinstance(value, list):
        return [_light(item) for item in value] if any(isinstance(v, (dict, list)) for v in value) else value
    if not isinstance(value, dict):
        return value
    if value.get("dtype") == "f8" and "bdata" in value:
        with np.errstate(over="ignore"):
            short = np.frombuffer(b64decode(value["bdata"]), "<f8").astype("<f4")
        return {**value, "dtype": "f4", "bdata": b64encode(short.tobytes()).decode()}
    return {name: _light(item) for name, item in value.items()}
