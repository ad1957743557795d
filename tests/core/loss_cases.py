"""Every figure of the objective room, drawn from small results, for the tests that hold for all figures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go

from mlcore.components.accounts import account, measure
from mlcore.components.classification import answer, entropies, neuron
from mlcore.components.curves import CENTERS, centers, shapes
from mlcore.components.similarity import likeness
from mlcore.figures import circle, logits, losses
from mlcore.figures.words import Say

NAMES = {name: f"-{name}-" for name in CENTERS}  # a page hands them over in its own language

REGRESSION = shapes("regression", 0.5, 2.0, 1.0)
BINARY = shapes("classification", 1.0, -1.5, 1.0)
MEASURES = measure((2.5, 3.5, 9.0), (2.0, 4.0, 5.0), 1.0)
FOUND = centers((1, 2, 3, 10), 2.0, -2.0, 12.0)
ALIKE = centers((2, 2), 2.0, -2.0, 12.0)  # costs nothing at its best: nothing to divide by
ACCOUNT = account((1, 2, 3, 4), (2, 3, 5, 9), 1.5, 0.5, 0.1, 0.5)
ANSWER = answer((2, 1, -1), 0, 0.5, 0.1)
ENTROPIES = entropies(np.linspace(-8, 8, 33), 1)
NEURON = neuron(-6.0, 1.0, 40)
PAIR = likeness((1.5, 0.5), (0.2, 1.2), 0.2)

CASES: dict[str, Callable[[Say], go.Figure]] = {
    "loss shapes": lambda say: losses.shapes(REGRESSION, "ŷ", say),
    "loss shapes binary": lambda say: losses.shapes(BINARY, "z", say),
    "loss points": lambda say: losses.points(MEASURES, 0, 10, say),
    "loss shares": lambda say: losses.shares(MEASURES, say),
    "loss centers": lambda say: losses.centers(FOUND, NAMES, say),
    "loss centers alike": lambda say: losses.centers(ALIKE, NAMES, say),
    "loss pulled": lambda say: losses.pulled(FOUND, NAMES, say),
    "loss ledger": lambda say: losses.ledger(ACCOUNT, say),
    "logits": lambda say: logits.logits(ANSWER, 0, say),
    "probabilities": lambda say: logits.probabilities(ANSWER, 0, say),
    "separately": lambda say: logits.separately(ANSWER, say),
    "entropies": lambda say: logits.entropies(ENTROPIES, 1.5, say),
    "slopes": lambda say: logits.slopes(NEURON, -6.0, say),
    "learning": lambda say: logits.learning(NEURON, say),
    "vectors": lambda say: circle.vectors(PAIR, say),
    "embedding": lambda say: circle.embedding(PAIR, say),
}
