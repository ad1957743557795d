"""What depth makes cheap: the saw-tooth and the square, exactly."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from mlcore.depth import sawtooth as core
from mlcore.figures import depth as figures
from pages.rooms.depth.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, t


def _settings(controls: Form) -> None:
    controls.number("saw")


def _show(spec: RoomSpec, controls: Form) -> None:
    layers = spec.saw
    found = numbers(layers)
    st.latex(
        r"\begin{gathered} g(x) = 2 \max(0, x) - 4 \max\left(0, x - \tfrac12\right) \\ "
        r"g_L = \underbrace{g \circ \dots \circ g}_{L} \end{gathered}"
    )
    pictures = drawn(layers, language())
    alts = [t(f"depth.alt.{name}") for name in ("saw", "needed")]
    plot.show(list(pictures[:2]), key="saw", alt=alts, height=360, columns=2)
    deep, least, built = core.units(layers)
    sizes = {"deep_size": found["deep_size"], "wide_size": found["wide_size"]}
    counts = {"layers": layers, "pieces": found["pieces"], "deep": deep, "least": least, "built": built}
    st.markdown(t("depth.sawtooth.counted", **counts, **sizes))
    st.markdown(t("depth.sawtooth.square"))
    st.latex(
        r"\begin{gathered} x^2 \approx f_m(x) = x - \sum_{s=1}^{m} \frac{g_s(x)}{4^s} \\ "
        r"\max_{0 \le x \le 1} \left| f_m(x) - x^2 \right| = 2^{-2m-2} \end{gathered}"
    )
    alts = [t(f"depth.alt.{name}") for name in ("square", "errors")]
    plot.show(list(pictures[2:]), key="square", alt=alts, height=360, columns=2)
    exact = found["error"] == float(core.bound(layers))
    said = t("depth.sawtooth.equal" if exact else "depth.sawtooth.unequal")
    values = {
        "terms": layers,
        "error": Text(f"{found['error']:.10g}"),
        "power": Text(f"2^{{-{2 * layers + 2}}}"),
        "said": said,
    }
    st.markdown(t("depth.sawtooth.error", **values))


@st.cache_data(max_entries=core.DEEPEST, show_spinner=False)
def numbers(layers: int) -> dict[str, float]:
    """Counted and measured on the networks themselves."""
    x, deep, wide = core.grid(layers), core.deep(layers), core.shallow(layers)
    sizes = {"deep_size": deep[0].size, "wide_size": wide[0].size}
    return {"pieces": core.pieces(x, core.values(deep, x)), "error": core.square_error(layers), **sizes}


@st.cache_resource(max_entries=2 * core.DEEPEST, show_spinner=False)
def drawn(layers: int, language: str) -> tuple[go.Figure, ...]:
    return (
        figures.saw(layers, t),
        figures.needed(layers, t),
        figures.square(layers, t),
        figures.errors(layers, t),
    )


SAWTOOTH = Section(_settings, _show, (core.deep, core.shallow, core.pieces, core.square))
