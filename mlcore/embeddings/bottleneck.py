"""The error of autoencoders over the number of code numbers, linear ones against PCA, and deep ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mlcore.base import spec as specs
from mlcore.base.experiment import Report, quiet, run, silent, within
from mlcore.embeddings.autoencoder import KINDS, AutoencoderSpec, Centered, autoencode, centered, unexplained
from mlcore.embeddings.codes import pca

WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16)


@dataclass(frozen=True)
class BottleneckSpec:
    """Autoencoders of every width of the code, both kinds, with the settings of one."""

    usual: AutoencoderSpec = specs.part(AutoencoderSpec)

    def __post_init__(self) -> None:
        specs.check(self)
        usual = replace(self.usual, kind="deep", code=AutoencoderSpec().code)
        object.__setattr__(self, "usual", usual)  # equal experiments are equal specs

    def one(self, kind: str, code: int) -> AutoencoderSpec:
        return replace(self.usual, kind=kind, code=code)


@dataclass(frozen=True)
class Width:
    """What is lost with so many numbers: shares of the variance."""

    code: int
    train: dict[str, float]  # by kind
    test: dict[str, float]
    pca: float  # of the training examples: the eigenvalues left out
    pca_test: float


def widths(seen: Centered) -> list[int]:
    """A code is no wider than what it is a code of."""
    return [code for code in WIDTHS if code <= seen.train.shape[1]]


@run.register
def bottleneck(spec: BottleneckSpec, report: Report = silent) -> tuple[Width, ...]:
    """Narrow codes first; `report` gets each width when it is done."""
    seen, found = centered(spec.usual.data), list[Width]()
    axes, codes = pca(seen), widths(seen)
    for k, code in enumerate(codes):
        ends = []
        for i, kind in enumerate(KINDS):
            first, last = ((2 * k + i + j) / (2 * len(codes)) for j in (0, 1))
            ends.append(autoencode(spec.one(kind, code), quiet(within(report, first, last))))
        train, test = ({e.spec.kind: float(getattr(e, part)[-1]) for e in ends} for part in ("train", "test"))
        lost = float(unexplained(seen.test, axes.back(seen.test, code)))
        found.append(Width(code, train, test, axes.left_out(code), lost))
        report((k + 1) / len(codes), found[-1])
    return tuple(found)


def gap(parts: Sequence[Width]) -> float:
    """How far trained linear autoencoders are from PCA at most, as a share of the variance."""
    return max(part.train["linear"] - part.pca for part in parts)
