"""A class escapes: every phone chooses a way out of a local minimum, and is one run with a seed of its own.

All methods that were chosen walk with all seeds: steps take the time, not rows. So a batch is one call, and
a run's numbers depend on its own seed and method alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.base.experiment import Report, run, silent, within
from mlcore.base.registry import Knob
from mlcore.base.shares import Share
from mlcore.escapes.escape_methods import METHODS, USUAL, MethodSpec
from mlcore.escapes.escaping import SEEN, EscapeSpec, escape
from mlcore.escapes.multimodal import MultimodalSpec

BLOCK = 16  # seeds: whole vectors, see `starts`
TOGETHER = SEEN // BLOCK * BLOCK  # seeds whose ways are kept by one call
SEED = Knob(0, 0, 9999, integer=True)
MOST = 400  # rows of one batch


@dataclass(frozen=True)
class EscapeActivity:
    """A landscape and what each run may spend; each phone chooses one of the methods."""

    base: EscapeSpec = specs.part(EscapeSpec, EscapeSpec(MultimodalSpec("ackley")))

    def __post_init__(self) -> None:
        specs.check(self)
        named = {method.name: method for method in reversed(self.base.methods or USUAL)}
        ordered = tuple(named[name] for name in METHODS if name in named)  # one of a kind: a name chooses it
        object.__setattr__(self, "base", replace(self.base, methods=ordered))

    @property
    def methods(self) -> dict[str, MethodSpec]:
        return {method.name: method for method in self.base.methods}


@dataclass(frozen=True)
class EscapeAnswer:
    """What one phone chose, and the seed of its run: start, noise and luck."""

    method: str = specs.choice("plain", METHODS, "method")
    seed: int = specs.number(SEED, "seed")

    def __post_init__(self) -> None:
        specs.check(self)


@dataclass(frozen=True)
class EscapeRowsSpec:
    """Some answers of a class: what is computed at once."""

    activity: EscapeActivity = specs.part(EscapeActivity)
    answers: tuple[EscapeAnswer, ...] = specs.several(EscapeAnswer, (), "a", most=MOST)

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def seconds(self) -> float:
        """About how long all its runs take."""
        used = len({answer.method for answer in self.answers})
        calls = -(-len(self.answers) // TOGETHER)
        each = self.activity.base.steps * (2e-4 + 2.3e-7 * TOGETHER * used)
        return calls * each * self.activity.base.landscape.effort


@dataclass(frozen=True, eq=False)
class Escaped:
    """One row: where one student's run went, and whether it got to the global basin."""

    answer: EscapeAnswer
    track: NDArray[np.float32]  # [F, 2]
    reached: bool


@dataclass(frozen=True)
class Batch(EscapeSpec):
    """Runs with chosen seeds."""

    runs: int = specs.number(Knob(BLOCK, BLOCK, TOGETHER, integer=True), "runs")
    own: tuple[float, ...] = specs.numbers((), SEED, "own", most=TOGETHER, least=0)

    @property
    def seeds(self) -> Sequence[int]:
        return [int(seed) for seed in self.own]


@run.register
def escapes(spec: EscapeRowsSpec, report: Report = silent) -> tuple[Escaped, ...]:
    """The rows of all answers, in their order. Raises `formula.FormulaError`."""
    base, known = spec.activity.base, spec.activity.methods
    names = [answer.method if answer.method in known else next(iter(known)) for answer in spec.answers]
    used = [name for name in known if name in names]
    seeds = list(dict.fromkeys(answer.seed for answer in spec.answers))
    found: dict[tuple[str, int], tuple[NDArray[np.float32], bool]] = {}
    for first in range(0, len(seeds), TOGETHER):
        part = seeds[first : first + TOGETHER]
        padded = part + part[-1:] * (-len(part) % BLOCK)
        batch = Batch(
            base.landscape, tuple(known[name] for name in used), base.steps, base.rate, len(padded),
            own=tuple(map(float, padded)),
        )  # fmt: skip
        whole = within(report, first / len(seeds), (first + len(part)) / len(seeds))
        for name, result in zip(used, escape(batch, whole), strict=True):
            for i, seed in enumerate(part):
                found[name, seed] = result.track[:, i].copy(), bool(result.reached[i])
    return tuple(
        Escaped(answer, *found[name, answer.seed]) for name, answer in zip(names, spec.answers, strict=True)
    )


def shares(rows: Sequence[Escaped]) -> dict[str, Share]:
    """How many of each method's runs got there, in the order of the methods."""
    counted = {name: [row.reached for row in rows if row.answer.method == name] for name in METHODS}
    return {name: Share(sum(hits), len(hits)) for name, hits in counted.items() if hits}
