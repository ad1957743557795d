"""A share of a few, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import binomtest


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
        """(low, high); of nobody nothing is known: (0, 1)."""
        if not self.of:
            return 0.0, 1.0
        found = binomtest(self.hits, self.of).proportion_ci(method="wilson")
        return float(found.low), float(found.high)

    @property
    def decided(self) -> bool:
        """Whether it is surely more, or surely less, than one half."""
        low, high = self.interval
        return low > 0.5 or high < 0.5
