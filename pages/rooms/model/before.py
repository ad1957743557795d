"""What an architecture can say before it has learned: hundreds of random functions at once."""

from __future__ import annotations

import streamlit as st

from mlcore.base import spec as specs
from mlcore.components import untrained
from mlcore.components.untrained import Prior, PriorSpec
from mlcore.depth.pieces import pieces
from mlcore.families.networks import Network
from mlcore.figures import untrained as figures
from pages.rooms.model.room import SPACES, Form, RoomSpec
from pages.ui import components, plot
from pages.ui.sections import Ran, Section
from pages.ui.text import Text, percent, t

SQUARES = 8


def settings(controls: Form) -> None:
    names = {space: t(f"model.before.{space}") for space in SPACES}
    controls.select("space", names, widget=st.segmented_control, required=True)
    components.architecture(controls, lambda: controls.current().prior.model)
    controls.choice("init", "initialization")
    controls.number("gain", help=t("model.before.gain_help"))
    controls.number("bspread", help=t("model.before.bspread_help"))
    if controls.current().space == "line":
        controls.number("count")
    controls.number("seed")


def show(spec: RoomSpec, controls: Form) -> None:
    if spec.space == "plane":
        plane(spec.prior)
        return
    found = drawn(specs.key(spec.prior), spec.prior)
    figure = figures.functions(found, t)
    plot.show(figure, key="model.functions", alt=t("model.alt.functions"), height=460)
    if spec.prior.count > figures.MOST_DRAWN:
        st.caption(t("model.before.some", drawn=figures.MOST_DRAWN, count=spec.prior.count))
    st.markdown(" ".join(sentences(found)))
    if not spec.prior.bias and found.kinks and spec.prior.model.init != "torch_default":
        st.info(t("model.before.no_bias"))


@st.cache_resource(max_entries=32, show_spinner=True)
def drawn(key: str, _spec: PriorSpec) -> Prior:
    return untrained.prior(_spec)


def sentences(found: Prior) -> list[Text]:
    """What can be counted about these functions."""
    share, turns = percent(found.constant), Text(f"{found.turns.mean():.2f}")
    limit = percent(untrained.CONSTANT)
    said = [t("model.before.counts", share=share, limit=limit, turns=turns, count=found.spec.count)]
    model = found.spec.model
    if len(found.pieces) and model.kind == "mlp" and model.widths and model.activation != "identity":
        bound = untrained.most_pieces(model.network(1, 1))
        seen = {"mean": Text(f"{found.pieces.mean():.1f}"), "most": int(found.pieces.max())}
        name = "pieces_one" if len(model.widths) == 1 else "pieces"
        formula = Text(r" \cdot ".join(f"({width} + 1)" for width in model.widths))
        limit = Text(f"{bound:,}".replace(",", "{,}"))
        said.append(t(f"model.before.{name}", exact=len(found.pieces), bound=limit, formula=formula, **seen))
    return said


def plane(spec: PriorSpec) -> None:
    """The first functions of two numbers, side by side."""
    values = untrained.squares(spec, SQUARES)
    listed = [figures.square(z, t("figure.seeded").format(seed=spec.seed + k)) for k, z in enumerate(values)]
    alts = [t("model.alt.square", seed=spec.seed + k) for k in range(len(listed))]
    plot.show(listed, key="model.squares", alt=alts, height=260, columns=4)
    st.caption(t("model.before.plane_told"))


def behind(spec: RoomSpec) -> Ran:
    return untrained.draw, Network.predict, untrained.squares if spec.space == "plane" else pieces


BEFORE = Section(settings, show, behind)
