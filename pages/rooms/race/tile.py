"""On the cover: rules from many starts at once."""

from __future__ import annotations

from mlcore.base import spec as specs
from mlcore.descents import races
from pages.rooms.race.rates import drawn
from pages.rooms.race.room import RoomSpec
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, played


def tile(ask: Ask) -> Tile:
    spec = RoomSpec().race
    found = ask(spec)
    _, swarm, _, frames = drawn(specs.key(spec), language(), races.order(found)[0], found)
    return played(swarm, frames)
