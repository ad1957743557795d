"""On the cover: a curve built from hidden units, one by one."""

from __future__ import annotations

from pages.rooms.approximation.construct import scene
from pages.rooms.approximation.room import RoomSpec
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, played


def tile(ask: Ask) -> Tile:
    spec = RoomSpec()
    (built, _), frames = scene(spec.line.text, spec.units, spec.way, spec.sharpness, language())
    return played(built, frames)
