"""The loss of the slide: one pair, its angle, its label and the margin; and pairs that nobody chose."""

from __future__ import annotations

import math

import plotly.graph_objects as go
import streamlit as st

from mlcore.components import similarity
from mlcore.components.similarity import Likeness
from mlcore.embeddings import pairs as core
from mlcore.embeddings.pairs import DRAWN, Random
from mlcore.figures import circle
from mlcore.figures import pairs as figures
from pages.rooms.contrastive.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, t, tiny

GRIPS = 4  # the trace of the tips
FORMULA = (
    r"\begin{gathered} \cos\theta = \frac{a \cdot b}{|a| \, |b|}"
    r" \\ L = \begin{cases} 1 - \cos\theta & y = 1 \\ \max(0, \cos\theta - m) & y = -1 \end{cases}"
    r" \end{gathered}"
)


def _settings(controls: Form) -> None:
    controls.numbers("cta")
    controls.numbers("ctb")
    controls.number("ctgap")
    controls.number("ctroom")


def _show(spec: RoomSpec, controls: Form) -> None:
    pair = likeness(spec.a, spec.b, spec.gap)

    def drag(at: plot.Drag) -> None:
        controls.put("ctb" if at.point else "cta", (round(at.x, 2), round(at.y, 2)))

    st.info(t("contrastive.slide.simclr"))
    pictures = drawn(spec.a, spec.b, spec.gap, language())
    alts = [t("contrastive.alt.vectors"), t("contrastive.alt.angle")]
    plot.show(
        list(pictures), key="slide", alt=alts, height=440, handles=[plot.Handle(0, GRIPS)], on_drag=drag
    )
    left, right = st.columns([3, 2])
    with left:
        st.markdown(told(pair, spec))
        if min(math.hypot(*spec.a), math.hypot(*spec.b)) < similarity.TINY:
            st.warning(t("contrastive.slide.zero"))
    right.latex(FORMULA)
    st.markdown(f"#### {t('contrastive.slide.random')}")
    found = random_pairs(spec.room)
    st.markdown(drawn_told(found))
    plot.show(random_drawn(spec.room, language()), key="random", alt=t("contrastive.alt.random"), height=300)


def told(pair: Likeness, spec: RoomSpec) -> Text:
    """Both losses of the pair, and which way each turns it."""
    together, apart = map(float, pair.loss)
    values = {
        "cos": number(pair.cos), "angle": f"{pair.angle:.1f}", "together": number(together),
        "apart": number(apart), "margin": number(spec.gap), "chord": number(pair.chord, 5),
        "residual": tiny(pair.residual),
    }  # fmt: skip
    said = "pushed" if pair.cos > spec.gap else "left"
    return Text(
        f"{t('contrastive.slide.told', **values)} {t(f'contrastive.slide.{said}', **values)}"
        f"\n\n{t('contrastive.slide.chord', **values)}"
    )


def drawn_told(found: Random) -> Text:
    values = {"d": found.dimensions, "count": DRAWN, "variance": number(found.variance, 4)}
    return t("contrastive.slide.random_told", law=number(1 / found.dimensions, 4), **values)


@st.cache_resource(max_entries=256, show_spinner=False)
def likeness(a: tuple[float, ...], b: tuple[float, ...], margin: float) -> Likeness:
    return similarity.likeness(a, b, margin)


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    a: tuple[float, ...], b: tuple[float, ...], margin: float, language: str
) -> tuple[go.Figure, go.Figure]:
    pair = likeness(a, b, margin)
    return circle.vectors(pair, t), circle.embedding(pair, t)


@st.cache_resource(max_entries=32, show_spinner=False)
def random_pairs(dimensions: int) -> Random:
    return core.random_cosines(dimensions)


@st.cache_resource(max_entries=32, show_spinner=False)
def random_drawn(dimensions: int, language: str) -> go.Figure:
    return figures.random_pairs(random_pairs(dimensions), t)


SLIDE = Section(
    _settings, _show,
    (similarity.cosine, similarity.embedding_loss, similarity.likeness, core.random_cosines),
)  # fmt: skip
