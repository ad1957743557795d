"""Inside one rule: what it remembers along its path, and what that makes of the gradient."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.descents.paths import Path, PathSpec
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.figures import paths as figures
from pages.rooms.optimizer.room import Form, RoomSpec, land, names, place, sentences
from pages.ui import plot
from pages.ui.frame import play_labels
from pages.ui.moving import points
from pages.ui.sources import stacked
from pages.ui.surfaces import walked
from pages.ui.text import language, t


def choose(controls: Form) -> None:
    """The rule that is looked into."""
    called = names(controls.current().paths)
    if not called:
        return
    options = {str(i + 1): f"{i + 1} · {name}" for i, name in enumerate(called)}
    controls.select("which", options, widget=st.pills, required=True)


def show(spec: RoomSpec, controls: Form) -> None:
    called, which = names(spec.paths), spec.which - 1
    if not called:
        st.info(t("optimizer.nobody"))
        return
    found = walked(spec.paths)
    path = found[which]
    left, right = st.columns([2, 3], vertical_alignment="center")
    left.latex(stacked(OPTIMIZERS[path.rule.optimizer].formula))
    right.markdown(sentences(spec.paths, found)[which])
    pictures, frames = scene(specs.key(spec.paths), language(), spec.paths, which, path, called[which])
    alt = [t("optimizer.alt.compass"), *[t("optimizer.alt.memory")] * (len(pictures) - 1)]
    plot.play(
        pictures, frames, key="memory", alt=alt, labels=play_labels(), columns=2, height=380,
        on_click=partial(place, controls),
    )  # fmt: skip
    st.caption(t("optimizer.memory.arrows"))


@st.cache_resource(max_entries=32, show_spinner=False)
def scene(
    key: str, language: str, spec: PathSpec, which: int, _path: Path, name: str
) -> tuple[list[go.Figure], plot.Frames]:
    """The path with its arrows; gradient, state and effective rate of both coordinates."""
    pictures = [figures.compass(spec, land(spec), _path, which, name, say=t)]
    pictures.append(figures.memory(_path.gradient, t("figure.gradient"), "g", False, say=t))
    squares = ("s", "v") if "m" in _path.state else ("s",)
    for symbol, values in _path.state.items():
        log = symbol in squares
        pictures.append(figures.memory(values, t(f"optimizer.state.{symbol}_{int(log)}"), symbol, log, say=t))
    pictures.append(figures.memory(abs(_path.rate), t("optimizer.state.rate"), "η", True, say=t))
    down, step = figures.arrows(spec, _path)
    updates = points(1, _path.theta, grow=True) + points(2, down) + points(3, step)
    cursors = list(range(1, len(pictures)))
    return pictures, plot.Frames(steps=list(range(spec.steps + 1)), updates=updates, cursors=cursors)
