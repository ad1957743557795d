"""On the cover: four points on their way to where a line can part them."""

from __future__ import annotations

from mlcore.depth import xor
from pages.rooms.xor.hidden import scene
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, played


def tile(ask: Ask) -> Tile:
    picture, frames = scene(f"textbook/{language()}", xor.textbook())
    return played(picture, frames)
