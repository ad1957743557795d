"""Several computations at once: asked for together, with one line of progress and one stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import Any

import streamlit as st

from mlcore.base import spec as specs
from mlcore.engine.engine import Snapshot, State
from pages.ui import compute, waiting
from pages.ui.text import Text, t
from pages.ui.text.problems import unavailable
from pages.ui.waiting import Views

Specs = Mapping[str, Any]
Running = Callable[[int, int, Views], Text]


def results(wanted: Specs, slot: str, titles: Mapping[str, str], running: Running) -> dict[str, Any] | None:
    """The results of all of `wanted`, by name; None, with progress or a sentence, until they are there.

    What takes moments altogether is computed here.
    """
    if compute.short(*wanted.values()):
        _leave_others({}, slot)
        return {name: compute.here(specs.key(spec), spec) for name, spec in wanted.items()}
    views = follow(wanted, slot, titles, running, t("frame.stopped"))
    if any(view.state is not State.DONE for view in views.values()):
        return None
    return {name: view.result for name, view in views.items()}


def follow(
    wanted: Specs, slot: str, titles: Mapping[str, str], running: Running, stopped: Text
) -> dict[str, Snapshot]:
    """How all of `wanted` stand; for what goes on a line of progress, in the words of `running`, with a stop.

    What failed is a sentence that begins with its title; what was stopped, the sentence `stopped`.
    """
    _leave_others(wanted, slot)
    views = _ask(wanted, slot)
    for name, view in views.items():
        if view.state.final and view.state not in (State.DONE, State.STOPPED):
            st.error(f"**{titles[name]}**: {unavailable(view)}")
    rest = {f"{slot}_{name}": wanted[name] for name, view in views.items() if not view.state.final}
    if rest:
        ended = len(views) - len(rest)
        waiting.progress(rest, partial(running, ended, len(views)), done=ended)
    elif any(view.state is not State.DONE for view in views.values()):
        if any(view.state is State.STOPPED for view in views.values()):
            st.info(stopped)
        st.button(t("training.again"), on_click=_again, args=(tuple(views), slot), key=f"_again_{slot}")
    return views


def percent(ended: int, of: int, views: Views) -> int:
    """How much of all is done, of a hundred, where so many have ended and `views` go on."""
    return round(100 * (ended + sum(view.share for view in views)) / of)


def _ask(wanted: Specs, slot: str) -> dict[str, Snapshot]:
    """Ask for all at once, then wait for all together as long as a page waits for one."""
    until = monotonic() + compute.INLINE
    views = {name: compute.ask(spec, f"{slot}_{name}", 0) for name, spec in wanted.items()}
    for name, spec in wanted.items():
        if not views[name].state.final:
            views[name] = compute.ask(spec, f"{slot}_{name}", until - monotonic())
    return views


def _leave_others(wanted: Specs, slot: str) -> None:
    """Nobody waits for what was wanted before and is not now."""
    before: tuple[str, ...] = st.session_state.get(f"_together_{slot}", ())
    for name in set(before) - set(wanted):
        compute.leave(f"{slot}_{name}")
    st.session_state[f"_together_{slot}"] = tuple(wanted)


def _again(names: tuple[str, ...], slot: str) -> None:
    for name in names:
        compute.again(f"{slot}_{name}")
