"""What the views of this room share: the spec behind the link, the points, the worlds that are ready."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.grids import Grid
from mlcore.base.registry import Knob
from mlcore.families.datasets import DATASETS
from mlcore.tasks.clusters import STARTS
from mlcore.tasks.flat import NAMES, Flat, flat
from mlcore.tasks.learners import RULES, WATCHED, LearnSpec
from mlcore.tasks.worlds import PRESETS
from mlcore.training.data import DataSpec
from pages.ui import components
from pages.ui.controls import Controls
from pages.ui.text import Text, percent, t, title
from pages.ui.text.problems import REFUSALS, refusal

VIEWS = ("three", "clusters", "world", "learning")
PLANS = ("iterate", "evaluate")
OTHER = "_problem_types_other"  # in the session: a data set that has no place here
EPISODES = tuple(map(str, WATCHED))


@dataclass(frozen=True)
class RoomSpec:
    """Everything that this room can be set to. The world is the same in both of its views."""

    view: str = specs.choice("three", VIEWS, "view")
    data: DataSpec = specs.part(DataSpec)  # `three` and `clusters`
    clusters: int = specs.number(Knob(4, 1, 8, symbol="k", integer=True), "tk")
    start: str = specs.choice("points", STARTS, "tstart")
    draw: int = specs.number(Knob(0, 0, 9000, integer=True), "tdraw")
    starts: int = specs.number(Knob(200, 20, 300, symbol="R", log=True, integer=True), "tstarts")
    plan: str = specs.choice("iterate", PLANS, "tplan")  # `world`
    learn: LearnSpec = specs.part(LearnSpec)  # its world is that of `world`, too
    rule: str = specs.choice("q", RULES, "trule")  # who is watched
    agent: int = specs.number(Knob(0, 0, 299, integer=True), "tagent")
    episode: str = specs.choice("100", EPISODES, "twatch")

    def __post_init__(self) -> None:
        specs.check(self)


Form = Controls[RoomSpec]


def data(controls: Form) -> None:
    """Which points: classes in a plane, or in more dimensions, seen along two of them."""
    now = controls.current().data
    if now.name not in NAMES:  # chosen in another room
        st.session_state[OTHER] = now.name
        for code in specs.to_query(now):
            controls.state.pop(code, None)
        now = controls.current().data
    controls.choice("data", "dataset", NAMES, on_change=partial(components.forget, controls, now))
    components.brought(controls)
    now = controls.current().data
    components.examples(controls, now)
    controls.knobs("data")
    if "drawn" not in DATASETS[now.name].facts:
        controls.number("dseed")


def points(spec: RoomSpec) -> Flat | None:
    """The points of the data; nothing, after a sentence, where there are none."""
    if name := st.session_state.pop(OTHER, ""):
        st.info(t("problem_types.other_data", name=title(DATASETS[name], "dataset")))
    try:
        found = _flat(specs.key(spec.data), spec.data)
    except REFUSALS as error:
        st.error(refusal(error))
        return None
    if found.features > 2:
        share = percent(found.explained)
        st.caption(t("problem_types.flattened", features=found.features, share=share))
    if found.left_out:
        st.caption(t("problem_types.left_out", count=len(found.x)))
    return found


@st.cache_resource(max_entries=32, show_spinner=False)
def _flat(key: str, _spec: DataSpec) -> Flat:
    return flat(_spec)


def worlds(controls: Form) -> None:
    """Worlds to begin with, and what holds in all of them."""

    def choose() -> None:
        if name := st.session_state["_world"]:
            controls.write("tworld", PRESETS[name])
            if name == "cliff":
                controls.put("tgamma", 0.99)
        st.session_state["_world"] = None

    st.selectbox(
        t("problem_types.presets"), list(PRESETS), index=None, key="_world", on_change=choose,
        placeholder=t("training.preset_none"), format_func=lambda name: t(f"problem_types.preset.{name}"),
    )  # fmt: skip
    for code in ("tgamma", "tslip", "tpit"):
        controls.number(code)


def height(rows: Grid) -> int:
    """Of the picture of a world, in pixels."""
    return min(560, max(330, 62 * len(rows) + 90))


def rule_name(rule: str) -> Text:
    return t(f"problem_types.rule.{rule}")
