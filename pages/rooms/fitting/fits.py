"""The members of the chosen complexity; and an underfit, a fit and an overfit side by side."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from mlcore.complexity.fit_verdict import FitKind, diagnose, examples
from mlcore.figures import fitting as figures
from mlcore.figures.panel import panel
from pages.rooms.fitting.room import Form, RoomSpec, Seen, valued
from pages.ui import plot
from pages.ui.text import language, number, t


def show(spec: RoomSpec, controls: Form, seen: Seen) -> None:
    kind = kind_of(seen)
    plot.show(
        drawn(seen.key, seen.at, language(), seen), key="fits", alt=t(f"fitting.alt.{kind}"), height=460
    )
    st.caption(t(f"fitting.marks.{kind}"))


def kind_of(seen: Seen) -> str:
    """What the members are drawn as."""
    return "line" if seen.drawing.spec.line else "plane" if seen.fit.plane else "costs"


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(key: str, at: int, language: str, _seen: Seen, beside: tuple[int, ...] = ()) -> go.Figure:
    fits = _seen.ensemble.fits
    return figures.picture(fits[at], _seen.drawing, _seen.ensemble.loss, t, [fits[i] for i in beside])


def side_by_side(spec: RoomSpec, controls: Form, seen: Seen) -> None:
    """A typical complexity of each verdict, on the same training sets."""
    typical = examples(seen.ensemble)
    pictures, alt = [], []
    for kind in (kind for kind in FitKind if kind in typical):
        at = typical[kind]
        found = diagnose(seen.ensemble, at)
        name = f"{t(f'fitting.kind.{kind}')}: {valued(seen.spec.family, found.complexity)}"
        costs = t("fitting.panel_costs", train=number(found.train_cost), test=number(found.error))
        pictures.append(panel(drawn(seen.key, at, language(), seen, tuple(typical.values())), name, costs))
        alt.append(f"{name}. {costs}")
    plot.show(pictures, key="side", alt=alt, height=380, columns=len(pictures))
    st.caption(t(f"fitting.marks.{kind_of(seen)}"))
    for kind in (FitKind.UNDERFITS, FitKind.OVERFITS):
        if kind not in typical:
            st.caption(t(f"fitting.none.{kind}"))
