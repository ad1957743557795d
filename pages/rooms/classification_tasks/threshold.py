"""One digit against the rest: a threshold dragged over the scores, and the curves that it walks along."""

from __future__ import annotations

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.figures import thresholds as figures
from mlcore.tasks import image_pair
from mlcore.tasks import thresholds as core
from mlcore.tasks.thresholds import Counts, Scores
from mlcore.training.tasks import prepare
from mlcore.training.training import Run
from pages.rooms.classification_tasks import room
from pages.rooms.classification_tasks.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, t

FORMULA = (
    r"\begin{gathered} \text{precision} = \frac{\mathstrut TP}{TP + FP}"
    r" \qquad \text{recall} = \frac{\mathstrut TP}{TP + FN}"
    r" \\ F_1 = \frac{\mathstrut 2\,TP}{2\,TP + FP + FN} \end{gathered}"
)


def _choose(controls: Form) -> None:
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        room.which(controls)
    with right:
        for column, (code, step) in zip(
            st.columns(3), (("cdigit", 1), ("cafter", 1), ("ccut", 0.01)), strict=True
        ):
            with column:
                controls.number(code, typed=step)


def _show(spec: RoomSpec, controls: Form) -> None:
    run = room.trained(spec).get(spec.network)
    if run is None:
        return
    at = int(np.abs(run.records.step - spec.after).argmin())
    asked = (room.key(run), at, spec.digit)
    found, aside = scores(*asked, "test", run), scores(*asked, "aside", run)
    cut = core.log_odds(spec.cut)
    here = found.at(cut)
    _pictures(spec, controls, found, asked)
    st.markdown(told(spec, found, here, int(run.records.step[at])))
    left, right = st.columns(2)
    left.dataframe(counted(spec.digit, here), hide_index=True)
    right.dataframe(measured(here), hide_index=True)
    best = partial(put, controls, aside.best_f1)
    st.button(t("classification_tasks.threshold.best", count=len(aside.score)), on_click=best)
    st.latex(FORMULA)
    st.caption(t("classification_tasks.threshold.step", step=int(run.records.step[-1])))


def _pictures(spec: RoomSpec, controls: Form, found: Scores, asked: tuple[str, int, int]) -> None:
    """Scores with the threshold, which is dragged there or chosen by a click on one of both curves."""

    def drag(at: plot.Drag) -> None:
        put(controls, at.x)

    def click(at: plot.Click) -> None:
        put(controls, nearest(found, at.figure == 0, at.x, at.y))

    scores, *curves = drawn(*asked, spec.cut, language(), found)
    alts = [t(f"classification_tasks.alt.{name}") for name in ("scores", "roc", "pr")]
    handles = [plot.Handle(0, figures.MARK, "x")]
    plot.show(scores, key="scores", alt=alts[0], height=320, handles=handles, on_drag=drag)
    plot.show(curves, key="curves", alt=alts[1:], height=360, columns=2, on_click=click)
    st.caption(t("classification_tasks.threshold.heights"))


def put(controls: Form, odds: float) -> None:
    """From a callback: the threshold, as a probability."""
    controls.put("ccut", round(core.probability(odds), 6))


def nearest(found: Scores, roc: bool, x: float, y: float) -> float:
    """The threshold, in log-odds, of the point of a curve that is nearest to a click: between two scores."""
    if roc:
        along, up = (part[1:] for part in found.roc)
    else:
        up, along = found.precision_recall
    k = int(np.hypot(along - x, up - y).argmin())
    scores = found.thresholds
    return float(scores[k : k + 2].mean())


def told(spec: RoomSpec, found: Scores, here: Counts, step: int) -> Text:
    """What the threshold does, and why accuracy alone would not say."""
    share = float(found.positive.mean())
    values = {
        "digit": spec.digit, "cut": number(spec.cut, 4), "step": step, "recall": number(here.recall),
        "precision": number(here.precision), "accuracy": room.exact(here.accuracy),
        "none": room.exact(1 - share), "auc": number(found.auc, 4),
        "ap": number(found.average_precision, 4), "share": number(share),
    }  # fmt: skip
    said = t("classification_tasks.threshold.told", **values)
    word = "below" if here.accuracy < 1 - share else "never" if here.tp + here.fp == 0 else "accuracy"
    return Text(f"{said} {t(f'classification_tasks.threshold.{word}', **values)}")


def counted(digit: int, here: Counts) -> dict[str, list[str]]:
    """The two by two that a threshold makes."""
    rows = [str(t("figure.is_digit").format(digit=digit)), str(t("figure.other_digits"))]
    called = [f"TP {here.tp}", f"FP {here.fp}"], [f"FN {here.fn}", f"TN {here.tn}"]
    texts = [t(f"classification_tasks.threshold.{name}", digit=digit) for name in ("yes", "no")]
    return {"": rows, **{str(text): column for text, column in zip(texts, called, strict=True)}}


def measured(here: Counts) -> dict[str, list[str]]:
    names = [
        t("figure.precision"),
        t("figure.recall"),
        "F1",
        t("figure.false_positive_rate"),
        t("figure.accuracy"),
    ]
    values = [here.precision, here.recall, here.f1, here.fallout, here.accuracy]
    columns = [str(name) for name in names], [str(number(value)) for value in values]
    return {t(f"classification_tasks.threshold.{name}"): own
            for name, own in zip(("measure", "value"), columns, strict=True)}  # fmt: skip


@st.cache_resource(max_entries=64, show_spinner=False)
def scores(key: str, at: int, digit: int, part: str, _run: Run) -> Scores:
    """Of the test images, or of those kept aside."""
    seen = image_pair.unseen(_run.spec.data) if part == "test" else image_pair.held_out(_run.spec.data)
    said = image_pair.logits(_run, prepare(_run.spec), seen.x, at)[0]
    return core.one_against_rest(said, seen.y, digit)


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(key: str, at: int, digit: int, cut: float, language: str, _found: Scores) -> tuple[go.Figure, ...]:
    odds = core.log_odds(cut)
    here = _found.at(odds)
    return (
        figures.histogram(_found, odds, digit, t),
        figures.roc(_found, here, t),
        figures.precision_recall(_found, here, t),
    )


THRESHOLD = Section(room.settings, _show, (core.one_against_rest, Scores, Counts), _choose)
