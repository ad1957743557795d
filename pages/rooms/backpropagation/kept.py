"""What is stored for the way back, and what becomes of `.grad`: by PyTorch itself."""

from __future__ import annotations

import streamlit as st

from mlcore.backpropagation import torch_graph
from mlcore.backpropagation.graph import Graph
from mlcore.backpropagation.sweeps import operation, short
from mlcore.backpropagation.torch_graph import Kept
from mlcore.figures import graph as figures
from pages.rooms.backpropagation import room
from pages.rooms.backpropagation.room import NO_NODE, Form, RoomSpec, choose, hole, standing
from pages.rooms.backpropagation.sweeps import height, name_of
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import t


def _settings(controls: Form) -> None:
    room.settings(controls)
    controls.number("passes")
    controls.flag("zero")


def _show(spec: RoomSpec, controls: Form) -> None:
    spec, found = standing(spec)
    lacks = hole(found)
    left, right = st.columns(2)
    with left:
        requires = room.several(
            controls, "req", spec.requires, found.inputs, t("backpropagation.kept.requires")
        )
    moving = {str(i): name_of(found, i) for i, step in enumerate(found.steps) if step.moves}
    with right:
        controls.select("cut", {NO_NODE: t("backpropagation.kept.nowhere")} | moving)
    cut = int(controls.state["cut"])
    kept = torch_graph.run(found, requires, None if cut < 0 else cut, spec.passes, spec.zero_grad)
    layout = figures.placed(found)
    below = [float("nan") if slope is None else slope for slope in kept.nodes]
    alt = t("backpropagation.alt.kept")
    needs = figures.room(found, layout, below)
    picture = figures.drawing(found, layout, below)
    plot.show(picture, key="kept", alt=alt, height=height(needs.rows), least=needs.width)
    if lacks:
        return
    if all(slope is None for slope in kept.nodes):
        st.warning(t("backpropagation.kept.nothing"))
    st.markdown(t("backpropagation.kept.after" if spec.zero_grad else "backpropagation.kept.added"))
    st.dataframe(_grads(found, kept), hide_index=True, width="content")
    count = sum(map(len, kept.stored))
    st.markdown(t("backpropagation.kept.stored", count=count, nodes=sum(bool(s.parts) for s in found.steps)))
    st.dataframe(_stored(found, kept), hide_index=True, width="content")


def _grads(found: Graph, kept: Kept) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {t("backpropagation.descent.input"): list(found.inputs)}
    for k, grads in enumerate(kept.grads, 1):
        name = t("backpropagation.kept.passed", number=k)
        columns[name] = ["None" if grad is None else short(grad) for grad in grads]
    return columns


def _stored(found: Graph, kept: Kept) -> dict[str, list[str]]:
    rows = [i for i, step in enumerate(found.steps) if step.parts]
    return {
        t("backpropagation.sweeps.node"): [found.symbols[i] for i in rows],
        t("backpropagation.sweeps.operation"): [operation(found, i) for i in rows],
        t("backpropagation.kept.values"): [", ".join(map(short, kept.stored[i])) or "–" for i in rows],
    }


KEPT = Section(_settings, _show, (torch_graph.run, Kept), choose)
