"""The sidebar of this room: the plane, and the training that it goes through."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from mlcore.landscapes.curvature import EDGE
from mlcore.landscapes.landscape import LandscapeSpec
from mlcore.landscapes.planes import RANDOM
from mlcore.training.tasks import TrainSpec
from pages.rooms.landscape.room import Form
from pages.ui import components
from pages.ui.text import t

OWN = {"moons": LandscapeSpec().train, "edge": EDGE}  # presets that are not those of the training room


def settings(controls: Form) -> None:
    with st.container(border=True):
        picture(controls)
    components.presets(partial(take, controls), OWN, edge=t("landscape.edge"))
    components.components(controls, optimizer)


def picture(controls: Form) -> None:
    """What is drawn, and where."""
    view = controls.current().view
    if view == "curvature":
        controls.number("eig")
        controls.number("looks")
        controls.flag("log")
        return
    if view == "line":
        controls.number("pairs")
    else:
        controls.choice("plane", "plane")
        if controls.current().landscape.plane in RANDOM:
            controls.number("pseed")
    kinds = [name for name in ("cost", "score", "gradient") if view != "line" or name != "gradient"]
    controls.choice("what", "quantity", kinds)
    controls.choice("over", "part")
    if controls.current().landscape.what != "score":
        controls.flag("log")
    if view != "line":
        components.folded("window", partial(window, controls))


def window(controls: Form) -> None:
    """Where one looks, in numbers."""
    controls.number("res")
    controls.number("zoom")
    controls.number("ma", typed=0.1)
    controls.number("mb", typed=0.1)
    st.caption(t("landscape.window"))


def take(controls: Form, train: TrainSpec) -> None:
    """Another training, seen whole."""
    room = controls.current()
    here = replace(room.landscape, train=train, zoom=1.0, middle_a=0.0, middle_b=0.0)
    controls.load(replace(room, landscape=here))


def optimizer(controls: Form) -> None:
    controls.choice("opt", "optimizer")
    controls.number("lr")
    controls.number("steps")
    controls.number("seed")

    def more() -> None:
        controls.knobs("opt")
        controls.choice("sched", "schedule")
        controls.knobs("sched")
        controls.number("b")

    components.folded("optimizer", more)
