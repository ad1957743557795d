"""On the cover: what a policy is worth, sweep by sweep."""

from __future__ import annotations

from pages.rooms.problem_types.room import RoomSpec
from pages.rooms.problem_types.world import drawn
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, played


def tile(ask: Ask) -> Tile:
    spec = RoomSpec()
    own = spec.learn
    _, pictures, frames = drawn(own.grid, own.slip, own.pit, own.discount, spec.plan == "iterate", language())
    return played(pictures[0], frames)
