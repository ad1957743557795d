"""What a typed text costs before it is a graph or a sentence: next to nothing, whatever is typed."""

from __future__ import annotations

import random
import time
from contextlib import suppress

import numpy as np
import pytest

from mlcore.backpropagation import graph
from mlcore.backpropagation.expressions import ExpressionError, inputs, write_out
from mlcore.formulas import formula
from mlcore.formulas.formula import FormulaError
from tests.core.test_graph import PIECES

pytestmark = pytest.mark.bench
TEXTS = 5000
LARGE = "+".join(f"sin({a}*{b})" for a, b in zip("uvwxyzuvwxyz", "vwxyzuwxyzuv", strict=True)) + "+u^2+v^2"


def milliseconds(text: str, r: random.Random) -> float:
    """Of reading a text for the first time, and of its graph if it has one."""
    for cache in (graph._program, formula.parse, write_out):
        cache.cache_clear()
    start = time.perf_counter()
    with suppress(FormulaError, ExpressionError):
        graph.build(text, [r.uniform(-3, 3) for _ in inputs(text)])
    return 1000 * (time.perf_counter() - start)


def test_no_text_takes_longer_than_a_large_graph() -> None:
    r = random.Random(0)
    texts = ["".join(r.choice(PIECES) for _ in range(r.randint(1, 9))) for _ in range(TEXTS)]
    honest = float(np.median([milliseconds(LARGE, r) for _ in range(50)]))
    taken = [milliseconds(text, r) for text in texts]
    median, late = np.percentile(taken, [50, 99])
    worst = texts[int(np.argmax(taken))]
    print(
        f"\n{TEXTS} hostile texts: median {median:.2f} ms, 99th percentile {late:.2f} ms, slowest "
        f"{max(taken):.1f} ms ({worst[:40]!r}); a graph of {len(graph.build(LARGE, [1.0] * 6).steps)} nodes "
        f"{honest:.2f} ms"
    )
    assert late < 2 * honest
