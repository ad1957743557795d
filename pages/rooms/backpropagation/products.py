"""Vanishing and exploding: the gradient along a chain, network by network, and the factors that make it."""

from __future__ import annotations

import math

import plotly.graph_objects as go
import streamlit as st

from mlcore.backpropagation import products as core
from mlcore.backpropagation.products import ChainSpec, Products
from mlcore.backpropagation.sweeps import short
from mlcore.base import spec as specs
from mlcore.components.signal import SignalSpec
from mlcore.families.activations import ACTIVATIONS
from mlcore.figures import products as figures
from pages.rooms.backpropagation.room import Form, RoomSpec
from pages.ui import plot, text, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, language, t, tiny, title

SLOT = "products"
FORMULA = r"""\begin{gathered}
h_l = f(z_l), \qquad z_l = h_{l-1} W_l + b_l \\
\tfrac{\partial h_L}{\partial h_l} = \textstyle\prod_{k=l+1}^{L} W_k \operatorname{diag} f'(z_k) \\
\bigl| \tfrac{\partial h_L}{\partial h_l} \bigr| \le
\textstyle\prod_{k=l+1}^{L} \max |f'| \, \lVert W_k \rVert
\end{gathered}"""


def _settings(controls: Form) -> None:
    controls.choice("vact", "activation")
    controls.choice("vinit", "initialization")
    controls.number("vgain", help=t("backpropagation.products.gain_help"))
    controls.number("vdepth")
    controls.number("vwidth", help=t("backpropagation.products.width_help"))
    controls.number("vnets")
    controls.number("vseed")


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.chain
    st.latex(FORMULA)
    found: Products | None = waiting.result(own, SLOT)
    if found is None:
        return
    say = st.success if found.fate == "arrives" else st.warning
    say(verdict(found))
    alts = [t("backpropagation.alt.along"), t("backpropagation.alt.factors")]
    pictures = drawn(specs.key(own), language(), found)
    plot.show(pictures, key="products", alt=alts, height=420, columns=2)
    st.caption(t("backpropagation.products.picture", nets=own.nets))
    st.markdown(identity(found))
    st.markdown(slopes(found))
    with st.expander(t("backpropagation.products.table"), expanded=own.width == 1 and own.depth <= 12):
        st.dataframe(table(found), hide_index=True)
    st.page_link("pages/model.py", label=t("backpropagation.products.theory"), query_params=signal_link(own))


def verdict(found: Products) -> Text:
    """Whether the gradient reaches the input: by the median network."""
    spec = found.spec
    total, lost = found.total, int((found.measured[:, 0] == 0).sum())
    values = {"depth": spec.depth, "total": power(total), "nets": spec.nets}
    told = t(f"backpropagation.products.{found.fate}", factor=power(total ** (1 / spec.depth)), **values)
    if lost:
        told = Text(f"{told} {t('backpropagation.products.lost', lost=lost, nets=spec.nets)}")
    return told


def identity(found: Products) -> Text:
    """The product beside autograd's gradient, for the first network and for all."""
    name = "identity" if found.spec.width == 1 else "jacobians"
    told = t(
        f"backpropagation.products.{name}", product=power(found.product[0, 0], 7),
        measured=power(found.measured[0, 0], 7),
    )  # fmt: skip
    if math.isfinite(found.residual):
        told = Text(f"{told} {t('backpropagation.products.differ', residual=tiny(found.residual))}")
    if found.blocked:
        told = Text(f"{told} {t('backpropagation.products.blocked', blocked=found.blocked)}")
    return told


def slopes(found: Products) -> Text:
    """The bound of the first network, taken apart: slopes and weights."""
    spec, norms = found.spec, float(found.norms[0].prod())
    return t(
        "backpropagation.products.bounded", name=Text(title(ACTIVATIONS[spec.activation], "activation")),
        steepest=short(found.steepest), depth=spec.depth, most=power(found.steepest**spec.depth),
        norms=power(norms), bound=power(found.bound[0, 0]), measured=power(found.measured[0, 0]),
    )  # fmt: skip


def power(value: float, digits: int = 3) -> Text:
    """3.12 · 10⁻⁷ as a formula, or the number where it is short."""
    found = text.power(value, digits)
    return Text(f"${{{found}}}$" if "cdot" in found else f"${found}$")  # in braces: not broken


def table(found: Products) -> dict[str, list[str]]:
    """The factors of the first network, from the output to the input, as the gradient meets them."""
    order = range(found.spec.depth - 1, -1, -1)
    if len(found.z):
        parts = {"weight": found.weights, "z": found.z, "slope": found.slopes}
        parts["factor"] = found.weights * found.slopes
    else:
        parts = {"norm": found.norms[0], "most": found.steepest * found.norms[0], "factor": found.factors[0]}
    columns: dict[str, list[str]] = {t("backpropagation.products.layer"): [str(k + 1) for k in order]}
    for name, values in parts.items():
        columns[t(f"backpropagation.products.{name}")] = [short(float(values[k])) for k in order]
    columns[t("backpropagation.products.so_far")] = [short(float(found.product[0, k])) for k in order]
    return columns


def signal_link(spec: ChainSpec) -> dict[str, str]:
    """The same setting in the model room, which has the theory of wide layers."""
    width = max(spec.width, 32)
    same = SignalSpec(spec.activation, spec.init, spec.gain, spec.depth, width, seed=spec.seed)
    return {"lang": language(), "view": "signal", **specs.to_query(same)}


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(key: str, language: str, _found: Products) -> list[go.Figure]:
    return [figures.along(_found, t), figures.factors(_found, t)]


PRODUCTS = Section(_settings, _show, (core.autograd, core.multiplied, core.spectral))
