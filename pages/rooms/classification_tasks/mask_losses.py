"""What each loss asks of a pixel, and where the whole gradient of a prediction lies."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from mlcore.figures import masks as figures
from mlcore.tasks import mask_gradients as core
from mlcore.tasks.mask_gradients import EASY, Gradients
from mlcore.tasks.masks import MASK_LOSSES, NAMES, dice, focal, weighted
from pages.rooms.classification_tasks import mask_settings
from pages.rooms.classification_tasks.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, percent, t


def _settings(controls: Form) -> None:
    controls.number("mscene", typed=1)
    for code in ("msoft", "mbias", "mgamma", "mweights"):
        controls.number(code)


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.masks
    chosen = (own.scene, own.softness, own.bias, own.train.strength, own.train.gamma)
    maps, shares, curves = drawn(*chosen, language())
    alts = [
        t("masks.alt.scene"),
        t("masks.alt.predicted"),
        *(t("masks.alt.pull", loss=t(f"figure.mask_{name}")) for name in NAMES),
    ]
    plot.show(list(maps), key="pulls", alt=alts, height=250, columns=3)
    st.caption(t("masks.losses.pulls"))
    st.markdown(told(found(*chosen), own.train.gamma))
    plot.show(shares, key="shares", alt=t("masks.alt.shares"), height=340)
    st.markdown(f"#### {t('masks.losses.one')}")
    alts = [t("masks.alt.object"), t("masks.alt.background")]
    plot.show(list(curves), key="curves", alt=alts, height=460, columns=2)
    st.caption(t("masks.losses.alone"))


def told(found: Gradients, gamma: float) -> Text:
    """Where the gradient of each loss lies."""
    shares = {name: percent(share) for name, share in zip(NAMES, found.share.tolist(), strict=True)}
    easy = percent(float(found.easy.mean()))
    if not found.easy.any():
        return t("masks.losses.none", limit=number(EASY))
    return t("masks.losses.told", easy=easy, limit=number(EASY), gamma=number(gamma), **shares)


@st.cache_resource(max_entries=64, show_spinner=False)
def found(seed: int, softness: float, bias: float, strength: float, gamma: float) -> Gradients:
    _, true = mask_settings.scene(seed, 0.0)
    return core.gradients(true, softness, bias, mask_settings.weights(true, strength), gamma)


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    seed: int, softness: float, bias: float, strength: float, gamma: float, language: str
) -> tuple[tuple[go.Figure, ...], go.Figure, tuple[go.Figure, ...]]:
    image, true = mask_settings.scene(seed, 0.0)
    own = found(seed, softness, bias, strength, gamma)
    maps = figures.seen(image, true, t), figures.predicted(own.probability, true, t)
    maps += figures.pulls(own, true, t)
    one = core.alone(true, softness, bias, mask_settings.weights(true, strength), gamma)
    return maps, figures.shares(own, gamma, t), figures.over_probability(one, t)


LOSSES = Section(
    _settings, _show, (MASK_LOSSES["cross_entropy"].function, weighted, focal, dice, core.made, core.slopes)
)
