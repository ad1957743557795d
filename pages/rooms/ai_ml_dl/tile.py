"""On the cover: what a rule by hand says of two digits."""

from __future__ import annotations

from pages.rooms.ai_ml_dl.room import RoomSpec
from pages.rooms.ai_ml_dl.rule import drawn
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, still


def tile(ask: Ask) -> Tile:
    spec = RoomSpec()
    return still(drawn(spec.rule, spec.pair, language()))
