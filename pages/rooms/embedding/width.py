"""How much is lost, over how many numbers a code has."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.embeddings import bottleneck as core
from mlcore.embeddings.bottleneck import BottleneckSpec, Width
from mlcore.figures import embedding as figures
from pages.rooms.embedding import room
from pages.rooms.embedding.room import Form, RoomSpec
from pages.ui import plot, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, language, percent, t, tiny

SLOT = "embedding_widths"


def _settings(controls: Form) -> None:
    room.data(controls)
    controls.number("aeunits")
    controls.choice("aeact", "activation")
    room.training(controls)


def _show(spec: RoomSpec, controls: Form) -> None:
    if (seen := room.seen(spec)) is None:
        return
    own = BottleneckSpec(spec.own)
    draw, running = partial(_pictures, own), partial(_running, len(core.widths(seen)))
    view = waiting.follow(own, SLOT, running, show=draw)
    if not view.state.final or not view.parts:
        return
    draw(view.parts)
    last = view.parts[-1]
    st.markdown(
        t("embedding.width.told", code=last.code, pca=percent(last.pca_test), deep=percent(last.test["deep"]),
          linear=percent(last.test["linear"]), gap=tiny(abs(core.gap(view.parts))))
    )  # fmt: skip


def _running(of: int, views: waiting.Views) -> Text:
    done = len(views[0].parts)
    return t("embedding.width.running", done=done, of=of, percent=waiting.percent(views))


def _pictures(own: BottleneckSpec, parts: Sequence[Width]) -> None:
    picture = drawn(f"{specs.key(own)}/{len(parts)}", language(), parts)
    plot.show(picture, key="widths", alt=t("embedding.alt.widths"), height=460)


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn(key: str, language: str, _parts: Sequence[Width]) -> go.Figure:
    return figures.widths(_parts, t)


WIDTH = Section(_settings, _show, (core.bottleneck,))
