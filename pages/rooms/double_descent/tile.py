"""On the cover: the risk on both sides of the threshold, measured and by theory."""

from __future__ import annotations

from mlcore.complexity import double_descent as core
from mlcore.figures import double_descent
from pages.rooms.double_descent.room import RoomSpec
from pages.ui.text import t
from pages.ui.tile import Ask, Tile, running


def tile(ask: Ask) -> Tile:
    spec = RoomSpec().gaussian
    return running(double_descent.risks(ask(spec), core.theory(spec), spec.examples, t))
