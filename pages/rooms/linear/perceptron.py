"""Rosenblatt's rule, mistake by mistake, against Novikoff's bound."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.depth import linear_data, margins
from mlcore.depth import perceptron as core
from mlcore.depth.linear_data import PLANES, TWO, Plane
from mlcore.depth.margins import Margin
from mlcore.depth.perceptron import Mistakes
from mlcore.figures import classifiers as figures
from mlcore.training.data import DataSpec
from pages.rooms.linear import room
from pages.rooms.linear.logistic import titles
from pages.rooms.linear.room import Form, RoomSpec
from pages.ui import moving, plot
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import language, number, t, tiny

MOST_SHOWN = 300  # mistakes under the player
RULE = r"s_i \, \mathbf{w}^\top \mathbf{z}_i \le 0: \quad \mathbf{w} \leftarrow \mathbf{w} + s_i \mathbf{z}_i"
PROOF = (
    r"\begin{gathered} k \gamma \le \mathbf{u}^\top \mathbf{w}_k \le |\mathbf{w}_k| \le \sqrt{k} R"
    r" \\ \Rightarrow \; k \le R^2 / \gamma^2 \end{gathered}"
)


def _settings(controls: Form) -> None:
    room.source(controls, "lcls", TWO, "linear.sides", PLANES, ())
    controls.flag("lscale")
    controls.number("lseed")
    controls.number("lpass")


def _show(spec: RoomSpec, controls: Form) -> None:
    spec, data = room.classes(spec, PLANES[0], read)
    found, gap = learned(specs.key(spec.data), spec.two, spec.scaled, spec.seed, spec.passes, spec.data)
    say = st.success if found.stopped else st.warning
    if found.stopped:
        say(t("linear.perceptron.stopped", mistakes=found.count, passes=found.passes))
    elif gap.separable and found.count == core.MOST:
        say(t("linear.perceptron.given_up", mistakes=found.count, bound=number(gap.bound, 3)))
    elif gap.separable:
        say(t("linear.perceptron.not_yet", mistakes=found.count, passes=found.passes))
    else:
        say(t("linear.perceptron.never", mistakes=found.count, passes=found.passes))
    pictures, frames = scene(specs.key(spec), language(), spec, data, found, gap)
    alts = [t("linear.alt.rule"), t(f"linear.alt.{'novikoff' if gap.separable else 'looks'}")]
    plot.play(pictures, frames, key="perceptron", alt=alts, labels=play_labels(), height=480, columns=2)
    if found.count > MOST_SHOWN:
        st.caption(t("linear.perceptron.shown", shown=MOST_SHOWN, mistakes=found.count))
    left, right = st.columns(2)
    with left:
        st.latex(RULE)
        st.caption(t("linear.perceptron.signs"))
    with right:
        if gap.separable:
            st.latex(PROOF)
            st.markdown(
                t("linear.perceptron.bound", mistakes=found.count, bound=number(gap.bound, 6),
                  radius=number(gap.radius, 5), gamma=number(gap.gamma, 5))
            )  # fmt: skip
            st.caption(t("linear.perceptron.exact", gap=tiny(gap.gap)))
        else:
            st.latex(r"|\mathbf{w}_k| \le \sqrt{k} R")
            st.markdown(t("linear.perceptron.no_bound", hull=tiny(gap.most / gap.radius)))


def read(spec: RoomSpec) -> Plane:
    return linear_data.sides(spec.two, spec.data, spec.scaled)


@st.cache_resource(max_entries=48, show_spinner=False)
def learned(
    key: str, source: str, scaled: bool, seed: int, passes: int, _data: DataSpec
) -> tuple[Mistakes, Margin]:
    z = linear_data.sides(source, _data, scaled).signed
    return core.learn(z, core.shuffled(len(z), seed), passes), margins.margin(z)


@st.cache_resource(max_entries=48, show_spinner=False)
def scene(
    key: str, language: str, _spec: RoomSpec, _data: Plane, _found: Mistakes, _gap: Margin
) -> tuple[list[go.Figure], plot.Frames]:
    """A moment after every mistake, with the next one in a ring."""
    shown = min(_found.count, MOST_SHOWN)
    rule = figures.rule(_data, _found, titles(_data, _spec.scaled), shown, t)
    counted = figures.novikoff(_found, _gap, t) if _gap.separable else figures.over_looks(_found, t)
    updates = moving.points(figures.RULE_LINE, figures.rule_lines(_data, _found, shown))
    updates += moving.points(figures.LIT, figures.lit(_data, _found, shown)[:, None])
    when = [0, *(int(look) + 1 for look in _found.look[:shown])]
    readout: dict[str, list[str]] = {
        str(t("linear.perceptron.mistakes")): [str(k) for k in range(shown + 1)],
        str(t("figure.looks")): [str(look) for look in when],
        "|w|": [number(v, 4) for v in _found.length[: shown + 1]],
    }  # fmt: skip
    for i, name in enumerate(("w₁", "w₂", "b")):
        readout[name] = [number(v, 4) for v in _found.theta[: shown + 1, i]]
    steps = range(shown + 1) if _gap.separable else when
    return [rule, counted], plot.Frames(steps, updates, [1], readout)


PERCEPTRON = Section(_settings, _show, (core.learn, margins.margin))
