"""The two sweeps: values forward, gradients backward, one node at a time under the player."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.backpropagation import graph as core
from mlcore.backpropagation import sweeps as core_sweeps
from mlcore.backpropagation.graph import Graph
from mlcore.figures import graph as figures
from mlcore.script import graph as script
from pages.rooms.backpropagation.room import NO_NODE, Form, RoomSpec, choose, hole, settings, standing
from pages.ui import plot
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import number, t

ROW, LEAST = 98, 200  # pixels for each row of the graph: a circle, a number above and one below


def _show(spec: RoomSpec, controls: Form) -> None:
    spec, found = standing(spec)
    lacks = hole(found)
    picture, frames, room = scene(spec.expression.text, spec.expression.point)
    plot.play(
        [picture], frames, key="graph", alt=[t("backpropagation.alt.graph", formula=spec.expression.text)],
        labels=play_labels(), height=height(room.rows), least=room.width,
        on_click=lambda click: _look(controls, click),
    )  # fmt: skip
    if spec.expression.example in ("slide", "dot"):
        st.caption(t(f"backpropagation.{spec.expression.example}_line"))
    if not lacks:
        node(found, controls)
    with st.expander(t("backpropagation.sweeps.table")):
        st.dataframe(table(found), hide_index=True)
    with st.expander(t("backpropagation.sweeps.script")):
        st.code(script.write(found), language="python")


def height(rows: float) -> int:
    """Of a picture of the graph, in pixels: as many as its rows need."""
    return int(max(LEAST, ROW * (rows + 0.2)))


def node(found: Graph, controls: Form) -> None:
    """One node: its formula and slopes, and every path from it to the output."""
    first = found.at(found.inputs[0])
    others = [i for i, step in enumerate(found.steps) if step.moves and i != first]
    told = {NO_NODE: name_of(found, first)} | {str(i): name_of(found, i) for i in others}
    left, right = st.columns([1, 2])
    with left:
        controls.select("node", told)
        chosen = controls.state["node"]
        i = first if chosen == NO_NODE else int(chosen)
        step = found.steps[i]
        if step.parts:
            operation, slopes = core_sweeps.LATEX[step.name]
            st.latex(f"v = {operation}")
            for place, slope in enumerate(slopes):
                letter = "ab"[place]
                edge = next(e for e in found.edges if (e.head, e.place) == (i, place))
                st.latex(rf"\frac{{\partial v}}{{\partial {letter}}} = {slope} = {number(edge.local, 4, 0)}")
    with right:
        _paths(found, i)


def _paths(found: Graph, i: int) -> None:
    out, name, count = found.symbols[found.output], found.symbols[i], found.paths(i)
    st.markdown(t("backpropagation.sweeps.paths", node=name, output=out, count=count))
    ways = [core_sweeps.way_text(found, way) for way in found.ways(i)]
    columns = {
        t("backpropagation.sweeps.path"): [nodes for nodes, _, _ in ways],
        t("backpropagation.sweeps.value"): [core_sweeps.short(v) for *_, v in ways],
        t("backpropagation.sweeps.product"): [told for _, told, _ in ways],
    }
    st.dataframe(columns, hide_index=True)
    if count > len(ways):
        st.caption(t("backpropagation.sweeps.more", shown=len(ways), count=count))
        return
    # Gradients vanish along a chain: what is next to nothing is no rounding here.
    total, gradient = (number(v, 6, 0) for v in (sum(value for *_, value in ways), found.gradient[i]))
    st.markdown(t("backpropagation.sweeps.sum", total=total, gradient=gradient))


def table(found: Graph) -> dict[str, list[str]]:
    """Every node with its operation, value and gradient, as the picture has them."""
    steps = range(len(found.steps))
    return {
        t("backpropagation.sweeps.node"): [found.symbols[i] for i in steps],
        t("backpropagation.sweeps.operation"): [
            core_sweeps.operation(found, i) if found.steps[i].parts else "" for i in steps
        ],
        t("backpropagation.sweeps.value"): [core_sweeps.short(found.values[i]) for i in steps],
        t("backpropagation.sweeps.gradient"): [
            core_sweeps.backward_text(found, i) if found.steps[i].moves else "" for i in steps
        ],
    }


@st.cache_resource(max_entries=64, show_spinner=False)
def scene(text: str, point: tuple[float, ...]) -> tuple[go.Figure, plot.Frames, figures.Room]:
    """The graph, its moments and the room that it needs: without words, so that all languages share them."""
    found = core.build(text, point)
    layout, moments = figures.placed(found), core_sweeps.moments(found)
    seen = figures.frames(found, layout, moments)
    changes = {
        (figures.VALUES, "text"): seen.values, (figures.GRADIENTS, "text"): seen.gradients,
        (figures.NODES, "marker.color"): seen.colors, (figures.NODES, "marker.line.color"): seen.rims,
        (figures.LIT, "x"): seen.lit[0], (figures.LIT, "y"): seen.lit[1],
        (figures.LOCALS, "text"): seen.locals,
    }  # fmt: skip
    updates = [plot.Update(0, trace, name, np.asarray(v)) for (trace, name), v in changes.items()]
    readout = {"": [f"{'←' if m.backward else '→'} {m.text}" if m.text else "" for m in moments]}
    frames = plot.Frames(list(range(len(moments))), updates, [], readout)
    return figures.drawing(found, layout), frames, figures.room(found, layout)


def name_of(found: Graph, i: int) -> str:
    operation = core_sweeps.operation(found, i) if found.steps[i].parts else ""
    return f"{found.symbols[i]} = {operation}" if operation else found.symbols[i]


def _look(controls: Form, click: plot.Click) -> None:
    """A click on a node looks into it."""
    if click.trace == figures.NODES and isinstance(click.point, int):
        controls.write("node", str(click.point))


SWEEPS = Section(settings, _show, (core.build, core_sweeps.moments, Graph), choose)
