"""On the cover: views on their way apart, and together with their partners."""

from __future__ import annotations

from pages.rooms.contrastive.pairs import scene
from pages.rooms.contrastive.room import RoomSpec
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, played


def tile(ask: Ask) -> Tile:
    spec = RoomSpec()
    places = tuple(map(tuple, spec.places))
    _, pictures, frames = scene(places, spec.own.goal, spec.pace, spec.moves, language())
    return played(pictures[0], frames)
