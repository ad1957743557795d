"""Mistakes in a log without anybody's data: where it happened and what kind it is, not what it says.

The message of an exception often quotes what a person typed (`could not convert 'my salary' to float`). The
lines of the program and the classes are what one needs to find the mistake.
"""

from __future__ import annotations

import logging
import traceback
from typing import Any

DEEPEST = 8  # exceptions of a chain


def trace(error: BaseException) -> str:
    """The traceback of an exception and of those that led to it, without their messages."""
    parts: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(parts) < DEEPEST:
        frames = "".join(traceback.format_tb(cause.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{type(cause).__qualname__}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n\nwhich followed from\n\n".join(parts)


def all_logs() -> None:
    """From now on no log of this process, whoever writes it, tells the message of an exception."""
    before = logging.getLogRecordFactory()
    if getattr(before, "discreet", False):
        return

    def record(*args: Any, **keywords: Any) -> logging.LogRecord:
        made = before(*args, **keywords)
        if made.exc_info and made.exc_info[1] is not None:
            made.exc_text = trace(made.exc_info[1])  # which formatters take instead of making their own
        return made

    record.discreet = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(record)
