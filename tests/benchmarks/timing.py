"""CPU seconds of works that take turns, so that a busy machine disturbs all of them alike.

Peers and product alike compute on one thread, as all tests do.
"""

from __future__ import annotations

import time
from collections.abc import Callable

ROUNDS = 5


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def alternate(**works: Callable[[], object]) -> dict[str, float]:
    """Best seconds of each, taken in turns."""
    times = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            times[name].append(seconds(work))
    return {name: min(taken) for name, taken in times.items()}
