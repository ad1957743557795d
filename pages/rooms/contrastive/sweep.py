"""Encoders over the temperature, the batch and the margin: seeds and settings as rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.embeddings import contrast_sweeps as core
from mlcore.embeddings import hardness, probes
from mlcore.embeddings.autoencoder import Centered
from mlcore.embeddings.contrast_sweeps import OVER, ContrastSweepSpec, Setting
from mlcore.embeddings.contrastive import ContrastiveSpec
from mlcore.figures import contrastive as figures
from pages.rooms.contrastive import room
from pages.rooms.contrastive.room import Form, RoomSpec
from pages.ui import plot, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, t

SLOT = "contrastive_sweep"


def _settings(controls: Form) -> None:
    names = {name: t(f"contrastive.over.{name}") for name in OVER}
    controls.select("ctover", names, st.pills, required=True)
    room.data(controls)
    if controls.state.get("ctover", OVER[0]) == "batch":
        room.loss(controls)
    controls.number("ctdim")
    room.training(controls)
    controls.number("ctseeds")


def _show(spec: RoomSpec, controls: Form) -> None:
    if (seen := room.seen(spec)) is None:
        return
    own = spec.sweep
    raw = of_features(specs.key(own.own.data), seen)
    view = waiting.follow(own, SLOT, partial(_running, own), show=partial(_curves, own, raw))
    if not view.state.final or not view.parts:
        return
    _curves(own, raw, view.parts)
    if view.result is None:
        return
    st.markdown(told(own, view.result, raw))
    st.dataframe(table(own, view.result), hide_index=True, height="content")
    st.caption(t("contrastive.sweep.measured", seeds=own.seeds, raw=room.tenths(raw)))


def _running(own: ContrastSweepSpec, views: waiting.Views) -> Text:
    values = {"done": len(views[0].parts), "of": len(own.values), "percent": waiting.percent(views)}
    return t("contrastive.sweep.running", **values)


@st.cache_resource(max_entries=16, show_spinner=False)
def of_features(key: str, _seen: Centered) -> float:
    """The accuracy of the same probe on the features themselves."""
    y, y_test = _seen.data.y.numpy(), _seen.data.y_test.numpy()
    return probes.probe(_seen.train.numpy(), y, _seen.test.numpy(), y_test).value


def _curves(own: ContrastSweepSpec, raw: float, parts: Sequence[Setting]) -> None:
    pictures = drawn(f"{specs.key(own)}/{len(parts)}", language(), own.over, raw, parts)
    alts = [t("contrastive.alt.accuracies"), t("contrastive.alt.shapes")]
    plot.show(list(pictures), key="sweep", alt=alts, height=420, columns=2)


def told(own: ContrastSweepSpec, found: Sequence[Setting], raw: float) -> Text:
    """The best value, and what changed from the first to the last."""
    best = max(found, key=lambda one: float(np.median(one.accuracy)))
    first, last = found[0], found[-1]
    values: dict[str, object] = {
        "best": number(best.value), "accuracy": room.tenths(float(np.median(best.accuracy))),
        "first": number(first.value), "last": number(last.value), "raw": room.tenths(raw),
        "first_even": number(float(first.uniformity.mean())), 
        "last_even": number(float(last.uniformity.mean())),
        "first_hard": room.tenths(float(np.nan_to_num(first.hardest).mean())),
        "last_hard": room.tenths(float(np.nan_to_num(last.hardest).mean())),
        "first_accuracy": room.tenths(float(np.median(first.accuracy))),
    }  # fmt: skip
    return t(f"contrastive.sweep.told.{own.over}", **values)


def table(own: ContrastSweepSpec, found: Sequence[Setting]) -> dict[str, list[str]]:
    """A row for each value: means over the seeds, and the range of the accuracy."""
    columns = {
        "value": [str(number(one.value)) for one in found],
        "accuracy": [str(room.tenths(float(one.accuracy.mean()))) for one in found],
        "spread": [f"{room.tenths(one.accuracy.min())} ~ {room.tenths(one.accuracy.max())}" for one in found],
        "alignment": [str(number(float(one.alignment.mean()))) for one in found],
        "uniformity": [str(number(float(one.uniformity.mean()))) for one in found],
        "hardest": [str(room.tenths(float(one.hardest.mean()))) for one in found],
    }  # fmt: skip
    head = {"value": t(f"contrastive.over.{own.over}")}
    head |= {name: t(f"contrastive.sweep.column.{name}") for name in columns if name != "value"}
    return {head[name]: column for name, column in columns.items()}


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    key: str, language: str, over: str, raw: float, _parts: Sequence[Setting]
) -> tuple[go.Figure, go.Figure]:
    return figures.accuracies(_parts, over, raw, t), figures.shapes(_parts, over, t)


SWEEP = Section(_settings, _show, (core.sweep, core.setting, hardness.hardest, ContrastiveSpec))
