"""The device, chosen once for the process, with the reason that the page's footer shows.

Tensors go to it by `on_device` and come back by `off_device`, and in no other way: an operation never mixes
devices, and whatever is about to be numpy has come through here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock, local

import torch
from torch import Tensor

from mlcore.base.limits import limits

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Device:
    name: str  # "cuda", "mps" or "cpu"
    title: str  # what the machine calls it
    reason: str  # "chosen", "cuda", "mps" or "only": a code; pages put it in words

    @property
    def torch(self) -> torch.device:
        return torch.device(self.name)


@lru_cache(maxsize=1)
def device() -> Device:
    """CUDA where it works, else Apple's MPS, else the CPU; MLCORE_DEVICE=cpu overrides.

    Raises `RuntimeError` when MLCORE_DEVICE names a device that is not here.
    """
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    # Else convolutions on CUDA keep 10 of 23 bits, and may add up in another order every time
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    wanted = limits().device
    if wanted:
        if not here.get(wanted, False):
            there = ", ".join(name for name, present in here.items() if present)
            raise RuntimeError(f"MLCORE_DEVICE={wanted!r} is not on this machine. It has: {there}.")
        return Device(wanted, _title(wanted), "chosen")
    name = next(name for name, present in here.items() if present)
    return Device(name, _title(name), "only" if name == "cpu" else name)


def on_device(values: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    """The same numbers on the device, as `dtype` if one is given; themselves where they are there already.

    Apple GPUs know no float64, so types change before the numbers go.
    """
    return values.to(dtype or values.dtype).to(device().torch)


def off_device(values: Tensor) -> Tensor:
    """The same numbers on the CPU; themselves where they are there already."""
    return values.cpu()


@lru_cache(maxsize=1024)  # not for ever: people type such numbers in formulas
@torch.inference_mode(False)
def constant(value: float, dtype: torch.dtype, where: torch.device = CPU) -> Tensor:
    """A number as a tensor, for the inner loops: torch takes three times as long over one of Python's.

    It has the type and lies where the tensors do that it meets: one of another type would be converted every
    time, and one of the CPU goes with those of a GPU in some operations and in others not.
    """
    return torch.tensor(value, dtype=dtype).to(where)


class _Inside(local):
    depth = 0  # of `computing`, in this thread


_inside = _Inside()


@contextmanager
def computing() -> Iterator[None]:
    """What trainings run under: no autograd, and numbers below 1e-38 are 0.

    Torch then keeps no books on who changed what, a sixth of a call on small tensors. What is made here
    can take no part in autograd later: `torch.inference_mode(False)` where something shall outlive it. And a
    CPU takes ten times as long over the tiny numbers, of which the squared gradients of idle units are full.
    All this on one thread: at these sizes more gain nothing, and where torch divides a tensor between
    threads, its vectors end, and the numbers at the seam are rounded otherwise.
    """
    _keep_freed_memory()
    torch.set_flush_denormal(True)
    _inside.depth += 1
    try:
        with _one_thread(), torch.inference_mode():
            yield
    finally:
        _inside.depth -= 1
        torch.set_flush_denormal(_inside.depth > 0)  # a training within a landscape ends before it


class _Threads:
    lock, computing, before = Lock(), 0, 1  # how many compute now; torch's number of threads before the first


@contextmanager
def _one_thread() -> Iterator[None]:
    with _Threads.lock:
        if _Threads.computing == 0:
            _Threads.before = torch.get_num_threads()
        _Threads.computing += 1
    torch.set_num_threads(1)  # by every thread of Python: torch keeps the number for each
    try:
        yield
    finally:
        with _Threads.lock:
            _Threads.computing -= 1
        torch.set_num_threads(_Threads.before)


@cache
def _keep_freed_memory() -> None:
    """Free one block of 30 MB, after which glibc keeps what is freed for the next buffer of that size.

    Else it may hand every freed buffer back to the system, and the next one costs page faults: up to four
    times the time of an optimizer's step.
    """
    torch.empty(7_500_000)


def _title(name: str) -> str:
    if name == "cuda":
        return torch.cuda.get_device_name()
    return {"mps": "Apple GPU", "cpu": "CPU"}[name]
