"""On the cover: the first data set."""

from __future__ import annotations

from mlcore.base import spec as specs
from mlcore.training.data import DataSpec, load
from pages.rooms.data.room import drawn
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, still


def tile(ask: Ask) -> Tile:
    data = load(DataSpec())
    return still(drawn(specs.key(data.spec), language(), "scatter", data))
