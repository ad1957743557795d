"""What the player of the picture element steps through: attributes of figures, frame by frame."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Update:
    """One attribute of one trace that changes: at frame t it is `scale * values[t] + offset`.

    `attribute` is a path such as "z", "x", "text" or "marker.color". With `grow` the trace shows
    `values[: t + 1]` instead: a path that grows costs T numbers, not T * T.
    """

    figure: int
    trace: int
    attribute: str
    values: np.ndarray  # [T, ...]
    scale: float | None = None
    offset: float = 0.0
    grow: bool = False


def one_byte(values: np.ndarray, low: float, high: float) -> dict[str, Any]:
    """`Update(0, 0, "z", **one_byte(p, 0, 1))`: one byte a value, off by at most (high - low) / 510.

    Values outside [low, high] are cut. A byte cannot say NaN: values that hold one travel as float32.
    """
    if not np.isfinite(values).all():
        return {"values": values.astype(np.float32)}
    scale = (high - low) / 255
    codes = np.rint((np.clip(values, low, high) - low) / scale)
    return {"values": codes.astype(np.uint8), "scale": scale, "offset": low}


@dataclass(frozen=True)
class Frames:
    """What `play` steps through: T frames.

    `cursors` names the figures (cost curves) in which a vertical line stands at x = steps[t]; `readout` is
    finished text shown under the slider. `listing` are lines of code that stand beside the figures, and
    `lit` says which of them is marked at each frame, -1 for none. Fix the ranges of axes and colors, or they
    move with the data.
    Raises ValueError when something does not have one entry per frame.
    """

    steps: Sequence[int]  # [T]
    updates: Sequence[Update] = ()
    cursors: Sequence[int] = ()
    readout: Mapping[str, Sequence[str]] = field(default_factory=dict)  # label -> [T]
    start: int | None = None  # the frame shown first: the last one (the trained state) unless told
    listing: Sequence[str] = ()
    lit: Sequence[int] = ()  # [T] where there is a listing

    def __post_init__(self) -> None:
        lengths = {f"update of {update.attribute!r}": len(update.values) for update in self.updates}
        lengths |= {f"readout {label!r}": len(texts) for label, texts in self.readout.items()}
        if self.listing:
            lengths["choice of lines"] = len(self.lit)
            for line in self.lit:
                if line not in range(-1, len(self.listing)):
                    raise ValueError(f"There is no line {line} in a listing of {len(self.listing)}.")
        if len(self.steps) == 0:
            raise ValueError("There are no frames to play: give at least one step.")
        for name, length in lengths.items():
            if length != len(self.steps):
                raise ValueError(
                    f"The {name} has {length} entries for {len(self.steps)} frames: give one each."
                )

    @cached_property
    def text(self) -> str:
        """All of it in JSON: worked out once for a result that a whole class plays."""
        return json.dumps(
            {
                "steps": [int(step) for step in self.steps],
                "updates": [{**vars(update), "values": packed(update.values)} for update in self.updates],
                "cursors": list(self.cursors),
                "readout": {label: list(texts) for label, texts in self.readout.items()},
                "start": len(self.steps) - 1 if self.start is None else self.start,
                "listing": list(self.listing),
                "lit": list(self.lit),
            },
            ensure_ascii=False,
        )


def packed(values: np.ndarray) -> dict[str, Any] | list[Any]:
    """Numbers as Plotly's typed array (base64, little endian); text and booleans as a list."""
    if values.dtype.kind not in "iuf":
        return list(values.tolist())
    if values.dtype.kind == "f" or values.itemsize == 8:  # browsers have no 16-bit floats or 64-bit integers
        values = values.astype(np.promote_types(values.dtype, np.float32))
    values = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    bdata = b64encode(values.tobytes()).decode()
    return {"dtype": values.dtype.str[1:], "shape": values.shape, "bdata": bdata}
