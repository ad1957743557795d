"""Toy experiments that tests can hold, count and break. Worker processes import this module by its name."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mlcore.base.experiment import Report, Stopped, run, silent
from mlcore.base.refusal import Refusal


def plain(default: Any) -> Any:
    return field(default=default, metadata={"kind": "plain"})


def note(diary: str, word: str) -> None:
    """Append a line; one short write in append mode is not torn by other processes."""
    with open(diary, "a") as file:
        file.write(word + "\n")


@dataclass(frozen=True)
class Steps:
    """Report 0, 1, 2, ..., `steps` - 1 as parts. Before part `hold` wait until the file `gate` exists."""

    diary: str = plain("")  # notes the process id of every run, and "stopped"
    steps: int = plain(3)
    gate: str = plain("")
    hold: int = plain(0)
    deaf: bool = plain(False)  # does not report while it waits, so it cannot be stopped there
    label: str = plain("")


@run.register
def _steps(spec: Steps, report: Report = silent) -> list[int]:
    note(spec.diary, spec.label or str(os.getpid()))
    try:
        for i in range(spec.steps):
            while spec.gate and i == spec.hold and not Path(spec.gate).exists():
                time.sleep(0.01)
                if not spec.deaf:
                    report(i / spec.steps, None)
            report((i + 1) / spec.steps, i)
    except Stopped:
        note(spec.diary, "stopped")
        raise
    return [i * i for i in range(spec.steps)]


@dataclass(frozen=True)
class Bytes:
    """A result of `size` bytes."""

    diary: str = plain("")
    size: int = plain(0)
    label: str = plain("")


@run.register
def _bytes(spec: Bytes, report: Report = silent) -> bytes:
    note(spec.diary, spec.label)
    return os.urandom(spec.size)


@dataclass(frozen=True)
class Fails:
    """Goes wrong in the way that `how` names; "first time" only when the diary is empty."""

    diary: str = plain("")
    how: str = plain("")


class TooFew(Refusal):
    SENTENCES: ClassVar[dict[str, str]] = {"few": "At least {least} examples are needed. Choose more."}


@run.register
def _fails(spec: Fails, report: Report = silent) -> Any:
    first = not Path(spec.diary).exists()
    note(spec.diary, spec.how)
    if spec.how == "refuses":
        raise TooFew("few", least=2)
    if spec.how == "breaks" or (spec.how == "first time" and first):
        raise KeyError("inner detail")
    if spec.how == "breaks in numpy":
        np.linalg.inv(np.zeros((2, 2)))  # its error is a ValueError
    if spec.how == "unpicklable part":
        report(0.5, lambda: 0)
        time.sleep(0.2)
        report(0.6, None)
    return (lambda: 0) if spec.how == "unpicklable result" else "well"


@dataclass(frozen=True)
class Unknown:
    """No experiment is registered for it."""

    label: str = plain("")
