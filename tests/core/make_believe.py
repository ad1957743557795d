"""A make-believe device: its tensors compute, lie apart from the CPU's, and can be had on any machine.

An operation on `Far` tensors is carried out on the CPU, so a whole experiment runs and its numbers can be
compared. But it is refused where a device would refuse it, or where it would be slow there in silence:

- tensors of the CPU and of the device in one operation, a tensor without dimensions and an index included;
- numbers that cross between the CPU and the device elsewhere than in `mlcore.base.device`;
- a number that Python asks of a tensor (`float(x)`, `if x:`), for which a GPU has to be waited for;
- float64, which Apple GPUs do not know, and generators of the CPU.

Torch's FakeTensorMode refuses the first alone, lets tensors without dimensions pass, has no numbers, and in a
torch without CUDA its cuda tensors can neither be indexed nor differentiated. Here torch takes the device for
"meta", which every build of it knows; `Witnessed` asks FakeTensorMode about each operation by itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from mlcore.base import device as edge
from mlcore.base.cache import Cache
from mlcore.training import cached

FAR, CPU = torch.device("meta"), torch.device("cpu")
COMPOSITE = torch._C.DispatchKey.CompositeImplicitAutograd
CORE = str(Path(edge.__file__).parents[1])


class Misplaced(AssertionError):
    """An operation that a device would refuse, or be slow over."""


class Far(Tensor):
    """A tensor on the make-believe device. Its numbers are `near`, on the CPU, where nobody else has them."""

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
    """While it is on, `FAR` is a device. Of an operation everything may be known: see `carried_out`."""

    def __init__(self) -> None:
        super().__init__()
        self.operations = self.crossings = 0

    def carried_out(self, func: Any, args: Any, kwargs: Any, found: Any) -> None:
        """An operation that had to do with the device: what it was given, and what it gave on the CPU."""
        self.operations += 1

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        leaves = [*_leaves(args), *_leaves(kwargs.values())]
        far = [v for v in leaves if isinstance(v, Far)]
        near = [v for v in leaves if isinstance(v, Tensor) and not isinstance(v, Far)]
        wanted = kwargs.get("device")
        to_far = bool(far) if wanted is None else wanted.type == FAR.type
        if not far and not to_far:
            return func(*args, **kwargs)
        if func.has_kernel_for_dispatch_key(COMPOSITE):  # in inference mode these come whole: take them apart
            with self:
                return func.decompose(*args, **kwargs)
        if far and near:
            raise Misplaced(f"{func} mixes devices: {[tuple(v.shape) for v in near]} lie on the CPU")
        if func is torch.ops.aten._local_scalar_dense.default:
            raise Misplaced("Python asks for a number of a tensor on the device")
        if any(isinstance(v, torch.Generator) for v in leaves):
            raise Misplaced(f"{func} draws on the device with a generator of the CPU")
        if (far and not to_far) or (near and to_far):
            self._cross(func)
        here = kwargs if wanted is None else {**kwargs, "device": CPU}
        found = func(*_mapped(args, _near), **_mapped(here, _near))
        self.carried_out(func, args, kwargs, found)
        return _back(func, found, {id(v.near): v for v in far}) if to_far else found

    def _cross(self, func: Any) -> None:
        frame = sys._getframe(1)
        while frame is not None and not frame.f_code.co_filename.startswith(CORE):
            frame = frame.f_back  # type: ignore[assignment]
        if frame is None or frame.f_code.co_filename != edge.__file__:
            place = "the test" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"
            raise Misplaced(f"{func} moves numbers between CPU and device in {place}: on_device, off_device")
        self.crossings += 1


class Witnessed(MakeBelieve):
    """Every operation unlike those before is tried on the cuda tensors of torch's FakeTensorMode, too."""

    def __init__(self) -> None:
        super().__init__()
        self.known: set[str] = set()
        self.fake = FakeTensorMode()

    def carried_out(self, func: Any, args: Any, kwargs: Any, found: Any) -> None:
        super().carried_out(func, args, kwargs, found)
        told = f"{func} {_told(args)} {_told(kwargs)}"
        if told in self.known:
            return
        self.known.add(told)
        with torch.inference_mode(False), torch.no_grad(), self.fake:
            given, named = _mapped(args, _cuda), _mapped(kwargs, _cuda)
            if named.pop("grad_input", None) is not None:  # a fake tensor cannot be written so without CUDA
                func = func.overloadpacket.default
            theirs = [v for v in _leaves([func(*given, **named)]) if isinstance(v, Tensor)]
        wanted = kwargs.get("device", FAR).type == FAR.type
        for mine, their in zip((v for v in _leaves([found]) if isinstance(v, Tensor)), theirs, strict=True):
            assert (mine.shape, mine.dtype) == (their.shape, their.dtype), told
            assert their.device.type == ("cuda" if wanted else "cpu"), told


def _told(value: Any) -> str:
    """What an operation is given, without its numbers."""
    return str(
        _mapped(value, lambda v: (*v.shape, *v.stride(), v.dtype, v.device) if isinstance(v, Tensor) else v)
    )


def _near(value: Any) -> Any:
    return value.near if isinstance(value, Far) else value


def _cuda(value: Any) -> Any:
    if isinstance(value, Tensor):
        where = "cuda" if isinstance(value, Far) else "cpu"
        return torch.empty_strided(value.shape, value.stride(), dtype=value.dtype, device=where)
    return torch.device("cuda") if value == FAR else value


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_mapped(v, change) for v in value]
    if isinstance(value, dict):
        return {name: _mapped(v, change) for name, v in value.items()}
    return change(value)


def _leaves(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _leaves(value)
        else:
            yield value


def _back(func: Any, value: Any, owners: dict[int, Far]) -> Any:
    """What an operation gave, on the device; a tensor that it was given (in place, as `out`) is itself."""
    if isinstance(value, list | tuple):
        return type(value)(_back(func, v, owners) for v in value)
    if not isinstance(value, Tensor):
        return value
    if value.dtype in (torch.float64, torch.complex128):
        raise Misplaced(f"{func} makes float64 on the device")
    if id(value) in owners:
        return owners[id(value)]
    with torch.inference_mode(value.is_inference()):  # a view of what takes part in autograd does so
        return Far(value)


@contextmanager
def make_believe(mode: MakeBelieve | None = None) -> Iterator[MakeBelieve]:
    """Where the device is the make-believe one, and no training of before is remembered."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edge, "device", lambda: edge.Device(FAR.type, "make-believe", "chosen"))
        patch.setattr(cached, "_KEPT", Cache(64 << 20))
        edge.constant.cache_clear()
        try:
            with mode or MakeBelieve() as device:
                yield device
        finally:
            edge.constant.cache_clear()  # it holds tensors of a device that is gone
