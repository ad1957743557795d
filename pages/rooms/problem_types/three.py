"""The same points three ways: what is given, what is asked, and what is wrong with the answer."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.figures import clusters as figures
from mlcore.figures import worlds as world_figures
from mlcore.tasks import three as core
from mlcore.tasks.flat import Flat
from pages.rooms.problem_types import room
from pages.rooms.problem_types.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, percent, t

WAYS = ("supervised", "unsupervised", "reinforcement")


def _settings(controls: Form) -> None:
    room.data(controls)


def _show(spec: RoomSpec, controls: Form) -> None:
    found = room.points(spec)
    if found is None:
        return
    pictures, sentences = drawn(specs.key(spec.data), language(), found)
    for way, column, picture, wrong in zip(WAYS, st.columns(3), pictures, sentences, strict=True):
        with column:
            st.markdown(f"#### {t(f'problem_types.three.{way}.title')}")
            plot.show(picture, key=f"three_{way}", alt=t(f"problem_types.alt.{way}"), height=320)
            for part in ("given", "asked"):
                told = t(f"problem_types.three.{way}.{part}")
                st.markdown(f"**{t(f'problem_types.three.{part}')}** {told}")
            st.markdown(f"**{t('problem_types.three.wrong')}** {wrong}")


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn(key: str, language: str, _points: Flat) -> tuple[Sequence[go.Figure], Sequence[Text]]:
    voted, grouped = core.supervised(_points), core.unsupervised(_points)
    earned = core.reinforcement(_points)
    pictures = (
        figures.labeled(_points, voted, t),
        figures.grouped(_points, grouped, t),
        world_figures.earned(earned, _points.classes, t),
    )
    share = percent(voted.wrong / voted.of)
    means, inertia = len(grouped.means), number(grouped.inertia, 4)
    rewards = {name: number(getattr(earned, name)) for name in ("best", "even")}
    sentences = (
        t("problem_types.three.supervised.wrong", wrong=voted.wrong, of=voted.of, share=share),
        t("problem_types.three.unsupervised.wrong", means=means, inertia=inertia,
          agreement=number(grouped.agreement, 2)),
        t("problem_types.three.reinforcement.wrong", discount=core.DISCOUNT, **rewards),
    )  # fmt: skip
    return pictures, sentences


THREE = Section(_settings, _show, (core.supervised, core.unsupervised, core.reinforcement))
