"""On the cover: a boundary that a training moves."""

from __future__ import annotations

from mlcore.base import spec as specs
from mlcore.training.tasks import TrainSpec
from pages.ui.scene import scene
from pages.ui.text import language
from pages.ui.tile import Ask, Tile, played


def tile(ask: Ask) -> Tile:
    spec = TrainSpec()
    run = ask(spec)
    seen = scene(f"{specs.key(spec)}/{len(run.records.step)}", language(), run)
    return played(seen.figures[0], seen.frames)
