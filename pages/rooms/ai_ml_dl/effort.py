"""Accuracy against what was learned: a rule, a learner on features, a network on pixels."""

from __future__ import annotations

import streamlit as st

from mlcore.figures import approaches as figures
from mlcore.tasks import approaches as core
from mlcore.tasks.approaches import NAMES, Way
from pages.rooms.ai_ml_dl import room
from pages.rooms.ai_ml_dl.room import Form, RoomSpec
from pages.ui import plot, waiting
from pages.ui.sections import Section
from pages.ui.text import percent, t

SLOT, WAYS = "ai_ml_dl", ("rule", "features", "pixels")


def _settings(controls: Form) -> None:
    controls.flag("aiall")
    if not controls.current().pixels.every:
        room.digits(controls)
        controls.text("airule", help=t("ai_ml_dl.rule.help"))
    for code in ("aiunits", "aisteps", "aiseed"):
        controls.number(code)


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.pixels
    ways: dict[str, Way] = {}
    if not own.every:
        _, ruled = room.standing(spec)
        ways["rule"] = Way(0, ruled.share(1), ruled.share(0))
    ways["features"] = core.on_features(own.digits)
    trained: Way | None = waiting.follow(own, SLOT, waiting.computing).result
    if trained is not None:
        ways["pixels"] = trained
    named = [(WAYS.index(name), str(t(f"ai_ml_dl.way.{name}")), way) for name, way in ways.items()]
    plot.show(figures.effort(named, t), key="effort", alt=t("ai_ml_dl.alt.effort"), height=420)
    st.dataframe(table(ways), hide_index=True)
    st.caption(t("ai_ml_dl.effort.all" if own.every else "ai_ml_dl.effort.pair", features=len(NAMES)))


def table(ways: dict[str, Way]) -> dict[str, list[str]]:
    """What a person decided, what was learned, and how well that does."""
    intervals = [way.test.interval for way in ways.values()]
    return {
        str(t("ai_ml_dl.effort.way")): [str(t(f"ai_ml_dl.way.{name}")) for name in ways],
        str(t("ai_ml_dl.effort.person")): [str(t(f"ai_ml_dl.person.{name}")) for name in ways],
        str(t("ai_ml_dl.effort.learned")): [f"{way.learned:,}" for way in ways.values()],
        str(t("ai_ml_dl.effort.train")): [percent(way.train.value) for way in ways.values()],
        str(t("ai_ml_dl.effort.test")): [percent(way.test.value) for way in ways.values()],
        "95%": [f"{percent(low)} – {percent(high)}" for low, high in intervals],
    }


EFFORT = Section(_settings, _show, (core.on_features, core.on_pixels))
