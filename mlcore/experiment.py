"""The shape of every experiment: frozen spec -> pure function -> frozen result.

`run(spec, report)` finds the function by the type of the spec. A module that defines an experiment
registers it with `@run.register`; unpickling a spec imports its module, so a worker process needs no list.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import Any

Report = Callable[[float, Any], None]
"""`report(share_done in [0, 1], part)`: called now and then by a running experiment. `part` is what was
computed since the last report (picklable, small) or None. It raises `Stopped` when nobody waits any more."""


class Stopped(Exception):
    """Raised by `report` inside an experiment that should end now."""


def silent(share: float, part: Any) -> None:
    """The report of someone who only wants the result."""


@singledispatch
def run(spec: Any, report: Report = silent) -> Any:
    """Compute the result of `spec`. Deterministic: equal specs give equal results.

    Raises `TypeError` for a type of spec that no experiment has registered.
    """
    raise TypeError(f"no experiment is registered for {type(spec).__name__}")
