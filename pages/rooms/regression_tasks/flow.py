"""Two made frames, the flow between them by Lucas and Kanade's least squares, and where that fails."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.figures import flow as figures
from mlcore.files.picture import Picture
from mlcore.tasks import flow as core
from mlcore.tasks import flow_colors
from mlcore.tasks.flow import FLOATS, MOTIONS, OWN, TEXTURES, Flow, FlowSpec
from pages.rooms.regression_tasks.room import Form, RoomSpec
from pages.ui import pictures, plot
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, percent, t

FRAMES = 11
LEAST_SQUARES = (
    r"\begin{gathered} \min_{u, v} \sum_{\text{window}} (I_x u + I_y v + I_t)^2"
    r" \\ \sum \begin{pmatrix} I_x^2 & I_x I_y \\ I_x I_y & I_y^2 \end{pmatrix}"
    r" \begin{pmatrix} u \\ v \end{pmatrix} = -\sum \begin{pmatrix} I_x I_t \\ I_y I_t \end{pmatrix}"
    r" \end{gathered}"
)
ERRORS = (
    r"\begin{gathered} \text{EPE} = \sqrt{(\hat u - u)^2 + (\hat v - v)^2}"
    r" \\ \text{AE} = \angle \left( (\hat u, \hat v, 1), (u, v, 1) \right) \end{gathered}"
)


def _settings(controls: Form) -> None:
    controls.select("omotion", {name: t(f"regression_tasks.motion.{name}") for name in MOTIONS})
    controls.number("oamount", typed=0.5)
    if controls.current().flow.motion == "translation":
        controls.number("oheading", typed=15.0)
    controls.select("otexture", {name: t(f"regression_tasks.texture.{name}") for name in TEXTURES})
    controls.number("onoise")
    for code in ("owindow", "olevels", "orounds", "otexseed"):
        controls.number(code)


def _choose(controls: Form) -> None:
    """A picture of one's own, above what it becomes."""
    if controls.current().flow.texture == OWN:
        pictures.choose()


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.flow
    picture = pictures.own() if own.texture == OWN else None
    key = specs.key(own)
    found = estimated(key, own, picture)
    shown, frames = scene(key, language(), own, picture)
    alts = [t(f"regression_tasks.alt.{name}") for name in ("frames", "arrows")]
    plot.play(list(shown), frames, key="frames", alt=alts, labels=play_labels(), height=420, columns=2)
    st.caption(t("regression_tasks.flow.arrows", times=number(figures.times(found))))
    if picture is not None:
        st.caption(t("regression_tasks.flow.own"))
    st.markdown(told(own, found))
    left, right = st.columns(2)
    left.latex(LEAST_SQUARES)
    right.latex(ERRORS)
    st.markdown(f"#### {t('regression_tasks.flow.colors')}")
    colors = drawn(key, language(), own, picture)
    plot.show(list(colors), key="colors", alt=_in_words(found), height=340, columns=2)
    st.caption(t("regression_tasks.flow.wheel"))
    st.markdown(f"#### {t('regression_tasks.flow.far')}")
    alt = t("regression_tasks.alt.carried")
    plot.show(carried_far(key, language(), own, picture), key="carried", alt=alt, height=360)
    st.caption(t("regression_tasks.flow.levels"))


def _in_words(found: Flow) -> list[Text]:
    """What is seen of the colors: a color that is read aloud needs its numbers."""
    said = []
    for name, flow in (("true_colors", found.true), ("found_colors", found.found)):
        mean, longest = found.lengths(flow)
        said.append(t(f"regression_tasks.alt.{name}", mean=number(mean), longest=number(longest)))
    wheel = number(found.lengths(found.true)[1])
    return [*said, t("regression_tasks.alt.wheel", longest=wheel), t("regression_tasks.alt.errors")]


def told(own: FlowSpec, found: Flow) -> Text:
    """Both errors, and why they are large where they are."""
    none = found.end_point(np.zeros_like(found.true))
    poor = float(found.poor[found.inside].mean())
    values = {"epe": number(found.end_point()), "angle": number(found.angular()), "none": number(none)}
    said = t("regression_tasks.flow.errors", **values)
    blank = float(found.blank[found.inside].mean())
    if own.texture == OWN and blank > 0.02:
        said = Text(f"{said} {t('regression_tasks.flow.even', blank=percent(blank))}")
    if poor > 0.5:
        return Text(f"{said} {t('regression_tasks.flow.aperture', poor=percent(poor))}")
    if found.end_point() > 0.3 * none and none > 2:
        return Text(f"{said} {t('regression_tasks.flow.too_far', levels=own.levels)}")
    return said


def framed(picture: Picture | None) -> FLOATS | None:
    """A picture as a texture."""
    return None if picture is None else core.square(picture.gray)


@pictures.cached(64)
def estimated(key: str, _own: FlowSpec, _picture: Picture | None) -> Flow:
    return core.estimate(_own, framed(_picture))


@pictures.cached(32)
def scene(
    key: str, language: str, _own: FlowSpec, _picture: Picture | None
) -> tuple[tuple[go.Figure, go.Figure], plot.Frames]:
    """The texture on its way, and the arrows."""
    texture = framed(_picture)
    images = np.stack([core.frame(_own, share, texture) for share in np.linspace(0, 1, FRAMES)])
    update = plot.Update(0, 0, "z", **plot.one_byte(images, *figures.SHADES))
    readout = {str(t("regression_tasks.flow.share")): [str(percent(k / (FRAMES - 1))) for k in range(FRAMES)]}
    frames = plot.Frames(range(FRAMES), [update], [], readout)
    found = estimated(specs.key(_own), _own, _picture)
    return (figures.moving(images[-1], t), figures.arrows(found, t)), frames


@pictures.cached(32)
def drawn(key: str, language: str, _own: FlowSpec, _picture: Picture | None) -> tuple[go.Figure, ...]:
    found = estimated(specs.key(_own), _own, _picture)
    return *figures.colored(found, t), figures.errors(found, t)


@pictures.cached(64)
def swept(key: str, _own: FlowSpec, _picture: Picture | None) -> tuple[FLOATS, FLOATS]:
    return core.over_amounts(_own, framed(_picture))


@pictures.cached(32)
def carried_far(key: str, language: str, _own: FlowSpec, _picture: Picture | None) -> go.Figure:
    every = replace(_own, amount=1.0, levels=1)  # the sweep has both
    found, none = swept(specs.key(every), every, _picture)
    now = estimated(specs.key(_own), _own, _picture).end_point()
    return figures.carried(found, none, (_own.amount, now), t)


CODE = (core.lucas_kanade, core.least_squares, core.angular_error, flow_colors.colors)
FLOW = Section(_settings, _show, CODE, _choose)
