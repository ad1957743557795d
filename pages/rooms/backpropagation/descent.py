"""What the gradient is good for: it predicts a nudge, and following it downhill lowers the output."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from mlcore.backpropagation import moves
from mlcore.backpropagation.moves import Way
from mlcore.figures import graph as figures
from pages.rooms.backpropagation import room
from pages.rooms.backpropagation.room import Form, RoomSpec, choose, hole, standing
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import language, number, t, tiny


def _settings(controls: Form) -> None:
    room.settings(controls)
    controls.number("blr")
    controls.number("bsteps")


def _show(spec: RoomSpec, controls: Form) -> None:
    spec, found = standing(spec)
    if hole(found):
        return
    left, right = st.columns(2)
    with left:
        place = room.which(controls, found.inputs)
    with right:
        controls.number("nudge", typed=0.01)
    _nudged(spec, found.inputs[place], place, controls.current().nudge)
    learns = room.several(controls, "learn", spec.learn, found.inputs, t("backpropagation.descent.learn"))
    way, picture = descended(
        spec.expression.text, spec.expression.point, learns, spec.lr, spec.steps, language()
    )
    plot.show(picture, key="descent", alt=t("backpropagation.alt.descent"), height=320)
    st.markdown(
        t("backpropagation.descent.went", steps=len(way.outputs) - 1, start=number(way.outputs[0], 4),
          end=number(way.outputs[-1], 4))
    )  # fmt: skip
    last = way.points[-1]
    columns = {t("backpropagation.descent.input"): list(found.inputs)}
    columns[t("backpropagation.descent.start")] = [number(v, 4) for v in way.points[0]]
    columns[t("backpropagation.descent.end")] = [number(v, 4) for v in last]
    st.dataframe(columns, hide_index=True, width="content")
    st.button(
        t("backpropagation.descent.take"), on_click=partial(controls.put, "in", tuple(map(float, last)))
    )


def _nudged(spec: RoomSpec, name: str, place: int, by: float) -> None:
    found = moves.nudge(spec.expression.text, spec.expression.point, place, by)
    exact = abs(found.error) <= 1e-12 * max(1.0, abs(found.after))
    key = "nudged_exact" if exact else "nudged"
    st.markdown(
        t(f"backpropagation.descent.{key}", input=name, by=number(by, 4),
          change=number(found.change, 5), predicted=number(found.predicted, 5), error=tiny(found.error),
          slope=number(found.slope, 4))
    )  # fmt: skip


@st.cache_resource(max_entries=64, show_spinner=False)
def descended(
    text: str, point: tuple[float, ...], learns: tuple[int, ...], lr: float, steps: int, language: str
) -> tuple[Way, go.Figure]:
    way = moves.descend(text, point, learns, lr, steps)
    return way, figures.outputs(way, t)


DESCENT = Section(_settings, _show, (moves.nudge, moves.descend), choose)
