"""Keep what was used last, as much as a budget of bytes allows."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")


class Cache(Generic[V]):
    """Values by key; the least recently used go first when their sizes exceed `budget` bytes.

    Not thread-safe: its owner holds a lock.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget  # bytes
        self.used = 0  # bytes
        self._kept: OrderedDict[str, tuple[V, int]] = OrderedDict()  # the oldest first

    def get(self, key: str) -> V | None:
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def put(self, key: str, value: V, size: int) -> None:
        """Keep `value`, which takes `size` bytes. A value larger than the whole budget is not kept."""
        self.used -= self._kept.pop(key, (None, 0))[1]
        if size > self.budget:
            return  # it would push out all others and then itself
        self._kept[key] = (value, size)
        self.used += size
        while self.used > self.budget:
            self.used -= self._kept.popitem(last=False)[1][1]
