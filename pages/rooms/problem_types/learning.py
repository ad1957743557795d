"""Agents learn in a world that they do not know: hundreds of seeds, three rules, and one of them watched."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.figures import worlds as figures
from mlcore.tasks import learners as core
from mlcore.tasks import planning
from mlcore.tasks.learners import RULES, SHOWN, WATCHED, Learned, LearnSpec
from pages.rooms.problem_types import room
from pages.rooms.problem_types.room import Form, RoomSpec, rule_name
from pages.ui import plot, waiting
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, percent, t

SLOT = "problem_types"
LATE = 100  # episodes at the end that sentences speak of


def _settings(controls: Form) -> None:
    room.worlds(controls)
    for code in ("talpha", "teps", "tpi", "tepi", "tr", "tseed"):
        controls.number(code)
    controls.flag("tany")


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.learn
    draw = partial(_pictures, own)
    view = waiting.follow(own, SLOT, _running, show=draw)
    if not view.state.final or not view.parts:
        return
    draw(view.parts)
    st.markdown(told(own, view.parts))
    st.markdown(f"#### {t('problem_types.learning.watch')}")
    rules = {one.rule: rule_name(one.rule) for one in view.parts}
    controls.select("trule", rules, st.pills, required=True)
    seen = {str(e): str(e) for e in WATCHED if e <= own.episodes}
    if controls.current().episode not in seen:  # the last one that there was
        controls.state["twatch"] = list(seen)[-1]
    controls.select("twatch", seen, st.pills, required=True)
    controls.number("tagent", Knob(0, 0, own.agents - 1, integer=True), owner=str(own.agents))
    chosen = controls.current()
    _walk(chosen, next(one for one in view.parts if one.rule == chosen.rule))


def _running(views: waiting.Views) -> Text:
    done, share = len(views[0].parts), waiting.percent(views)
    return t("problem_types.learning.running", done=done, of=len(RULES), percent=share)


def _pictures(own: LearnSpec, parts: Sequence[Learned]) -> None:
    curves, optimal = drawn(f"{specs.key(own)}/{len(parts)}", language(), parts)
    alts = [t("problem_types.alt.curves"), t("problem_types.alt.optimal")]
    plot.show([curves, optimal], key="learners", alt=alts, height=400, columns=2)
    st.caption(t("problem_types.learning.lines", smooth=figures.SMOOTH))


def told(own: LearnSpec, parts: Sequence[Learned]) -> Text:
    """A line for each rule, and what the best policy would earn."""
    place = own.world
    lines = []
    for one in parts:
        late = slice(-min(LATE, own.episodes), None)
        low, high = one.from_start.interval
        values = {
            "reward": number(float(one.reward[:, late].mean())),
            "falls": number(float(one.falls[:, late].mean()), 2),
            "length": number(float(one.length[:, late].mean())),
            "share": percent(one.from_start.value), "low": percent(low), "high": percent(high),
            "every": percent(one.everywhere.value),
        }  # fmt: skip
        lines.append("- " + t("problem_types.learning.rule", name=rule_name(one.rule), **values))
    head = t("problem_types.learning.late", late=min(LATE, own.episodes), agents=own.agents)
    best = planning.sweep(place, own.discount, True)
    way = planning.path(place, planning.greedy(best.gains))
    steps = len(way) - 1
    tail = t("problem_types.learning.best", steps=steps) if place.end[way[-1]] and not own.slip else Text("")
    return Text("\n".join([head, "", *lines, "", tail]))


def _walk(spec: RoomSpec, found: Learned) -> None:
    agent = min(spec.agent, len(found.reward) - 1)
    episode = int(spec.episode)
    picture, frames = walked(specs.key(spec.learn), found.rule, agent, episode, language(), spec.learn, found)
    alt, rows = [t("problem_types.alt.walk")], spec.learn.world.rows
    size: dict[str, Any] = {"height": room.height(rows), "least": figures.least(len(rows[0]))}
    plot.play([picture], frames, key="walk", alt=alt, labels=play_labels(), **size)
    at = (agent, episode - 1)
    reward, steps, falls = number(float(found.reward[at])), int(found.length[at]), int(found.falls[at])
    values = {"seed": spec.learn.seed + agent, "episode": episode, "reward": reward, "steps": steps}
    st.markdown(t("problem_types.learning.walked", falls=falls, **values))
    if steps >= SHOWN:
        st.caption(t("problem_types.learning.cut", shown=SHOWN - 1))


@st.cache_resource(max_entries=48, show_spinner=False)
def drawn(key: str, language: str, _parts: Sequence[Learned]) -> tuple[go.Figure, go.Figure]:
    names = [str(rule_name(one.rule)) for one in _parts]
    return figures.curves(_parts, names, t), figures.optimal(_parts, names, t)


@st.cache_resource(max_entries=48, show_spinner=False)
def walked(
    key: str, rule: str, agent: int, episode: int, language: str, _spec: LearnSpec, _found: Learned
) -> tuple[go.Figure, plot.Frames]:
    place = _spec.world
    way = _found.way[agent, WATCHED.index(episode)].astype(np.int64)
    way = way[way >= 0]
    at = place.cell[way].astype(np.float32)
    updates = []
    for axis, name in ((1, "x"), (0, "y")):
        updates.append(plot.Update(0, figures.AGENT, name, at[:, axis : axis + 1]))
        updates.append(plot.Update(0, figures.WAY, name, at[:, axis], grow=True))
    readout: dict[str, list[str]] = {
        t("problem_types.learning.cell"): [f"{i + 1}, {j + 1}" for i, j in place.cell[way].tolist()]
    }
    picture = figures.walk(place, _found.policy[agent].astype(np.int64), way, t)
    return picture, plot.Frames(range(len(way)), updates, [], readout, start=0)


LEARNING = Section(_settings, _show, (core.by_values, core.by_policy, core.choose))
