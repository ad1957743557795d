"""Networks that see depth in shading, trained with and without the scale of the world in their loss."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.figures import shading as figures
from mlcore.tasks import rows
from mlcore.tasks import shading as core
from mlcore.tasks.shading import COSTS, TESTED, Glance, Seen, ShadingSpec
from pages.rooms.regression_tasks.room import Form, RoomSpec
from pages.ui import plot, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, t

SLOT = "shading"
COLUMNS = ("rmse", "log_rmse", "silog", "abs_rel")
LOSSES = (
    r"\begin{gathered} g_i = \ln \hat d_i - \ln d_i, \quad \bar g = \tfrac1n \textstyle\sum_i g_i"
    r" \\ \tfrac1n \textstyle\sum_i (\hat d_i - d_i)^2, \quad \tfrac1n \textstyle\sum_i g_i^2,"
    r" \\ \tfrac1n \textstyle\sum_i g_i^2 - \tfrac12 \bar g^2, \quad"
    r" \tfrac1n \textstyle\sum_i g_i^2 - \bar g^2"
    r" \end{gathered}"
)


def _settings(controls: Form) -> None:
    for code in ("oreliefs", "ospread", "oneurons", "opace", "ocount", "otimes", "ofirst"):
        controls.number(code)


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.shading
    view = waiting.follow(own, SLOT, show=partial(_learning, own))
    if not view.state.final or not view.parts:
        return
    _learning(own, view.parts)
    found: Seen | None = view.result
    if found is None:
        return
    st.markdown(told(own, found))
    st.dataframe(table(found), hide_index=True, height=38 + 35 * len(COSTS))
    values = {"tested": TESTED, "examples": own.examples, "size": own.network.size, "seeds": own.seeds}
    st.caption(t("regression_tasks.shading.measured", **values))
    st.latex(LOSSES)
    st.markdown(f"#### {t('regression_tasks.shading.answers')}")
    given, seen = drawn_answers(specs.key(own), language(), found)
    plot.show(given, key="given", alt=t("regression_tasks.alt.given"), height=210)
    plot.show(seen, key="seen", alt=t("regression_tasks.alt.seen"), height=520)


def _learning(own: ShadingSpec, parts: Sequence[Glance]) -> None:
    pictures = drawn(f"{specs.key(own)}/{len(parts)}", language(), own, parts)
    alts = [t("regression_tasks.alt.log_rmse"), t("regression_tasks.alt.silog")]
    plot.show(list(pictures), key="shading", alt=alts, height=380, columns=2)


def told(own: ShadingSpec, found: Seen) -> Text:
    """What the scale costs, and which loss sees the shape best."""
    names = list(COSTS)
    last = found.last
    squared, blind = (float(last.silog[names.index(name)].mean()) for name in ("mse", "silog"))
    wins = int((last.silog[names.index("silog")] < last.silog[names.index("mse")]).sum())
    if own.spread == 1:
        return t("regression_tasks.shading.known", mse=number(squared), silog=number(blind))
    least = float(last.log_rmse.min())
    values = {"mse": number(squared), "silog": number(blind), "wins": wins, "seeds": own.seeds}
    return t("regression_tasks.shading.told", least=number(least), floor=number(own.floor), **values)


def table(found: Seen) -> dict[str, list[str]]:
    """A row for each loss: means over the seeds."""
    columns = {t("regression_tasks.shading.loss"): [str(t(f"figure.trained_{name}")) for name in COSTS]}
    shown: dict[str, list[str]] = {str(name): column for name, column in columns.items()}
    for name in COLUMNS:
        values = getattr(found.last, name).mean(1)
        shown[t(f"regression_tasks.shading.column.{name}")] = [str(number(float(one))) for one in values]
    return shown


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    key: str, language: str, _own: ShadingSpec, _parts: Sequence[Glance]
) -> tuple[go.Figure, go.Figure]:
    return figures.learning(_parts, _own.updates, _own.floor, t)


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn_answers(key: str, language: str, _found: Seen) -> tuple[go.Figure, go.Figure]:
    return figures.images(_found, t), figures.answers(_found, t)


SHADING = Section(_settings, _show, (core.see, rows.trained, core.invariant, core.squared, core.reliefs))
