"""On the cover: a line, and the line of least squares."""

from __future__ import annotations

from mlcore.base import spec as specs
from mlcore.depth import linear_fit
from pages.rooms.linear.line import drawn, read
from pages.rooms.linear.room import RoomSpec
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, still


def tile(ask: Ask) -> Tile:
    spec = RoomSpec()
    problem = read(spec)
    line, _ = drawn(specs.key(spec), language(), spec, problem, linear_fit.normal(problem))
    return still(line)
