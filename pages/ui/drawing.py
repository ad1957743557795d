"""A board for data drawn by hand: points set, moved, erased by mouse or finger, undone, or typed as lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import points
from mlcore.base.points import CLASSES, MOST, REACH, Point
from mlcore.base.registry import Variant
from mlcore.figures import drawing as figures
from mlcore.figures import theme
from mlcore.training.data import DataSpec
from pages.ui import plot, typed
from pages.ui.controls import Controls
from pages.ui.text import language, t

MARKS = "●■◆▲"  # as the figure draws the classes
MODES = ("draw", "move", "erase")
RUBBER = 0.12  # how far from its way an eraser takes points, in units of the plane
LEFT = "_drawings_left"  # in the session: the drawing of each set that was left for another one
BEFORE = "_drawings_before"  # the drawings of each set that undo brings back, the latest last


@dataclass(frozen=True)
class Board:
    """What is drawn: its place in the link, its name in the session, its example; classes, or a curve."""

    code: str
    name: str
    example: str
    classes: bool = False


def of(variant: Variant) -> Board:
    """The board of a drawn data set."""
    return Board("pts", variant.name, variant.example, variant.task == "classification")


def board(controls: Controls[Any], own: Board, height: int = 270) -> None:
    """The points as the link has them; what is done to them goes into the link."""
    if own.name in (left := st.session_state.get(LEFT, {})):
        controls.write(own.code, left.pop(own.name))  # the set was left and is chosen again
    now = points.read(text := _text(controls, own))
    change = partial(_change, controls, own)
    with st.container(horizontal=True, key="drawing_tools"):
        mode = _pick("mode", {mode: t(f"drawing.mode.{mode}") for mode in MODES})
        cls = 0
        if own.classes and mode == "draw":
            cls = int(_pick("cls", {str(k): f"{MARKS[k]} {k}" for k in range(CLASSES)}))
    picture = drawn(text, own.classes, language())
    color = theme.of_class(cls).color if own.classes else theme.TRAIN.color

    def stroke(made: plot.Stroke) -> None:
        before = points.read(_text(controls, own))
        change([*before, *((*_inside(p), cls) for p in made.points)][:MOST] if mode == "draw"
               else [p for p in before if not _rubbed(p, made.points)])  # fmt: skip

    def drag(moved: plot.Drag) -> None:
        if moved.done:
            which = [i for i, p in enumerate(now) if not own.classes or p[2] == moved.trace][moved.point]
            change([*now[:which], (*_inside((moved.x, moved.y)), now[which][2]), *now[which + 1 :]])

    pens = {"draw": plot.Pen(0, color), "erase": plot.Pen(0, theme.GRAY, space=8.0)}
    handles = [plot.Handle(0, k) for k in range(len(picture.data))] if mode == "move" else []
    plot.show(picture, key="drawing", alt=t("drawing.alt"), height=height, handles=handles, on_drag=drag,
              pen=pens.get(mode), on_stroke=stroke)  # fmt: skip
    _below(controls, own, now, change)


def _pick(what: str, names: dict[str, str]) -> str:
    """One of a few, kept in the session: how one draws is nobody else's business."""
    key = f"drawing.{what}"
    kept = st.session_state.setdefault(f"_{key}", next(iter(names)))
    chosen = st.segmented_control(
        t(f"drawing.{what}_label"), list(names), default=kept, format_func=names.__getitem__, key=key,
        required=True, label_visibility="collapsed",
    )  # fmt: skip
    st.session_state[f"_{key}"] = chosen or kept
    return str(chosen or kept)


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(text: str, classes: bool, language: str) -> go.Figure:
    return figures.board(points.read(text), classes, t)


def _below(controls: Controls[Any], own: Board, now: Sequence[Point], change: Any) -> None:
    """Undo, an empty board, how many points there are, and all of them as lines."""
    before = st.session_state.get(BEFORE, {}).get(own.name, [])

    def undo() -> None:
        controls.write(own.code, before.pop() if before else points.write(now[:-1]))

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(t("drawing.undo"), key="drawing.undo", on_click=undo, disabled=not (before or now))
        st.button(t("drawing.clear"), key="drawing.clear", on_click=change, args=([],), disabled=not now)
    st.caption(t("drawing.full" if len(now) >= MOST else "drawing.count", count=len(now), most=MOST))
    with st.expander(t("drawing.lines")):
        _lines(own, now, change)


def _lines(own: Board, now: Sequence[Point], change: Any) -> None:
    """The points as text."""
    listed = points.listed(now, own.classes)
    told = t("drawing.lines_plane" if own.classes else "drawing.lines_curve", low=-REACH, high=REACH)
    read = partial(points.typed, classes=own.classes)
    typed.lines("drawing.text", t("drawing.lines"), told, listed, read, change, height=160)


def _text(controls: Controls[Any], own: Board) -> str:
    """The drawing as it stands; nothing in the link means the example."""
    return controls.state.get(own.code) or own.example


def _change(controls: Controls[Any], own: Board, now: Sequence[Point]) -> None:
    """From a callback: other points, and the way back."""
    st.session_state.setdefault(BEFORE, {}).setdefault(own.name, []).append(_text(controls, own))
    controls.write(own.code, points.write(now))


def leave(controls: Controls[Any], before: DataSpec) -> None:
    """From a callback: another set is chosen. The drawing comes back with its own."""
    controls.state.pop("pts", None)
    if before.points:
        st.session_state.setdefault(LEFT, {})[before.name] = before.points


def _inside(place: tuple[float, float]) -> tuple[float, float]:
    """To hundredths, which is finer than a hand, and on the plane."""
    x, y = (round(min(max(v, -REACH), REACH), 2) + 0.0 for v in place)
    return x, y


def _rubbed(point: Point, way: Sequence[tuple[float, float]]) -> bool:
    return any(math.hypot(point[0] - x, point[1] - y) < RUBBER for x, y in way)
