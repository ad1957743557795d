"""What cannot be done, said so that every language can say it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar


def times(work: float, most: float) -> str:
    """How many times as much as may be, rounded up: never 1."""
    return f"{math.ceil(10 * work / most) / 10:.1f}".removesuffix(".0")


class Refusal(ValueError):
    """`code` names one of SENTENCES and `values` fill it, for the page; the sentence is for others."""

    SENTENCES: ClassVar[Mapping[str, str]] = {}

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(self.SENTENCES[code].format(**values))
        self.code, self.values = code, values

    def __reduce__(self) -> Any:  # it crosses from a worker to the page
        return partial(type(self), **self.values), (self.code,)


def readable(read: Callable[[str], object], text: str) -> bool:
    """Whether `read` takes this text: it raises ValueError, or a refusal, where it does not."""
    try:
        read(text)
    except ValueError:
        return False
    return True
