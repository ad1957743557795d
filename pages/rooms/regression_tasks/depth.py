"""Depth maps that are right up to scale, shift or noise, and what four measures say of them."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.figures import depth_maps as figures
from mlcore.tasks import depth_maps as core
from mlcore.tasks.depth_maps import MAPS, MEASURES, Compared, MapSpec
from pages.rooms.regression_tasks.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, percent, t

KINDS = ("found", "best", "flat")
FORMULA = (
    r"\begin{gathered} g_i = \ln \hat d_i - \ln d_i"
    r" \\ \text{SILog}^2 = \frac1n \sum_i g_i^2 - \frac{1}{n^2} \Big( \sum_i g_i \Big)^2 \end{gathered}"
)
OTHERS = (
    r"\begin{gathered} \text{AbsRel} = \frac1n \sum_i \frac{|\hat d_i - d_i|}{d_i}"
    r" \\ \delta = \max\left(\frac{\hat d}{d}, \frac{d}{\hat d}\right) < 1.25 \end{gathered}"
)


def _settings(controls: Form) -> None:
    controls.select("omap", {name: t(f"regression_tasks.map.{name}") for name in MAPS})
    for code, step in (("oscale", 0.05), ("oshift", 0.1), ("owobble", 0.05)):
        controls.number(code, typed=step)
    controls.number("omapseed")


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.map
    key = specs.key(own)
    found = compared(key, own)
    *maps, over = drawn(key, language(), own)
    alts = [t(f"regression_tasks.alt.{name}") for name in ("true_depth", "found_depth", "ratio")]
    plot.show(maps, key="depth", alt=alts, height=330, columns=3)
    st.markdown(told(found))
    st.dataframe(table(found), hide_index=True, height=38 + 35 * len(MEASURES))
    st.caption(t("regression_tasks.depth.flat"))
    left, right = st.columns(2)
    left.latex(FORMULA)
    right.latex(OTHERS)
    st.markdown(f"#### {t('regression_tasks.depth.over')}")
    plot.show(over, key="scales", alt=t("regression_tasks.alt.scales"), height=380)
    st.caption(t("regression_tasks.depth.factor"))


def told(found: Compared) -> Text:
    """Whether RMSE prefers an answer that knows nothing of the scene, and where the squared error lies."""
    own, flat = found.measures["found"], found.measures["flat"]
    values = {
        "rmse": number(own["rmse"]), "flat_rmse": number(flat["rmse"]), "silog": number(own["silog"]),
        "flat_silog": number(flat["silog"]),
    }  # fmt: skip
    if own["rmse"] < 1e-9:
        return t("regression_tasks.depth.right")
    misled = own["rmse"] > flat["rmse"] and own["silog"] < flat["silog"]
    said = t(f"regression_tasks.depth.{'misled' if misled else 'agree'}", **values)
    shares = {"far": percent(found.far_share), "far_log": percent(found.far_share_log)}
    return Text(f"{said} {t('regression_tasks.depth.far', **shares)}")


def table(found: Compared) -> dict[str, list[str]]:
    """A row for each measure."""
    names = [str(t(f"regression_tasks.measure.{name}")) for name in MEASURES]
    columns: dict[str, list[str]] = {t("regression_tasks.depth.measure"): names}
    for kind in KINDS:
        own = found.measures[kind]
        shown = [str(percent(own[name]) if name == "delta" else number(own[name])) for name in MEASURES]
        columns[t(f"regression_tasks.depth.column.{kind}")] = shown
    return columns


@st.cache_resource(max_entries=64, show_spinner=False)
def compared(key: str, _own: MapSpec) -> Compared:
    return core.compare(_own)


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn(key: str, language: str, _own: MapSpec) -> tuple[go.Figure, ...]:
    found = compared(key, _own)
    now = found.measures["found"]
    now = now | {"rmse": now["rmse"] / float(found.true.mean())}
    return *figures.maps(found, t), figures.scales(core.over_scales(_own), now, t)


DEPTH = Section(_settings, _show, (core.rmse, core.abs_rel, core.silog, core.delta, core.rescaled))
