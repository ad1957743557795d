"""On the cover: the graph that a run leaves behind."""

from __future__ import annotations

from mlcore.capture.captures import CaptureSpec, recorded
from mlcore.figures import capture
from pages.rooms.define_by_run.room import RoomSpec
from pages.ui.tile import Ask, Tile, running


def tile(ask: Ask) -> Tile:
    (diagram,) = recorded(CaptureSpec(RoomSpec().expression), "eager").diagrams
    return running(capture.drawing(diagram, capture.placed(diagram)))
