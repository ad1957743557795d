"""The shape of every experiment: frozen spec -> pure function -> frozen result.

`run(spec, report)` finds the function by the type of the spec. A module that defines an experiment
registers it with `@run.register`; `discover` imports them all, so nobody keeps a list.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, singledispatch
from importlib import import_module
from pathlib import Path
from typing import Any

Report = Callable[[float, Any], None]
"""`report(share_done in [0, 1], part)`: called now and then by a running experiment. `part` is what was
computed since the last report (picklable, small) or None. It raises `Stopped` when nobody waits any more."""


class Stopped(Exception):
    """Raised by `report` inside an experiment that should end now."""


def silent(share: float, part: Any) -> None:
    """The report of someone who only wants the result."""


def within(report: Report, first: float, last: float) -> Report:
    """The report of one part of an experiment: its 0 to 1 is `first` to `last` of the whole."""
    return lambda share, part: report(first + (last - first) * share, part)


def quiet(report: Report) -> Report:
    """The same without parts: those of one step are nobody's who waits for the whole."""
    return lambda share, part: report(share, None)


@singledispatch
def run(spec: Any, report: Report = silent) -> Any:
    """Compute the result of `spec`. Deterministic: equal specs give equal results.

    Raises `TypeError` for a type of spec that no experiment has registered.
    """
    discover()
    found = run.dispatch(type(spec))
    if found is run.dispatch(object):
        raise TypeError(f"no experiment is registered for {type(spec).__name__}")
    return found(spec, report)


@cache
def discover() -> None:
    """Import every module of the package, so that all experiments are registered. Workers call it early."""
    for module in modules():
        import_module(module)


def modules() -> list[str]:
    """The names of all modules that compute: `figures`, `script` and `store` hold no experiment."""
    root, without = Path(__file__).parents[1], ("figures", "script", "store")
    files = [path.relative_to(root).with_suffix("") for path in sorted(root.rglob("[a-z]*.py"))]
    return [".".join(("mlcore", *file.parts)) for file in files if file.parts[0] not in without]
