"""Taking turns: when a class opens the lab, its pages are drawn a few at a time.

All pages are drawn by one process, whose threads share one interpreter: fifty pages at once are each as slow
as all together, and so is whoever just moves a control. So pages that nobody touched (a first visit, a result
that arrives) wait for a turn; a page whose controls are moved is drawn at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

AT_ONCE = 2
LEASE = 0.5  # seconds until a turn that was not given back, as its page ended early, counts no more


class DrawQueue:
    """At most `at_once` turns at a time. One that is held for longer than `lease` seconds does not count."""

    def __init__(self, at_once: int = AT_ONCE, lease: float = LEASE) -> None:
        self.at_once, self.lease = at_once, lease
        self._free = threading.Condition()
        self._until: dict[object, float] = {}  # turn -> when it counts no more

    def take(self) -> object:
        """Wait until it is one's turn."""
        turn = object()
        with self._free:
            while len(self._held()) >= self.at_once:
                self._free.wait(min(self._until.values()) - time.monotonic())
            self._until[turn] = time.monotonic() + self.lease
        return turn

    def give(self, turn: object) -> None:
        """Return a turn; nothing happens where it counts no more."""
        with self._free:
            if self._until.pop(turn, None):
                self._free.notify()

    def _held(self) -> dict[object, float]:
        now = time.monotonic()
        self._until = {turn: until for turn, until in self._until.items() if until > now}
        return self._until


QUEUE = DrawQueue()


def begin() -> None:
    """The page goes on at once where its viewer has moved something, else when it is its turn."""
    end()
    if st.session_state.pop("_untouched", True):
        st.session_state["_turn"] = QUEUE.take()
    st.session_state["_untouched"] = False


def end() -> None:
    """The page is drawn: let the next one begin."""
    QUEUE.give(st.session_state.pop("_turn", None))


@contextmanager
def aside() -> Iterator[None]:
    """While a page waits for a computation, others are drawn. It goes on when it is its turn again."""
    waits = "_turn" in st.session_state
    end()
    yield
    if waits:
        st.session_state["_turn"] = QUEUE.take()


def by_itself() -> None:
    """The next run of this page is not caused by its viewer, so it waits for its turn."""
    st.session_state["_untouched"] = True
