"""Seconds of works that take turns, so that a busy machine disturbs all of them alike.

They are the CPU's, or, where one of the works computes on several threads, those on the wall.

Peers and product alike compute on one thread unless a benchmark says otherwise, as all tests do.
"""

from __future__ import annotations

import time
from collections.abc import Callable

ROUNDS = 5


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    start = clock()
    work()
    return clock() - start


def alternate(
    clock: Callable[[], float] = time.process_time, **works: Callable[[], object]
) -> dict[str, float]:
    """Best seconds of each, taken in turns."""
    times = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            times[name].append(seconds(work, clock))
    return {name: min(taken) for name, taken in times.items()}
