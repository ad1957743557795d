"""What the views of masks are set to, a part of the room's spec."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mlcore.base import masks as texts
from mlcore.base import spec as specs
from mlcore.base.masks import Mask
from mlcore.base.registry import Knob
from mlcore.tasks.mask_scenes import mask_scenes
from mlcore.tasks.masks import MASK_LOSSES, balanced
from mlcore.tasks.segmenter import SegmenterSpec


@dataclass(frozen=True)
class MaskRoom:
    """A scene and a mask painted on it, a made prediction, and networks that are trained to segment."""

    scene: int = specs.number(Knob(0, 0, 9999, integer=True), "mscene")
    painted: str = specs.mask("mmask")
    sure: float = specs.number(Knob(0.9, 0.51, 0.99, symbol="p"), "msure")
    softness: float = specs.number(Knob(4.0, 0.3, 6.0), "msoft")
    bias: float = specs.number(Knob(-2.0, -4.0, 4.0), "mbias")
    loss: str = specs.choice("cross_entropy", MASK_LOSSES, "mloss")
    cut: float = specs.number(Knob(0.5, 0.02, 0.98), "mcut")
    train: SegmenterSpec = specs.part(SegmenterSpec)

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def mask(self) -> Mask:
        return texts.read(self.painted)


@st.cache_resource(max_entries=64, show_spinner=False)
def scene(seed: int, noise: float) -> tuple[NDArray[np.float64], Mask]:
    """The image on which people paint, and its true mask."""
    images, masks = mask_scenes(1, noise, seed, "painted")
    return images[0].numpy(), masks[0].numpy() > 0.5


def weights(true: Mask, strength: float) -> tuple[float, float]:
    """Of background and object in this scene."""
    return balanced(float(true.mean()), strength)
