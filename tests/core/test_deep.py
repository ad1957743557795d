"""Deep networks against torch.nn, autograd and the multilayer perceptron that they are without additions."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Generator, Tensor, nn

from mlcore.base.experiment import run
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.deep import DeepNetwork
from mlcore.families.losses import cost, cost_gradient
from mlcore.families.models import ModelSpec
from mlcore.families.networks import Autograd, Backpropagation, Network, with_ones
from mlcore.landscapes.evaluation import Curvature, Evaluator
from mlcore.landscapes.landscape import LandscapeError
from mlcore.landscapes.lines import LineSpec
from mlcore.training.data import DataSpec
from mlcore.training.stepping import StepSpec, look
from mlcore.training.tasks import TrainSpec, prepare
from tests.core.runs import same
from tests.core.test_models import TWINS, close, random_theta, random_x

ADDITIONS = list(itertools.product((False, True), repeat=2))  # residual, normalized
SIZES = [(2, 5, 1), (3, 4, 4, 4, 2), (1, 1, 1, 1), (2, *(6,) * 9, 3)]
CASES = [DeepNetwork(sizes, "tanh", *added) for sizes in SIZES for added in ADDITIONS]
CASES += [DeepNetwork((2, 5, 5, 2), name, True, True) for name in ACTIVATIONS]


def torch_predict(network: DeepNetwork, row: Tensor, x: Tensor) -> Tensor:
    """The same network in layers of torch.nn."""
    linear = []
    for block in network.blocks(row[None]):
        layer = nn.Linear(*block[0, :-1].shape, dtype=torch.float64)
        layer.weight.data, layer.bias.data = block[0, :-1].T.contiguous(), block[0, -1].clone()
        linear.append(layer)
    width, f = network.sizes[1], TWINS[network.activation]()
    norm = nn.LayerNorm(width, elementwise_affine=False) if network.normalized else nn.Identity()
    h = linear[0](x)
    for layer in linear[1:-1]:
        h = layer(f(norm(h))) + (h if network.residual else 0)
    found: Tensor = linear[-1](f(norm(h))).detach()
    return found


def name(network: DeepNetwork) -> str:
    return f"{network.sizes}-{network.activation}{'-skip' * network.residual}{'-norm' * network.normalized}"


@pytest.mark.parametrize("network", CASES, ids=name)
def test_predict_is_a_row_of_torch_networks(network: DeepNetwork) -> None:
    theta, x = random_theta(network, 3), random_x(7, network.sizes[0])
    close(network.predict(theta, x), torch.stack([torch_predict(network, row, x) for row in theta]))
    own = random_x(3, 7, network.sizes[0], seed=1)  # each row its own examples
    expected = [torch_predict(network, row, x) for row, x in zip(theta, own, strict=True)]
    close(network.predict(theta, own), torch.stack(expected))


@pytest.mark.parametrize("network", CASES, ids=name)
def test_the_gradient_is_the_slope_of_the_cost(network: DeepNetwork) -> None:
    """Central differences along random directions, within inference mode, as trainings call it."""
    theta, x, y = random_theta(network, 2), random_x(6, network.sizes[0]), random_x(6, network.sizes[-1])
    x, y, theta = x.expand(2, -1, -1), y.expand(2, -1, -1), theta + 0.05
    with torch.inference_mode():
        chain = network.chain(theta, 6)
        found = chain.backward(cost_gradient("mse", chain.forward(with_ones(x)), y))
    direction, h = random_x(*theta.shape, seed=3), 1e-6
    ahead, behind = (cost("mse", network.predict(theta + s * h * direction, x), y) for s in (1, -1))
    slope = (found * direction).sum(dim=1)
    torch.testing.assert_close((ahead - behind) / (2 * h), slope, rtol=1e-6, atol=1e-8)


def test_values_of_theta_may_change_between_two_calls() -> None:
    network = DeepNetwork((2, 4, 4, 1), "tanh", True, True)
    theta, x1 = random_theta(network, 2), with_ones(random_x(2, 5, 2))
    with torch.inference_mode():
        chain, other = network.chain(theta, 5), random_theta(network, 2, seed=9)
        before = chain.forward(x1)
        kept = before.clone()
        theta.copy_(other)
        close(chain.forward(x1), network.predict(other, x1[..., :-1]))
        assert torch.equal(before, kept), "the first prediction is its reader's own"


def test_it_is_differentiated_by_hand_where_it_is_a_multilayer_perceptron() -> None:
    theta = torch.zeros(2, Network((2, 3, 3, 1), "relu").size)
    for residual, normalized in ADDITIONS:
        network = DeepNetwork((2, 3, 3, 1), "relu", residual, normalized)
        by_hand = isinstance(network.chain(theta, 4), Backpropagation)
        assert by_hand == network.plain == (not residual and not normalized)
        assert isinstance(network.chain(theta, 4), Autograd) != by_hand


@pytest.mark.parametrize("layers", [1, 3, 12])
def test_without_additions_it_is_the_same_network(layers: int) -> None:
    spec = ModelSpec("deep", layers=layers, units=6, residual=False)
    network = spec.network(2, 1)
    plain = Network(network.sizes, network.activation)
    theta, x = random_theta(network, 3), random_x(5, 2)
    assert torch.equal(random_theta(plain, 3), theta)
    close(network.predict(theta, x), plain.predict(theta, x))


def test_two_ways_to_say_one_perceptron_train_to_the_same_bits() -> None:
    deep = ModelSpec("deep", layers=3, units=7, residual=False, activation="relu")
    spec = TrainSpec(model=deep, steps=20)
    same(run(spec), run(replace(spec, model=ModelSpec(widths=(7, 7, 7), activation="relu"))))


@pytest.mark.parametrize("case", range(12))
def test_a_replica_has_the_same_bits_alone_and_among_others(case: int) -> None:
    r = random.Random(case)
    residual, normalized = ADDITIONS[1 + case % 3]
    model = ModelSpec(
        "deep", layers=r.randint(1, 12), units=r.randint(1, 40), activation=r.choice(list(ACTIVATIONS)),
        residual=residual, normalized=normalized,
    )  # fmt: skip
    spec = TrainSpec(DataSpec("moons", examples=75), model, batch_size=r.choice([0, 7, 16]), steps=8)
    i = r.randrange(9)
    same(run(replace(spec, seed=i)), run(replace(spec, replicas=9)), i)


def test_sixty_four_residual_layers_learn_what_sixty_four_plain_ones_do_not() -> None:
    """Moons, four seeds: 64 layers of ReLU stay at chance, ln 2; with residual connections all learn."""
    model = ModelSpec("deep", layers=64, units=16, activation="relu", residual=True, normalized=True)
    spec = TrainSpec(DataSpec("moons", examples=100), model, batch_size=0, steps=60, lr=0.003, replicas=4)
    final = run(spec).records
    plain = run(replace(spec, model=replace(model, residual=False, normalized=False))).records
    assert (final.train_cost[-1] < 0.1).all()
    assert (final.train_score[-1] > 0.95).all()
    assert plain.train_cost[-1] == pytest.approx(np.log(2), abs=0.01)


@pytest.mark.parametrize("layers", [4, 16])
def test_with_he_a_residual_layer_doubles_the_second_moment(layers: int) -> None:
    """E[f(h)^2] = E[h^2] / 2 for ReLU and symmetric h, and He's variance 2 / fan_in makes up for it. So a
    layer adds as much as it got, uncorrelated: the mean square grows as 2^l, and stays without residuals."""
    width, rows = 256, 24
    for residual, growth in ((True, 2.0 ** (layers - 1)), (False, 1.0)):
        network = DeepNetwork((width, *(width,) * layers, 1), "relu", residual)
        theta = network.init("he", [Generator().manual_seed(i) for i in range(rows)])
        h = hidden(network, theta, random_x(16, width))
        assert float(h[-1].square().mean() / h[0].square().mean()) == pytest.approx(growth, rel=0.25)


def hidden(network: DeepNetwork, theta: Tensor, x: Tensor) -> list[Tensor]:
    """f(h_1) .. f(h_L): what networks say that end behind each layer and have the identity as their last."""
    found, eye = [], torch.eye(network.sizes[1], dtype=theta.dtype)
    last = torch.cat([eye, torch.zeros(1, len(eye), dtype=theta.dtype)]).flatten().expand(len(theta), -1)
    for layers in range(1, len(network.sizes) - 1):
        cut = replace(network, sizes=(*network.sizes[: layers + 1], len(eye)), activation=network.activation)
        size = cut.size - last.shape[1]
        found.append(cut.predict(torch.cat([theta[:, :size], last], dim=1), x))
    return found


# ---------------------------------------------------------------- in the experiments

RESIDUAL = TrainSpec(
    DataSpec("moons", examples=60), ModelSpec("deep", layers=3, units=5, normalized=True), steps=5
)


@pytest.mark.parametrize("what", ["cost", "score", "gradient"])
def test_landscapes_ask_the_network(what: str) -> None:
    task = prepare(RESIDUAL)
    points = random_theta(task.network, 7).float()
    found = Evaluator(task, RESIDUAL, "train", what).all(points.numpy())
    prediction, y = task.network.predict(points, task.x), task.y.expand(7, -1, -1)
    if what == "cost":
        np.testing.assert_allclose(found, cost(RESIDUAL.loss, prediction, y), rtol=1e-5)
    elif what == "score":
        assert ((found >= 0) & (found <= 1)).all()
        right = (prediction.argmax(-1) == y.argmax(-1)) if y.shape[-1] > 1 else (prediction > 0) == (y > 0.5)
        np.testing.assert_allclose(found, right.float().flatten(1).mean(1), rtol=1e-6)
    else:
        leaf = points.double().requires_grad_()
        cost(RESIDUAL.loss, task.network.predict(leaf, task.x.double()), y.double()).sum().backward()  # type: ignore[no-untyped-call]
        assert leaf.grad is not None
        np.testing.assert_allclose(found, leaf.grad.norm(dim=1), rtol=1e-4)


def test_curvature_is_the_hessian_of_autograd() -> None:
    task = prepare(RESIDUAL)
    theta = random_theta(task.network, 1)[0]

    def objective(row: Tensor) -> Tensor:
        x, y = task.x.double(), task.y.double()
        return cost(RESIDUAL.loss, task.network.predict(row[None], x), y[None])[0]

    hessian = torch.autograd.functional.hessian(objective, theta)
    vector = random_x(len(theta), seed=5)
    found = Curvature(task, RESIDUAL, theta.numpy()).product(vector.numpy())
    np.testing.assert_allclose(found, hessian @ vector, rtol=1e-4, atol=1e-5)


def test_one_step_is_repeated() -> None:
    found = look(StepSpec(RESIDUAL, 3))
    path = run(RESIDUAL).records.theta[:, 0]
    np.testing.assert_array_equal(found.theta, path[3])
    np.testing.assert_allclose(found.theta + found.update, path[4], rtol=1e-6, atol=1e-8)
    predicted = prepare(RESIDUAL).network.predict(
        torch.from_numpy(found.theta[None]), torch.from_numpy(found.x)
    )
    np.testing.assert_allclose(found.prediction, predicted[0], rtol=1e-5, atol=1e-6)


def test_units_of_residual_networks_are_not_matched_layer_by_layer() -> None:
    with pytest.raises(LandscapeError, match="residual"):
        run(LineSpec(RESIDUAL, pairs=1))
    run(LineSpec(replace(RESIDUAL, model=replace(RESIDUAL.model, residual=False)), pairs=1))
