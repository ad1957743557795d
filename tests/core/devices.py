"""The same computation on the CPU and on a CUDA device."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

from mlcore.base import device
from mlcore.base.cache import Cache
from mlcore.training import cached

T = TypeVar("T")


def on_both(monkeypatch: pytest.MonkeyPatch, compute: Callable[[], T]) -> tuple[T, T]:
    """What `compute` gives where trainings run on the CPU, and where they run on CUDA."""

    def on(name: str) -> T:
        monkeypatch.setattr(device, "device", lambda: device.Device(name, name, "chosen"))
        monkeypatch.setattr(cached, "_KEPT", Cache(64 << 20))  # no training of the other device
        return compute()

    return on("cpu"), on("cuda")
