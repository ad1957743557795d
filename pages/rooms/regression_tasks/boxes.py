"""Two boxes moved by hand, what every loss says of them, and boxes of one squared error."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from mlcore.figures import boxes as figures
from mlcore.tasks import boxes as core
from mlcore.tasks import equal_error
from mlcore.tasks.boxes import BOX_LOSSES, Box, Measured
from mlcore.tasks.equal_error import Family
from pages.rooms.regression_tasks import room
from pages.rooms.regression_tasks.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.sources import narrow
from pages.ui.text import Text, language, number, short, t

HELD, SETTLED = "_regression_tasks_held", "_regression_tasks_settled"  # of the session
READOUT = ("l2", "l1", "iou", "giou", "diou", "ciou")


def _settings(controls: Form) -> None:
    controls.choice("oloss", "box_loss")
    room.typed(controls)
    st.caption(t("regression_tasks.boxes.four"))


def _show(spec: RoomSpec, controls: Form) -> None:
    box, true = spec.predicted, spec.truth
    found = measured(box, true)
    if box != spec.box or true != spec.true:
        st.caption(t("regression_tasks.boxes.turned"))
    st.markdown(told(found, spec.loss))

    def drag(at: plot.Drag) -> None:
        st.session_state[HELD] = not at.done
        code, own = ("otrue", true) if at.trace == figures.TRUE_MARKS else ("obox", box)
        room.put(controls, code, core.moved(own, at.point, at.x, at.y))

    pictures = drawn(box, true, spec.loss, language())
    alts = [t("regression_tasks.alt.boxes"), t("regression_tasks.alt.shifted")]
    handles = [plot.Handle(0, figures.MARKS), plot.Handle(0, figures.TRUE_MARKS)]
    left, right = st.columns([1, 1])
    with left:
        plot.show(pictures[0], key="boxes", alt=alts[0], height=520, handles=handles, on_drag=drag)
    with right:
        st.dataframe(table(found), hide_index=True, height=38 + 35 * len(found.readings))
        st.latex(narrow(BOX_LOSSES[spec.loss].formula))
        st.caption(t("regression_tasks.boxes.columns"))
    plot.show(pictures[1], key="shifted", alt=alts[1], height=300)
    st.caption(t("regression_tasks.boxes.shifted"))
    st.markdown(f"#### {t('regression_tasks.boxes.equal')}")
    _equal(*settled(box, true))


def settled(box: Box, true: Box) -> tuple[Box, Box]:
    """The boxes when no hand holds one; while it does, those from before: their family takes longer than all
    the rest, and what is dragged should follow at once."""
    held = st.session_state.pop(HELD, False)
    if not (held and SETTLED in st.session_state):
        st.session_state[SETTLED] = box, true
    found: tuple[Box, Box] = st.session_state[SETTLED]
    return found


def told(found: Measured, loss: str) -> Text:
    """Whether the chosen loss knows where to go."""
    own, name = found.of(loss), short(BOX_LOSSES[loss], "box_loss")
    values = {"iou": number(found.iou), "l2": number(found.of("l2").value), "loss": name}
    if found.touching:
        return t("regression_tasks.boxes.touch", value=number(own.value), gain=number(own.gain), **values)
    giou = number(1 - found.of("giou").value)
    return t("regression_tasks.boxes.apart", giou=giou, length=number(_length(found, "giou")), **values)


def _length(found: Measured, loss: str) -> float:
    return float((found.of(loss).gradient ** 2).sum() ** 0.5)


def table(found: Measured) -> dict[str, list[str]]:
    """A row for each loss."""
    rows = found.readings
    columns = {
        "loss": [str(short(BOX_LOSSES[one.name], "box_loss")) for one in rows],
        "value": [str(number(one.value)) for one in rows],
        "gradient": [str(number(_length(found, one.name))) for one in rows],
        "gain": [str(number(one.gain)) for one in rows],
    }
    return {t(f"regression_tasks.boxes.column.{name}"): column for name, column in columns.items()}


def _equal(box: Box, true: Box) -> None:
    scene = family_scene(box, true, language())
    if scene is None:
        st.markdown(t("regression_tasks.boxes.no_error"))
        return
    found, pictures, frames = scene
    low, high, l2 = found.iou.min(), found.iou.max(), found.losses["l2"][0]
    st.markdown(t("regression_tasks.boxes.family", low=number(low), high=number(high), l2=number(l2)))
    alts = [t("regression_tasks.alt.family"), t("regression_tasks.alt.family_losses")]
    plot.play(list(pictures), frames, key="family", alt=alts, labels=play_labels(), height=380, columns=2)


@st.cache_resource(max_entries=256, show_spinner=False)
def measured(box: Box, true: Box) -> Measured:
    return core.measure(box, true)


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(box: Box, true: Box, loss: str, language: str) -> tuple[go.Figure, go.Figure]:
    found = measured(box, true)
    return figures.plane(found, loss, t), figures.shifted(found, t)


@st.cache_resource(max_entries=32, show_spinner=False)
def family_scene(
    box: Box, true: Box, language: str
) -> tuple[Family, tuple[go.Figure, go.Figure], plot.Frames] | None:
    found = equal_error.family(box, true)
    if found is None:
        return None
    return found, figures.equal(found, true, t), frames(found)


def frames(found: Family) -> plot.Frames:
    """The family, box after box."""
    edges = figures.outlines(found.boxes)
    updates = [plot.Update(0, 1, axis, edges[..., k]) for k, axis in enumerate("xy")]
    readout = {
        str(short(BOX_LOSSES[name], "box_loss")): [str(number(one)) for one in found.losses[name]]
        for name in READOUT
    }
    readout["1 − IoU"] = readout.pop(str(short(BOX_LOSSES["iou"], "box_loss")))
    return plot.Frames(range(len(found.boxes)), updates, [1], readout)


BOXES = Section(_settings, _show, (core.measure, core.overlap, core.giou, core.ciou, equal_error.family))
