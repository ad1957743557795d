"""The four points on their way through hidden space, until a line can part them."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.depth import xor as core
from mlcore.depth.lines import XOR
from mlcore.depth.xor import Moves, Reason
from mlcore.figures import xor as figures
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.training import Run
from pages.rooms.xor import room
from pages.rooms.xor.room import SOURCES, Form, RoomSpec
from pages.ui import components, plot, waiting
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import language, number, t

SLOT = "hidden"
TWO = 2  # hidden units: the plane that can be drawn


def _settings(controls: Form) -> None:
    controls.select("xfrom", {name: t(f"xor.source.{name}") for name in SOURCES})
    if controls.current().source == "trained":
        controls.number("net")
        room.settings(controls)


def _show(spec: RoomSpec, controls: Form) -> None:
    if spec.source == "trained":
        return _trained(spec.xor.one(TWO, spec.network))
    st.latex(
        r"\begin{gathered} h = \max\left(0, \, x \begin{pmatrix}1 & 1 \\ 1 & 1\end{pmatrix} + (0, -1)\right)"
        r" \\ \hat y = h_1 - 2 h_2 \end{gathered}"
    )
    _play("textbook", core.textbook())
    st.markdown(t("xor.hidden.textbook"))


def _trained(training: TrainSpec) -> None:
    trained: Run | None = waiting.follow(training, SLOT).result
    if trained is None:
        return
    task = prepare(training)
    _play(specs.key(training), core.moves(trained, task))
    (reason,) = core.reasons(trained, task)
    say = st.success if reason is Reason.SOLVED else st.warning
    say(f"**{t(f'problems.xor.{reason.name}')}.**")
    components.in_training(training, f":primary[**{t('xor.open')}**]")


def _play(key: str, moves: Moves) -> None:
    picture, frames = scene(f"{key}/{language()}", moves)
    plot.play([picture], frames, key="hidden", alt=[t("xor.alt.hidden")], labels=play_labels(), height=480)


@st.cache_resource(max_entries=32, show_spinner=False)
def scene(key: str, _moves: Moves) -> tuple[go.Figure, plot.Frames]:
    updates = []
    ends = figures.lines(_moves).astype(np.float32)
    for axis, name in enumerate("xy"):
        updates.append(plot.Update(0, figures.LINE, name, ends[..., axis]))
        for k, trace in enumerate((figures.ZEROS, figures.ONES)):
            own = np.array(XOR) == k
            updates.append(plot.Update(0, trace, name, _moves.hidden[:, own, axis].astype(np.float32)))
    readout: dict[str, list[str]] = {t("xor.hidden.right"): [f"{right} / 4" for right in _moves.right]}
    if np.isfinite(_moves.cost).all():
        readout[t("figure.cost")] = [number(cost, 3) for cost in _moves.cost]
    frames = plot.Frames([int(step) for step in _moves.step], updates, [], readout)
    return figures.hidden(_moves, t), frames


HIDDEN = Section(_settings, _show, (core.moves, core.textbook))
