"""On the cover: images that are to be told apart."""

from __future__ import annotations

from mlcore.figures import digits
from pages.rooms.classification_tasks.room import RoomSpec
from pages.ui.text import t
from pages.ui.tile import Ask, Tile, still


def tile(ask: Ask) -> Tile:
    seen = RoomSpec().seen
    return still(digits.gallery(seen.x[:8].numpy(), [""] * 8, columns=4, say=t))
