"""A grid world to edit: what a policy is worth in it, and the best policy, sweep by sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import grids
from mlcore.base.grids import FREE, GOAL, PIT, START, WALL, Grid, GridError
from mlcore.figures import worlds as figures
from mlcore.tasks import planning as core
from mlcore.tasks.planning import Sweeps
from mlcore.tasks.worlds import World, world
from pages.rooms.problem_types import room
from pages.rooms.problem_types.room import PLANS, Form, RoomSpec
from pages.ui import plot, typed
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, t, tiny
from pages.ui.text.problems import refusal

TOOLS = {"wall": WALL, "start": START, "goal": GOAL, "pit": PIT, "u": "u", "d": "d", "l": "l", "r": "r"}
CODE = "tworld"
TOOL, REFUSED = "_world_tool", "_world_refused"  # in the session
FRAMES = 50


def _settings(controls: Form) -> None:
    room.worlds(controls)
    names = {plan: t(f"problem_types.plan.{plan}") for plan in PLANS}
    controls.select("tplan", names)


def _choose(controls: Form) -> None:
    """What a click on a cell sets."""
    names = {tool: t(f"problem_types.tool.{tool}") for tool in TOOLS}
    kept = st.session_state.setdefault(TOOL, "wall")
    chosen = st.pills(
        t("problem_types.world.tool"), list(TOOLS), default=kept, format_func=names.__getitem__,
        key="world.tool", required=True,
    )  # fmt: skip
    st.session_state[TOOL] = chosen or kept


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.learn
    place = world(own.grid, own.slip, own.pit)
    found, pictures, frames = drawn(
        own.grid, own.slip, own.pit, own.discount, spec.plan == "iterate", language()
    )
    rows = grids.read(own.grid)

    def click(made: plot.Click) -> None:
        if made.figure == 0:
            _edit(controls, rows, round(made.y), round(made.x))

    alts = [t("problem_types.alt.world"), t("problem_types.alt.gap")]
    columns = 2 if len(rows[0]) <= figures.FEW else 1
    size: dict[str, Any] = {
        "height": room.height(rows),
        "columns": columns,
        "least": figures.least(len(rows[0])),
    }
    plot.play(pictures, frames, key="world", alt=alts, labels=play_labels(), on_click=click, **size)
    if error := st.session_state.pop(REFUSED, None):
        st.warning(refusal(error))
    st.caption(t("problem_types.world.signs"))
    st.markdown(told(spec, place, found))
    with st.expander(t("problem_types.world.lines")):
        _lines(controls, rows)
    st.button(
        t("problem_types.world.learn"), key="world.learn", on_click=controls.write, args=("view", "learning")
    )


def _edit(controls: Form, rows: Grid, row: int, column: int) -> None:
    """From a click: set the chosen sign, or take it away where it is already; a wind first grows."""
    if not (0 <= row < len(rows) and 0 <= column < len(rows[0])):
        return
    sign, before = TOOLS[st.session_state.get(TOOL, "wall")], rows[row][column]
    if before == sign == START:
        return
    if before == sign:
        sign = sign.upper() if sign in grids.WINDS else FREE
    elif before == sign.upper():
        sign = FREE
    try:
        controls.write(CODE, grids.write(grids.put(rows, row, column, sign)))
    except GridError as error:
        st.session_state[REFUSED] = error


def _lines(controls: Form, rows: Grid) -> None:
    """The world as text."""
    listed = "\n".join(rows)
    label, told = t("problem_types.world.lines"), t("problem_types.world.lines_help")

    def take(read: Grid) -> None:
        controls.write(CODE, grids.write(read))

    typed.lines("world.text", label, told, listed, grids.typed, take, height=200)


def told(spec: RoomSpec, place: World, found: Sweeps) -> Text:
    discount = spec.learn.discount
    gap = found.gap
    large = np.flatnonzero(gap[1:] > 1e-9 * max(1.0, gap[0]))
    ratio = float((gap[1:] / gap[:-1].clip(1e-300))[large].max(initial=0.0))
    values = {
        "sweeps": len(gap) - 1,
        "worth": number(float(found.limit[place.start]), 4),
        "discount": Text(f"{discount:g}"),
        "ratio": number(ratio, 3),
        "left": tiny(float(gap[-1])),
    }
    if not found.best:
        return t("problem_types.world.evaluated", states=len(place.cell), **values)
    said = t("problem_types.world.iterated", settled=found.settled,
             residual=tiny(core.residual(place, found.limit, discount)), **values)  # fmt: skip
    if not place.solvable:
        return Text(f"{said}\n\n{t('problem_types.world.closed')}")
    way = core.path(place, core.greedy(found.gains))
    if not place.end[way[-1]]:
        return Text(f"{said}\n\n{t('problem_types.world.stays')}")
    return Text(f"{said}\n\n{t('problem_types.world.way', steps=len(way) - 1)}")


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    grid: str, slip: float, pit: float, discount: float, best: bool, language: str
) -> tuple[Sweeps, Sequence[go.Figure], plot.Frames]:
    place = world(grid, slip, pit)
    found = core.sweep(place, discount, best)
    shown = moments(found)
    texts, gaps = [], found.gap
    for k in shown:
        gains = place.gains(found.values[k], discount)
        texts.append(figures.told(place, found.values[k], core.best_actions(gains) if best else None))
    cells = figures.laid(place, found.values[shown]).astype(np.float32)
    changes = {"z": cells, "text": np.array(texts)}
    updates = [plot.Update(0, figures.CELLS, name, values) for name, values in changes.items()]
    readout: dict[str, list[str]] = {t("figure.world_gap"): [number(gaps[k]) for k in shown]}
    pictures = figures.swept(place, found, t), figures.gap(found, t)
    return found, pictures, plot.Frames(shown, updates, [1], readout)


def moments(found: Sweeps) -> list[int]:
    """The first sweeps, then ever fewer, and the last."""
    last = len(found.values) - 1
    later = np.geomspace(FRAMES // 2, max(last, FRAMES // 2), FRAMES // 2).astype(int).tolist()
    return sorted({k for k in (*range(FRAMES // 2), *later, last) if k <= last})


WORLD = Section(_settings, _show, (core.sweep, core.evaluate, World.gains), _choose)
