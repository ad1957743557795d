"""A share of a few, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import binomtest


def percent(share: float) -> str:
    """As a person reads it: a digit after the point near both ends, and 0 and 100 only for none and all."""
    if 0 < share < 0.0005:
        return "< 0.1%"
    if 0.9995 <= share < 1:
        return "> 99.9%"
    return f"{100 * share:.{int(0 < share < 0.0995 or 0.9905 <= share < 1)}f}%"


def lasting(said: Sequence[bool]) -> int | None:
    """The place from which on it holds to the end."""
    return next((i for i in range(len(said)) if all(said[i:])), None)


@dataclass(frozen=True)
class Share:
    """`hits` of `of`, with the interval that holds the true share in 95 % of cases (Wilson 1927)."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """(low, high); (0, 1) where nothing was counted."""
        if not self.of:
            return 0.0, 1.0
        found = binomtest(self.hits, self.of).proportion_ci(method="wilson")
        return float(found.low), float(found.high)

    @property
    def decided(self) -> bool:
        """Whether it is surely more, or surely less, than one half."""
        low, high = self.interval
        return low > 0.5 or high < 0.5
