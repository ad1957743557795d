"""The one door from pages to the core: what takes moments runs here, all else through the engine."""

from __future__ import annotations

import uuid
from dataclasses import replace
from time import monotonic
from typing import Any, Protocol

import streamlit as st

from mlcore.base import meter
from mlcore.base import spec as specs
from mlcore.base.experiment import run
from mlcore.engine.engine import Engine, Snapshot, State, engine
from pages.ui import draw_queue
from pages.ui.visitors import VISITORS

INLINE = 0.7  # seconds that a page waits for a result before it shows progress instead
HERE = 0.3  # seconds of computing at most that a page does by itself, of those it can estimate


class Estimated(Protocol):
    """A spec that knows about how long it takes on one core, in `seconds`."""

    @property
    def seconds(self) -> float: ...


def short(*wanted: Estimated) -> bool:
    """Whether all of this is done sooner here than others would notice."""
    return sum(spec.seconds for spec in wanted) <= HERE


@st.cache_resource(max_entries=64, show_spinner=False)
def here(key: str, _spec: Any) -> Any:
    """The result of a short computation, once for everybody: who asks for the same waits, others do not."""
    begun = monotonic()
    result = run(_spec)
    meter.tell("computed", monotonic() - begun, spec=meter.kind(_spec), end="done", where="page")
    return result


def door() -> Engine:
    """The engine of this process."""
    return engine()


def _gone(name: str) -> None:
    door().leave_all(name)
    VISITORS.leave(name)


@st.cache_resource(scope="session", on_release=_gone, show_spinner=False)
def session() -> str:
    """A name for this browser tab; when it closes, nobody waits for its trainings any more."""
    return uuid.uuid4().hex


def ask(spec: Any, slot: str, patience: float = INLINE) -> Snapshot:
    """How the computation of `spec` stands. One slot of a page waits for one spec: the last one is left.

    It may be `patience` seconds until the answer, if the computation could be done by then.
    """
    name, key = f"_asked_{slot}", specs.key(spec)
    if st.session_state.get(name) not in (None, key):
        leave(slot)
    st.session_state[name] = key
    stopped: Snapshot | None = st.session_state.get(f"_stopped_{slot}")
    if stopped is not None:
        return stopped
    view = door().ask(spec, session())
    if not view.state.final and patience > 0:
        with draw_queue.aside():
            view = door().wait(key, session(), patience)
    return view


def look(spec: Any, slot: str) -> Snapshot:
    """The same without asking again, for the progress that is redrawn several times a second."""
    stopped: Snapshot | None = st.session_state.get(f"_stopped_{slot}")
    return stopped or door().look(specs.key(spec), session())


def company(slot: str) -> int:
    """How many tabs wait for what this slot waits for."""
    return door().company(st.session_state.get(f"_asked_{slot}", ""))


def listen(slot: str, seconds: float) -> Snapshot:
    """How it stands, as soon as it ends or after so many seconds. Keep them few: a control moved meanwhile
    is heard after them."""
    return door().wait(st.session_state[f"_asked_{slot}"], session(), seconds)


def stop(slot: str) -> None:
    """This tab wants no more; what was computed until now is kept. Others who wait go on waiting."""
    key = st.session_state.get(f"_asked_{slot}")
    if key:
        view = door().leave(key, session())
        if not view.state.final:  # for others it goes on
            view = replace(view, state=State.STOPPED, place=0, problem="")
        if view.state is State.STOPPED:
            st.session_state[f"_stopped_{slot}"] = view


def leave(slot: str) -> None:
    """This slot waits for nothing any more."""
    if before := st.session_state.pop(f"_asked_{slot}", None):
        door().leave(before, session())
    st.session_state.pop(f"_stopped_{slot}", None)


def again(slot: str) -> None:
    """Take a stop back."""
    st.session_state.pop(f"_stopped_{slot}", None)
