"""One rule, or two, from every point of a grid: which minimum each start leads to, and how soon."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.registry import Knob
from mlcore.descents import basin_maps as core
from mlcore.descents import basins
from mlcore.descents.basin_maps import Basins, MapSpec
from mlcore.descents.basins import Fate
from mlcore.descents.paths import PathSpec, RuleSpec, usual_rate
from mlcore.families.surfaces import SURFACES
from mlcore.figures import basin_maps as figures
from mlcore.figures.panel import panel
from pages.rooms.race.room import Form, RoomSpec, called
from pages.ui import plot, waiting
from pages.ui.sections import Section
from pages.ui.surfaces import walked
from pages.ui.text import Text, language, percent, t

SLOT = "basins"


def _settings(controls: Form) -> None:
    with st.container(border=True):
        _surface(controls)
    for i in (1, 2):
        with st.container(border=True):
            _rule(controls, i)
    with st.container(border=True):
        controls.number("walk")
        controls.number("side")
        _start(controls)
        st.caption(t("race.starts.click"))


def _surface(controls: Form) -> None:
    """Another surface comes with rates and a start of its own."""
    before = controls.current().maps.surface
    controls.choice("land", "surface")
    now = controls.current().maps
    if now.surface != before:
        for i, rule in enumerate(now.rules, 1):
            controls.put(f"pair{i}.lr", _usual(now, rule.optimizer))
        x, y = SURFACES[now.surface].start
        controls.put("x", x)
        controls.put("y", y)
    controls.knobs("land")


def _start(controls: Form) -> None:
    """Within the picture."""
    left, right, low, high = SURFACES[controls.current().maps.surface].box
    for column, code, ends in zip(st.columns(2), "xy", ((left, right), (low, high)), strict=True):
        with column:
            controls.number(code, Knob(sum(ends) / 2, *ends, symbol=f"{code}_0"), typed=0.1)


def _rule(controls: Form, i: int) -> None:
    code, now = f"pair{i}", controls.current().maps
    if len(now.rules) < i:
        return
    controls.choice(f"{code}.opt", "optimizer")
    chosen = controls.current().maps.rules[i - 1].optimizer
    if chosen != now.rules[i - 1].optimizer:
        controls.put(f"{code}.lr", _usual(now, chosen))
    controls.number(f"{code}.lr")
    with st.expander(t("training.more")):
        controls.knobs(f"{code}.opt")


def _usual(spec: MapSpec, optimizer: str) -> float:
    return usual_rate(PathSpec(spec.surface, spec.surface_knobs), optimizer)


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.maps
    found: tuple[Basins, ...] | None = waiting.follow(own, SLOT).result
    if found is None:
        return

    def place(click: plot.Click) -> None:
        controls.put("x", round(click.x, 3))
        controls.put("y", round(click.y, 3))

    shown = drawn(specs.key(own), language(), spec.x, spec.y, own, found)
    alt = [t("race.alt.basins", name=_named(rule)) for rule in own.rules]
    plot.show(shown, key="basins", alt=alt, height=490, columns=2, on_click=place)
    if len(found) == 2:
        st.markdown(told(own, found))
    st.dataframe(table(own, found), hide_index=True)
    st.caption(t("race.starts.legend", side=own.side, starts=own.side**2, near=percent(basins.NEAR)))


def _named(rule: RuleSpec) -> Text:
    return Text(f"{called(rule.optimizer)}, η = {rule.lr:g}")


def told(spec: MapSpec, found: tuple[Basins, ...]) -> Text:
    """From how many starts two rules end differently, and from how many each reaches a global minimum."""
    shares = [float((one.ends.which >= 0).mean()) for one in found]
    names = [_named(one.rule) for one in found]
    values = {"first": names[0], "second": names[1], "differ": percent(core.differ(*found))}
    one, other = (percent(share) for share in shares)
    return t("race.starts.differ", **values, one=one, other=other)


def table(spec: MapSpec, found: tuple[Basins, ...]) -> pd.DataFrame:
    """Where all starts went, as shares of the grid."""
    minima = SURFACES[spec.surface].minima
    columns: dict[str, list[str]] = {t("race.column.rule"): [_named(one.rule) for one in found]}
    for k, (x, y) in enumerate(minima):
        place = f"→ ({x:.3g}, {y:.3g})".replace("-", "−")
        columns[place] = [percent(float((one.ends.which == k).mean())) for one in found]
    for fate in (Fate.CAUGHT, Fate.HELD, Fate.UNDERWAY, Fate.DIVERGED):
        columns[t(f"race.fate.{fate.name}")] = [percent(one.ends.count(fate) / len(one.gap)) for one in found]
    return pd.DataFrame(columns)


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn(
    key: str, language: str, x: float, y: float, _spec: MapSpec, _found: tuple[Basins, ...]
) -> list[go.Figure]:
    pictures = []
    for one in _found:
        way = PathSpec(_spec.surface, _spec.surface_knobs, x, y, (one.rule,), steps=_spec.budget)
        (path,) = walked(way)
        pictures.append(panel(figures.basins(_spec, one, path, say=t), _named(one.rule)))
    return pictures


STARTS = Section(_settings, _show, (core.maps, basins.reached, basins.ends))
