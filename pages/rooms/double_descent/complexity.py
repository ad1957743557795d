"""The classical picture: training and test cost over the complexity of a family."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.complexity import selection
from mlcore.complexity.generalization import Ensemble, bias_variance, grid
from mlcore.complexity.selection import Validation
from mlcore.complexity.training_sets import shape
from mlcore.figures import complexity as figures
from pages.rooms.double_descent.room import Form, RoomSpec, number
from pages.ui import ensembles, plot, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, language, t


def family(controls: Form) -> None:
    """The data, and which models."""
    ensembles.choose_data(controls, lambda: controls.current().validation.ensemble)
    ensembles.choose_family(controls, lambda: controls.current().validation.ensemble)


def _settings(controls: Form) -> None:
    family(controls)
    controls.number("folds")


def _draw(spec: RoomSpec, controls: Form) -> None:
    own = spec.validation.ensemble
    seen = ensembles.found(own, "complexity")
    if seen is None:
        return
    done: Validation | None = waiting.follow(spec.validation, "folds").result
    values = grid(own.family, *shape(own.sets))
    state = f"{specs.key(spec.validation)}/{len(seen.fits)}/{done is not None}"
    figure = drawn(state, language(), values, seen, done)
    plot.show(figure, key="complexity", alt=t("double_descent.alt.complexity"), height=470)
    if len(seen.fits) == len(values):
        st.markdown(told(seen, done))
    st.caption(f"{ensembles.kind(own.sets)} {t('double_descent.complexity.members')}")


def told(seen: Ensemble, done: Validation | None) -> str:
    """Where the mean test cost is least, and what cross-validation chose and paid for it."""
    axis = t(f"variants.complexity.{seen.spec.family}")
    mean = np.array([fit.test_cost.mean() for fit in seen.fits])
    best = int(mean.argmin())
    said = [
        t("double_descent.complexity.least", axis=axis, value=_value(seen, best), cost=number(mean[best]))
    ]
    if done is None:
        return said[0]
    chosen = int(np.flatnonzero(seen.complexity == done.complexity[done.choice])[0])
    own = float(seen.fits[chosen].test_cost[0])  # of the set that it was chosen on
    said.append(
        t("double_descent.complexity.chosen", folds=done.folds, value=_value(seen, chosen),
          cost=number(mean[chosen]), own=number(own))
    )  # fmt: skip
    if done.folds < done.spec.folds:
        said.append(t("double_descent.complexity.fewer", folds=done.folds))
    return " ".join(said)


def _value(seen: Ensemble, at: int) -> Text:
    return Text(f"{seen.complexity[at]:.3g}")


@st.cache_resource(max_entries=48, show_spinner=False)
def drawn(
    key: str, language: str, values: list[float], _seen: Ensemble, _done: Validation | None
) -> go.Figure:
    name = t(f"variants.complexity.{_seen.spec.family}")
    return figures.complexity(_seen, values, _done, name, t)


COMPLEXITY = Section(_settings, _draw, (bias_variance, selection.validate))
