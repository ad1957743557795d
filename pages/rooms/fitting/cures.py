"""What now? Every cure that suits the verdict, tried, with what it leaves of the error."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.complexity.cure_trials import CureSpec, CureTrials, Outcome
from mlcore.complexity.cures import CURES, Candidate
from mlcore.complexity.families import FAMILIES
from mlcore.complexity.fit_verdict import FitKind
from mlcore.engine.engine import State
from mlcore.figures import fitting as figures
from pages.rooms.fitting.room import CURE, Form, RoomSpec, Seen, sign, valued
from pages.ui import plot, waiting
from pages.ui.text import Text, language, number, t, title

HELPS = 0.9  # of the error before: a cure leaves less


def show(spec: RoomSpec, controls: Form, seen: Seen) -> None:
    if not seen.whole:
        st.info(t("fitting.cures.wait"))
        return
    kind = seen.diagnosis.kind
    asked = CureSpec(spec.ensemble, seen.diagnosis.complexity, kind)
    view = waiting.follow(asked, CURE, _running)
    if view.result is None and len(view.parts) < 2:
        return
    found: CureTrials = view.result or CureTrials(asked, view.parts)
    st.markdown(t(f"fitting.cures.intro_{kind}"))
    picture(found)
    said(found)
    apply(controls, spec, found)
    with st.expander(t("fitting.cures.numbers")):
        table(found)
    if view.state is State.DONE and found.impossible:
        names = tuple(title(CURES[name], "cure") for name in found.impossible)
        st.caption(t("fitting.cures.impossible", names=Text(", ".join(names))))


def _running(views: waiting.Views) -> Text:
    return t("fitting.cures.running", done=len(views[0].parts))


def picture(found: CureTrials) -> None:
    rows = len(found.outcomes)
    key = f"{specs.key(found.spec)}/{rows}"
    plot.show(drawn(key, language(), found), key="cures", alt=t("fitting.alt.cures"), height=110 + 58 * rows)


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(key: str, language: str, _found: CureTrials) -> go.Figure:
    names = [t("fitting.cures.now"), *(named(_found, row) for row in _found.ranked)]
    return figures.cures(_found, names, t)


def named(found: CureTrials, row: Outcome) -> str:
    """A cure with what it changed: A simpler model: d = 4."""
    changed = change(found.before.model, row.model)
    name = title(CURES[row.name], "cure")
    return f"{name}: {changed}" if changed else name


def change(now: Candidate, then: Candidate) -> str:
    """The settings that differ."""
    before, after = now.ensemble, then.ensemble
    told = []
    if before.sets.size != after.sets.size:
        told.append(f"N = {after.sets.size}")
    moved = before.family != after.family
    if moved or now.complexity != then.complexity:
        told.append(valued(after.family, then.complexity))
    if not moved:
        for name, value in after.knobs:
            if value != dict(before.knobs)[name]:
                told.append(f"{sign(FAMILIES[after.family].knobs[name].symbol)} = {value:g}")
    return ", ".join(told)


def said(found: CureTrials) -> None:
    """What helps most, what does not help at all, and what harms."""
    before = found.before.error
    best = found.ranked[0]
    if best.error < HELPS * before:
        st.markdown(
            t("fitting.cures.best", name=Text(named(found, best)), before=number(before),
              after=number(best.error))
        )  # fmt: skip
    useless = [row for row in found.ranked if row.error >= HELPS * before]
    if useless and found.spec.against != FitKind.FITS:
        names = Text(", ".join(named(found, row) for row in useless))
        st.markdown(t(f"fitting.cures.useless_{found.spec.against}", names=names))


def apply(controls: Form, spec: RoomSpec, found: CureTrials) -> None:
    """A button for every cure that is a setting of the laboratory."""
    settable = [row for row in found.ranked if row.model.settable]
    if not settable:
        return
    st.markdown(f"**{t('fitting.cures.apply')}**")
    with st.container(horizontal=True):
        for row in settable:
            room = replace(spec, ensemble=row.model.ensemble, complexity=row.model.complexity)
            st.button(named(found, row), key=f"_cure_{row.name}", on_click=partial(controls.load, room))


def table(found: CureTrials) -> None:
    """All numbers, and how each cure works."""
    rows = [found.before, *found.ranked]
    columns = {
        t("fitting.cures.cure"): [t("fitting.cures.now"), *(named(found, row) for row in found.ranked)],
        t("fitting.number.test"): [number(row.error) for row in rows],
        t("fitting.number.variance"): [number(row.variance) for row in rows],
        t(
            "fitting.number.bias_squared"
            if not found.spec.ensemble.sets.real
            else "fitting.number.bias_and_noise"
        ): [number(row.bias_squared) for row in rows],
        t("fitting.number.train"): [number(row.train_cost) for row in rows],
    }
    st.dataframe(pd.DataFrame(columns), hide_index=True)
    for row in found.ranked:
        st.markdown(f"- **{title(CURES[row.name], 'cure')}** {t(f'fitting.how.{row.name}')}")
