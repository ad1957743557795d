"""Real networks: how often they solve their task, over widths or batch sizes, drawn as they arrive."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.shares import lasting
from mlcore.escapes.success_rates import ALONG, EQUAL, USUAL, Solved, SolveSpec
from mlcore.figures import escaping as figures
from pages.rooms.escape.room import Form, RoomSpec
from pages.ui import components, plot, waiting
from pages.ui.text import Text, language, percent, t
from pages.ui.text.problems import REFUSALS, refusal

SLOT = "solving"


def settings(controls: Form) -> None:
    with st.container(border=True):
        controls.select("along", {name: t(f"escape.along.{name}") for name in ALONG})
        if controls.current().solve.along == "batch":
            controls.select("equal", {name: t(f"escape.equal.{name}") for name in EQUAL})
            controls.number("sunits")
        else:
            controls.number("sb")
    with st.container(border=True):
        controls.choice("sdata", "dataset")
        controls.choice("sact", "activation")
        controls.number("slayers")
        controls.choice("sopt", "optimizer")
        controls.number("slr")
        controls.number("ssteps")

        def more() -> None:
            controls.number("sn")
            controls.choice("sinit", "initialization")
            controls.number("goal")
            controls.number("sr")
            controls.number("sseed")

        components.folded("solving", more)


def show(spec: RoomSpec, controls: Form) -> None:
    own = spec.solve
    try:
        places = own.places
    except REFUSALS as error:
        st.error(refusal(error))
        return
    so_far = partial(picture, own, places)
    view = waiting.follow(own, SLOT, partial(_running, len(places)), show=so_far)
    if view.state.final and view.parts:
        so_far(view.parts)
        st.markdown(told(own, view.parts))
        st.caption(rule(own, view.parts))


def _running(of: int, views: waiting.Views) -> Text:
    return t("escape.width.running", done=len(views[0].parts), of=of, percent=waiting.percent(views))


def picture(own: SolveSpec, places: Sequence[int], parts: Sequence[Solved]) -> None:
    figure = drawn(f"{specs.key(own)}/{len(parts)}", language(), own, places, parts)
    plot.show(figure, key="solving", alt=t("escape.alt.width"), height=460)


def told(own: SolveSpec, parts: Sequence[Solved]) -> str:
    """What the shares say, and whether it is more than chance."""
    return over_widths(own, parts) if own.along == "width" else over_batches(parts)


def over_widths(own: SolveSpec, parts: Sequence[Solved]) -> str:
    few, many = (parts[k] for k in (min(1, len(parts) - 1), -1))
    first = t(
        "escape.width.first", few=few.place, low=percent(few.solved.value), replicas=own.replicas,
        many=many.place, high=percent(many.solved.value),
    )  # fmt: skip
    from_here = lasting([part.solved.interval[0] > 0.5 for part in parts])
    if from_here is None:
        return f"{first} {t('escape.width.never')}"
    return f"{first} {t('escape.width.enough', units=parts[from_here].place)}"


def over_batches(parts: Sequence[Solved]) -> str:
    every = parts[-1]  # all examples at once
    best, worst = (choose(parts, key=lambda part: part.solved.value) for choose in (max, min))
    code = "better" if figures.compared(best.solved, every.solved) > 0 else "alike"
    values = {"batch": best.place, "best": percent(best.solved.value), "all": percent(every.solved.value)}
    found = str(t(f"escape.width.{code}", **values))
    if figures.compared(worst.solved, every.solved) < 0:
        found += f" {t('escape.width.worst', batch=worst.place, worst=percent(worst.solved.value))}"
    return found


def rule(own: SolveSpec, parts: Sequence[Solved]) -> str:
    said = str(t("escape.width.rule", goal=percent(own.goal)))
    if own.along == "width":
        return said
    steps = [part.steps for part in parts]
    counts = {"least": min(steps), "most": max(steps), "examples": USUAL * own.steps, "steps": own.steps}
    values = {name: Text(f"{count:,}") for name, count in counts.items()}
    return f"{said} {t(f'escape.width.{own.equal}', **values)}"


@st.cache_resource(max_entries=48, show_spinner=False)
def drawn(
    key: str, language: str, _own: SolveSpec, _places: Sequence[int], _parts: Sequence[Solved]
) -> go.Figure:
    return figures.solved(_parts, _own, _places, t)
