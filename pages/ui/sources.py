"""Formulas and the code behind them, as a page shows them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any


@cache
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


CUTS = (" + ", " - ", r") \bigl", r", \quad ", r", \; ", r" \text{ or } ")


def broken(formula: str, most: int = 28) -> str:
    """A long sum or product on several lines, broken where no bracket is open, so that a phone shows it.

    A line has at most about `most` signs as a reader counts them; a term that has more keeps its line.
    """
    depth, cuts = 0, [0]
    for at, mark in enumerate(formula):
        depth += (mark in "([{") - (mark in ")]}")
        if depth == 0 and formula.startswith(CUTS, at):
            cuts.append(at + 1)
    terms = [formula[start:end] for start, end in pairwise([*cuts, len(formula)])]
    rows = [terms[0]]
    for term in terms[1:]:
        if _signs(rows[-1] + term) > most:
            rows.append(term)
        else:
            rows[-1] += term
    if len(rows) == 1:
        return formula
    return r"\begin{gathered} " + r" \\ ".join(row.strip() for row in rows) + r" \end{gathered}"


def _signs(formula: str) -> int:
    r"""About how many signs wide a formula is: a Greek letter is one, `\cos` is three."""
    bare = re.sub(r"\\(tfrac|frac|sqrt|bigl|bigr|quad|;)|[{}^_\s]", "", formula)
    return len(re.sub(r"\\(?!sin|cos)[a-z]+", "x", bare).replace("\\", ""))


def narrow(formula: str) -> str:
    """A formula small and on several lines, for a sidebar: a statement on each, broken before a sign =."""
    lines: list[str] = []
    for statement in re.split(r",\s*\\(?:quad|;)| (?=\\text\{ else)", formula):
        left, sign, right = statement.strip().partition(" = ")
        lines += [left, f"= {right}"] if sign and len(left) > 14 else [left + sign + right]
    return r"\scriptsize \begin{aligned} & " + r" \\ & ".join(lines) + r" \end{aligned}"
