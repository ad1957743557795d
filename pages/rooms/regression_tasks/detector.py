"""Networks that find the one rectangle of an image, trained with each loss from the same starts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.shares import Share
from mlcore.figures import detector as figures
from mlcore.tasks import detector as core
from mlcore.tasks import rows, scenes
from mlcore.tasks.boxes import BOX_LOSSES
from mlcore.tasks.detector import SHOWN, TESTED, TRAINED, Checkpoint, Detector, DetectorSpec
from pages.rooms.regression_tasks.room import Form, RoomSpec
from pages.ui import plot, waiting
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, percent, short, t

SLOT = "detector"


def _settings(controls: Form) -> None:
    for code in ("oscenes", "ograin", "ohidden", "orate", "oupdates", "oseeds", "oseed"):
        controls.number(code)


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.detector
    view = waiting.follow(own, SLOT, show=partial(_learning, own))
    if not view.state.final or not view.parts:
        return
    found: Detector | None = view.result
    _learning(own, view.parts, found)
    if found is None:
        return
    st.markdown(told(found))
    st.dataframe(table(found), hide_index=True, height=38 + 35 * len(TRAINED))
    values = {"tested": TESTED, "examples": own.examples, "size": own.network.size, "seeds": own.seeds}
    st.caption(t("regression_tasks.detector.measured", **values))
    st.markdown(f"#### {t('regression_tasks.detector.answers', count=SHOWN)}")
    picture = drawn_answers(specs.key(own), language(), found)
    plot.show(picture, key="answers", alt=t("regression_tasks.alt.answers"), height=520)


def _learning(own: DetectorSpec, parts: Sequence[Checkpoint], found: Detector | None = None) -> None:
    picture = drawn(f"{specs.key(own)}/{len(parts)}", language(), own, parts, found.chance if found else None)
    plot.show(picture, key="learning", alt=t("regression_tasks.alt.learning"), height=380)


def told(found: Detector) -> Text:
    """What the losses came to, and whether GIoU was better than L2 seed by seed."""
    mean = {name: float(found.last.iou[k].mean()) for k, name in enumerate(TRAINED)}
    first, other = (found.last.iou[TRAINED.index(name)] for name in ("giou", "l2"))
    wins = Share(int((first > other).sum()), len(first))
    low, high = wins.interval
    values = {name: number(value) for name, value in mean.items()}
    said = "sure" if low > 0.5 or high < 0.5 else "unsure"
    values |= {"low": percent(low), "high": percent(high), "chance": number(found.chance)}
    return t(f"regression_tasks.detector.{said}", wins=wins.hits, seeds=wins.of, **values)


def table(found: Detector) -> dict[str, list[str]]:
    """A row for each loss."""
    iou, half = found.last.iou, found.last.half
    columns = {
        "loss": [str(short(BOX_LOSSES[name], "box_loss")) for name in TRAINED],
        "iou": [str(number(float(own.mean()))) for own in iou],
        "spread": [f"{number(float(own.min()))} ~ {number(float(own.max()))}" for own in iou],
        "half": [str(percent(float(own.mean()))) for own in half],
    }
    return {t(f"regression_tasks.detector.column.{name}"): column for name, column in columns.items()}


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    key: str, language: str, _own: DetectorSpec, _parts: Sequence[Checkpoint], chance: float | None
) -> go.Figure:
    return figures.learning(_parts, _own.updates, chance, t)


@st.cache_resource(max_entries=32, show_spinner=False)
def drawn_answers(key: str, language: str, _found: Detector) -> go.Figure:
    return figures.answers(_found, t)


DETECTOR = Section(_settings, _show, (core.detect, rows.trained, rows.slope, core.decode, scenes.scenes))
