"""On the cover: the same examples fitted by ever more complex models."""

from __future__ import annotations

from mlcore.figures import fitting
from mlcore.figures.thumbnail import moments
from pages.rooms.fitting.room import RoomSpec
from pages.ui import ensembles
from pages.ui.text import t
from pages.ui.tile import Ask, Tile


def tile(ask: Ask) -> Tile:
    spec = RoomSpec().ensemble
    found, drawing = ask(spec), ensembles.drawn(spec.sets)
    picture = [
        fitting.picture(found.fits[k], drawing, found.loss, t, found.fits) for k in moments(len(found.fits))
    ]
    return Tile(picture)
