"""Curvature along the run: looks arrive as the training goes on, with what the rule can bear beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.figures import curvature as figures
from mlcore.landscapes.curvature import BOUNDS, EDGE, Curve, Verdict, verdict
from mlcore.training.tasks import TrainSpec, prepare
from pages.rooms.landscape.room import Form, RoomSpec
from pages.ui import plot, waiting
from pages.ui.text import Text, language, number, t

SLOT = "curvature"


def show(spec: RoomSpec, controls: Form) -> None:
    if not waiting.possible(spec.train):
        return
    if spec.train != EDGE:
        st.button(t("landscape.curvature.preset"), on_click=to_the_edge, args=(controls,), type="primary")

    def so_far(parts: waiting.Parts) -> None:
        picture(spec, Curve.join(parts))

    view = waiting.follow(spec.curvature, SLOT, _running, show=so_far)
    if view.state.final and view.parts:
        so_far(view.parts)


def to_the_edge(controls: Form) -> None:
    room = controls.current()
    controls.load(replace(room, landscape=replace(room.landscape, train=EDGE)))


def _running(views: waiting.Views) -> Text:
    return t("landscape.curvature.running", looks=len(views[0].parts), percent=waiting.percent(views))


def picture(spec: RoomSpec, curve: Curve) -> None:
    shown = drawn(f"{specs.key(curve.spec)}/{len(curve.step)}", language(), spec.log, curve)
    plot.show(shown, key="curvature", alt=t("landscape.alt.curvature"), height=500)
    found = verdict(curve)
    st.markdown(told(curve, found))
    said = [t(f"landscape.curvature.{name}") for name in remarks(spec.train, found.kind)]
    st.caption(" ".join(said))


def told(curve: Curve, found: Verdict) -> Text:
    """The verdict with its rule."""
    rule = curve.spec.train.optimizer
    formula = t(f"landscape.curvature.formula.{rule}") if rule in BOUNDS else Text("")
    sentence = t(
        f"landscape.curvature.verdict.{found.kind}", median=number(found.median), bound=number(found.bound),
        formula=formula, step=Text(f"{found.step:,}"), start=number(float(curve.top[0, 0])),
    )  # fmt: skip
    if found.kind == "edge" and found.step >= 0:
        sentence = Text(f"{sentence} {t('landscape.curvature.beyond', step=Text(f'{found.step:,}'))}")
    return sentence


def remarks(train: TrainSpec, kind: str) -> Sequence[str]:
    """What must be known to read the picture."""
    bound = train.optimizer in BOUNDS
    names = ["rule"] if bound else []
    if kind in ("edge", "passed"):
        names.append("back")
    if 0 < train.batch_size < len(prepare(train).x):
        names += ["batches", "noise"] if bound else ["batches"]
    if train.schedule != "constant":
        names.append("schedule")
    if train.l2 or train.l1:
        names.append("penalty")
    return names


@st.cache_resource(max_entries=48, show_spinner=False)
def drawn(key: str, language: str, log: bool, _curve: Curve) -> go.Figure:
    return figures.along(_curve, log, say=t)
