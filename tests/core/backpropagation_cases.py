"""The figures of networks in the backpropagation room, for the checks that all figures pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import plotly.graph_objects as go

from mlcore.backpropagation.matrices import Pass, PassSpec, both_ways
from mlcore.backpropagation.products import ChainSpec, products
from mlcore.families.models import ModelSpec
from mlcore.figures import matrices as matrix_figures
from mlcore.figures import products as product_figures
from mlcore.figures import words
from mlcore.training.data import DataSpec
from mlcore.training.tasks import TrainSpec

SMALL = TrainSpec(DataSpec("iris"), ModelSpec(widths=(5, 4)))
DEEP = replace(SMALL, model=ModelSpec("deep", layers=20, units=3, residual=False))
CHAINS = {
    "numbers": ChainSpec(nets=5),
    "wide": ChainSpec("tanh", width=8, depth=5, nets=4),
    "zeros": ChainSpec(init="zeros", nets=3),
    "dead": ChainSpec("relu", "he", nets=6),
}


def passed(spec: TrainSpec) -> Pass:
    return both_ways(PassSpec(spec))


CASES: dict[str, Callable[[words.Say], go.Figure]] = {
    "network in matrices": lambda say: matrix_figures.drawing(passed(SMALL)),
    "network in many matrices": lambda say: matrix_figures.drawing(passed(DEEP)),
    "sizes of layers": lambda say: matrix_figures.layers(passed(SMALL), say),
    **{
        f"{draw.__name__} {name}": lambda say, draw=draw, spec=spec: draw(products(spec), say)
        for draw in (product_figures.along, product_figures.factors)
        for name, spec in CHAINS.items()
    },
}
