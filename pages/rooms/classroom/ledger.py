"""The rows of a class: each answer is computed once for all who look, and new ones wait for no old ones."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from time import monotonic
from typing import Any

import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.experiment import run
from mlcore.classes.kinds import Activity, rows_of
from mlcore.engine.engine import State
from pages.ui import compute
from pages.ui.text import Text
from pages.ui.text.problems import unavailable

MOST = 200  # rows of one batch
PAUSE = 5.0  # seconds after a batch that failed
BATCHES = 2  # under way at a time: while they are, answers gather for the next


class Ledger:
    """Rows by answer, of one activity."""

    def __init__(self, activity: Activity, name: str) -> None:
        self.activity, self.name = activity, name
        self._rows: dict[Any, Any] = {}
        self._under_way: dict[str, tuple[Any, tuple[Any, ...]]] = {}  # key -> spec, its answers
        self._lock = threading.Lock()
        self._view: Any = None  # of a batch that has failed
        self._hopeless: set[Any] = set()
        self._pause = 0.0  # monotonic seconds until a batch is tried again

    def rows(self, answers: Iterable[Any]) -> Mapping[Any, Any]:
        """What there is of these answers by now; what is missing is on its way. Never waits for a worker."""
        if self._lock.acquire(blocking=False):  # else somebody else is at it
            try:
                self._collect()
                self._order(answers)
            finally:
                self._lock.release()
        return {answer: self._rows[answer] for answer in answers if answer in self._rows}

    def problem(self) -> Text | None:
        """Why the last batch has no rows."""
        return unavailable(self._view) if self._view else None

    def _collect(self) -> None:
        for key, (spec, answers) in list(self._under_way.items()):
            view = compute.door().ask(spec, self.name)  # asked again: it also says that somebody waits
            if not view.state.final:
                continue
            del self._under_way[key]
            compute.door().leave(key, self.name)
            if view.state is State.DONE and view.result is not None:
                self._view = None
                self._rows |= zip(answers, view.result, strict=True)
            else:
                self._view, self._pause = view, monotonic() + PAUSE
                if view.refusal:  # the same again would be refused again
                    self._hopeless |= set(answers)

    def _order(self, answers: Iterable[Any]) -> None:
        if monotonic() < self._pause:
            return
        asked = {answer for _, some in self._under_way.values() for answer in some} | self._hopeless
        missing = [one for one in dict.fromkeys(answers) if one not in self._rows and one not in asked]
        if not missing or len(self._under_way) >= BATCHES:
            return
        some = tuple(missing[:MOST])
        spec = rows_of(self.activity, some)
        if hasattr(spec, "seconds") and compute.short(spec):
            self._rows |= zip(some, run(spec), strict=True)
        else:
            self._under_way[specs.key(spec)] = spec, some
            self._collect()


@st.cache_resource(max_entries=64, show_spinner=False)
def _ledger(key: str, _activity: Activity) -> Ledger:
    return Ledger(_activity, f"class {key}")


def ledger(activity: Activity) -> Ledger:
    """The rows of an activity in this process: equal activities share them."""
    return _ledger(specs.key(activity), activity)
