"""Views of a few examples, moved by hand, and sent downhill by a loss."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.embeddings import pair_losses
from mlcore.embeddings import pairs as core
from mlcore.embeddings.pair_losses import Goal
from mlcore.embeddings.pairs import Placed, Way
from mlcore.figures import pairs as figures
from pages.rooms.contrastive import room
from pages.rooms.contrastive.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, t, tiny

HELD, SETTLED = "_contrastive_held", "_contrastive_settled"  # of the session
Places = tuple[tuple[float, ...], ...]
CLOSE = 1e-4  # to the bound: there
PLAYED = 101  # frames at most


def _settings(controls: Form) -> None:
    names = {space: t(f"contrastive.space.{space}") for space in core.SPACES}
    controls.select("ctspace", names, st.pills, required=True)
    controls.number("ctn")
    room.loss(controls)
    for code in ("ctang",) if controls.current().space == "circle" else ("ctlong", "ctlat"):
        controls.numbers(code)
    st.caption(t("contrastive.pairs.typed"))
    st.button(t("contrastive.pairs.together"), on_click=_put, args=(controls, "together"))
    st.button(t("contrastive.pairs.spread"), on_click=_put, args=(controls, "spread"))
    controls.number("ctpace")
    controls.number("ctmoves")


def _put(controls: Form, what: str) -> None:
    """All views of all examples almost at one place; or both views of each at the corner of a polygon."""
    count = controls.current().examples
    turns = [10.0 * k for k in range(2 * count)] if what == "together" else _corners(count)
    controls.put("ctang", turns)
    controls.put("ctlong", turns)
    controls.put(
        "ctlat", [5.0 * (-1) ** k for k in range(2 * count)] if what == "together" else _tilts(count)
    )


def _corners(count: int) -> list[float]:
    return [round(360 * (k % count) / count, 2) for k in range(2 * count)]


def _tilts(count: int) -> list[float]:
    return [round(30 * math.sin(2.4 * (k % count)), 1) for k in range(2 * count)]


def _show(spec: RoomSpec, controls: Form) -> None:
    places, goal = tuple(map(tuple, spec.places)), spec.own.goal
    found = placed(places, goal)
    st.markdown(told(found, goal))

    def drag(at: plot.Drag) -> None:
        st.session_state[HELD] = not at.done
        turns = list(spec.turns)
        turns[at.point] = round(math.degrees(math.atan2(at.y, at.x)) % 360, 1)
        controls.put("ctang", turns)

    flat = spec.space == "circle"
    left, right = st.columns([1, 1])
    with left:
        alt = t(f"contrastive.alt.{spec.space}")
        handles = [plot.Handle(0, figures.MARKS)] if flat else []
        picture = drawn(places, goal, language())
        plot.show(picture, key=spec.space, alt=alt, height=480, handles=handles, on_drag=drag)
    with right:
        st.dataframe(table(found), hide_index=True, height="content")
        st.caption(t(f"contrastive.pairs.columns.{goal.loss}"))
    st.markdown(f"#### {t('contrastive.pairs.descend')}")
    _descent(*settled(places, goal), spec.pace, spec.moves, spec.space)


def settled(places: Places, goal: Goal) -> tuple[Places, Goal]:
    """The places when no hand holds one; while it does, those from before: what is dragged should follow at
    once, and the way downhill is much to send."""
    held = st.session_state.pop(HELD, False)
    if not (held and SETTLED in st.session_state):
        st.session_state[SETTLED] = places, goal
    found: tuple[Places, Goal] = st.session_state[SETTLED]
    return found


def told(found: Placed, goal: Goal) -> Text:
    """The loss, its bound, and whether the space has room for what reaches it."""
    values = {"loss": number(found.loss, 4), "least": number(found.least, 4)}
    values["gap"] = _gap(found.loss, found.least)
    if not goal.negatives:
        return t("contrastive.pairs.alone", **values)
    dimensions, count = found.u.shape[1], found.examples
    if loose(goal, count):
        return t("contrastive.pairs.loose", margin=number(goal.margin), **values)
    said = "fits" if found.fits else "crowded"
    return t(f"contrastive.pairs.{said}", n=count, d=dimensions, needed=count - 1, **values)


def loose(goal: Goal, count: int) -> bool:
    """Whether other places than a simplex reach the bound: all that keep negatives below the margin."""
    return goal.loss == "cosine_embedding" and goal.margin > -1 / (count - 1)


def _gap(loss: float, least: float) -> Text:
    gap = loss - least
    return number(gap, 3) if gap > 1e-3 else tiny(max(gap, 0.0))


def table(found: Placed) -> dict[str, list[str]]:
    """A row for each view."""
    count = len(found.u)
    names, hard = figures.names(count), [found.hardest(i) for i in range(count)]
    half = count // 2
    columns = {
        "view": names,
        "partner": [str(number(found.cos[i, (i + half) % count])) for i in range(count)],
        "hardest": [f"{number(found.cos[i, j])} ({names[j]})" for i, j in enumerate(hard)],
        "term": [str(number(term)) for term in found.terms],
        "push": [str(number(float(size))) for size in np.linalg.norm(found.push, axis=1)],
    }
    return {t(f"contrastive.pairs.column.{name}"): column for name, column in columns.items()}


def _descent(places: Places, goal: Goal, pace: float, moves: int, space: str) -> None:
    way, pictures, frames = scene(places, goal, pace, moves, language())
    alts = [t("contrastive.alt.way"), t("contrastive.alt.descent")]
    plot.play(pictures, frames, key=f"way {space}", alt=alts, labels=play_labels(), height=420, columns=2)
    st.markdown(ended(way, goal))


def ended(way: Way, goal: Goal) -> Text:
    """How near the bound the descent came."""
    count, dimensions = way.u.shape[1] // 2, way.u.shape[2]
    least, last = pair_losses.least(count, goal), float(way.loss[-1])
    values = {"loss": number(last, 6), "least": number(least, 6), "gap": _gap(last, least)}
    if not goal.negatives:
        distance = float(np.linalg.norm(way.u[-1, :, None] - way.u[-1, None], axis=-1).max())
        return t("contrastive.pairs.end_alone", distance=number(distance), **values)
    if not math.isfinite(last) or last > float(way.loss[0]) + 1e-9:
        return t("contrastive.pairs.end_up", **values)
    if loose(goal, count):
        said = "end_apart" if last - least < CLOSE else "end_loose"
        return t(f"contrastive.pairs.{said}", margin=number(goal.margin), **values)
    if last - least < CLOSE:
        return t("contrastive.pairs.end_there", **values)
    said = t(f"contrastive.pairs.{'end_on_way' if count <= dimensions + 1 else 'end_crowded'}", **values)
    if dimensions == 2 and count > 3:
        corner = number(pair_losses.polygon(count, goal), 6)
        return Text(f"{said} {t('contrastive.pairs.polygon', n=count, polygon=corner)}")
    return said


@st.cache_resource(max_entries=256, show_spinner=False)
def placed(places: Places, goal: Goal) -> Placed:
    return core.place(np.array(places), goal)


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(places: Places, goal: Goal, language: str) -> go.Figure:
    found = placed(places, goal)
    return (figures.circle if found.u.shape[1] == 2 else figures.sphere)(found, t)


@st.cache_resource(max_entries=32, show_spinner=False)
def scene(
    places: Places, goal: Goal, pace: float, moves: int, language: str
) -> tuple[Way, list[go.Figure], plot.Frames]:
    way = core.descend(np.array(places), goal, pace, moves)
    last = core.place(way.u[-1], goal)
    flat = way.u.shape[2] == 2
    draw = figures.circle if flat else figures.sphere
    corner = pair_losses.polygon(last.examples, goal) if flat and not last.fits and goal.negatives else None
    pictures = [draw(last, t, arrows=False), figures.descent(way, last.least, corner, t)]
    kept = np.unique(np.linspace(0, moves, PLAYED).round().astype(int))
    lines, marks = figures.joined(way.u[kept]), way.u[kept].astype(np.float32)
    updates = [
        plot.Update(0, trace, axis, values[..., k])
        for trace, values in ((figures.PAIRS, lines), (figures.MARKS, marks))
        for k, axis in enumerate("xy" if flat else "xyz")
    ]
    readout = {str(t("figure.loss")): [str(number(one, 5)) for one in way.loss[kept]]}
    frames = plot.Frames([int(k) for k in kept], updates, [1], readout)
    return way, pictures, frames


PAIRS = Section(
    _settings, _show,
    (core.place, core.descend, pair_losses.nt_xent, pair_losses.cosine_embedding, pair_losses.slope,
     pair_losses.descend_by, pair_losses.least),
)  # fmt: skip
