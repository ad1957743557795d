"""Cosine similarity on the circle."""

from __future__ import annotations

import math

import streamlit as st

from mlcore.components import similarity
from mlcore.figures import circle as figures
from pages.rooms.loss.parts import Form, number, numbers
from pages.rooms.loss.spec import LossSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import t, tiny

VIEWS = 8  # of 4 examples, for the number of SimCLR's loss


def _settings(controls: Form) -> None:
    controls.numbers("va", help=t("loss.cosine.typed"))
    controls.numbers("vb", help=t("loss.cosine.typed"))
    controls.number("margin")


def _cosine(spec: LossSpec, controls: Form) -> None:
    pair = similarity.likeness(spec.a, spec.b, spec.margin)

    def drag(at: plot.Drag) -> None:
        controls.put("vb" if at.point else "va", (round(at.x, 2), round(at.y, 2)))

    pictures = [figures.vectors(pair, t), figures.embedding(pair, t)]
    alt = [t("loss.alt.vectors"), t("loss.alt.embedding")]
    plot.show(pictures, key="cosine", alt=alt, height=470, handles=[plot.Handle(0, 4)], on_drag=drag)
    together, apart = map(float, pair.loss)
    numbers({
        "cos θ": pair.cos, "θ": f"{pair.angle:.1f}°",
        t("figure.together"): together, t("figure.apart"): apart,
    })  # fmt: skip
    if min(math.hypot(*spec.a), math.hypot(*spec.b)) < similarity.TINY:
        st.warning(t("loss.cosine.zero"))
    else:
        st.caption(t("loss.cosine.chord", chord=number(pair.chord), residual=tiny(pair.residual)))
    st.caption(t("loss.cosine.simclr", views=VIEWS, cost=number(math.log(VIEWS - 1))))


COSINE = Section(
    _settings, _cosine,
    (similarity.cosine, similarity.embedding_loss, similarity.likeness, similarity.nt_xent),
)  # fmt: skip
