"""Predict first: a step's question is answered before anything is computed, sent or drawn that would tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlcore.figures import predictions
from mlcore.files.escape import plain
from mlcore.lessons import comparison
from mlcore.lessons.problems import LessonError
from mlcore.lessons.question import MOST_POINTS, OPTION, TEXT, Answer, Question, Truth
from pages.ui import frame, lessons, mirrored, over, plot, typed
from pages.ui.lessons import Place
from pages.ui.plot_frames import Frames
from pages.ui.text import Text, number, percent, t
from pages.ui.text.problems import refusal

DRAFT, PROBLEM = "_predict_draft", "_predict_problem"  # of the session
Curve = tuple[tuple[float, float], ...]


def first() -> None:
    """Ask what the step of the lesson asks; the page ends here until it is answered.

    Afterwards the answer stands here, and will be drawn over the picture that holds the truth.
    """
    place = lessons.here()
    if place is None or (question := place.step.question) is None:
        return
    if (answer := lessons.answer()) is not None:
        with st.container(key="predict_told", border=True):
            over.lay(_told(place, question, answer))
        return
    with st.container(key="predict", border=True):
        _ask(place, question)
    frame.close_page()
    st.stop()


def commit(place: Place, answer: Answer) -> None:
    """The one place where an answer is given: for good, until the reader answers again."""
    lessons.keep_answer(place, answer)


# ---------------------------------------------------------------- asking


def _ask(place: Place, question: Question) -> None:
    st.caption(t("lesson.predict"))
    st.markdown(Text(f"**{plain(question.text, TEXT)}**"))
    said = draft(question, _slot(place))

    def take() -> None:
        try:
            commit(place, question.check(said))
            st.session_state.pop(PROBLEM, None)
        except LessonError as error:
            st.session_state[PROBLEM] = place, error

    st.button(t("lesson.commit"), type="primary", on_click=take, key="predict_commit")
    of, problem = st.session_state.get(PROBLEM, (None, None))
    if of == place:
        st.warning(refusal(problem))


def draft(question: Question, slot: str) -> Any:
    """What is being answered: the number of an option, a number, the points of a curve; nothing at first."""
    return {"choice": _choice, "number": _number, "curve": _curve}[question.kind](question, slot)


def _slot(place: Place) -> str:
    """Where the session keeps what is being answered: each step has its own."""
    return f"{DRAFT}.{place.id}.{place.number}"


def _choice(question: Question, slot: str) -> Any:
    options = [plain(option, OPTION) for option in question.options]
    return st.radio(
        t("lesson.options"), range(len(options)), index=st.session_state.get(slot), key=slot,
        format_func=options.__getitem__, label_visibility="collapsed",
    )  # fmt: skip


def _number(question: Question, slot: str) -> Any:
    """A slider and a field: each follows the other."""
    low, high = float(question.low), float(question.high)
    now = st.session_state.setdefault(f"{slot}.now", (low + high) / 2)

    def take(value: float) -> None:
        st.session_state[f"{slot}.now"] = value

    limits: dict[str, Any] = {"min_value": low, "max_value": high, "format": "%.4g"}
    limits["step"] = (high - low) / 200
    unit = f" ({plain(question.unit)})" if question.unit else ""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    label = Text(t("lesson.number") + unit)
    mirrored.number(left.slider, label, f"{slot}.slid", now, take, **limits)
    mirrored.number(
        right.number_input, label, f"{slot}.typed", now, take, label_visibility="collapsed", **limits
    )
    return now


def _curve(question: Question, slot: str) -> Any:
    """A sheet to sketch on with mouse or finger, and the same points as lines of text."""
    curve: Curve = st.session_state.setdefault(f"{slot}.curve", ())

    def keep(points: Curve) -> None:
        st.session_state[f"{slot}.curve"] = points

    def stroke(made: plot.Stroke) -> None:
        keep(redrawn(question, st.session_state[f"{slot}.curve"], made.points))

    st.caption(t("lesson.sketch"))
    pen = plot.Pen(0, predictions.SAID.color, space=7.0)
    sheet = predictions.sheet(question, curve, t)
    plot.show(sheet, key="predict_sheet", alt=t("lesson.alt.sheet"), height=380, pen=pen, on_stroke=stroke)
    st.button(t("drawing.clear"), on_click=keep, args=((),), disabled=not curve, key="predict_clear")
    with st.expander(t("drawing.lines")):
        listed = "\n".join(f"{x:.4g}, {y:.4g}" for x, y in curve)
        span = {
            "x_low": question.x_low,
            "x_high": question.x_high,
            "low": question.low,
            "high": question.high,
        }
        typed.lines(f"{slot}.lines", t("drawing.lines"), t("lesson.lines", **span), listed,
                    lambda text: _read(question, text), keep, height=160)  # fmt: skip
    return curve


def redrawn(question: Question, curve: Curve, made: Sequence[tuple[float, float]]) -> Curve:
    """The curve with a stroke instead of what it had over the same x."""
    low, high = min(x for x, _ in made), max(x for x, _ in made)
    new = {
        _within(x, question.x_low, question.x_high): _within(y, question.low, question.high) for x, y in made
    }
    points = sorted([*((x, y) for x, y in curve if not low <= x <= high), *new.items()])
    step = max(1, -(-len(points) // MOST_POINTS))
    return tuple(points[::step])


def _within(value: float, low: float, high: float) -> float:
    return float(f"{min(max(value, low), high):.4g}") if low < value < high else min(max(value, low), high)


def _read(question: Question, text: str) -> Curve:
    """The points of typed lines. Raises `LessonError`."""
    lines = [line for line in text.replace("−", "-").splitlines() if line.strip()]
    pairs = [tuple(map(_numeral, re.split(r"\s*[,;\s]\s*", line.strip()))) for line in lines]
    read = question.check(pairs)
    return read if isinstance(read, tuple) else ()


def _numeral(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


# ---------------------------------------------------------------- after the answer


@dataclass(frozen=True)
class Prediction:
    """Draws the answer over the picture that holds the truth, and says how far apart they are."""

    question: Question
    truth: Truth
    answer: Answer
    beside: DeltaGenerator

    def __call__(self, picture: str, figures: list[go.Figure], frames: Frames | None) -> list[go.Figure]:
        truth, at = self.truth, self.truth.figure
        if picture != truth.picture or at >= len(figures) or truth.trace >= len(figures[at].data):
            return figures
        x, y = (_seen(figures[at], truth, axis, frames) for axis in "xy")
        if isinstance(self.answer, tuple):
            found = comparison.apart(self.question, self.answer, x, y)
            figures[at] = predictions.with_curve(figures[at], truth.trace, self.answer, t)
            if found:
                far = {"mean": number(found.mean), "share": percent(found.share), "x": number(found.farthest)}
                self.beside.markdown(t("lesson.apart", **far))
        elif self.question.kind == "number":
            across = not truth.read.startswith("x_of")
            figures[at] = predictions.with_number(figures[at], truth.trace, self.answer, across, t)
            seen = comparison.read_off(truth.read, x, y)
            if seen is not None:
                off = abs(seen - self.answer)
                share = off / (self.question.high - self.question.low)
                self.beside.markdown(
                    t("lesson.off", seen=number(seen), off=number(off), share=percent(share))
                )
        return figures


def _seen(figure: go.Figure, truth: Truth, axis: str, frames: Frames | None) -> Any:
    """A coordinate of the trace; where a player moves it, as its last frame has it."""
    for update in frames.updates if frames else ():
        if (update.figure, update.trace, update.attribute) == (truth.figure, truth.trace, axis):
            last = update.values if update.grow else update.values[-1]
            return last if update.scale is None else last * update.scale + update.offset
    found = getattr(figure.data[truth.trace], axis, None)
    return () if found is None else found


def _told(place: Place, question: Question, answer: Answer) -> Prediction | None:
    """What was asked and answered; whether that is right, where the lesson says so."""
    st.markdown(Text(f"{plain(question.text, TEXT)}"))
    beside = st.container()
    if question.kind == "choice":
        beside.markdown(_chosen(question, answer))
    elif question.kind == "number":
        unit = Text(f" {plain(question.unit)}" if question.unit else "")
        beside.markdown(t("lesson.said", answer=Text(f"{number(float(str(answer)), 4)}{unit}")))
    elif question.truth is None and isinstance(answer, tuple):
        sheet = predictions.sheet(question, answer, t)
        plot.show(sheet, key="predict_sheet", alt=t("lesson.alt.said"), height=240)

    def again() -> None:
        lessons.keep_answer(place, None)

    st.button(t("lesson.again"), on_click=again, key="predict_again", type="tertiary")
    return Prediction(question, question.truth, answer, beside) if question.truth else None


def _chosen(question: Question, answer: Answer) -> Text:
    option = Text(plain(question.options[int(str(answer))], OPTION))
    said = t("lesson.said", answer=option)
    if question.right is None:
        return Text(f"{said} {t('lesson.compare')}")
    if question.right == answer:
        return Text(f":green[✓] {said} {t('lesson.right')}")
    right = Text(plain(question.options[question.right], OPTION))
    return Text(f":red[✗] {said} {t('lesson.wrong', right=right)}")
