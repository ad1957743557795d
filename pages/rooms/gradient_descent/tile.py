"""On the cover: a descent between two curvatures."""

from __future__ import annotations

from mlcore.base import spec as specs
from pages.rooms.gradient_descent.room import RoomSpec
from pages.rooms.gradient_descent.two import scene
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, played


def tile(ask: Ask) -> Tile:
    spec = RoomSpec().two
    (above, _), frames = scene(specs.key(spec), language(), spec)
    return played(above, frames)
