"""Who is inside: a laboratory that takes in more than it can serve serves nobody."""

from __future__ import annotations

import threading

import streamlit as st

from mlcore.base import meter
from mlcore.base.limits import limits
from pages.ui.text import t

AGAIN = 5.0  # seconds until a tab that found no room tries again


class Visitors:
    """Browser tabs by name, as many as MLCORE_SESSIONS at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside: set[str] = set()
        self._outside: set[str] = set()

    def __len__(self) -> int:
        return len(self._inside)

    @property
    def outside(self) -> int:
        return len(self._outside)

    def enter(self, name: str, most: int) -> bool:
        """Whether `name` is inside now: who is once in stays in."""
        with self._lock:
            if name not in self._inside and len(self._inside) >= most:
                self._outside.add(name)
                return False
            self._outside.discard(name)
            self._inside.add(name)
            return True

    def leave(self, name: str) -> None:
        with self._lock:
            self._inside.discard(name)
            self._outside.discard(name)


VISITORS = Visitors()


def admit(name: str) -> None:
    """Let this tab in, or say that there is no room, try again by itself, and end this run of the page."""
    most = limits().sessions
    if VISITORS.enter(name, most):
        return
    meter.tell("refused", kind="sessions")
    st.info(t("frame.full", sessions=most))
    visits = iter(range(10**9))

    @st.fragment(run_every=AGAIN)
    def knock() -> None:
        if next(visits) and VISITORS.enter(name, most):
            st.rerun()

    knock()
    st.stop()
