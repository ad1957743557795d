"""The same computation on the CPU and on a CUDA device."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

from mlcore.base.device import Device
from mlcore.training import training

T = TypeVar("T")


def on_both(monkeypatch: pytest.MonkeyPatch, compute: Callable[[], T]) -> tuple[T, T]:
    """What `compute` gives where trainings run on the CPU, and where they run on CUDA."""

    def on(name: str) -> T:
        monkeypatch.setattr(training, "device", lambda: Device(name, name, "chosen"))
        return compute()

    return on("cpu"), on("cuda")
