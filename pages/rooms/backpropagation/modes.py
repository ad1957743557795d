"""Forward mode beside reverse mode: from every input ahead, and from every output back."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from mlcore.backpropagation import graph as core
from mlcore.backpropagation.graph import Graph
from mlcore.backpropagation.jacobian import Jacobian, between, jacobian
from mlcore.backpropagation.sweeps import short
from mlcore.figures import graph as figures
from pages.rooms.backpropagation.room import NO_NODE, Form, RoomSpec, choose, hole, settings, standing, which
from pages.rooms.backpropagation.sweeps import height, name_of
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import number, t, tiny

HALF = 27  # heights of the type: as wide as a picture may be that stands beside another one on a laptop


def _show(spec: RoomSpec, controls: Form) -> None:
    spec, found = standing(spec)
    lacks = hole(found)
    outputs = _outputs(spec, found, controls)
    left, right = st.columns(2)
    with left:
        name = found.inputs[which(controls, found.inputs)]
    with right:
        back = _back(found, controls, outputs)
    forward, reverse, room = pictures(spec.expression.text, spec.expression.point, name, outputs, back)
    out = found.symbols[back]
    places = st.columns(2) if room.width <= HALF else [st.container(), st.container()]
    for place, mode, picture in zip(places, ("forward", "reverse"), (forward, reverse), strict=True):
        with place:
            st.markdown(t(f"backpropagation.modes.{mode}", input=name, output=out))
            alt = t(f"backpropagation.alt.{mode}", input=name, output=out)
            plot.show(picture, key=mode, alt=alt, height=height(room.rows), least=room.width)
    if not lacks:
        st.markdown(
            t("backpropagation.modes.meet", input=name, output=out,
              forward=number(found.tangents(name)[back], 6, 0),
              reverse=number(found.gradients(back)[found.at(name)], 6, 0))
        )  # fmt: skip
        _jacobian(found, outputs)
    with st.expander(t("backpropagation.sweeps.table")):
        st.dataframe(table(found, name, back), hide_index=True)


def _outputs(spec: RoomSpec, found: Graph, controls: Form) -> tuple[int, ...]:
    """The nodes that count as outputs, in their order: the last one, unless others are chosen."""
    nodes = [i for i, step in enumerate(found.steps) if step.moves]
    now = [i for i in nodes if i in spec.outputs] or [found.output]
    key = f"_backpropagation_outs_{'_'.join(found.symbols)}"

    def write() -> None:
        chosen = sorted(st.session_state[key])
        controls.put("outs", () if chosen == [found.output] else chosen)

    if set(st.session_state.get(key, ())) != set(now):  # another link, or nothing is left
        st.session_state[key] = now
    st.multiselect(
        t("control.outs"), nodes, now, format_func=lambda i: name_of(found, i), key=key, on_change=write
    )
    return tuple(now)


def _back(found: Graph, controls: Form, outputs: tuple[int, ...]) -> int:
    """The output that reverse mode goes back from, in the picture."""
    told = {NO_NODE: found.symbols[outputs[-1]]} | {str(i): found.symbols[i] for i in outputs[:-1]}
    controls.select("back", told)
    chosen = int(controls.state["back"])
    return outputs[-1] if chosen < 0 else chosen


def _jacobian(found: Graph, outputs: tuple[int, ...]) -> None:
    both = jacobian(found, outputs)
    st.markdown(counted(both))
    sums = (sum(both.forward_products), sum(both.reverse_products))
    for mode, total in zip(("forward", "reverse"), sums, strict=True):
        st.markdown(t(f"backpropagation.modes.{mode}_filled", count=total))
        st.dataframe(filled(found, outputs, both, mode), hide_index=True)
    off = both.difference
    if off < 1e-6:
        st.markdown(t(f"backpropagation.modes.{'rounding' if off else 'same'}", difference=tiny(off)))
    else:  # numbers so large or small that an order of multiplying loses them
        st.warning(t("backpropagation.modes.apart"))


def counted(both: Jacobian) -> str:
    """How many sweeps and products each mode needs for all derivatives."""
    outputs, inputs = both.forward.shape
    return t(
        "backpropagation.modes.counted", inputs=inputs, outputs=outputs, forward=sum(both.forward_products),
        reverse=sum(both.reverse_products),
    )  # fmt: skip


def filled(found: Graph, outputs: tuple[int, ...], both: Jacobian, mode: str) -> dict[str, list[str]]:
    """The Jacobian as one mode has filled it, with the products of each sweep: of a column, or of a row."""
    values, forward = getattr(both, mode), mode == "forward"
    last = t("backpropagation.modes.products")
    columns: dict[str, list[str]] = {}
    columns[t("backpropagation.modes.output")] = [found.symbols[i] for i in outputs] + [last] * forward
    for k, name in enumerate(found.inputs):
        counts = [str(both.forward_products[k])] * forward
        columns[f"∂ · / ∂{name}"] = [short(float(v)) for v in values[:, k]] + counts
    if not forward:
        columns[last] = list(map(str, both.reverse_products))
    return columns


def table(found: Graph, name: str, back: int) -> dict[str, list[str]]:
    return {
        t("backpropagation.sweeps.node"): list(found.symbols),
        t("backpropagation.sweeps.value"): [short(v) for v in found.values],
        f"∂ · / ∂{name} →": [short(v) for v in found.tangents(name)],
        f"← ∂{found.symbols[back]} / ∂ ·": [short(v) for v in found.gradients(back)],
    }


@st.cache_resource(max_entries=64, show_spinner=False)
def pictures(
    text: str, point: tuple[float, ...], name: str, outputs: tuple[int, ...], back: int
) -> tuple[go.Figure, go.Figure, figures.Room]:
    """Without words, so that all languages share them; the edges on which a sweep multiplies are lit."""
    found = core.build(text, point)
    layout = figures.placed(found)
    ahead = between(found, {found.at(name)}, outputs)
    behind = between(found, [found.at(one) for one in found.inputs], {back})
    tangents, gradients = found.tangents(name), found.gradients(back)
    room = figures.room(found, layout, tangents, gradients)
    forward, reverse = ((tangents, ahead), (gradients, behind))
    return figures.drawing(found, layout, *forward), figures.drawing(found, layout, *reverse), room


MODES = Section(settings, _show, (jacobian, between, Jacobian, Graph), choose)
