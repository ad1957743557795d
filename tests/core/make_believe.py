"""A make-believe device: its tensors compute, lie apart from the CPU's, and can be had on any machine.

An operation on `Far` tensors is carried out on the CPU, so a whole experiment runs and its numbers can be
compared. But it is refused where a device would refuse it, or where it would be slow there in silence:

- tensors of the CPU and of the device in one operation, a tensor without dimensions and an index included;
- numbers that cross between CPU and device elsewhere than in `mlcore.base.device`;
- a number that Python asks of a tensor (`float(x)`, `if x:`), for which a GPU has to be waited for;
- float64, which Apple GPUs do not know, and generators of the CPU.

Torch's FakeTensorMode refuses the first alone, lets tensors without dimensions pass, has no numbers, and in a
torch without CUDA its cuda tensors can neither be indexed nor differentiated. Here torch takes the device for
"meta", which every build of it knows.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from mlcore.base import device as edge
from mlcore.base.cache import Cache
from mlcore.training import cached

FAR = torch.device("meta")
CORE = str(Path(edge.__file__).parents[1])


class Misplaced(AssertionError):
    """An operation that a device would refuse, or be slow over."""


class Far(Tensor):
    """A tensor on the make-believe device. Its numbers are `near`, a tensor on the CPU that nobody else has."""

    near: Tensor

    @staticmethod
    def __new__(cls, near: Tensor) -> Far:
        made: Far = Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls, near.shape, near.stride(), near.storage_offset(), dtype=near.dtype, device=FAR
        )
        made.near = near
        return made

    def __repr__(self) -> str:  # type: ignore[override]
        return f"Far({self.near!r})"

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise Misplaced(f"{func} on a tensor of a device that is no longer there")


class MakeBelieve(TorchDispatchMode):
    """While it is on, `FAR` is a device; `operations` counts what was computed there, `crossings` who crossed."""

    def __init__(self) -> None:
        super().__init__()
        self.operations: list[str] = []
        self.crossings = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        leaves = tree_leaves((args, kwargs))
        far = [v for v in leaves if isinstance(v, Far)]
        near = [v for v in leaves if isinstance(v, Tensor) and not isinstance(v, Far)]
        wanted = torch.device(kwargs["device"]) if kwargs.get("device") is not None else None
        to_far = wanted.type == FAR.type if wanted is not None else bool(far)
        if not far and not to_far:
            return func(*args, **kwargs)
        if far and near:
            raise Misplaced(f"{func} mixes devices: {[tuple(v.shape) for v in near]} lie on the CPU")
        if func is torch.ops.aten._local_scalar_dense.default:
            raise Misplaced("Python asks for a number of a tensor on the device")
        if any(isinstance(v, torch.Generator) for v in leaves):
            raise Misplaced(f"{func} draws on the device with a generator of the CPU")
        if (far and not to_far) or (near and to_far):
            self._cross(func)
        if wanted is not None:
            kwargs["device"] = torch.device("cpu")
        owners = {id(v.near): v for v in far}
        found = func(*tree_map(_near, args), **tree_map(_near, kwargs))
        if not to_far:
            return found.clone() if any(found is v.near for v in far) else found
        self.operations.append(str(func))

        def back(value: Any) -> Any:
            if not isinstance(value, Tensor):
                return value
            if value.dtype in (torch.float64, torch.complex128):
                raise Misplaced(f"{func} makes float64 on the device")
            if id(value) in owners:
                return owners[id(value)]
            with torch.inference_mode(value.is_inference()):  # a view of what takes part in autograd does so
                return Far(value)

        return tree_map(back, found)

    def _cross(self, func: Any) -> None:
        frame = sys._getframe(1)
        while frame is not None and not frame.f_code.co_filename.startswith(CORE):
            frame = frame.f_back  # type: ignore[assignment]
        if frame is None or frame.f_code.co_filename != edge.__file__:
            place = "the test" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"
            raise Misplaced(f"{func} moves numbers between CPU and device in {place}: on_device, off_device")
        self.crossings += 1


def _near(value: Any) -> Any:
    return value.near if isinstance(value, Far) else value


@contextmanager
def make_believe() -> Iterator[MakeBelieve]:
    """Where the device is the make-believe one, and no training of before is remembered."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edge, "device", lambda: edge.Device(FAR.type, "make-believe", "chosen"))
        patch.setattr(cached, "_KEPT", Cache(64 << 20))
        edge.constant.cache_clear()
        try:
            with MakeBelieve() as mode:
                yield mode
        finally:
            edge.constant.cache_clear()  # it holds tensors of a device that is gone
