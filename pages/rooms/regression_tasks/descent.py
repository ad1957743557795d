"""One box sent downhill by every loss, from the same start and by the same rule."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.figures import boxes as figures
from mlcore.tasks import box_descent as core
from mlcore.tasks import boxes
from mlcore.tasks.box_descent import RULES, BoxDescent
from mlcore.tasks.boxes import BOX_LOSSES, Box
from pages.rooms.regression_tasks import room
from pages.rooms.regression_tasks.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, short, t

REACHED = 0.9  # of IoU: there


def _settings(controls: Form) -> None:
    controls.choice("oopt", "optimizer", RULES)
    controls.number("olr")
    controls.number("osteps")
    room.typed(controls)
    st.button(t("regression_tasks.descent.apart"), on_click=_presets, args=(controls, (0.5, 0.5, 2.5, 2.0)))
    st.button(t("regression_tasks.descent.inside"), on_click=_presets, args=(controls, (5.0, 5.0, 6.0, 5.5)))


def _presets(controls: Form, box: Box) -> None:
    room.put(controls, "obox", box)


def _show(spec: RoomSpec, controls: Form) -> None:
    chosen = (spec.predicted, spec.truth, spec.rule, spec.lr, spec.steps)
    found = descended(*chosen)
    pictures, frames = scene(*chosen, language())
    alts = [t("regression_tasks.alt.race"), t("regression_tasks.alt.overlaps")]
    labels = play_labels()
    plot.play(list(pictures), frames, key="race", alt=alts, labels=labels, height=460, columns=2)
    st.markdown(told(spec, found))
    st.dataframe(table(found), hide_index=True, height=38 + 35 * len(found.names))
    st.caption(t("regression_tasks.descent.scale"))


def told(spec: RoomSpec, found: BoxDescent) -> Text:
    """Which losses arrive, and what became of IoU where the boxes did not touch."""
    first = {name: found.reaches(name, REACHED) for name in found.names}
    there = {name: step for name, step in first.items() if step is not None}
    never = [_name(name) for name in found.names if name not in there]
    values = {"share": number(REACHED), "steps": spec.steps}
    if found.iou[0, 0] == 0 and not found.iou[-1, found.names.index("iou")] > 0:
        return t("regression_tasks.descent.stuck", never=", ".join(never), **values)
    if not there:
        return t("regression_tasks.descent.none", **values)
    fastest = min(there, key=lambda name: there[name])
    told = t("regression_tasks.descent.fastest", loss=_name(fastest), step=there[fastest], **values)
    return Text(f"{told} {t('regression_tasks.descent.never', never=', '.join(never))}") if never else told


def table(found: BoxDescent) -> dict[str, list[str]]:
    """A row for each loss."""
    steps = [found.reaches(name, REACHED) for name in found.names]
    columns = {
        "loss": [_name(name) for name in found.names],
        "end": [str(number(value)) for value in found.iou[-1]],
        "reached": ["–" if step is None else str(step) for step in steps],
        "value": [str(number(value)) for value in found.value[-1]],
    }
    return {t(f"regression_tasks.descent.column.{name}"): column for name, column in columns.items()}


def _name(loss: str) -> str:
    return str(short(BOX_LOSSES[loss], "box_loss"))


@st.cache_resource(max_entries=64, show_spinner=False)
def descended(box: Box, true: Box, rule: str, lr: float, steps: int) -> BoxDescent:
    return core.descend(box, true, rule, lr, steps)


@st.cache_resource(max_entries=32, show_spinner=False)
def scene(
    box: Box, true: Box, rule: str, lr: float, steps: int, language: str
) -> tuple[tuple[go.Figure, go.Figure], plot.Frames]:
    found = descended(box, true, rule, lr, steps)
    kept = np.unique(np.linspace(0, steps, 101).round().astype(int))
    edges = figures.outlines(found.box[kept])  # [T, L, 5, 2]
    updates = [
        plot.Update(0, 2 + k, axis, edges[:, k, :, side])
        for k in range(len(found.names))
        for side, axis in enumerate("xy")
    ]
    readout = {f"IoU, {_name(name)}": [str(number(one)) for one in found.iou[kept, k]]
               for k, name in enumerate(found.names)}  # fmt: skip
    frames = plot.Frames([int(step) for step in kept], updates, [1], readout)
    return (figures.race(found, true, t), figures.overlaps(found, t)), frames


DESCENT = Section(_settings, _show, (core.descend, boxes.giou, boxes.overlap))
