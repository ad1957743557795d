"""A mask painted by hand on a scene, and what every measure and every loss says of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import masks as texts
from mlcore.base.masks import Mask
from mlcore.figures import masks as figures
from mlcore.figures import theme
from mlcore.tasks import masks as core
from mlcore.tasks.masks import MASK_LOSSES, STARTS, Counts
from pages.rooms.classification_tasks import mask_settings
from pages.rooms.classification_tasks.mask_settings import MaskRoom
from pages.rooms.classification_tasks.room import Form, RoomSpec, exact
from pages.ui import plot, typed
from pages.ui.sections import Section
from pages.ui.sources import narrow
from pages.ui.text import Text, language, number, short, t

CODE = "mmask"
MODES = ("paint", "erase")
BRUSHES = {"1": 0.4, "3": 1.5, "5": 2.5}  # pixels across: the radius
BEFORE, MOST = "_masks_before", 50  # of the session: masks that undo brings back, the latest last


def _settings(controls: Form) -> None:
    controls.number("mscene", typed=1)
    for code in ("mgrain", "msure", "mgamma", "mweights"):
        controls.number(code)


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.masks
    _, true = mask_settings.scene(own.scene, own.train.noise)
    mask = own.mask

    def change(made: Mask) -> None:
        before = st.session_state.setdefault(BEFORE, [])
        before.append(controls.state.get(CODE, ""))
        del before[:-MOST]
        controls.write(CODE, texts.write(made))

    with st.container(horizontal=True, key="mask_tools"):
        mode = _pick("mode", {mode: str(t(f"masks.mode.{mode}")) for mode in MODES})
        radius = BRUSHES[_pick("brush", {k: str(t("masks.brush", pixels=k)) for k in BRUSHES})]

    def stroke(made: plot.Stroke) -> None:
        now = texts.read(controls.state.get(CODE, ""))
        change(core.stroked(now, np.array(made.points), radius, mode == "paint"))

    pictures = drawn(own.painted, own.scene, own.train.noise, language())
    pen = plot.Pen(0, theme.COLORS[0] if mode == "paint" else theme.GRAY, space=6.0)
    left, right = st.columns(2)
    with left:
        plot.show(
            pictures[0], key="painting", alt=t("masks.alt.painting"), height=440, pen=pen, on_stroke=stroke
        )
    with right:
        plot.show(pictures[1], key="compared", alt=t("masks.alt.compared"), height=440)
    _below(controls, true, change)
    st.markdown(told(mask, true))
    left, right = st.columns(2)
    with left:
        plot.show(pictures[2], key="measures", alt=t("masks.alt.measures"), height=330)
    with right:
        rows = table(own, mask, true)
        st.dataframe(rows, hide_index=True, height="content")
        st.caption(t("masks.paint.sure", sure=number(own.sure)))
    with st.expander(t("masks.lines")):
        typed.lines(
            "masks.text", t("masks.lines"), t("masks.lines_help", side=texts.SIDE), texts.listed(mask),
            texts.typed, change, height=300,
        )  # fmt: skip
    with st.expander(t("masks.paint.formulas")):
        for variant in MASK_LOSSES.variants():
            st.latex(narrow(variant.formula))
        st.caption(t("masks.paint.conventions"))


def _below(controls: Form, true: Mask, change: Callable[[Mask], None]) -> None:
    """Undo, and masks to begin with."""
    before = st.session_state.get(BEFORE, [])

    def undo() -> None:
        controls.write(CODE, before.pop())

    with st.container(horizontal=True):
        st.button(t("masks.undo"), key="masks.undo", on_click=undo, disabled=not before)
        for name, start in STARTS.items():
            st.button(t(f"masks.start.{name}"), key=f"masks.{name}", on_click=change, args=(start(true),))


def _pick(what: str, names: dict[str, str]) -> str:
    """One of a few, kept in the session: how one paints is nobody else's business."""
    kept = st.session_state.setdefault(f"_masks.{what}", next(iter(names)))
    chosen = st.segmented_control(
        t(f"masks.{what}_label"), list(names), default=kept, format_func=names.__getitem__,
        key=f"masks.{what}", required=True, label_visibility="collapsed",
    )  # fmt: skip
    st.session_state[f"_masks.{what}"] = chosen or kept
    return str(chosen or kept)


def measures(mask: Mask, true: Mask) -> dict[str, float]:
    """By the names that figures have for them."""
    own = Counts.of(mask, true, (0, 1))
    names = {"f1": "dice"}
    found = {
        name: float(getattr(own, names.get(name, name)))
        for name in ("accuracy", "balanced", "precision", "recall", "f1", "iou")
    }
    return found | {"boundary": core.boundary_f(mask, true)}


def told(mask: Mask, true: Mask) -> Text:
    """What accuracy says of the mask beside what IoU says."""
    own, objects = Counts.of(mask, true, (0, 1)), int(true.sum())
    if not mask.any():
        values = {"accuracy": exact(float(own.accuracy)), "objects": objects, "all": true.size}
        return t("masks.paint.empty", **values)
    if (mask == true).all():
        return t("masks.paint.right")
    empty = 1 - float(true.mean())
    values = {
        "hits": int(own.tp), "misses": int(own.fn), "alarms": int(own.fp), "iou": number(float(own.iou)),
        "accuracy": exact(float(own.accuracy)), "empty": exact(empty), "dice": number(float(own.dice)),
    }  # fmt: skip
    kind = "worse" if float(own.accuracy) <= empty and own.tp else "better"
    return t(f"masks.paint.{kind}", **values)


def table(own: MaskRoom, mask: Mask, true: Mask) -> dict[str, list[str]]:
    """A row for each loss: this mask, and one without any object."""
    weights = mask_settings.weights(true, own.train.strength)
    found, empty = (
        core.readings(one, true, own.sure, weights, own.train.gamma) for one in (mask, np.zeros_like(true))
    )
    columns = {
        "loss": [str(short(variant, "mask_loss")) for variant in MASK_LOSSES.variants()],
        "own": [str(number(value)) for value in found.values()],
        "empty": [str(number(value)) for value in empty.values()],
    }
    return {str(t(f"masks.column.{name}")): column for name, column in columns.items()}


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(painted: str, seed: int, noise: float, language: str) -> tuple[go.Figure, ...]:
    image, true = mask_settings.scene(seed, noise)
    mask = texts.read(painted)
    empty = measures(np.zeros_like(true), true)
    return (
        figures.painting(image, mask, t),
        figures.compared(image, mask, true, t),
        figures.measured(measures(mask, true), empty, t),
    )


PAINT = Section(_settings, _show, (Counts, core.boundary_f, core.focal, core.dice, core.stroked))
