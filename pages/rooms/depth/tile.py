"""On the cover: a function that every further layer folds once more.

The first view trains for minutes; what depth buys is seen here without training.
"""

from __future__ import annotations

from mlcore.figures import depth
from pages.rooms.depth.room import RoomSpec
from pages.ui.text import t
from pages.ui.tile import Ask, Tile


def tile(ask: Ask) -> Tile:
    return Tile([depth.saw(layers, t) for layers in range(1, RoomSpec().saw + 1)])
