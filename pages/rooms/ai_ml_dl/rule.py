"""A rule by hand: a formula in features that tells two digits apart."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.figures import approaches as figures
from mlcore.figures.embedding import images
from mlcore.tasks import approaches as core
from mlcore.tasks.approaches import NAMES, Ruled
from pages.rooms.ai_ml_dl import room
from pages.rooms.ai_ml_dl.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, percent, t

SHOWN = 10  # mistakes


def _settings(controls: Form) -> None:
    room.digits(controls)
    controls.text("airule", help=t("ai_ml_dl.rule.help"))


def _show(spec: RoomSpec, controls: Form) -> None:
    pair = spec.pair
    text, ruled = room.standing(spec)
    shares = ruled.share(0), ruled.share(1)
    low, high = shares[1].interval
    st.markdown(
        t("ai_ml_dl.rule.told", larger=pair[1], smaller=pair[0], rule=text, test=percent(shares[1].value),
          low=percent(low), high=percent(high), train=percent(shares[0].value))
    )  # fmt: skip
    plot.show(drawn(text, pair, language()), key="rule", alt=t("ai_ml_dl.alt.rule"), height=320)
    mistakes(pair, ruled)
    st.dataframe(means(pair), hide_index=True)
    st.caption(t("ai_ml_dl.rule.means"))


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(text: str, pair: tuple[int, int], language: str) -> go.Figure:
    return figures.values(core.examples(pair), core.judge(text, pair), t)


def mistakes(pair: tuple[int, int], ruled: Ruled) -> None:
    """The first test examples on which the rule is wrong."""
    wrong = np.flatnonzero(~ruled.right[1])
    if not len(wrong):
        st.success(t("ai_ml_dl.rule.none"))
        return
    shown = core.examples(pair).pixels[1][wrong[:SHOWN]].numpy()
    picture = images([shown], [str(t("ai_ml_dl.rule.wrong"))], t)
    plot.show(picture, key="mistakes", alt=t("ai_ml_dl.alt.mistakes"), height=130)


def means(pair: tuple[int, int]) -> dict[str, list[str]]:
    """What the features are on average, of both digits in the training examples."""
    found = core.examples(pair)
    table: dict[str, list[str]] = {str(t("ai_ml_dl.feature")): [Text(name) for name in NAMES]}
    table[str(t("ai_ml_dl.meaning"))] = [str(t(f"ai_ml_dl.means.{name}")) for name in NAMES]
    for k, digit in enumerate(pair):
        own = found.features[0][found.classes[0] == k]
        told = zip(own.mean(0), own.std(0), strict=True)
        table[str(digit)] = [f"{number(mean, 2)} ± {number(std, 2)}" for mean, std in told]
    return table


RULE = Section(_settings, _show, (core.features, core.judge))
