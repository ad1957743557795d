"""What a player moves in a plane: points, and the paths that they leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.figures import theme
from pages.ui.plot import Update


def points(trace: int, at: NDArray[Any], *, figure: int = 0, grow: bool = False) -> list[Update]:
    """A trace whose points are `at` [T, ..., 2]; with `grow` a path [T, 2] as far as it has come."""
    at = theme.followed(at)
    return [Update(figure, trace, axis, at[..., i], grow=grow) for i, axis in enumerate("xy")]


def paths(tracks: Sequence[NDArray[Any]]) -> list[Update]:
    """Paths [T, 2] in the traces from 1 on, and in the next one where all of them are now."""
    if not tracks:
        return []
    behind = [update for k, track in enumerate(tracks, 1) for update in points(k, track, grow=True)]
    return behind + points(len(tracks) + 1, np.stack(tracks, axis=1))
