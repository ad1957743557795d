"""How a run went: cost and score over its recorded steps, of one replica or of hundreds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, FLOATS, GRAY, TEST, TRAIN, Role
from mlcore.figures.words import Say, english
from mlcore.training.descent import Status
from mlcore.training.training import Run


def costs(run: Run, chance: float, log: bool = False, say: Say = english) -> go.Figure:
    """Training and test cost over steps. Traces of one replica: 0 training, 1 test, 2 chance.

    Of several seeds: 0, 1 every replica's training and test; 2, 3 the middle halves; 4, 5 the medians;
    6 chance. Where lr or l2 was swept, a median would be that of nothing; there the replicas are in G = 5
    groups from low to high (fewer replicas, fewer groups): 0..G-1 training, G..2G-1 test, 2G chance, and
    two keys of the legend.
    """
    values = np.stack([run.records.train_cost, run.records.test_cost])  # [2, T, R]
    top = highest(values, run.status, chance)
    traces = histories(run, values, chance, np.inf, 10 * top, say)
    seen = np.append(values, [chance, top])
    scale = theme.log_axis(seen[seen <= top]) if log else {"type": "linear", "range": [0.0, top * 1.04]}
    yaxis = {"title": {"text": say("figure.cost")}, **scale}
    gone = int((~(values[:, -1] <= top * 1.001)).any(0).sum())  # NaN is gone too
    return over_steps(traces, run, yaxis, _left(run, gone, say), say, f"costs {log}")


def scores(run: Run, chance: float, say: Say = english) -> go.Figure:
    """Accuracy over steps, or R² where chance, the score of a constant answer, is not above 0.

    Traces as those of `costs`.
    """
    values = np.stack([run.records.train_score, run.records.test_score])
    finite = values[np.isfinite(values)]
    bottom = 0.0 if chance > 0 or not finite.size else min(0.0, max(-1.0, float(finite.min())), chance)
    traces = histories(run, values, chance, -np.inf, bottom - 10, say)
    title = say("figure.accuracy" if chance > 0 else "figure.r2")
    yaxis = {"range": [bottom - 0.02, 1.02], "title": {"text": title}}
    gone = int((~(values[:, -1] >= bottom)).any(0).sum())
    return over_steps(traces, run, yaxis, _left(run, gone, say, low=True), say, "scores")


def highest(values: FLOATS, status: Sequence[Status], chance: float) -> float:
    """Where the axis of costs [2, T, R] ends.

    Usual are chance, the first costs, and 98 % of what the replicas cost that did not diverge. These are seen
    in full, up to three times the usual; of those that diverged it is seen that they go.
    """
    costs = values.astype(np.float64)
    kept = [one is not Status.DIVERGED for one in status]
    everyone, survivors, first = (v[np.isfinite(v)] for v in (costs, costs[..., kept], costs[:, 0]))
    bulk = [np.quantile(survivors, 0.98)] if survivors.size else []
    usual = float(max([chance, *bulk, *first])) or 1.0
    seen = max([chance, *survivors, *np.minimum(everyone, 1.25 * usual)])
    return min(float(seen), 3 * usual)


def histories(run: Run, values: FLOATS, chance: float, worst: float, beyond: float, say: Say) -> list[Any]:
    """The traces of `costs` from values [2, T, R] of training and test."""
    step = run.records.step
    parts = list(zip(values, (TRAIN, TEST), (say("figure.train"), say("figure.test")), strict=True))
    level = theme.line(step[[0, -1]], [chance, chance], CHANCE, say("figure.chance"))
    if values.shape[2] == 1:
        return [*(theme.line(step, theme.drawable(v[:, 0]), role, name) for v, role, name in parts), level]
    if run.spec.sweep != "seed":
        keys = [theme.line([np.nan], [np.nan], role._replace(color=GRAY), name) for _, role, name in parts]
        return [*(trace for v, role, _ in parts for trace in _groups(run, v, role)), level, *keys]
    threads, spreads = [], []
    for v, role, name in parts:
        threads.append(_threads(step, v, role, say("figure.replicas").format(name=name), legendgroup=name))
        spreads.append(_spread(step, np.where(np.isnan(v), worst, v), role, name, beyond, say))
    bands, medians = zip(*spreads, strict=True)
    return [*threads, *bands, *medians, level]


def _spread(
    step: NDArray[np.int64], values: FLOATS, role: Role, name: str, beyond: float, say: Say
) -> tuple[go.Scatter, go.Scatter]:
    """Middle half and median of values [T, R]. An infinite edge is drawn at `beyond`, out of the picture."""
    low, median, high = quantiles(values, (0.25, 0.5, 0.75))
    low, high = (np.where(np.isinf(edge), beyond, edge) for edge in (low, high))
    common: dict[str, Any] = {"legendgroup": name}  # the median's entry shows and hides all of its kind
    half, title = say("figure.half").format(name=name), say("figure.median")
    band = theme.band(step, low, high, role.color, half, showlegend=False, **common)
    title = title.format(name=name, replicas=values.shape[1])
    return band, theme.line(step, theme.drawable(median), role, title, line={"width": 2.5}, **common)


def _groups(run: Run, values: FLOATS, role: Role) -> list[go.Scatter]:
    """The replicas of values [T, R] in groups of neighbors along the sweep, colored from low to high."""
    at = run.spec.along(run.spec.sweep).tolist()
    symbol, traces = {"lr": "η", "l2": "λ₂"}[run.spec.sweep], []
    for color, group in zip(theme.ORDER, np.array_split(np.arange(len(at)), min(5, len(at))), strict=False):
        ends = sorted({f"{at[group[0]]:.3g}", f"{at[group[-1]]:.3g}"}, key=float)
        name, look = f"{symbol} {'–'.join(ends)}", role._replace(color=color)
        thread = _threads(run.records.step, values[:, group], look, name, legendgroup=name)
        traces.append(thread.update(showlegend=role is TRAIN, line_color=theme.rgba(color, 0.6)))
    return traces


def quantiles(values: NDArray[Any], levels: Sequence[float]) -> list[NDArray[np.float64]]:
    """Of values [T, R] over the replicas, each [T]; an infinity is a value too, beyond all others."""
    ordered = np.sort(values.astype(np.float64), axis=1)
    found = []
    for level in levels:
        place = level * (values.shape[1] - 1)
        below, above = ordered[:, int(place)], ordered[:, int(np.ceil(place))]
        with np.errstate(invalid="ignore"):
            between = below + (place - int(place)) * (above - below)
        edge = np.where(np.isinf(below), below, above)
        found.append(np.where(np.isfinite(below) & np.isfinite(above), between, edge))
    return found


def _threads(step: NDArray[np.int64], values: FLOATS, role: Role, name: str, **more: Any) -> go.Scatter:
    """A thin line for each replica of values [T, R], in one trace: NaN lifts the pen."""
    replicas = values.shape[1]
    gap = np.full((1, replicas), np.nan, np.float32)
    y = np.concatenate([theme.drawable(values), gap]).T.ravel()
    x = np.tile(np.append(step, step[-1]), replicas).astype(np.uint16)  # steps end at 20,000
    style = {"color": theme.rgba(role.color, 0.12 + 0.7 / np.sqrt(replicas)), "width": 1, "dash": role.dash}
    common = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    return go.Scatter(x=x, y=y, name=name, line=style, **common | more)


def _left(run: Run, gone: int, say: Say, low: bool = False) -> list[dict[str, Any]]:
    """A remark where replicas end outside of the picture."""
    if not gone:
        return []
    of = len(run.status)
    return [theme.note(say("figure.left" if of > 1 else "figure.left_one").format(count=gone, of=of), low)]


def over_steps(
    traces: list[Any], run: Run, yaxis: dict[str, Any], notes: list[dict[str, Any]], say: Say, name: str
) -> go.Figure:
    """A figure over steps, its cursor at the last one."""
    xaxis = {"title": {"text": say("figure.step")}, "range": ends(run)}
    cursors = [theme.cursor(int(run.records.step[-1]))]
    look = {"shapes": cursors, "annotations": notes, "hovermode": "x unified", "uirevision": name}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, **look)


def ends(run: Run) -> list[float]:
    last = float(run.records.step[-1])
    return [-0.01 * last, 1.01 * last or 1.0]
