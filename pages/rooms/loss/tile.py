"""On the cover: losses over a prediction, and their gradients."""

from __future__ import annotations

from mlcore.components import curves
from mlcore.figures import losses
from pages.rooms.loss.spec import LossSpec
from pages.ui.text import t
from pages.ui.tile import Ask, Tile, running


def tile(ask: Ask) -> Tile:
    spec = LossSpec()
    return running(losses.shapes(curves.shapes(spec.task, spec.truth, spec.at, spec.delta), "", t))
