"""What a room gives the cover: its own picture of its default experiment, and how that moves."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mlcore.figures.thumbnail import moments
from pages.ui.plot_frames import Frames, Update

Ask = Callable[[Any], Any]
"""`ask(spec)` is the result of a spec, computed wherever that is done."""


@dataclass(frozen=True)
class Tile:
    """A figure, or several of one kind that are played; where one `runs`, its lines draw themselves."""

    figures: Sequence[go.Figure]
    runs: bool = False


def still(figure: go.Figure) -> Tile:
    return Tile([figure])


def running(figure: go.Figure) -> Tile:
    return Tile([figure], runs=True)


def played(figure: go.Figure, frames: Frames, of: int = 0) -> Tile:
    """Some moments of what a player steps through; `of` is the number of the figure there."""
    own = [update for update in frames.updates if update.figure == of]
    return Tile([_at(figure, own, moment) for moment in moments(len(frames.steps))])


def _at(figure: go.Figure, updates: Sequence[Update], moment: int) -> go.Figure:
    made = copy.deepcopy(figure)
    for update in updates:
        values: Any = update.values[: moment + 1] if update.grow else update.values[moment]
        if update.scale is not None:
            values = np.asarray(values, np.float64) * update.scale + update.offset
        made.data[update.trace][update.attribute] = values
    return made
