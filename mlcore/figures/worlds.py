"""Grid worlds: values and arrows in the cells, the gap over the sweeps; agents that learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mlcore.base.grids import GOAL, PIT, START, WALL, Grid
from mlcore.base.numerals import numeral
from mlcore.figures import theme
from mlcore.figures.theme import CHANCE, COLORS, GRAY, MODEL, RING, TRUTH, Role
from mlcore.figures.words import Say, english
from mlcore.tasks.learners import Learned
from mlcore.tasks.planning import Sweeps
from mlcore.tasks.three import Earned
from mlcore.tasks.worlds import ARROWS, FLOATS, INTS, World

CELLS, AGENT, WAY = range(3)  # traces of `world` (0), of `walk` (all)
SHOWN = {
    START: "S", GOAL: "G",
    "u": "⇡", "d": "⇣", "l": "⇠", "r": "⇢", "U": "⇡⇡", "D": "⇣⇣", "L": "⇠⇠", "R": "⇢⇢",
}  # fmt: skip
KINDS = ["".join(ARROWS[k] for k in range(4) if code >> k & 1) for code in range(15)] + [""]
FEW = 8  # columns: worlds with more need the whole width of a page


def least(columns: int) -> float:
    """The width that a world needs, in heights of its type."""
    return 4 + 3.1 * columns


RULES = {
    "q": Role(COLORS[0]),
    "sarsa": Role(COLORS[1], "dash", "square"),
    "reinforce": Role(COLORS[3], "dot", "diamond"),
}
SMOOTH = 10  # episodes over which a curve is averaged
BOXES: dict[str, dict[str, Any]] = {
    WALL: {"fillcolor": theme.rgba(GRAY, 0.85), "layer": "below"},
    PIT: {"fillcolor": theme.rgba(COLORS[1], 0.45), "layer": "below"},
    START: {"line": {"width": 3, "color": RING.color}},
    GOAL: {"line": {"width": 3, "color": MODEL.color}},
}


def laid(world: World, value: FLOATS) -> FLOATS:
    """Numbers of the states [..., S] as cells [..., rows, columns], NaN where none is."""
    found = np.full((*value.shape[:-1], *world.number.shape), np.nan)
    found[..., world.cell[:, 0], world.cell[:, 1]] = value
    return found


def told(world: World, value: FLOATS, good: NDArray[np.bool_] | None) -> list[list[str]]:
    """What stands in the cells: their sign, the arrows of the actions that are good [S, 4], the value [S]."""
    texts = [[SHOWN.get(sign, "") for sign in row] for row in world.rows]
    arrows = [""] * len(value) if good is None else pointing(good)
    for (i, j), end, v, arrow in zip(world.cell.tolist(), world.end, value.tolist(), arrows, strict=True):
        if not end:
            above, below = f"{texts[i][j]} {arrow}".strip(), numeral(v, 3)
            texts[i][j] = f"{above}<br>{below}" if above else below
    return texts


def pointing(good: NDArray[np.bool_]) -> list[str]:
    """The arrows of the actions that are good [S, 4]; none where all are: there is nothing to show."""
    return [KINDS[code] for code in (good @ np.array([1, 2, 4, 8])).tolist()]


def cells(
    world: World, value: FLOATS, good: NDArray[np.bool_] | None, span: tuple[float, float], say: Say
) -> go.Figure:
    """Traces: 0 the cells. Row 0 is on top; x and y are columns and rows."""
    heat = go.Heatmap(
        z=theme.array(laid(world, value)), text=told(world, value, good), texttemplate="%{text}",
        zmin=span[0], zmax=span[1], colorscale=theme.SEQUENTIAL, xgap=2, ygap=2,
        showscale=False, hovertemplate="%{z:.4g}<extra></extra>", hoverongaps=False,
    )  # fmt: skip
    return theme.figure([heat], **_board(world.rows, say))


def _board(rows: Grid, say: Say) -> dict[str, Any]:
    """Walls, pits, the frames of start and goal, on axes that do not move."""
    shapes, notes = [], []
    for i, j, sign in ((i, j, sign) for i, row in enumerate(rows) for j, sign in enumerate(row)):
        if sign in BOXES:
            corners = {"x0": j - 0.47, "x1": j + 0.47, "y0": i - 0.47, "y1": i + 0.47}
            shapes.append({"type": "rect", "line": {"width": 0}, **corners, **BOXES[sign]})
        if sign == PIT:
            notes.append({"text": "<b>✕</b>", "showarrow": False, "x": j, "y": i})
    axes = {}
    for name, count, title in (("x", len(rows[0]), "figure.column"), ("y", len(rows), "figure.row")):
        ticks = {"tickvals": list(range(count)), "ticktext": [str(k + 1) for k in range(count)], "ticks": ""}
        ends = [-0.5, count - 0.5]
        axes[f"{name}axis"] = {
            "title": {"text": say(title), "standoff": 2}, "range": ends if name == "x" else ends[::-1],
            "fixedrange": True, "showgrid": False, "zeroline": False, "constrain": "domain", **ticks,
        }  # fmt: skip
    axes["yaxis"]["scaleanchor"] = "x"
    return {**axes, "shapes": shapes, "annotations": notes, "dragmode": False, "showlegend": False,
            "uirevision": "/".join(rows)}  # fmt: skip


def span(values: FLOATS) -> tuple[float, float]:
    """The range of colors: of all values, never empty."""
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 1, high + 1)


def swept(world: World, found: Sweeps, say: Say = english) -> go.Figure:
    """What the sweeps come to."""
    good = found.good if found.best else None
    return cells(world, found.limit, good, span(found.limit), say)


def gap(found: Sweeps, say: Say = english) -> go.Figure:
    """The distance from the limit over the sweeps, and its bound. Traces: 0 the gap, 1 the bound."""
    sweep = np.arange(len(found.gap))
    bound = found.gap[0] * found.discount**sweep
    size = theme.drawable(found.gap, log=True)
    traces = [
        theme.line(sweep, size, MODEL, say("figure.world_gap"), line={"width": 3}),
        theme.line(sweep, bound, Role(CHANCE.color, "dash"), say("figure.world_gap_bound")),
    ]
    floor = max(found.gap[0], 1.0) * 1e-13
    seen = np.concatenate([found.gap[found.gap > floor], bound[:1]])
    xaxis = {"title": {"text": say("figure.sweep")}, "range": [-0.5, len(sweep) - 0.5]}
    yaxis = {"title": {"text": say("figure.world_gap_axis")}, **theme.log_axis(seen)}
    end = {"shapes": [theme.cursor(sweep[-1])], "uirevision": f"gap {len(sweep)}"}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, **end)


def earned(found: Earned, classes: int, say: Say = english) -> go.Figure:
    """The world of points: what a cell earns, and the best action in it. Traces: 0 the cells."""
    middle = [(edges[1:] + edges[:-1]) / 2 for edges in found.edges]
    good = found.gains >= found.gains.max(1, keepdims=True) - 1e-9
    # Its rows go up with x2, so that its up is down on the screen.
    texts = np.array([text[:2] for text in pointing(good[:, [2, 1, 0, 3]])])
    colors = [[0.0, theme.of_class(0).color], [0.5, "#f4f4f4"], [1.0, theme.of_class(classes - 1).color]]
    heat = go.Heatmap(
        x=theme.array(middle[0]), y=theme.array(middle[1]), z=theme.array(found.reward), zmin=-1, zmax=1,
        colorscale=colors, text=texts.reshape(found.reward.shape).tolist(), texttemplate="%{text}",
        xgap=1, ygap=1, showscale=False, hovertemplate="%{z:.3g}<extra></extra>",
    )  # fmt: skip
    axes = {
        f"{name}axis": {"title": {"text": f"x{d + 1}", "standoff": 4}, "range": [edges[0], edges[-1]],
                        "zeroline": False}
        for d, (name, edges) in enumerate(zip("xy", (e.tolist() for e in found.edges), strict=True))
    }  # fmt: skip
    return theme.figure([heat], showlegend=False, uirevision="three world", **axes)


# ---------------------------------------------------------------- agents


def curves(found: Sequence[Learned], names: Sequence[str], say: Say = english) -> go.Figure:
    """The reward of an episode: means over the agents, and the middle half. Traces: two for each rule."""
    traces, seen = [], []
    for one, name in zip(found, names, strict=True):
        role, x = RULES[one.rule], np.arange(1, one.reward.shape[1] + 1)
        smooth = smoothed(one.reward.astype(np.float64))
        low, high = np.quantile(smooth, [0.25, 0.75], axis=0)
        mean = smooth.mean(0)
        traces += [theme.band(x, low, high, role.color, name, showlegend=False),
                   theme.line(x, mean, role, name, line={"width": 3})]  # fmt: skip
        seen.append(np.concatenate([mean[len(mean) // 10 :], low[len(low) // 5 :]]))
    values = np.concatenate(seen)
    low, high = float(np.quantile(values, 0.12)), float(values.max())
    xaxis = {"title": {"text": say("figure.episode")}, "range": [0, found[0].reward.shape[1]]}
    reach = [low - 0.3 * (high - low) - 1, high + 0.08 * (high - low) + 1]
    yaxis = {"title": {"text": say("figure.episode_reward")}, "range": reach}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, showlegend=True, uirevision="learners")


def smoothed(values: FLOATS) -> FLOATS:
    """Means of the last SMOOTH columns, or of as many as there are."""
    total = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    at = np.arange(1, values.shape[1] + 1)
    before = (at - SMOOTH).clip(0)
    found: FLOATS = (total[:, at] - total[:, before]) / (at - before)
    return found


def optimal(found: Sequence[Learned], names: Sequence[str], say: Say = english) -> go.Figure:
    """Shares of agents whose policy is as good as the best. Traces: 0 at the start, 1 at every state."""
    traces = []
    for k, (what, look) in enumerate((("from_start", MODEL), ("everywhere", TRUTH))):
        shares = [getattr(one, what) for one in found]
        value = np.array([100 * one.value for one in shares])
        low, high = 100 * np.array([one.interval for one in shares]).T
        ends = {"array": theme.array(high - value), "arrayminus": theme.array(value - low)}
        bars = {"type": "data", "symmetric": False, "thickness": 2, **ends}
        marks = {"size": 12, "symbol": ("circle", "square-open")[k], "color": look.color}
        y = np.arange(len(found)) + (0.12 if k else -0.12)
        traces.append(go.Scatter(x=theme.array(value), y=theme.array(y), mode="markers", error_x=bars,
                                 marker=marks, name=say(f"figure.optimal_{what}")))  # fmt: skip
    xaxis = {"title": {"text": say("figure.share_of_agents")}, "range": [-3, 103]}
    ticks = {"tickvals": list(range(len(found))), "ticktext": list(names)}
    yaxis = {"range": [len(found) - 0.5, -0.5], "title": {"text": say("figure.rule")}, **ticks}
    return theme.figure(traces, xaxis=xaxis, yaxis=yaxis, showlegend=True, uirevision=f"optimal {len(found)}")


def walk(world: World, policy: INTS, way: INTS, say: Say = english) -> go.Figure:
    """An agent at the end of its way through states [T]. Traces: 0 the cells with its policy, 1 the agent,
    2 its way."""
    picture = cells(world, np.zeros(len(world.cell)), np.eye(4, dtype=bool)[policy], (-1.0, 1.5), say)
    texts = [[text.partition("<br>")[0] for text in row] for row in picture.data[0].text]
    picture.data[0].update(text=texts, hoverinfo="skip", hovertemplate=None)
    place = world.cell[way].astype(np.float32)
    dot = {"size": 18, "color": RING.color, "line": {"color": "#ffffff", "width": 2}}
    quiet = {"hoverinfo": "skip", "showlegend": False}
    agent = go.Scatter(x=place[-1:, 1], y=place[-1:, 0], mode="markers", marker=dot, **quiet)
    look = {"line": {"width": 3, "simplify": False}, "opacity": 0.6, **quiet}
    picture.add_traces([agent, theme.line(place[:, 1], place[:, 0], RING, "", **look)])
    return picture
