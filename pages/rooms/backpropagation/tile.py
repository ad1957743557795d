"""On the cover: values forward through a graph, gradients back."""

from __future__ import annotations

from pages.rooms.backpropagation.room import RoomSpec
from pages.rooms.backpropagation.sweeps import scene
from pages.ui.tile import Ask, Tile, played


def tile(ask: Ask) -> Tile:
    spec = RoomSpec().expression
    picture, frames, _ = scene(spec.text, spec.point)
    return played(picture, frames)
