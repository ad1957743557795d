"""Every experiment on a device that is make-believe: from start to end, with the numbers of the CPU.

What must not happen on a GPU does not happen here: see `make_believe`. Which experiments use a device is
what the table in mlcore/README.md says.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import mlcore
from mlcore.base import device as edge
from mlcore.base.device import constant, off_device, on_device
from mlcore.base.experiment import discover, run
from mlcore.complexity import networks
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.losses import LOSSES
from mlcore.landscapes import evaluation
from mlcore.landscapes.landscape import LandscapeSpec
from mlcore.training import training
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.training import Chunk
from tests.core.device_cases import BENT, CASES, PENALIZED, TWO, Case, landscapes
from tests.core.devices import on_both
from tests.core.make_believe import FAR, Far, Misplaced, Witnessed, make_believe

README = Path(mlcore.__file__).with_name("README.md")
WHERE = {"device": {True}, "CPU": {False}, "by family": {True, False}}


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The numbers, texts and arrays that a result is made of, with their names."""
    if is_dataclass(value) and not isinstance(value, type):
        for f in fields(value):
            yield from leaves(getattr(value, f.name), f"{name}.{f.name}")
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from leaves(part, f"{name}[{key!r}]")
    elif isinstance(value, tuple | list):
        for i, part in enumerate(value):
            yield from leaves(part, f"{name}[{i}]")
    else:
        yield name, value


def same(one: Any, other: Any) -> None:
    """Both results are the same bits."""
    first, second = dict(leaves(one)), dict(leaves(other))
    assert first.keys() == second.keys()
    for name, value in first.items():
        if isinstance(value, np.ndarray):
            assert value.dtype == second[name].dtype, name
        if isinstance(value, np.ndarray | float):
            np.testing.assert_array_equal(value, second[name], err_msg=name)
        else:
            assert value == second[name], name


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_experiment_computes_where_it_says_and_the_same(case: Case) -> None:
    """Not one tensor of the CPU meets one of the device, and every number comes back through the edge."""
    wanted = run(case.spec)
    with make_believe() as device:
        found = run(case.spec)
    assert (device.operations > 0) == (device.crossings > 0) == case.far
    if case.same:
        same(found, wanted)


def registered() -> dict[str, type]:
    """The specs of the core's experiments; toys of other tests are registered, too."""
    discover()
    return {kind.__name__: kind for kind in run.registry if kind.__module__.startswith("mlcore.")}


def table() -> dict[str, str]:
    """Spec -> where, as the README's table has it."""
    rows = re.findall(r"^\| `(\w+Spec)` \| [^|]+ \| ([^|]+) \| [^|]+ \|$", README.read_text("utf-8"), re.M)
    assert len(dict(rows)) == len(rows), "a spec has two rows"
    return dict(rows)


def test_the_table_has_every_experiment_and_no_other() -> None:
    assert table().keys() == registered().keys()


@pytest.mark.parametrize("name", registered())
def test_the_table_says_where_an_experiment_computes(name: str) -> None:
    """The cases are held to what they say by the test above."""
    seen = defaultdict(set)
    for case in CASES:
        seen[type(case.spec).__name__].add(case.far)
    assert seen[name] == WHERE[table()[name]]


MOVES: dict[str, tuple[Any, Any, int]] = {  # who moves tensors, what runs it, how often at least
    "training": (training, replace(PENALIZED, sweep="l2"), 9),
    "landscape": (evaluation, replace(landscapes()["cost test"], train=TWO), 3),
    "networks": (networks, replace(BENT, knobs=(("steps", 10), ("l2", 0.1), ("jitter", 0.1))), 6),
}


@pytest.mark.parametrize("name", MOVES)
def test_no_tensor_may_stay_on_the_cpu(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the first moves of a module in turn is left out, and each time the device refuses."""
    module, spec, count = MOVES[name]
    for left_out in range(count):
        moves = 0

        def move(values: torch.Tensor, dtype: Any = None, left_out: int = left_out) -> torch.Tensor:
            nonlocal moves
            moves += 1
            return values.to(dtype or values.dtype) if moves == left_out + 1 else on_device(values, dtype)

        monkeypatch.setattr(module, "on_device", move)
        with make_believe(), pytest.raises(Misplaced, match="mixes devices"):
            run(spec)
        assert moves > left_out


def test_a_constant_of_the_cpu_is_refused_in_an_activation_and_in_a_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """CUDA takes a tensor without dimensions from the CPU in a product, and refuses it in `addcmul`."""

    def careless(value: float, dtype: torch.dtype, where: torch.device) -> torch.Tensor:
        return constant(value, dtype)

    for module in ("mlcore.families.activations.constant", "mlcore.families.losses.constant"):
        with monkeypatch.context() as patch:
            patch.setattr(module, careless)
            with make_believe(), pytest.raises(Misplaced, match="mixes devices"):
                run(TWO)


REFUSED: dict[str, tuple[Callable[[torch.Tensor], Any], str]] = {
    "sum": (lambda x: x + torch.ones(3), "mixes devices"),
    "sum of one number": (lambda x: x + torch.tensor(1.0), "mixes devices"),
    "in place": (lambda x: x.copy_(torch.ones(3)), "mixes devices"),
    "from the device in place": (lambda x: torch.ones(3).copy_(x), "mixes devices"),
    "index": (lambda x: x[torch.tensor([0, 1])], "mixes devices"),
    "out": (lambda x: torch.mul(x, x, out=torch.ones(3)), "mixes devices"),
    "list": (lambda x: torch.cat([x, torch.ones(3)]), "mixes devices"),
    "off": (lambda x: x.cpu(), "moves numbers"),
    "on": (lambda x: torch.ones(3).to(x.device), "moves numbers"),
    "number of Python": (lambda x: float(x[0]), "asks for a number"),
    "truth": (lambda x: bool((x > 0).all()), "asks for a number"),
    "float64": (lambda x: x.double(), "float64"),
    "generator": (lambda x: torch.rand(3, generator=torch.Generator(), device=x.device), "generator"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_make_believe_device_refuses(name: str) -> None:
    work, why = REFUSED[name]
    with make_believe():
        x = on_device(torch.ones(3))
        with pytest.raises(Misplaced, match=why):
            work(x)


@pytest.mark.parametrize("name", ["numpy", "tolist"])
def test_a_tensor_of_the_device_is_no_array_and_no_list(name: str) -> None:
    with make_believe():
        x = on_device(torch.ones(3))
        with pytest.raises(RuntimeError, match="not supported for tensor subclasses"):
            getattr(x, name)()


def test_the_make_believe_device_computes() -> None:
    """Views share memory, operations in place keep the tensor, autograd passes."""
    with make_believe() as device:
        x = on_device(torch.arange(6.0)).view(2, 3)
        assert isinstance(x, Far)
        assert x.device == FAR
        x[0] += 1
        assert x.mul_(2) is x
        leaf = x.clone().requires_grad_()
        (slope,) = torch.autograd.grad(leaf.square().sum(), leaf)
        assert torch.equal(off_device(slope), torch.tensor([[4.0, 8, 12], [12, 16, 20]]))
        assert device.operations > 5
        assert device.crossings == 2


def test_constants_of_a_device_are_made_once_and_lie_there() -> None:
    with make_believe():
        one = constant(1.0, torch.float32, FAR)
        assert isinstance(one, Far)
        assert constant(1.0, torch.float32, FAR) is one
    assert constant(1.0, torch.float32).device == edge.CPU


def test_every_derivative_and_every_slope_stays_on_the_device() -> None:
    """Also of those activations and losses that no case above would choose."""
    with make_believe():
        z, y = (on_device(torch.rand(2, 5, 3)) for _ in range(2))
        for variant in ACTIVATIONS.variants():
            h = variant(z)
            assert isinstance(variant.derivative(z, h), Far)
        for variant in LOSSES.variants():
            knobs = variant.settings({})
            assert isinstance(variant(z, y, **knobs), Far)
            assert isinstance(variant.facts["gradient"](z, y, **knobs), Far)


def test_a_chunk_holds_no_tensor_of_the_cpu() -> None:
    """Buffers that are only written to would not be noticed otherwise."""
    task = prepare(PENALIZED)
    with make_believe():
        chunk = Chunk(task, PENALIZED, 0, 4, [0, 4])
        chunk.advance()
        held = {name: v for name, v in vars(chunk).items() if isinstance(v, torch.Tensor)}
        assert len(held) >= 9
        assert all(isinstance(v, Far) for v in held.values()), held.keys()


WITNESSED = [case for case in CASES if case.far and isinstance(case.spec, TrainSpec | LandscapeSpec)]


def test_torch_agrees_about_every_operation_on_cuda() -> None:
    """On the fake cuda tensors of FakeTensorMode each has the shape and the type that it has here."""
    witness = Witnessed()
    with make_believe(witness):
        for case in WITNESSED:
            run(case.spec)
    assert len(witness.known) > 500


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", sorted({type(case.spec).__name__ for case in CASES if case.far}))
def test_a_gpu_runs_every_experiment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From start to end, with numbers where the CPU has numbers."""
    for case in (case for case in CASES if case.far and type(case.spec).__name__ == name):
        results = on_both(monkeypatch, lambda spec=case.spec: run(spec))  # type: ignore[misc]
        cpu, cuda = (dict(leaves(found)) for found in results)
        assert cpu.keys() == cuda.keys(), case.name
        for key, value in cpu.items():
            if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                assert np.array_equal(np.isfinite(value), np.isfinite(cuda[key])), (case.name, key)
