"""The same protocol on a network: every rule at every rate from the same weights, drawn rule by rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.descents import network_races as core
from mlcore.descents.network_races import NetworkRaceSpec, Tried
from mlcore.descents.races import quantile
from mlcore.figures import races as figures
from mlcore.figures.panel import legend
from mlcore.training.training import train
from pages.rooms.race.room import (
    Form,
    RoomSpec,
    any_rule,
    beyond,
    choose_rules,
    knobs,
    names,
    of,
    order,
    size,
)
from pages.ui import components, plot, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, language, t

SLOT = "network_race"


def _settings(controls: Form) -> None:
    with st.container(border=True):
        choose_rules(controls)
        with st.expander(t("training.more")):
            knobs(controls)
    with st.container(border=True):
        controls.number("nrates")
        controls.number("ndecades")
        controls.number("nseeds")
        controls.number("steps")
    components.components(controls)
    with st.container(border=True), st.expander(t("training.more")):
        controls.number("b")
        controls.choice("sched", "schedule")
        controls.knobs("sched")
        controls.number("seed")


def _show(spec: RoomSpec, controls: Form) -> None:
    if not any_rule(spec):
        return
    own = spec.network
    if not waiting.possible(*map(own.grid, own.rules)):
        return
    view = waiting.follow(own, SLOT, _running)
    if view.parts:
        pictures(own, view.parts, view.state.final)


def _running(views: waiting.Views) -> Text:
    return t("race.network.running", done=len(views[0].parts), percent=waiting.percent(views))


def pictures(spec: NetworkRaceSpec, parts: Sequence[Tried], done: bool) -> None:
    """What there is of the race; it is judged when nobody is still to come."""
    ranked, called = core.ranks(parts, spec.tuning), names([part.rule for part in parts])
    keys, *shown = drawn(f"{specs.key(spec)}/{len(parts)}", language(), ranked[0], spec, parts)
    alt = [t(f"race.alt.{name}") for name in ("train_rates", "test_rates", "train_course", "test_course")]
    rows = -(-len(keys.data) // 3)  # on a phone
    plot.show(keys, key="network_keys", alt=t("race.alt.keys", count=len(called)), height=20 * rows + 8)
    plot.show(shown[:2], key="network_rates", alt=alt[:2], height=420, columns=2)
    if done:
        st.markdown("  \n".join(verdict(spec, parts, ranked, called)))
        beyond([called[e] for e in ranked if parts[e].edge])
    plot.show(shown[2:], key="network_course", alt=alt[2:], height=380, columns=2)
    st.dataframe(table(spec, [parts[e] for e in ranked], [called[e] for e in ranked]), hide_index=True)
    rest = spec.seeds - spec.tuning
    st.caption(
        t("race.network.protocol", half=spec.tuning, rest=rest, steps=spec.train.steps, rates=spec.rates)
    )


def verdict(
    spec: NetworkRaceSpec, parts: Sequence[Tried], ranked: Sequence[int], called: Sequence[str]
) -> list[Text]:
    """Who learns the training set best, how surely, and whether the same rule has the least test cost."""
    first = parts[ranked[0]]
    at = {"lr": size(float(first.rate[first.best])), "name": Text(called[ranked[0]])}
    cost = size(_middle(first.train, first, spec.tuning))
    lines = [t("race.network.best", cost=cost, **at)]
    if len(ranked) > 1:
        pair = core.ahead(first, parts[ranked[1]], spec.tuning)
        settled = order((called[ranked[0]], called[ranked[1]]), pair, "seeds")
        lines[0] = Text(f"{lines[0]} {settled}")
        tests = [_middle(part.test, part, spec.tuning) for part in parts]
        least = int(np.argmin(tests))
        key = "same" if least == ranked[0] else "other"
        lines.append(t(f"race.network.test_{key}", name=Text(called[least]), cost=size(tests[least])))
    return lines


def _middle(values: np.ndarray[Any, Any], part: Tried, tuning: int) -> float:
    """The median at the chosen rate of the seeds that did not choose it."""
    return float(quantile(values[part.best, tuning:], 0.5))


def table(spec: NetworkRaceSpec, parts: Sequence[Tried], called: Sequence[str]) -> pd.DataFrame:
    def good(part: Tried) -> str:
        first, last = part.good
        low, high = (size(float(part.rate[k])) for k in part.good)
        return f"{'≤ ' * (first == 0)}{low} – {'≥ ' * (last == len(part.rate) - 1)}{high}"

    def half(part: Tried) -> str:
        rest = part.train[part.best, spec.tuning :]
        return " – ".join(size(float(quantile(rest, share))) for share in (0.25, 0.75))

    columns = {
        "rule": called,
        "rate": [size(float(part.rate[part.best])) + (" *" if part.edge else "") for part in parts],
        "train": [size(_middle(part.train, part, spec.tuning)) for part in parts],
        "half": [half(part) for part in parts],
        "test": [size(_middle(part.test, part, spec.tuning)) for part in parts],
        "good_cost": [good(part) for part in parts],
        "learned": [of(part.learned) for part in parts],
    }
    return pd.DataFrame({t(f"race.column.{name}"): values for name, values in columns.items()})


@st.cache_resource(max_entries=48, show_spinner=False)
def drawn(
    key: str, language: str, first: int, _spec: NetworkRaceSpec, _parts: Sequence[Tried]
) -> list[go.Figure]:
    rules = [part.rule for part in _parts]
    called, half, level = names(rules), _spec.tuning, _parts[0].chance
    rate, best = np.stack([part.rate for part in _parts]), np.array([part.best for part in _parts])
    found: list[go.Figure] = []
    sides = (("train", level.train_cost), ("test", level.test_cost))
    for side, chance in sides:
        values = np.stack([getattr(part, side)[:, half:] for part in _parts])
        title = t(f"race.axis.{side}")
        found.append(figures.sweep(rate, values, best, rules, called, title, 4 * chance, first, chance, t))
    for side, chance in sides:
        ways = np.stack([getattr(part, f"{side}_way") for part in _parts])
        title = t(f"race.axis.{side}_way")
        found.append(figures.course(_parts[0].step, ways, rules, called, title, 4 * chance, first, chance, t))
    keys = legend(found[0])
    return [keys, *(figure.update_layout(showlegend=False) for figure in found)]


NETWORK = Section(_settings, _show, (core.network_race, core.GridSpec, core.tried, train))
