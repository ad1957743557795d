"""Two identities: layers without activations are one layer, and hidden units have no order."""

from __future__ import annotations

import streamlit as st

from mlcore.components import symmetry
from mlcore.figures import symmetry as figures
from pages.rooms.model.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import Text, t, tiny

FEATURES, OUTPUTS = 8, 8  # of the network that is taken apart: wide enough for a narrow layer to be seen


def power(exponent: float) -> str:
    """10 to the exponent as 4.4·10²⁶; in full where it is short."""
    if exponent < 6:
        return f"{round(10**exponent):,}"
    whole = int(exponent)
    raised = str(whole).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{10 ** (exponent - whole):.1f}·10{raised}"


def settings(controls: Form) -> None:
    controls.sizes("h")
    controls.choice("act", "activation")
    controls.choice("init", "initialization")
    controls.number("seed")


def show(spec: RoomSpec, controls: Form) -> None:
    model, seed = spec.prior.model, spec.prior.seed
    sizes = (FEATURES, *model.widths, OUTPUTS)
    st.markdown(f"#### {t('model.algebra.collapse_title')}")
    found = symmetry.collapse(sizes, model.init, seed)
    chain = r" \, ".join(f"W_{{{k}}}" for k in range(1, len(sizes)))
    st.latex(rf"f(x) = x \, {chain} + b_{{\mathrm{{eff}}}}")
    shape = Text(" → ".join(map(str, sizes)))
    told = {"residual": tiny(found.residual), "examples": symmetry.EXAMPLES, "shape": shape}
    st.markdown(
        t("model.algebra.collapse", rank=found.rank, narrowest=min(sizes), layers=len(sizes) - 1, **told)
    )
    plot.show(figures.spectrum(found, t), key="model.spectrum", alt=t("model.alt.spectrum"), height=340)
    st.caption(t("model.algebra.spectrum"))
    st.markdown(f"#### {t('model.algebra.shuffle_title')}")
    swapped = symmetry.shuffle(sizes, spec.signal.activation, model.init, seed)
    columns = st.columns(3)
    columns[0].metric(t("model.algebra.moved"), f"{swapped.moved:,} / {len(swapped.before):,}")
    columns[1].metric(t("model.algebra.change"), tiny(swapped.residual))
    columns[2].metric(t("model.algebra.orders"), power(swapped.equals))
    st.markdown(t("model.algebra.shuffle"))


ALGEBRA = Section(settings, show, (symmetry.affine, symmetry.permuted))
