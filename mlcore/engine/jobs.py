"""Who waits for what: the bookkeeping of the engine, in memory only.

Equal specs are one job for everybody who asks. Whoever asks must look every `patience` seconds or counts as
gone, since a browser may vanish without a word; the job that nobody waits for any more is stopped.

Jobs wait here and not in Dask, which would deal them out to workers at once: so a place in the queue is a
fact, a waiting job vanishes without a message, and a killed worker takes one job with it, not several.
A session's second unfinished job is served after everybody's first, and so on; then who asked first.

Every method holds the lock for a few dictionary operations and never waits for anything outside.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from time import monotonic
from typing import Any
from uuid import uuid4

from mlcore.base import meter
from mlcore.base import spec as specs
from mlcore.base.cache import Cache
from mlcore.base.refusal import Refusal
from mlcore.engine.job import CLOSED, GONE, NO_ROOM, OVERLONG, UNSTEADY, Job, Load, Snapshot, State

__all__ = ["Job", "Jobs", "Load", "Snapshot", "State"]


class Jobs:
    """What `Engine` promises to pages. At most `slots` jobs are sent at once; the rest wait in line."""

    def __init__(
        self, queue: int, per_session: int, cache_bytes: int, patience: float, seconds: float = 600.0
    ) -> None:
        self._queue, self._per_session, self._patience = queue, per_session, patience
        self._seconds = seconds  # that a job may take from when it is begun
        self._lock = threading.Condition()
        self._jobs: dict[str, Job] = {}  # by the key of the spec, in the order of asking
        self._sent: dict[str, Job] = {}  # by the name under which a worker computes it
        self._results: Cache[tuple[Any, tuple[Any, ...]]] = Cache(cache_bytes)  # (result, parts)
        self._slots, self._trouble, self._open = 0, "", True

    def _changed(self) -> None:
        """Called under the lock when `_sent` may be another."""

    # ------------------------------------------------------------ for pages, from any thread

    def ask(self, spec: Any, session: str) -> Snapshot:
        """Wait for the result of `spec`, with whoever else does. Asking for one that failed tries again.

        A refusal is only in the answer: there is nothing to look at later.
        """
        key = specs.key(spec)
        with self._lock:
            job, kept = self._jobs.get(key), self._kept(key)  # asked for even if there is a job: it is in use
            turn = 1 + sum(
                session in other.seen and not other.view.state.final for other in self._jobs.values()
            )
            if job is None or job.view.state is State.FAILED:
                view = kept or self._admit(key, session)
                if view.state is State.REFUSED:
                    return view
                meter.tell("asked", answer="kept" if kept else "new")
                company = self._jobs.pop(key).seen if job else {}  # they see the new attempt, too
                job = self._jobs[key] = Job(spec, view, turn, company)
            elif session not in job.seen:
                job.turn = min(job.turn, turn)
                meter.tell("asked", answer="joined")
            job.seen[session] = monotonic()
            self._replan()
            return job.view

    def look(self, spec_or_key: Any, session: str) -> Snapshot:
        """How things stand, from memory. It also says that `session`, if it has asked, is still there."""
        key = spec_or_key if isinstance(spec_or_key, str) else specs.key(spec_or_key)
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                return self._kept(key) or Snapshot(key, State.STOPPED, problem=GONE)
            if session in job.seen:
                job.seen[session] = monotonic()
            return job.view

    def company(self, key: str) -> int:
        """How many sessions wait for the result of a spec."""
        with self._lock:
            job = self._jobs.get(key)
            return len(job.seen) if job else 0

    def load(self) -> Load:
        """How much there is to do now."""
        with self._lock:
            waiting = [job for job in self._jobs.values() if job.view.state.waiting]
            computing = sum(job.view.state is State.RUNNING for job in self._jobs.values())
            longest = monotonic() - min((job.asked for job in waiting), default=monotonic())
            kept = self._results.used
            return Load(self._slots, len(waiting), computing, max(0.0, longest), kept, self._trouble)

    def leave(self, key: str, session: str) -> Snapshot:
        """`session` waits no longer; the last to leave stops the job. What was computed is in the answer."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.seen.pop(session, None) is None:
                return self.look(key, session)
            if not job.seen:
                del self._jobs[key]
                self._sent.pop(job.name, None)
                if not job.view.state.final:
                    job.view = replace(job.view, state=State.STOPPED, place=0, problem="")
                    self._count(job)
            self._replan()
            return job.view

    def leave_all(self, session: str) -> None:
        """A browser tab was closed."""
        with self._lock:
            for key in [key for key, job in self._jobs.items() if session in job.seen]:
                self.leave(key, session)

    def wait(self, key: str, session: str, timeout: float) -> Snapshot:
        """Look until the job has ended or `timeout` seconds are over. A page asks for moments."""
        deadline = monotonic() + timeout
        with self._lock:
            while not (view := self.look(key, session)).state.final and (rest := deadline - monotonic()) > 0:
                self._lock.wait(min(rest, self._patience / 3))
            return view

    # ------------------------------------------------------------ for the engine

    def _heard(self, name: str, before: int, share: float, parts: tuple[Any, ...]) -> None:
        """A worker reports `parts`, having reported `before` others earlier.

        When a worker was killed, another begins again with `before` = 0: nothing is ever doubled.
        """
        with self._lock:
            if (job := self._sent.get(name)) is None:
                return
            view, begins = job.view, job.view.state.waiting
            job.begun = job.begun or monotonic()
            if before <= len(view.parts):  # else a report was lost: leave no gap, the result brings all parts
                view = replace(view, parts=view.parts[:before] + parts)
            share = min(max(share, 0.0), 1.0)
            job.view = replace(view, state=State.RUNNING, place=0, share=share, problem="")
            if begins:
                self._replan()

    def _done(self, job: Job, result: Any, parts: tuple[Any, ...], size: int) -> None:
        with self._lock:
            self._results.put(job.view.key, (result, parts), size)
            self._end(job, state=State.DONE, share=1.0, parts=parts, result=result)

    def _failed(self, job: Job, problem: str, refusal: Refusal | None = None) -> None:
        with self._lock:
            self._end(job, state=State.FAILED, problem=problem, refusal=refusal)

    def _lost(self, job: Job) -> None:
        """The cluster vanished under the job: it goes back to its place in line, but not again and again."""
        with self._lock:
            self._slots = 0  # until the cluster has answered again
            job.losses += job.view.state is State.RUNNING  # one that had not begun cannot be to blame
            if job.losses > 1:
                self._end(job, state=State.FAILED, problem=UNSTEADY)
            elif self._sent.pop(job.name, None):
                job.name, job.begun = "", 0.0
                job.view = replace(job.view, state=State.STARTING)
                self._replan()

    def _capacity(self, slots: int, trouble: str = "") -> None:
        """How many jobs can be computed at once; if none, a sentence why."""
        with self._lock:
            if (slots, trouble) != (self._slots, self._trouble):
                self._slots, self._trouble = slots, trouble
                self._replan()

    def _forget_absent(self) -> None:
        """Take leave for those who have not looked for longer than `patience`."""
        limit = monotonic() - self._patience
        with self._lock:
            absent = [(k, s) for k, job in self._jobs.items() for s, seen in job.seen.items() if seen < limit]
            for key, session in absent:
                self.leave(key, session)

    def _stop_overlong(self) -> None:
        """Stop what has been computed for longer than a job may take."""
        limit = monotonic() - self._seconds
        with self._lock:
            for job in [job for job in self._sent.values() if job.begun and job.begun < limit]:
                meter.tell("refused", kind="engine.overlong")
                self._failed(job, OVERLONG.format(seconds=f"{self._seconds:g}"))

    def _shut(self) -> None:
        with self._lock:
            self._jobs.clear()
            self._sent.clear()
            self._replan()
            self._open = False
            self._lock.notify_all()

    # ------------------------------------------------------------ under the lock

    def _kept(self, key: str) -> Snapshot | None:
        kept = self._results.get(key)
        return kept and Snapshot(key, State.DONE, share=1.0, result=kept[0], parts=kept[1])

    def _admit(self, key: str, session: str) -> Snapshot:
        held = [job for job in self._jobs.values() if job.view.state.waiting]
        mine = sum(session in job.seen for job in held)
        problem = kind = ""
        if not self._open:
            kind, problem = "closed", CLOSED
        elif mine >= self._per_session:
            kind, problem = (
                "mine",
                f"You already wait for {mine} computations. Stop one or let one end, then ask again.",
            )
        elif len(held) >= self._queue:
            kind, problem = "full", NO_ROOM.format(places=self._queue)
        if kind:
            meter.tell("refused", kind=f"engine.{kind}")
        return Snapshot(key, State.REFUSED if problem else State.QUEUED, problem=problem)

    def _end(self, job: Job, **changes: Any) -> None:
        self._sent.pop(job.name, None)
        job.view = replace(job.view, place=0, **changes)
        self._count(job)
        self._replan()
        self._lock.notify_all()

    def _count(self, job: Job) -> None:
        """Tell the meter of a job that has ended: how it ended, how long it waited, how long it took."""
        begun = job.begun or monotonic()
        meter.tell("waited", begun - job.asked)
        words = {"spec": meter.kind(job.spec), "end": job.view.state.name.lower(), "where": "worker"}
        meter.tell("computed", monotonic() - begun, **words)

    def _replan(self) -> None:
        """Send jobs while there are slots, and tell the others their places."""
        line = self._line()
        free = max(0, self._slots - len(self._sent))
        for job in line[:free]:
            job.name = f"experiment-{uuid4().hex}"
            self._sent[job.name] = job
        next_up = [job for job in self._sent.values() if job.view.state.waiting]  # sent, not yet begun
        state = State.QUEUED if self._slots else State.STARTING
        for place, job in enumerate(next_up + line[free:], start=1):
            job.view = replace(job.view, state=state, place=place, problem=self._trouble)
        self._changed()

    def _line(self) -> list[Job]:
        """The jobs not yet sent, in the order in which they will be."""
        line = [job for job in self._jobs.values() if job.view.state.waiting and not job.name]
        return sorted(line, key=lambda job: job.turn)  # stable: within a turn as they were asked
