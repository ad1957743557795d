"""What a phone chooses with: large controls, one column, nothing that needs a mouse."""

from __future__ import annotations

import random
from functools import cache
from hashlib import sha256
from typing import Any

import streamlit as st

from mlcore.classes import starts, trainings
from mlcore.classes.kinds import Activity
from mlcore.classes.methods import EscapeActivity, EscapeAnswer
from mlcore.classes.own_sets import SetsActivity, SetsAnswer
from mlcore.classes.starts import StartActivity, StartAnswer
from mlcore.classes.trainings import TrainingActivity, TrainingAnswer
from mlcore.escapes.escape_methods import METHODS
from mlcore.figures import classes as figures
from mlcore.lessons.question import Question
from pages.rooms.classroom.pictures import ground
from pages.ui import plot, predict
from pages.ui.sources import narrow
from pages.ui.text import number, t, title

WIDTHS = (1, 2, 4, 8, 16, 32, 64)
MANTISSAS = (1, 1.3, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8)
SEEDS = 10_000


def chance(me: str, task: int) -> random.Random:
    """What a phone begins with: a place of its own in the class, the same after a reload."""
    return random.Random(int.from_bytes(sha256(f"{me} {task}".encode()).digest()[:8], "big"))


def choose(activity: Activity, me: str, task: int) -> Any:
    """The answer as the controls stand."""
    luck, name = chance(me, task), f"_choose_{task}"
    seed = luck.randrange(SEEDS)
    match activity:
        case Question():
            return predict.draft(activity, name)
        case TrainingActivity():
            base = activity.base
            lr = rate(name, trainings.span(activity), luck) if activity.rate else base.lr
            width = widths(name, luck) if activity.width else trainings.WIDTH.default
            if activity.luck:
                seed = another(name, seed, t("classroom.luck"), t("classroom.another_luck"))
            return TrainingAnswer(lr, int(width), seed if activity.luck else base.seed)
        case StartActivity():
            x, y = place(name, activity, luck) if activity.place else (activity.base.x, activity.base.y)
            own = activity.base.rules[0].lr
            return StartAnswer(x, y, rate(name, starts.span(activity), luck) if activity.rate else own)
        case EscapeActivity():
            return EscapeAnswer(method(name, activity, luck), seed)
        case SetsActivity():
            return SetsAnswer(another(name, seed, t("classroom.own_set"), t("classroom.another_set")))
    raise TypeError(f"nothing is chosen of {type(activity).__name__}")


@cache
def rates(low: float, high: float) -> tuple[float, ...]:
    """Ten learning rates a decade."""
    grid = (float(f"{m}e{e}") for e in range(-8, 3) for m in MANTISSAS)
    return tuple(v for v in grid if low <= v <= high)


def rate(name: str, span: tuple[float, float], luck: random.Random) -> float:
    """A learning rate; each phone begins at one of its own."""
    options = rates(*span)
    return float(
        st.select_slider(
            t("classroom.rate"), options, value=luck.choice(options), key=f"{name}_lr",
            format_func=lambda v: f"{v:.4g}",
        )
    )  # fmt: skip


def widths(name: str, luck: random.Random) -> int:
    return int(
        st.segmented_control(
            t("classroom.width"), WIDTHS, default=luck.choice(WIDTHS), key=f"{name}_width", required=True,
            width="stretch",
        )
    )  # fmt: skip


def another(name: str, seed: int, label: str, button: str) -> int:
    """A seed, and a button for another."""
    key = f"{name}_seed"
    st.session_state.setdefault(key, seed)

    def draw() -> None:
        st.session_state[key] = random.randrange(SEEDS)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{label}: **{st.session_state[key]}**")
        st.button(button, key=f"{key}_more", on_click=draw)
    return int(st.session_state[key])


def method(name: str, activity: EscapeActivity, luck: random.Random) -> str:
    """One of the ways out, each with its formula."""
    names = list(activity.methods)
    chosen = st.radio(
        t("classroom.method"), names, index=luck.randrange(len(names)), key=f"{name}_method",
        format_func=lambda one: str(title(METHODS[one], "method")),
    )  # fmt: skip
    st.latex(narrow(METHODS[chosen].formula))
    return str(chosen)


def place(name: str, activity: StartActivity, luck: random.Random) -> tuple[float, float]:
    """A start, by a touch on the surface or by its coordinates."""
    left, right, low, high = starts.box(activity)
    sides = {"x": (left, right), "y": (low, high)}
    keys = {axis: f"{name}_{axis}" for axis in sides}
    for axis, (a, b) in sides.items():
        st.session_state.setdefault(keys[axis], round(luck.uniform(a, b), 2))

    def touch(click: plot.Click) -> None:
        for axis, (a, b) in sides.items():
            st.session_state[keys[axis]] = round(min(max(getattr(click, axis), a), b), 2)

    x, y = (float(st.session_state[key]) for key in keys.values())
    st.caption(t("classroom.touch"))
    plot.show(
        figures.touch(activity, ground(activity), x, y, t), key=f"{name}_place", height=330, on_click=touch,
        alt=t("classroom.alt.touch", x=number(x), y=number(y)),
    )  # fmt: skip
    with st.container(horizontal=True):
        for axis, (a, b) in sides.items():
            st.number_input(axis, a, b, step=0.01, key=keys[axis], width=140)
    return x, y
