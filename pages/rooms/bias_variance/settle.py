"""How the estimates settle as the number of training sets grows."""

from __future__ import annotations

import streamlit as st
import torch

from mlcore.complexity.decomposition import settle
from mlcore.figures import estimates as figures
from pages.rooms.bias_variance.room import Form, RoomSpec, Seen
from pages.ui import plot
from pages.ui.text import Text, t


def counts(sets: int) -> list[int]:
    """2, 3, 4, 6, 8, 12, 16, ... and all."""
    every = (round(2 * 2 ** (i / 2)) for i in range(20))
    return sorted({n for n in every if n < sets} | {sets})


def show(spec: RoomSpec, controls: Form, seen: Seen) -> None:
    answers = torch.from_numpy(seen.fit.answers).double()
    sizes = counts(len(answers))
    averages = settle(answers, seen.drawing.labels, seen.ensemble.loss, sizes)
    figure = figures.settling(sizes, averages, say=t)
    plot.show(figure, key="settle", alt=t("bias_variance.alt.settle"), height=460)
    few = {name: Text(f"{value:.3g}") for name, value in averages[min(2, len(sizes) - 1)].items()}
    st.markdown(t("bias_variance.few", count=sizes[min(2, len(sizes) - 1)], **few))
