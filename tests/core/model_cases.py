"""The figures of the model room, for the checks that all figures pass."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import torch

from mlcore.components.saturation import dead, saturated
from mlcore.components.signal import Signal, SignalSpec
from mlcore.components.signal import signal as measured
from mlcore.components.symmetry import collapse
from mlcore.components.untrained import PriorSpec, draw, prior, squares
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.models import ModelSpec
from mlcore.families.networks import Network
from mlcore.figures import activations, network, signal, symmetry, untrained, words
from mlcore.figures.panel import legend, panel

NASTY = ("<b>a</b>", "%{x}<extra>", "&lt;i&gt;")
BENT = ModelSpec(widths=(5, 4), activation="relu", init="he")
SCALES = np.geomspace(0.1, 20, 9)
Case = Callable[[words.Say], go.Figure]


def drawing(sizes: tuple[int, ...], inputs: tuple[str, ...], outputs: tuple[str, ...]) -> Case:
    net = Network(sizes, "tanh")
    return lambda say: network.drawing(net, draw(net, "xavier", [0])[0], inputs, outputs, say)


def signals(**changed: object) -> dict[str, Signal]:
    return {
        name: measured(SignalSpec(init=init, depth=6, width=20, nets=3, **changed))  # type: ignore[arg-type]
        for name, init in (("He", "he"), ("0", "zeros"))
    }


def shares() -> dict[str, np.ndarray]:
    return {variant.title: saturated(variant.name, SCALES.tolist()) for variant in ACTIVATIONS.variants()}


def killed(say: words.Say) -> go.Figure:
    x = torch.randn(30, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return activations.deaths(dead(Network((2, 6, 5, 1), "relu"), "he", x, range(3), [-2.0, 0.0]), say)


CASES: dict[str, Case] = {
    "network": drawing((2, 16, 3, 2), ("x1", "x2"), ("0", "1")),
    "network linear": drawing((1, 1), ("x1",), ("y",)),
    "network deep": drawing((64, 128, 4, 5, 6, 7, 128, 10), ("x",) * 64, ("y",) * 10),
    "network nasty": drawing((3, 4, 3), NASTY, NASTY),
    "functions": lambda say: untrained.functions(prior(PriorSpec()), say),
    "functions bent": lambda say: untrained.functions(prior(PriorSpec(model=BENT, count=20)), say),
    "functions most": lambda say: untrained.functions(prior(PriorSpec(count=400)), say),
    "square": lambda say: untrained.square(squares(PriorSpec(count=10), 1)[0], "0"),
    "forward": lambda say: signal.forward(signals(), say),
    "backward": lambda say: signal.backward(signals(activation="relu"), say),
    **{f"curve {name}": lambda say, name=name: activations.curve(name, 1.5, say) for name in ACTIVATIONS},
    "zoo": lambda say: activations.zoo({v.name: v.title for v in ACTIVATIONS.variants()}, say),
    "saturation": lambda say: activations.saturation(SCALES, shares(), "Tanh", 1.0, say),
    "deaths": killed,
    "spectrum": lambda say: symmetry.spectrum(collapse((8, 6, 3, 8), "xavier", 0), say),
    "panel": lambda say: panel(untrained.functions(prior(PriorSpec(count=10)), say), "a", "b"),
    "legend": lambda say: legend(untrained.functions(prior(PriorSpec(count=10)), say)),
}
