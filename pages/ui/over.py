"""What is drawn over a picture of a room, such as a reader's prediction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import plotly.graph_objects as go
import streamlit as st

from pages.ui.plot_frames import Frames

SLOT = "_over"  # of the session


class Layer(Protocol):
    """Draws over the figures of the picture that it means; others it leaves as they are."""

    def __call__(self, picture: str, figures: list[go.Figure], frames: Frames | None) -> list[go.Figure]: ...


def lay(layer: Layer | None) -> None:
    """From now on in this run, draw this over the pictures."""
    st.session_state[SLOT] = layer


def over(picture: str, figures: Sequence[go.Figure], frames: Frames | None = None) -> list[go.Figure]:
    """The figures of a picture with what is drawn over them. Those of a cache are never changed."""
    layer: Layer | None = st.session_state.get(SLOT)
    return layer(picture, list(figures), frames) if layer else list(figures)
