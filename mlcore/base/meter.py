"""What happens here, told to whoever counts it: an event, words of the code that describe it, an amount.

The core counts nothing by itself and knows no library for it. Words are names of classes, states and codes,
never anything that a person typed or chose: whoever counts may publish them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Listener = Callable[[str, float, dict[str, str]], None]  # event, amount, words

_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Tell `listener` of everything from now on. It is called under locks, so it must be quick."""
    _listeners.append(listener)


def tell(event: str, amount: float = 1.0, **words: str) -> None:
    """`event` happened: `amount` times, or for so many seconds."""
    for listener in _listeners:
        listener(event, amount, words)


def kind(thing: Any) -> str:
    """What a spec or a refusal may be called in public: the name of its class."""
    return type(thing).__name__
