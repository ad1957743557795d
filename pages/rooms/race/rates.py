"""Every rule at every rate from the same starts: the best rate of each, how forgiving it is, the race."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.descents import races as core
from mlcore.descents.races import Race, Standing
from mlcore.families.surfaces import SURFACES
from mlcore.figures import races as figures
from mlcore.training.descent import Walker
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
from pages.ui import plot, waiting
from pages.ui.frame import play_labels
from pages.ui.moving import points
from pages.ui.sections import Section
from pages.ui.surfaces import land
from pages.ui.text import Text, language, t, title

SLOT = "race"


def _settings(controls: Form) -> None:
    with st.container(border=True):
        controls.choice("surface", "surface")
        controls.knobs("surface")
    with st.container(border=True):
        choose_rules(controls)
        with st.expander(t("training.more")):
            knobs(controls)
    with st.container(border=True):
        controls.number("budget")
        controls.number("starts")
        controls.number("rates")
        controls.number("decades")
        controls.number("draw")


def _show(spec: RoomSpec, controls: Form) -> None:
    if not any_rule(spec):
        return
    found: Race | None = waiting.follow(spec.race, SLOT).result
    if found is not None:
        pictures(found)


def pictures(found: Race) -> None:
    spec, called = found.spec, names(found.spec.rules)
    ranked, told = core.order(found), core.standings(found)
    sweep, swarm, course, frames = drawn(specs.key(spec), language(), ranked[0], found)
    plot.show(sweep, key="sweep", alt=t("race.alt.sweep"), height=430)
    st.markdown("  \n".join(verdict(found, ranked, told, called)))
    beyond([called[e] for e in ranked if told[e].edge])
    st.dataframe(table([told[e] for e in ranked], [called[e] for e in ranked]), hide_index=True)
    half, rest = spec.tuning, spec.starts - spec.tuning
    st.caption(t("race.rates.protocol", half=half, rest=rest, budget=spec.budget, rates=spec.rates))
    st.markdown(t("race.rates.then"))
    alt = [t("race.alt.swarm"), t("race.alt.course")]
    plot.play([swarm, course], frames, key="race", alt=alt, labels=play_labels(), height=430, columns=2)


def verdict(
    found: Race, ranked: Sequence[int], told: Sequence[Standing], called: Sequence[str]
) -> list[Text]:
    """Who is ahead and how surely; who reaches the minimum most often; who forgives most."""
    first, surface = ranked[0], title(SURFACES[found.spec.surface], "surface")
    best = told[first]
    gap = size(best.gap[1])
    if best.gap[1] <= core.SOLVED:
        lines = [t("race.rates.solved", name=Text(called[first]), lr=size(best.rate), surface=surface,
                   steps=size(best.solved), solved=size(core.SOLVED))]  # fmt: skip
    else:
        lines = [t("race.rates.best", name=Text(called[first]), lr=size(best.rate), surface=surface, gap=gap)]
    if len(ranked) > 1:
        gap_, solved = found.shown(found.gap), found.shown(found.solved)
        pair, _ = core.ahead(gap_, solved, *ranked[:2])
        settled = order((called[first], called[ranked[1]]), pair, "starts")
        lines[0] = Text(f"{lines[0]} {settled}")
        wide = sorted(range(len(told)), key=lambda e: told[e].decades)
        ends = {"most": wide[-1], "least": wide[0]}
        step = found.spec.decades / (found.spec.rates - 1)
        words = {name: Text(called[e]) for name, e in ends.items()}
        words |= {f"{name}_decades": _decades(told[e], step) for name, e in ends.items()}
        words |= {f"{name}_gap": size(told[e].gap[1]) for name, e in ends.items()}
        lines.append(t("race.rates.forgiving", times=core.GOOD, **words))
    top = max(range(len(told)), key=lambda e: told[e].reached.hits)
    lines.append(t("race.rates.reached", name=Text(called[top]), share=of(told[top].reached)))
    return lines


def _decades(told: Standing, step: float) -> Text:
    """How many powers of ten the good rates span, as finely as the sweep tells."""
    if told.decades == 0:
        return Text(f"< {step:.2g}")
    return Text(f"{'≥ ' * any(told.open)}{told.decades:.2g}")


def table(told: Sequence[Standing], called: Sequence[str]) -> pd.DataFrame:
    def good(one: Standing) -> str:
        low, high = (size(end) for end in one.good)
        return f"{'≤ ' * one.open[0]}{low} – {'≥ ' * one.open[1]}{high}"

    columns = {
        "rule": called,
        "rate": [size(one.rate) + (" *" if one.edge else "") for one in told],
        "tuned": [size(one.tuned) for one in told],
        "gap": [size(one.gap[1]) for one in told],
        "half": [f"{size(one.gap[0])} – {size(one.gap[2])}" for one in told],
        "solved": [size(one.solved) if np.isfinite(one.solved) else "–" for one in told],
        "good": [good(one) for one in told],
        "reached": [of(one.reached) for one in told],
        "lost": [f"{one.lost.hits}/{one.lost.of}" for one in told],
    }
    if not any(np.isfinite(one.solved) for one in told):
        del columns["solved"]
    return pd.DataFrame({t(f"race.column.{name}"): values for name, values in columns.items()})


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn(
    key: str, language: str, first: int, _found: Race
) -> tuple[go.Figure, go.Figure, go.Figure, plot.Frames]:
    """Gap over rates; the rows on the surface and the gap on the way, played together."""
    spec, called = _found.spec, names(_found.spec.rules)
    top = 3 * float(core.quantile(_found.curve[0, 0], 0.5))
    shown = _found.gap[..., spec.tuning :]
    sweep = figures.sweep(
        _found.rate, shown, _found.best, spec.rules, called, t("figure.gap_end"), top, first, say=t
    )
    course = figures.course(_found.step, _found.curve, spec.rules, called, t("figure.gap"), top, first, say=t)
    below = land(spec.surface, spec.surface_knobs, SURFACES[spec.surface].box)
    swarm = figures.swarm(_found, below, called, say=t)
    updates = [update for e, track in enumerate(_found.track, 1) for update in points(e, track)]
    return sweep, swarm, course, plot.Frames(steps=_found.step.tolist(), updates=updates, cursors=[1])


RATES = Section(_settings, _show, (core.race, core.choose, core.rates, core.ahead, Walker))
