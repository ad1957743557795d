"""One computation that somebody waits for: how it stands, and the sentences that may be said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import Any

from mlcore.base.refusal import Refusal

CLOSED = "The laboratory is shutting down. Open this page again in a minute."
GONE = "This computation is not known here any more. Ask for it again."
UNSTEADY = "The connection to the computing cluster broke twice during this computation. Ask for it again."
MINE = "You already wait for {mine} computations. Stop one or let one end, then ask again."
NO_ROOM = "All {places} places in the queue are taken. Ask again in a minute."
OVERLONG = (
    "This took longer than {seconds} seconds, which is the limit of this server, and was stopped. "
    "Make the experiment smaller: fewer steps, examples or repetitions."
)


class State(StrEnum):
    STARTING = "The computers are starting."
    QUEUED = "Waiting for a free computer."
    RUNNING = "Computing."
    DONE = "Done."
    STOPPED = "Stopped, because nobody waits for it any more."
    FAILED = "The computation failed."
    REFUSED = "Not accepted now."

    @property
    def waiting(self) -> bool:
        return self in (State.STARTING, State.QUEUED)

    @property
    def final(self) -> bool:
        return not self.waiting and self is not State.RUNNING


@dataclass(frozen=True)
class Snapshot:
    """A job as it was at one moment."""

    key: str
    state: State
    place: int = 0  # in the queue, from 1; 0 when not waiting
    share: float = 0.0  # done, 0 to 1
    parts: tuple[Any, ...] = ()  # what the experiment has reported so far, in order
    result: Any | None = None
    problem: str = ""  # a sentence, or nothing
    refusal: Refusal | None = None  # the same as the experiment raised it


@dataclass(eq=False)
class Job:
    spec: Any
    view: Snapshot  # replaced, never changed, so that `look` can hand it out
    turn: int  # 1 if it was a session's only unfinished job when asked for, 2 if its second, ...
    seen: dict[str, float] = field(default_factory=dict)  # session -> when it last looked, monotonic seconds
    name: str = ""  # given when sent to a worker; never used twice, as an old task may still be ending
    losses: int = 0  # how often the cluster vanished under it
    asked: float = field(default_factory=monotonic)  # when, in seconds
    begun: float = 0.0  # when a worker began; 0 while none has


@dataclass(frozen=True)
class Load:
    """How much there is to do at one moment."""

    workers: int
    waiting: int
    computing: int
    longest: float  # seconds that the first in line has waited
    kept: int  # bytes of results
    trouble: str  # why nothing is computed, or nothing
