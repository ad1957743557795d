"""What making a graph costs, and what it saves: built once, run many times.

    seconds of n runs = seconds to build + n * seconds of a run

A graph pays from the n on at which this line crosses that of eager, which builds nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import torch
from torch import Generator, Tensor

from mlcore.backpropagation.expressions import ExpressionSpec, read
from mlcore.base import spec as specs
from mlcore.base.experiment import Report, run, silent, within
from mlcore.base.registry import Knob
from mlcore.capture.functions import TORCH, Function, elementwise, for_jax
from mlcore.capture.process import elsewhere
from mlcore.capture.recorders import REFUSALS, TENSORS, of_jax, own_words

LIMIT = 150.0  # seconds; the first compilation of a process has taken 20 on two busy cores
WAYS = ("eager", "trace", "compile", "jit")
"""As it is; torch.jit.trace; torch.compile, whose TorchInductor writes C++ for a compiler; jax.jit,
which has a compiler of its own (XLA)."""
BLOCKS, BLOCK = 9, 0.02  # blocks of runs that are timed, and the least seconds of one


@dataclass(frozen=True)
class CostSpec:
    """An expression over arrays of `size` numbers in float32, on one core. Timed anew for every result."""

    expression: ExpressionSpec = specs.part(ExpressionSpec)
    size: int = specs.number(Knob(100_000, 1, 1_000_000, symbol="n", log=True, integer=True), "arr")

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True)
class Cost:
    """What one way took, in seconds."""

    way: str
    build: float = 0.0  # up to the end of the first run, less a later one
    run: float = math.nan  # median of blocks of runs, the ways in turn
    error: float = math.nan  # largest difference from eager, in units of eager's largest number
    kernels: int | None = None  # loops over the arrays that the compiler wrote, where it says
    problem: str = ""  # in its own words
    missing: str = ""  # "compiler" or "jax": what this machine lacks

    @property
    def measured(self) -> bool:
        return self.run == self.run


@dataclass(frozen=True)
class Costs:
    spec: CostSpec
    ways: tuple[Cost, ...]
    warm_up: float  # seconds until TorchInductor had compiled something at all, once a process

    def pays(self, cost: Cost) -> float:
        """The number of runs from which on building has paid; infinity where it never does."""
        return pays(cost.build, cost.run, self.ways[0].run)


def pays(build: float, run: float, eager: float) -> float:
    """The least n with build + n run <= n eager."""
    saved = eager - run
    return max(1.0, math.ceil(build / saved)) if saved > 0 else math.inf


@run.register
def costs(spec: CostSpec, report: Report = silent) -> Costs:
    """Raises `FormulaError`, `ExpressionError` and `CaptureError`. Two runs take different times."""
    read(spec.expression.text)
    return elsewhere(measure, spec, report, LIMIT)


@dataclass
class Runner:
    """A way that has been built, and what is known of it so far."""

    way: str
    call: Callable[[], Any]
    build: float
    out: Tensor
    kernels: int | None = None


@torch.no_grad()
def measure(spec: CostSpec, report: Report = silent) -> Costs:
    """The same in this process."""
    warm = warm_up()
    report(0.3, None)
    built: dict[str, Runner | Cost] = {}
    for i, way in enumerate(WAYS):
        built[way] = _built(spec, way)
        report(0.3 + 0.5 * (i + 1) / len(WAYS), None)
    runners = [one for one in built.values() if isinstance(one, Runner)]
    seconds = timed([one.call for one in runners], within(report, 0.8, 1.0))
    truth, found = runners[0].out, dict(zip((one.way for one in runners), seconds, strict=True))
    scale = float(truth.abs().max()) or 1.0
    ways = []
    for way, one in built.items():
        if isinstance(one, Cost):
            ways.append(one)
            continue
        error = float(torch.nan_to_num(one.out - truth).abs().max()) / scale
        build = max(0.0, one.build - found[way]) if way != "eager" else 0.0
        ways.append(Cost(way, build, found[way], error, one.kernels))
    return Costs(spec, tuple(ways), warm)


_warm: float | None = None


def warm_up() -> float:
    """Have TorchInductor compile something, once a process: seconds that took. 0 without a compiler."""
    global _warm
    if _warm is None:
        start = perf_counter()
        try:
            torch.compile(lambda x: x + 1)(torch.ones(8))
            _warm = perf_counter() - start
        except REFUSALS:
            _warm = 0.0
    return _warm


def inputs(spec: CostSpec) -> list[Tensor]:
    """An array of numbers around 1 for each input, the same for every way."""
    g = Generator().manual_seed(0)
    return [torch.rand(spec.size, generator=g) + 0.5 for _ in spec.expression.inputs]


def _built(spec: CostSpec, way: str) -> Runner | Cost:
    formula, names = read(spec.expression.text)
    given = inputs(spec)
    try:
        function = elementwise(formula, names, for_jax() if way == "jit" else TORCH)
        return BUILDERS[way](function, given)
    except ImportError:
        return Cost(way, missing="jax")
    except REFUSALS as error:
        return Cost(way, missing="compiler") if no_compiler(error) else Cost(way, problem=own_words(error))


def no_compiler(error: BaseException | None) -> bool:
    """Whether TorchInductor found no C++ compiler on this machine."""
    while error is not None:
        if type(error).__name__ == "InvalidCxxCompiler" or "InvalidCxxCompiler" in str(error):
            return True
        error = getattr(error, "inner_exception", None) or error.__cause__
    return False


def _eager(function: Function, given: Sequence[Tensor]) -> Runner:
    return Runner("eager", lambda: function(*given), 0.0, function(*given))


def _trace(function: Function, given: Sequence[Tensor]) -> Runner:
    start = perf_counter()
    traced = torch.jit.trace(function, tuple(given), check_trace=False)  # type: ignore[no-untyped-call]
    for _ in range(3):  # it profiles its first two runs and then optimizes
        out = traced(*given)
    return Runner("trace", lambda: traced(*given), perf_counter() - start, out)


def _compile(function: Function, given: Sequence[Tensor]) -> Runner:
    from torch._inductor import metrics

    torch._dynamo.reset()
    metrics.reset()
    start = perf_counter()
    compiled = torch.compile(function, options=dict(TENSORS))
    out = compiled(*given)
    seconds = perf_counter() - start
    return Runner("compile", lambda: compiled(*given), seconds, out, metrics.generated_kernel_count)


def _jit(function: Function, given: Sequence[Tensor]) -> Runner:
    import jax

    arrays = [jax.numpy.asarray(x.numpy()) for x in given]
    start = perf_counter()
    compiled = jax.jit(function).lower(*arrays).compile()
    out = compiled(*arrays).block_until_ready()
    seconds = perf_counter() - start
    return Runner("jit", lambda: compiled(*arrays).block_until_ready(), seconds, of_jax(out))


BUILDERS: dict[str, Callable[[Function, Sequence[Tensor]], Runner]] = {
    "eager": _eager, "trace": _trace, "compile": _compile, "jit": _jit,
}  # fmt: skip


def timed(calls: Sequence[Callable[[], Any]], report: Report = silent) -> list[float]:
    """Seconds a call: medians over blocks, one of each in turn, so that a busy machine disturbs all alike."""
    counts = [_count(call) for call in calls]
    found: list[list[float]] = [[] for _ in calls]
    for block in range(BLOCKS):
        for call, count, into in zip(calls, counts, found, strict=True):
            into.append(_seconds(call, count))
        report((block + 1) / BLOCKS, None)
    return [median(seconds) for seconds in found]


def _count(call: Callable[[], Any]) -> int:
    """So many calls take about BLOCK seconds."""
    count = 1
    while (seconds := _seconds(call, count) * count) < BLOCK / 2:
        count = max(2 * count, int(count * BLOCK / max(seconds, 1e-7)))
    return count


def _seconds(call: Callable[[], Any], count: int) -> float:
    start = perf_counter()
    for _ in range(count):
        call()
    return (perf_counter() - start) / count
