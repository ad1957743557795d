"""The U of the slide: variance, noise and bias squared over complexity."""

from __future__ import annotations

import streamlit as st

from mlcore.figures import bias_variance as figures
from pages.rooms.bias_variance.room import Form, RoomSpec, Seen
from pages.ui import ensembles, plot
from pages.ui.text import Text, t


def show(spec: RoomSpec, controls: Form, seen: Seen) -> None:
    found, family = seen.ensemble, spec.ensemble.family
    axis = t(f"variants.complexity.{family}")
    figure = figures.curve(found, seen.chosen, axis, seen.values, say=t)
    plot.show(figure, key="curve", alt=t("bias_variance.alt.curve"), height=460)
    best = found.fits[found.best]
    parts = {name: Text(f"{value:.3g}") for name, value in best.parts.average().items()}
    st.markdown(t("bias_variance.best", axis=axis, value=Text(f"{best.complexity:.3g}"), **parts))
    st.caption(t("bias_variance.curve.unbiased"))
    errors = found.average("error")
    if above := int((errors > figures.ceiling(errors)).sum()):
        st.caption(t("bias_variance.curve.above", count=above, of=len(errors)))
    st.caption(ensembles.kind(spec.ensemble.sets))
