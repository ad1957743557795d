"""While something is computed elsewhere: its progress, a stop, and what is said when nothing comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlcore.base import spec as specs
from mlcore.engine.engine import Snapshot, State
from mlcore.training.tasks import TrainSpec, prepare
from pages.ui import compute, draw_queue, frame
from pages.ui.text import Text, t
from pages.ui.text.problems import REFUSALS, refusal, retold, unavailable

REDRAW = 0.4  # seconds between two looks at what is not done yet
SELDOM = 2.0  # the same where a crowd looks: fifty tabs that ask all the time are all that a server can do
CROWD = 10  # tabs that wait for the same
TOGETHER, LISTEN = 5.0, 1.0  # seconds that the pages of a crowd are held open, and between two looks
Views = Sequence[Snapshot]
Parts = Sequence[Any]


def percent(views: Views) -> int:
    """How much of it is done, of a hundred."""
    return round(100 * sum(view.share for view in views) / len(views))


def _running(views: Views) -> Text:
    return t("frame.running", percent=percent(views))


def _stopped(parts: Parts) -> Text:
    return t("compare.stopped" if parts else "frame.stopped")


def follow(
    spec: Any,
    slot: str,
    running: Callable[[Views], Text] = _running,
    *,
    show: Callable[[Parts], None] | None = None,
    stopped: Callable[[Parts], Text] = _stopped,
) -> Snapshot:
    """How the computation of `spec` stands; with its progress, or what is said of an end without a result.

    The page draws what there is in the answer, and is drawn again when there are more parts. With `show` it
    draws nothing of what goes on: the parts are shown below the progress, and the page is left as it is.
    """
    view = compute.ask(spec, slot)
    if not view.state.final:
        place = st.empty()  # the same for both kinds of waiting: none is left standing beside the other
        if compute.company(slot) > CROWD:
            with place.container():
                view = _held(slot, view, running)
            place.empty()
    if not view.state.final:
        with place.container():
            progress({slot: spec}, running, drawn=None if show else len(view.parts), show=show)
    elif view.state is not State.DONE:
        _ended(view, slot, stopped)
    return view


def result(spec: Any, slot: str) -> Any:
    """The result of a spec that knows about how long it takes, or None: what takes moments is computed here.

    For anything else there is progress and a stop, and no more than that until it is done.
    """
    if compute.short(spec):
        compute.leave(slot)
        return compute.here(specs.key(spec), spec)
    return follow(spec, slot, computing).result


def computing(views: Views) -> Text:
    """For what is no training."""
    return t("frame.computing", percent=percent(views))


def _held(slot: str, view: Snapshot, running: Callable[[Views], Text]) -> Snapshot:
    """Wait within the drawing of the page, which then goes on.

    One process draws the pages of a whole class: looking several times a second, and beginning all pages
    again at the end, would take it longer than many a training.
    """
    room, _ = _stoppable([slot], f"_hold_{slot}")
    bar = room.empty()
    frame.contents()  # which nobody should have to wait for
    with draw_queue.aside():
        for _ in range(round(TOGETHER / LISTEN)):
            if view.state.final:
                break
            bar.progress(view.share, _told([view], running))
            view = compute.listen(slot, LISTEN)
    return view


def possible(*trainings: TrainSpec, title: str = "") -> bool:
    """Whether these trainings can be; a sentence, after a title, where one of them cannot."""
    try:
        for training in trainings:
            prepare(training)
    except REFUSALS as error:
        st.error(f"**{title}**: {refusal(error)}" if title else refusal(error))
        return False
    return True


def progress(
    asked: Mapping[str, Any],
    running: Callable[[Views], Text],
    *,
    done: int = 0,
    drawn: int | None = None,
    show: Callable[[Parts], None] | None = None,
) -> None:
    """How what each slot of `asked` waits for comes along; `running` says it in words.

    The page is redrawn as soon as one of them ends; where it has `drawn` so many parts, as soon as there are
    more. `done` others have ended before; `show` draws the parts of the first, below.
    """
    every = max(SELDOM if compute.company(slot) > CROWD else REDRAW for slot in asked)
    st.fragment(_progress, run_every=every)(dict(asked), running, done, drawn, show, count())


def _progress(
    asked: Mapping[str, Any],
    running: Callable[[Views], Text],
    done: int,
    drawn: int | None,
    show: Callable[[Parts], None] | None,
    visits: Iterator[int],
) -> None:
    """Redrawn by itself. The first visit, within the drawing of the page, must not begin it again: what a
    browser was not yet told of its widgets would be lost."""
    views = [compute.look(spec, slot) for slot, spec in asked.items()]
    more = drawn is not None and sum(len(view.parts) for view in views) > drawn
    if next(visits) and (more or any(view.state.final for view in views)):
        draw_queue.by_itself()
        st.rerun()
    slots = list(asked)
    room, pressed = _stoppable(slots, f"_stop_{slots[0]}")
    room.progress((done + sum(view.share for view in views)) / (done + len(views)), _told(views, running))
    if pressed:
        st.rerun()
    if show and views[0].parts:
        show(views[0].parts)


def _stoppable(slots: Sequence[str], key: str) -> tuple[DeltaGenerator, bool]:
    """Room for a bar, beside it a button that stops what these slots wait for; whether it was pressed."""
    room, side = st.columns([4, 1], vertical_alignment="bottom")
    stop = t("training.stop")
    return room, side.button(stop, on_click=_stop, args=tuple(slots), width="stretch", key=key)


def _told(views: Views, running: Callable[[Views], Text]) -> Text:
    """Why nothing runs yet, or how far it is."""
    if all(view.state is State.STARTING for view in views):
        return Text(t("frame.starting") + (f" {retold(views[0].problem)}" if views[0].problem else ""))
    if all(view.state is State.QUEUED for view in views):
        return t("frame.queued", place=min(view.place for view in views))
    return running(views)


def _stop(*slots: str) -> None:
    for slot in slots:
        compute.stop(slot)


def _ended(view: Snapshot, slot: str, stopped: Callable[[Parts], Text]) -> None:
    """What is said of an end without a result, or before it; a button takes it back."""
    if view.state is State.STOPPED and not view.problem:
        st.info(stopped(view.parts))
    else:
        st.error(unavailable(view))
    if not view.refusal:  # else the same again would be refused again
        st.button(t("training.again"), on_click=compute.again, args=(slot,), key=f"_again_{slot}")
