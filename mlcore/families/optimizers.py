"""Optimizers as pure update rules on rows.

    direction, *state = rule(g, t, theta, *state, **knobs)         theta <- theta - lr * direction

g and theta are [R, P], t counts from 1, the state starts at zero and has one [R, P] per name in the fact
`state`. Knobs are numbers or [R, 1] columns, so a sweep over a knob needs no extra code. Conventions are
those of torch.optim (epsilon outside the root; d2l prints it inside), where `torch_optim` names the one
that the tests compare with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from mlcore.base.registry import Knob, Registry

OPTIMIZERS: Registry[Callable[..., tuple[Tensor, ...]]] = Registry("optimizer")

_BETA1 = Knob(0.9, 0.0, 0.999, symbol=r"\beta_1", help="memory of the mean gradient")
_BETA2 = Knob(0.999, 0.0, 0.99999, symbol=r"\beta_2", help="memory of the squared gradient")
_EPS = Knob(1e-8, 1e-12, 1e-1, symbol=r"\epsilon", help="keeps the division finite", log=True)
_MU = Knob(0.9, 0.0, 0.999, symbol=r"\mu", help="share of the last velocity that is kept")
_DECAY = Knob(0.01, 0.0, 1.0, symbol=r"\lambda", help="pull towards zero, apart from the gradient")


def root(s: Tensor) -> Tensor:
    """The square root, of 1e-30 at least: the vector library takes forty times as long over a zero, twice as
    long over 1e-36."""
    return torch.clamp_min(s, 1e-30).sqrt_()


@OPTIMIZERS.add(title="SGD", formula=r"d = g", source="Robbins and Monro 1951", state=(), torch_optim="SGD")
def sgd(g: Tensor, t: int, theta: Tensor) -> tuple[Tensor, ...]:
    return (g,)


@OPTIMIZERS.add(
    title="Momentum",
    formula=r"v \leftarrow \mu v + g, \quad d = v",
    source="Polyak 1964; Sutskever et al. 2013",
    state=("v",),
    torch_optim="SGD",
    knobs={"momentum": _MU},
)
def momentum(g: Tensor, t: int, theta: Tensor, v: Tensor, momentum: float) -> tuple[Tensor, ...]:
    v = momentum * v + g
    return v, v


@OPTIMIZERS.add(
    title="Nesterov",
    formula=r"v \leftarrow \mu v + g, \quad d = g + \mu v",
    source="Nesterov 1983; Sutskever et al. 2013",
    state=("v",),
    torch_optim="SGD",
    knobs={"momentum": _MU},
)
def nesterov(g: Tensor, t: int, theta: Tensor, v: Tensor, momentum: float) -> tuple[Tensor, ...]:
    v = momentum * v + g
    return g + momentum * v, v


@OPTIMIZERS.add(
    title="AdaGrad",
    formula=r"s \leftarrow s + g^2, \quad d = g / (\sqrt{s} + \epsilon)",
    source="Duchi et al. 2011",
    state=("s",),
    torch_optim="Adagrad",
    knobs={"eps": Knob(1e-10, 1e-12, 1e-1, symbol=r"\epsilon", help="keeps the division finite", log=True)},
)
def adagrad(g: Tensor, t: int, theta: Tensor, s: Tensor, eps: float) -> tuple[Tensor, ...]:
    s = s + g * g
    return g / (root(s) + eps), s


@OPTIMIZERS.add(
    title="RMSProp",
    formula=r"s \leftarrow \alpha s + (1 - \alpha) g^2, \quad d = g / (\sqrt{s} + \epsilon)",
    source="Tieleman and Hinton 2012, lecture 6.5",
    state=("s",),
    torch_optim="RMSprop",
    knobs={
        "alpha": Knob(0.99, 0.0, 0.9999, symbol=r"\alpha", help="memory of the squared gradient"),
        "eps": _EPS,
    },
)
def rmsprop(g: Tensor, t: int, theta: Tensor, s: Tensor, alpha: float, eps: float) -> tuple[Tensor, ...]:
    s = torch.lerp(g * g, s, alpha)
    return g / (root(s) + eps), s


@OPTIMIZERS.add(
    title="Adam",
    formula=r"m \leftarrow \beta_1 m + (1 - \beta_1) g, \; v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad "
    r"d = \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}",
    source="Kingma and Ba 2015, algorithm 1",
    state=("m", "v"),
    torch_optim="Adam",
    knobs={"beta1": _BETA1, "beta2": _BETA2, "eps": _EPS},
)
def adam(
    g: Tensor, t: int, theta: Tensor, m: Tensor, v: Tensor, beta1: float, beta2: float, eps: float
) -> tuple[Tensor, ...]:
    m = torch.lerp(g, m, beta1)
    v = (g * g).lerp_(v, beta2)
    c1, c2 = 1 - beta1**t, 1 - beta2**t  # both corrections go below, in place: fewer passes over the rows
    below = root(v).mul_(c1 / c2**0.5).add_(c1 * eps)
    return torch.div(m, below, out=below), m, v


@OPTIMIZERS.add(
    title="AdamW",
    formula=r"d = d_{\text{Adam}} + \lambda \theta",
    source="Loshchilov and Hutter 2019, algorithm 2",
    state=("m", "v"),
    torch_optim="AdamW",
    knobs={"beta1": _BETA1, "beta2": _BETA2, "eps": _EPS, "decay": _DECAY},
)
def adamw(
    g: Tensor,
    t: int,
    theta: Tensor,
    m: Tensor,
    v: Tensor,
    beta1: float,
    beta2: float,
    eps: float,
    decay: float,
) -> tuple[Tensor, ...]:
    direction, m, v = adam(g, t, theta, m, v, beta1, beta2, eps)
    return direction + decay * theta, m, v


@OPTIMIZERS.add(
    title="Lion",
    formula=r"d = \operatorname{sign}(\beta_1 m + (1 - \beta_1) g) + \lambda \theta, \quad "
    r"m \leftarrow \beta_2 m + (1 - \beta_2) g",
    source="Chen et al. 2023, Symbolic Discovery of Optimization Algorithms, algorithm 2",
    state=("m",),
    knobs={
        "beta1": _BETA1,
        "beta2": Knob(
            0.99, 0.0, 0.9999, symbol=r"\beta_2", help="memory of the mean gradient for later steps"
        ),
        "decay": Knob(0.0, 0.0, 1.0, symbol=r"\lambda", help="pull towards zero, apart from the gradient"),
    },
)
def lion(
    g: Tensor, t: int, theta: Tensor, m: Tensor, beta1: float, beta2: float, decay: float
) -> tuple[Tensor, ...]:
    direction = torch.lerp(g, m, beta1).sign()
    return direction + decay * theta, torch.lerp(g, m, beta2)


@OPTIMIZERS.add(
    title="ADOPT",
    formula=r"m \leftarrow \beta_1 m + (1 - \beta_1) \operatorname{clip}_{t^{1/4}}\!"
    r"\left(\frac{g}{\max(\sqrt{v}, \epsilon)}\right), \; d = m, \quad "
    r"v \leftarrow \beta_2 v + (1 - \beta_2) g^2",
    source="Taniguchi et al. 2024, ADOPT, algorithm 2 with the clipping of its remark",
    state=("m", "v"),
    knobs={
        "beta1": _BETA1,
        "beta2": Knob(0.9999, 0.0, 0.99999, symbol=r"\beta_2", help="memory of the squared gradient"),
        "eps": Knob(1e-6, 1e-12, 1e-1, symbol=r"\epsilon", help="keeps the division finite", log=True),
    },
)
def adopt(
    g: Tensor, t: int, theta: Tensor, m: Tensor, v: Tensor, beta1: float, beta2: float, eps: float
) -> tuple[Tensor, ...]:
    if t == 1:  # the first gradient only sets the scale; nothing moves
        return torch.zeros_like(g), m, g * g
    bound = (t - 1) ** 0.25
    scaled = torch.clamp(g / root(v).clamp_min(eps), -bound, bound)
    m = torch.lerp(scaled, m, beta1)
    return m, m, torch.lerp(g * g, v, beta2)


def renamed(name: str, knobs: Mapping[str, float]) -> dict[str, Any]:
    """The knobs of rule `name` under the names that its counterpart in torch.optim gives them."""
    theirs: dict[str, Any] = {}
    if "beta1" in knobs:
        theirs["betas"] = (knobs["beta1"], knobs["beta2"])
    theirs |= {{"decay": "weight_decay"}.get(k, k): v for k, v in knobs.items() if "beta" not in k}
    if name == "nesterov" and knobs["momentum"] > 0:  # torch refuses it without a momentum
        theirs["nesterov"] = True
    return theirs
