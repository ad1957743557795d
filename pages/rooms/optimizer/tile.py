"""On the cover: rules on their way down one surface."""

from __future__ import annotations

from mlcore.base import spec as specs
from pages.rooms.optimizer.race import scene
from pages.rooms.optimizer.room import RoomSpec
from pages.ui.surfaces import walked
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, played


def tile(ask: Ask) -> Tile:
    spec = RoomSpec().paths
    (above, *_), frames = scene(specs.key(spec), language(), spec, walked(spec))
    return played(above, frames)
