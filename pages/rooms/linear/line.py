"""One feature: the line is dragged, its squares and its place in the landscape follow."""

from __future__ import annotations

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import points
from mlcore.base import spec as specs
from mlcore.depth import linear_data, linear_fit
from mlcore.depth.linear_data import CHOSEN, CURVES, ONE, by_hand
from mlcore.depth.linear_fit import Normal
from mlcore.descents import regression
from mlcore.descents.regression import PAIRS, Problem
from mlcore.figures import linear as figures
from mlcore.figures import quadratics
from pages.rooms.linear import room
from pages.rooms.linear.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.components import side_by_side
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, t, tiny

GRID = 61
CODES = ("lw", "lb")
SHARES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0, 1.01, 1.05, 1.1, 1.2)
SPAN = 1.05 * points.REACH
START = 3  # the trace of the landscape that is dragged


def _settings(controls: Form) -> None:
    room.source(controls, "lset", ONE, "gradient_descent.pair", CURVES, CODES)
    controls.flag("lstd", on_change=partial(room.forget, controls, CODES))
    side_by_side(controls, *CODES, typed=0.1)
    now = controls.current().share
    shares = {specs.written(share): f"{share:g}" for share in sorted({now, *SHARES})}
    controls.select("lshare", shares, widget=st.select_slider)
    controls.number("lsteps")


def _show(spec: RoomSpec, controls: Form) -> None:
    spec, problem = room.standing(spec, CURVES[0], read)
    best, theta = linear_fit.normal(problem), np.array(spec.line)
    key = specs.key(spec)
    pictures = drawn(key, language(), spec, problem, best)
    _numbers(problem, theta, best)

    def drag(at: plot.Drag) -> None:
        if at.figure == 0 and at.trace == figures.DOTS:
            controls.write("pts", linear_data.redrawn(spec.data, at.point, at.x, at.y))
        else:
            room.put(controls, CODES, moved(problem, theta, at, span(spec)))

    alts = [t("linear.alt.line"), t("linear.alt.landscape")]
    handles = [plot.Handle(0, figures.HANDLES, "y"), plot.Handle(1, START)]
    if span(spec):
        st.caption(t("linear.line.points"))
        handles.append(plot.Handle(0, figures.DOTS))
    plot.show(list(pictures), key="line", alt=alts, height=480, columns=2, handles=handles, on_drag=drag)
    st.button(t("linear.solve"), on_click=partial(room.exactly, controls, CODES, best.theta))
    _told(spec, problem, theta, best)


def read(spec: RoomSpec) -> Problem:
    return linear_data.line(spec.one, spec.data, spec.standardize)


def span(spec: RoomSpec) -> float:
    """How far the picture of drawn points goes, each of which may be moved; 0 for others."""
    movable = spec.one == CHOSEN and by_hand(spec.data.name) and not spec.standardize
    return SPAN if movable else 0.0


def moved(problem: Problem, theta: np.ndarray, at: plot.Drag, reach: float = 0.0) -> tuple[float, float]:
    """The line that a hand means: through the mark that it holds and the other one, or a point (w, b)."""
    if at.figure == 1:
        return at.x, at.y
    across, _ = figures.reach(problem, theta, reach)
    held = figures.grips(across, theta)
    held[at.point] = held[at.point, 0], at.y
    (x0, y0), (x1, y1) = held
    weight = (y1 - y0) / (x1 - x0)
    return float(weight), float(y0 - weight * x0)


def _numbers(problem: Problem, theta: np.ndarray, best: Normal) -> None:
    cost, slope = linear_fit.cost(problem, theta), linear_fit.gradient(problem, theta)
    st.markdown(
        t("linear.line.now", w=number(theta[0], 4), b=number(theta[1], 4), cost=number(cost, 5),
          least=number(best.cost, 5), mse=number(2 * cost, 5), dw=number(slope[0], 4), db=number(slope[1], 4))
    )  # fmt: skip


def _told(spec: RoomSpec, problem: Problem, theta: np.ndarray, best: Normal) -> None:
    left, right = st.columns(2)
    with left:
        st.latex(r"C(w, b) = \frac{1}{N} \sum_{i=1}^{N} \tfrac{1}{2} (w x_i + b - y_i)^2")
        st.markdown(t("linear.line.half"))
        drawn_squares = min(len(problem.x), figures.MOST_SQUARES)
        st.caption(t("linear.line.squares", examples=len(problem.x), drawn=drawn_squares))
    with right:
        st.latex(r"A^\top A \, \theta = A^\top y, \quad \theta = (w, b)^\top")
        st.markdown(solution(best, ("w", "b")))
        found = regression.follow(problem, spec.line, spec.share, spec.steps)
        st.markdown(
            t("linear.line.descent", steps=spec.steps, lr=number(found.lr, 4), bound=number(found.bound, 4),
              gap=number(float(found.gap[-1]), 3), condition=number(found.condition, 3))
        )  # fmt: skip
    if spec.one in PAIRS:
        link = {"lang": language(), "view": "real", "pair": spec.one, "rstd": str(int(spec.standardize))}
        label = f":primary[{t('linear.line.why')}]"
        st.page_link("pages/gradient_descent.py", label=label, query_params=link)


def solution(best: Normal, names: tuple[str, ...]) -> Text:
    """The normal equation's solution, and that its residual stands at right angles to every column."""
    values = ", ".join(f"{name} = **{number(v, 6)}**" for name, v in zip(names, best.theta, strict=True))
    told = t("linear.normal", values=Text(values), cost=number(best.cost, 5), angle=tiny(best.angle))
    return told if best.unique else Text(f"{t('linear.many')} {told}")


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    key: str, language: str, _spec: RoomSpec, _problem: Problem, _best: Normal
) -> tuple[go.Figure, go.Figure]:
    theta = np.array(_spec.line)
    line = figures.line(_problem, theta, _best.theta, titles(_spec, _problem), t, span(_spec))
    box = linear_fit.window(_problem, theta, _best.theta)
    found = regression.follow(_problem, _spec.line, _spec.share, _spec.steps)
    axes = (t("linear.weight"), t("linear.bias"))
    land = regression.ground(found, box, GRID)
    above = quadratics.above(
        land, [found.theta], [quadratics.WAY], [t("figure.descent")], box, axes, _best.theta, t,
        where="figure.least_squares", begin="figure.drag",
    )  # fmt: skip
    return line, above


def titles(spec: RoomSpec, problem: Problem) -> tuple[str, str]:
    """What the axes show."""
    names = [problem.names[0], problem.names[1] or str(t("linear.target"))]
    ending = f", {t('figure.standardized')}" if spec.standardize else ""
    return f"{names[0]}{ending}", f"{names[1]}{ending}"


LINE = Section(_settings, _show, (linear_data.line, linear_fit.normal, regression.Problem, regression.follow))
