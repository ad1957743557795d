"""Both losses with negatives and without: where all codes go when nothing pushes them apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.embeddings import contrast_sweeps as core
from mlcore.embeddings import pair_losses
from mlcore.embeddings.autoencoder import Centered
from mlcore.embeddings.contrast_sweeps import Collapse, CollapseSpec, Glimpse
from mlcore.figures import contrastive as figures
from pages.rooms.contrastive import room
from pages.rooms.contrastive.room import Form, RoomSpec
from pages.ui import plot, waiting
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, percent, t

SLOT = "contrastive_collapse"


def _settings(controls: Form) -> None:
    room.data(controls)
    controls.number("cttau")
    room.training(controls)
    controls.number("ctseeds")


def _show(spec: RoomSpec, controls: Form) -> None:
    if (seen := room.seen(spec)) is None:
        return
    own = spec.collapse
    view = waiting.follow(own, SLOT, show=partial(_curves, own))
    if not view.state.final or not view.parts:
        return
    found: Collapse | None = view.result
    if found is None:
        _curves(own, view.parts)
        return
    st.markdown(told(found))
    pictures, frames = scene(specs.key(own), language(), own, found, seen)
    alts = [t("contrastive.alt.panel", goal=figures.name_of(goal, t)) for goal in own.goals]
    plot.play(pictures, frames, key="panels", alt=alts, labels=play_labels(), height=320, columns=2)
    _curves(own, found.glimpses)
    st.dataframe(table(own, found), hide_index=True, height="content")
    st.caption(t("contrastive.collapse.measured", seeds=own.seeds))


def _curves(own: CollapseSpec, parts: Sequence[Glimpse]) -> None:
    pictures = drawn(f"{specs.key(own)}/{len(parts)}", language(), own, parts)
    alts = [t("contrastive.alt.alignment"), t("contrastive.alt.uniformity")]
    plot.show(list(pictures), key="collapsing", alt=alts, height=340, columns=2)


def told(found: Collapse) -> Text:
    """What became of the code with and without negatives: medians over seeds, the worst over losses."""
    last, half = found.glimpses[-1], len(found.accuracy) // 2
    values = {
        "with_code": percent(float(np.median(found.accuracy[:half]))),
        "alone_code": percent(float(np.median(found.accuracy[half:]))),
        "chance": percent(found.chance),
        "with_even": number(float(np.median(last.uniformity[:half]))),
        "alone_even": number(float(np.median(last.uniformity[half:]))),
        "alone_near": number(float(np.median(last.alignment[half:]))),
    }
    collapsed = float(np.median(last.uniformity[half:])) > 0.2 * float(np.median(last.uniformity[:half]))
    return t(f"contrastive.collapse.{'collapsed' if collapsed else 'not_yet'}", **values)


def table(own: CollapseSpec, found: Collapse) -> dict[str, list[str]]:
    """A row for each goal: the median over the seeds, and all of them."""
    last = found.glimpses[-1]

    def ranged(values: np.ndarray, show: object) -> list[str]:
        return [
            f"{show(float(np.median(row)))} ({show(float(row.min()))} ~ {show(float(row.max()))})"  # type: ignore[operator]
            for row in values
        ]

    columns = {
        "goal": [str(figures.name_of(goal, t)) for goal in own.goals],
        "alignment": ranged(last.alignment, number),
        "uniformity": ranged(last.uniformity, number),
        "accuracy": ranged(found.accuracy, percent),
    }
    return {t(f"contrastive.collapse.column.{name}"): column for name, column in columns.items()}


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    key: str, language: str, _own: CollapseSpec, _parts: Sequence[Glimpse]
) -> tuple[go.Figure, go.Figure]:
    goals, steps = _own.goals, _own.own.steps
    near, even = (figures.collapsing(_parts, goals, steps, name, t) for name in ("alignment", "uniformity"))
    return near, even


@st.cache_resource(max_entries=16, show_spinner=False)
def scene(
    key: str, language: str, _own: CollapseSpec, _found: Collapse, _seen: Centered
) -> tuple[list[go.Figure], plot.Frames]:
    """A circle for each goal, the codes of the first seed."""
    path = np.stack([one.codes for one in _found.glimpses])  # [T, G, M, 2]
    labels, names = _found.labels, room.class_names(_seen)
    pictures = [
        figures.panel(path[-1, g], labels, names, str(figures.name_of(goal, t)), t)
        for g, goal in enumerate(_own.goals)
    ]
    updates = [
        plot.Update(g, k + 1, axis, path[:, g, labels == k, i])
        for g in range(len(_own.goals))
        for k in range(len(names))
        for i, axis in enumerate("xy")
    ]
    return pictures, plot.Frames([one.step for one in _found.glimpses], updates)


COLLAPSE = Section(_settings, _show, (core.collapse, pair_losses.slope, pair_losses.uniformity))
