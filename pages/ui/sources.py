"""Formulas and the code behind them, as a page shows them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any


def source(*parts: Callable[..., Any] | type) -> str:
    """The code that ran, without the decorator that declares a variant: the page shows those facts itself."""
    return "\n\n".join(
        re.sub(r"\A@[^\n]*\(.*?\n(?=def )", "", inspect.getsource(p), flags=re.S) for p in parts
    )


def stacked(formula: str) -> str:
    """A formula of several statements with one on each line, so that it fits into a column."""
    statements = re.split(r",\s*\\(?:quad|;)\s*", formula)
    if len(statements) == 1:
        return formula
    rows = (re.sub(r"\s*(=|\\leftarrow)\s*", r" &\1 ", row, count=1) for row in statements)
    return r"\begin{aligned} " + r" \\[0.4em] ".join(rows) + r" \end{aligned}"
