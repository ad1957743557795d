"""On the cover: the regions into which a network cuts the plane."""

from __future__ import annotations

from pages.rooms.nonlinearity.plane import drawn
from pages.rooms.nonlinearity.room import RoomSpec
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, still


def tile(ask: Ask) -> Tile:
    spec = RoomSpec()
    shape = (spec.plane_widths, spec.bent, spec.init, spec.spread, spec.seed)
    return still(drawn(*shape, spec.reach, language())[0])
