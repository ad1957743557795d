"""Named variants that declare themselves: one decorated function is all a new one needs.

Every family (datasets, activations, losses, optimizers, ...) keeps one `Registry`. A variant is a plain
function with a title, a LaTeX formula, a source and knobs; select boxes, sliders, pages and the family's
tests find it by asking the registry, so nothing else has to be edited when one is added.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Generic, TypeVar


@dataclass(frozen=True)
class Knob:
    """A number that a person may turn: its default, its closed range and how to show it."""

    default: float
    low: float
    high: float
    symbol: str = ""  # LaTeX, without dollars
    help: str = ""  # English; other languages have theirs in the catalogs
    log: bool = False  # a slider over magnitudes
    integer: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.default <= self.high:
            raise ValueError(f"default {self.default} lies outside [{self.low}, {self.high}]")
        if self.log and self.low <= 0:
            raise ValueError(f"a logarithmic knob needs a positive low end, not {self.low}")

    def accepts(self, value: float) -> bool:
        inside = self.low <= value <= self.high  # NaN fails both; asked first, for 10**400 has no float
        return inside and (not self.integer or float(value).is_integer())


@dataclass(frozen=True)
class Variant:
    """One member of a family. `facts` holds what the family adds (a derivative, a name in torch, ...)."""

    name: str
    function: Callable[..., Any]
    title: str
    formula: str
    source: str
    knobs: Mapping[str, Knob] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        # Reached only for names that are no field: a fact of the family.
        if name.startswith("__") or name == "facts":
            raise AttributeError(name)
        try:
            return self.facts[name]
        except KeyError:
            raise AttributeError(f"{self.name} declares no {name!r}") from None

    def settings(self, chosen: Mapping[str, float]) -> dict[str, float]:
        """All knobs of this variant: the chosen value where one is given, else the default."""
        return {name: chosen.get(name, knob.default) for name, knob in self.knobs.items()}


F = TypeVar("F", bound=Callable[..., Any])


class UnknownVariant(KeyError):
    """A name that no variant of the family carries; the message suggests the nearest ones."""

    def __str__(self) -> str:
        return str(self.args[0])


class Registry(Generic[F]):
    """The variants of one family, in the order in which they were declared."""

    def __init__(self, family: str) -> None:
        self.family = family
        self._variants: dict[str, Variant] = {}

    def add(
        self,
        *,
        title: str,
        formula: str = "",
        source: str = "",
        knobs: Mapping[str, Knob] | None = None,
        name: str = "",
        **facts: Any,
    ) -> Callable[[F], F]:
        """Declare the decorated function as a variant; its name is the function's own name."""

        def declare(function: F) -> F:
            key = name or function.__name__
            if key in self._variants:
                raise ValueError(f"{self.family} {key!r} is declared twice")
            self._variants[key] = Variant(
                key,
                function,
                title,
                formula,
                source,
                MappingProxyType(dict(knobs or {})),
                MappingProxyType(facts),
            )
            return function

        return declare

    def __getitem__(self, name: str) -> Variant:
        try:
            return self._variants[name]
        except KeyError:
            near = difflib.get_close_matches(str(name), self._variants, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(self._variants)}."
            raise UnknownVariant(f"no {self.family} is named {str(name)[:40]!r}. {hint}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._variants

    def __iter__(self) -> Iterator[str]:
        return iter(self._variants)

    def __len__(self) -> int:
        return len(self._variants)

    def variants(self) -> list[Variant]:
        return list(self._variants.values())
