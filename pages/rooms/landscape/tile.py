"""On the cover: the landscape of a network, and the way of its training."""

from __future__ import annotations

from mlcore.base import spec as specs
from pages.rooms.landscape.contour import scene
from pages.rooms.landscape.room import RoomSpec
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, played


def tile(ask: Ask) -> Tile:
    spec = RoomSpec()
    view = ask(spec.landscape)
    (above, _), frames = scene(f"{specs.key(view.spec)}/{view.exact}", language(), spec.log, view)
    return played(above, frames)
