"""On the cover: runs that leave a local minimum."""

from __future__ import annotations

from dataclasses import replace

from mlcore.escapes.multimodal import multimodal
from mlcore.figures import escaping
from pages.rooms.escape.room import RoomSpec, land
from pages.ui import plot
from pages.ui.moving import points
from pages.ui.text import t
from pages.ui.tile import Ask, Tile, played


def tile(ask: Ask) -> Tile:
    spec = RoomSpec()
    own = spec.escape
    (found,) = ask(replace(own, methods=(own.methods[spec.which - 1],)))
    cloud = escaping.cloud(multimodal(own.landscape), land(own.landscape), found, t)
    tracks = zip((2, 3), escaping.seen(found), strict=True)
    updates = [update for trace, rows in tracks for update in points(trace, found.track[:, rows])]
    return played(cloud, plot.Frames(found.step.tolist(), updates))
