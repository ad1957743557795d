"""The model of a script: torch's layers in a row, or a class for a deep network, with the page's draws."""

from __future__ import annotations

import textwrap
from itertools import chain, pairwise

from mlcore.families.activations import ACTIVATIONS
from mlcore.families.convolutions import KERNEL, POOL, Convolution
from mlcore.families.deep import DeepNetwork
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.networks import Network
from mlcore.script.python import Part, class_name, fold, sources
from mlcore.training.tasks import Task, TrainSpec

LAYERS = {  # torch's layer for our activation
    "relu": "nn.ReLU()", "tanh": "nn.Tanh()", "sigmoid": "nn.Sigmoid()", "leaky_relu": "nn.LeakyReLU(0.01)",
    "elu": "nn.ELU()", "gelu": "nn.GELU()", "silu": "nn.SiLU()", "softplus": "nn.Softplus()",
    "identity": "nn.Identity()",
}  # fmt: skip

IDENTITY = LAYERS["identity"]
START = """\
g = Generator().manual_seed(SEED)
with torch.no_grad():
    for layer in {layers}:
        if isinstance(layer, nn.Linear):
            block = {init}(layer.in_features, layer.out_features, g)  # [fan_in + 1, fan_out]
            layer.weight.copy_(block[:-1].T)
            layer.bias.copy_(block[-1])"""
DEEP = '''\
class Deep(nn.Module):
    """Layers of one width; f stands before each product."""

    def __init__(self) -> None:
        super().__init__()
        self.f = {activation}
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(SIZES))

    def forward(self, x: Tensor) -> Tensor:
        h = self.layers[0](x)
        for layer in self.layers[1:-1]:
            h = {step}
        return self.layers[-1]({read})'''


START_CONVOLUTION = """\
g = Generator().manual_seed(SEED)
with torch.no_grad():
    for layer in model:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            block = {init}(layer.weight[0].numel(), len(layer.weight), g)  # [fan_in + 1, units]
            layer.weight.copy_(block[:-1].T.view_as(layer.weight))
            layer.bias.copy_(block[-1])"""


def model_part(spec: TrainSpec, task: Task) -> Part:
    """The layers, with the page's draws copied into them."""
    network = task.network
    functions, activation = _activation(spec.model.activation)
    if isinstance(network, DeepNetwork):
        first, *hidden, last = network.sizes
        constants = [f"SIZES = [{first}, *[{hidden[0]}] * {len(hidden)}, {last}]"]
        lines = ["model = Deep()"]
        functions = [*functions, _deep(network, activation)]
    elif isinstance(network, Convolution):
        constants, lines = [], [_over_images(network, activation)]
    else:
        constants, lines = [], [_in_a_row(network, activation)]
        functions = functions if len(network.sizes) > 2 else []
    init = INITIALIZERS[spec.model.init].function
    begin = START_CONVOLUTION if isinstance(network, Convolution) else START
    start = begin.format(layers=layers(network), init=init.__name__)
    seed = f"SEED = {spec.seeds()[0]}"
    return Part([seed, *constants], [*functions, *sources(init)], [*lines, "", start])


def shape(network: Network) -> str:
    """The widths from input to output, for a heading."""
    first, *hidden, last = network.sizes
    if isinstance(network, DeepNetwork):
        return f"{first} -> {len(hidden)} x {hidden[0]} -> {last}"
    if isinstance(network, Convolution):
        side = network.side
        return f"{side} x {side} -> {' -> '.join(f'{c} channels' for c in network.channels)} -> {last}"
    return " -> ".join(map(str, network.sizes))


def layers(network: Network) -> str:
    """What a script goes through to meet every layer of its model."""
    return "model.layers" if isinstance(network, DeepNetwork) else "model"


def weighted(network: Network) -> str:
    """The kinds of layers that have weights."""
    return "nn.Conv2d | nn.Linear" if isinstance(network, Convolution) else "nn.Linear"


def _activation(name: str) -> tuple[list[str], str]:
    """The functions that define an activation, and the expression that makes its module."""
    if name in LAYERS:
        return [], LAYERS[name]
    function = ACTIVATIONS[name].function  # torch has no such layer: our function becomes one
    *helpers, code = sources(function)
    method = textwrap.indent(code.replace(f"def {function.__name__}(", "def forward(self, "), "    ")
    return [*helpers, f"class {class_name(name)}(nn.Module):\n{method}"], f"{class_name(name)}()"


def _in_a_row(network: Network, activation: str) -> str:
    first, *others = (f"nn.Linear({a}, {b})" for a, b in pairwise(network.sizes))
    between = [] if activation == IDENTITY else [activation]
    return fold("model = nn.Sequential(", [first, *chain(*((*between, layer) for layer in others))], ")")


def _over_images(network: Convolution, activation: str) -> str:
    """Convolutions that keep the size of the image, the largest of every 2 x 2, and an affine layer."""
    side, between = network.side, [] if activation == IDENTITY else [activation]
    kernels = [f"nn.Conv2d({a}, {b}, {KERNEL}, padding=1)" for a, b in pairwise((1, *network.channels))]
    flat, last = network.shapes[-1]
    parts = [f"nn.Unflatten(1, (1, {side}, {side}))", *chain(*((kernel, *between) for kernel in kernels))]
    parts += [f"nn.MaxPool2d({POOL})", "nn.Flatten()", f"nn.Linear({flat - 1}, {last})"]
    return fold("model = nn.Sequential(", parts, ")")


def _deep(network: DeepNetwork, activation: str) -> str:
    read = "self.f(nn.functional.layer_norm(h, h.shape[-1:]))" if network.normalized else "self.f(h)"
    step = f"h + layer({read})" if network.residual else f"layer({read})"
    return DEEP.format(activation=activation, step=step, read=read)
