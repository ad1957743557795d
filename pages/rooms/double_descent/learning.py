"""Learning curves: training and test cost over the number of examples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.complexity import selection
from mlcore.complexity.families import FAMILIES
from mlcore.complexity.generalization import grid, nearest
from mlcore.complexity.selection import Learning, LearningSpec
from mlcore.complexity.training_sets import draw, shape
from mlcore.figures import complexity as figures
from pages.rooms.double_descent.complexity import family
from pages.rooms.double_descent.room import Form, RoomSpec, number
from pages.ui import ensembles, plot, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, language, t
from pages.ui.text.problems import REFUSALS, refusal


def _settings(controls: Form) -> None:
    family(controls)
    ensembles.choose_complexity(controls, controls.current().validation.ensemble)
    controls.number("most")


def asked(spec: RoomSpec) -> LearningSpec:
    """The learning curve of the chosen complexity."""
    own, value = spec.validation.ensemble, spec.complexity
    values = grid(own.family, *shape(own.sets))
    usual = FAMILIES[own.family].usual
    value = values[nearest(values, usual if value == ensembles.USUAL else value)]
    return LearningSpec(own, value, spec.most)


def _draw(spec: RoomSpec, controls: Form) -> None:
    try:
        wanted = asked(spec)
        size, features = shape(replace(wanted.ensemble.sets, size=wanted.most))
    except REFUSALS as error:
        st.warning(refusal(error))
        return
    if not FAMILIES[wanted.ensemble.family].fits(wanted.complexity, size, features):
        st.warning(t("double_descent.learning.none", size=size))
        return
    found: Learning | None = waiting.follow(wanted, "learning").result
    if found is None:
        return
    figure = drawn(specs.key(wanted), language(), found)
    plot.show(figure, key="learning", alt=t("double_descent.alt.learning"), height=470)
    st.markdown(told(found))
    most = replace(wanted.ensemble.sets, size=wanted.most)
    st.caption(f"{ensembles.kind(most)} {t('double_descent.learning.first')}")


def told(found: Learning) -> Text:
    """The gap between the two at the end, and what is left to any model."""
    train, test = (np.median(cost[-1]) for cost in (found.train_cost, found.test_cost))
    first = np.median(found.test_cost[0])
    return t(
        "double_descent.learning.told", first=number(float(first)), least=int(found.size[0]),
        test=number(float(test)), train=number(float(train)), size=int(found.size[-1]),
        noise=number(found.noise),
    )  # fmt: skip


@st.cache_resource(max_entries=48, show_spinner=False)
def drawn(key: str, language: str, _found: Learning) -> go.Figure:
    return figures.learning(_found, t)


LEARNING = Section(_settings, _draw, (selection.learn, draw))
