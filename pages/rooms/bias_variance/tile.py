"""On the cover: the U of the slide, and what it is the sum of."""

from __future__ import annotations

from mlcore.figures import bias_variance
from pages.rooms.bias_variance.room import RoomSpec
from pages.ui.tile import Ask, Tile, running


def tile(ask: Ask) -> Tile:
    spec = RoomSpec().ensemble
    found = ask(spec)
    values = found.complexity.tolist()
    return running(bias_variance.curve(found, found.best, "", values))
