"""On the cover: two boxes, and where a loss pulls one of them."""

from __future__ import annotations

from pages.rooms.regression_tasks.boxes import drawn
from pages.rooms.regression_tasks.room import RoomSpec
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, running


def tile(ask: Ask) -> Tile:
    spec = RoomSpec()
    return running(drawn(spec.predicted, spec.truth, spec.loss, language())[0])
