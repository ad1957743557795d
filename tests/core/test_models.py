"""Networks as rows, and their hand-written backward pass, against torch.nn, autograd and scikit-learn."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.preprocessing import PolynomialFeatures
from torch import Generator, Tensor, nn

from mlcore.base.spec import SpecError
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.losses import cost, cost_gradient
from mlcore.families.models import KINDS, ModelSpec, columns, powers
from mlcore.families.networks import Backpropagation, Network, with_ones


class Sine(nn.Module):
    def forward(self, z: Tensor) -> Tensor:
        return torch.sin(z)


TWINS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "leaky_relu": nn.LeakyReLU, "elu": nn.ELU,
    "gelu": nn.GELU, "silu": nn.SiLU, "softplus": nn.Softplus, "sine": Sine, "identity": nn.Identity,
}  # fmt: skip


def close(actual: Tensor, expected: Tensor, tolerance: float = 1e-10) -> None:
    torch.testing.assert_close(actual, expected, rtol=tolerance, atol=tolerance)


def random_theta(network: Network, rows: int, seed: int = 0) -> Tensor:
    """[R, P] of order 1 / sqrt(fan_in), biases too."""
    return network.init("torch_default", [Generator().manual_seed(seed + r) for r in range(rows)])


def random_x(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=Generator().manual_seed(1000 + seed), dtype=torch.float64)


def torch_network(network: Network, row: Tensor) -> nn.Sequential:
    """nn.Linear layers with the numbers of one row [P], read by hand: all weights of a layer, then biases."""
    layers: list[nn.Module] = []
    numbers = iter(row.tolist())
    for i, (fan_in, fan_out) in enumerate(itertools.pairwise(network.sizes)):
        linear = nn.Linear(fan_in, fan_out, dtype=torch.float64)
        weights = [list(itertools.islice(numbers, fan_out)) for _ in range(fan_in + 1)]
        linear.weight.data = torch.tensor(weights[:-1], dtype=torch.float64).T.contiguous()
        linear.bias.data = torch.tensor(weights[-1], dtype=torch.float64)
        layers += [linear] if i == len(network.sizes) - 2 else [linear, TWINS[network.activation]()]
    assert next(numbers, None) is None
    return nn.Sequential(*layers)


def torch_gradient(module: nn.Sequential, x: Tensor, delta: Tensor) -> Tensor:
    """d sum(delta * output) / d theta in our order [P], by autograd on the module's own parameters."""
    module.zero_grad()
    (module(x) * delta).sum().backward()
    linear = [layer for layer in module if isinstance(layer, nn.Linear)]
    return torch.cat([torch.cat([m.weight.grad.T.flatten(), m.bias.grad]) for m in linear])  # type: ignore[union-attr]


def random_sizes(seed: int) -> tuple[int, ...]:
    """Widths from input to output: up to three hidden layers, up to four outputs."""
    rng = random.Random(seed)
    return (rng.randint(1, 5), *(rng.randint(1, 9) for _ in range(rng.randint(0, 3))), rng.randint(1, 4))


NETWORKS = [Network(random_sizes(seed), name) for name in TWINS for seed in range(8)]
EDGES = [Network((1, 1), "relu"), Network((1, 1, 1), "tanh"), Network((3, 128, 2), "gelu")]


# ---------------------------------------------------------------- predict


@pytest.mark.parametrize("network", NETWORKS + EDGES, ids=lambda n: f"{n.activation}-{n.sizes}")
def test_predict_is_a_row_of_torch_networks(network: Network) -> None:
    theta, x = random_theta(network, 3), random_x(7, network.sizes[0])
    expected = torch.stack([torch_network(network, row)(x) for row in theta])
    assert expected.shape == (3, 7, network.sizes[-1])
    close(network.predict(theta, x), expected.detach())
    own = random_x(3, 7, network.sizes[0], seed=1)  # each row its own examples
    expected = torch.stack([torch_network(network, row)(x) for row, x in zip(theta, own, strict=True)])
    close(network.predict(theta, own), expected.detach())


def test_every_activation_has_a_twin_here() -> None:
    assert set(TWINS) == set(ACTIVATIONS)


@pytest.mark.parametrize("sizes", [(1, 1), (2, 3, 1), (4, 16, 16, 3), (64, 128, 10)], ids=str)
def test_a_network_has_fan_in_plus_one_times_fan_out_parameters(sizes: tuple[int, ...]) -> None:
    network = Network(sizes, "relu")
    assert network.size == sum((a + 1) * b for a, b in itertools.pairwise(sizes))
    row = random_theta(network, 1)[0]
    assert row.shape == (network.size,)
    assert network.size == sum(p.numel() for p in torch_network(network, row).parameters())


def test_blocks_are_views_of_theta() -> None:
    network = Network((2, 3, 1), "relu")
    theta = random_theta(network, 4)
    blocks = network.blocks(theta)
    assert [tuple(block.shape) for block in blocks] == [(4, 3, 3), (4, 4, 1)]
    theta.copy_(torch.arange(4 * 13).view(4, 13))
    assert torch.equal(torch.cat([block.flatten(1) for block in blocks], 1), theta)
    assert all(block.untyped_storage().data_ptr() == theta.untyped_storage().data_ptr() for block in blocks)


def test_penalties_see_the_weights_and_not_the_biases() -> None:
    network = Network((2, 3, 1), "relu")
    mask = network.is_weight()
    assert mask.tolist() == [1.0] * 6 + [0.0] * 3 + [1.0] * 3 + [0.0]
    assert torch.equal(random_theta(network, 1)[0] * (1 - mask) == 0, mask.bool())


@pytest.mark.parametrize("rule", INITIALIZERS)
def test_a_row_is_drawn_from_its_own_generator_alone(rule: str) -> None:
    network = Network((3, 4, 2), "relu")
    together = network.init(rule, [Generator().manual_seed(seed) for seed in (5, 6, 7)])
    for row, seed in zip(together, (5, 6, 7), strict=True):
        assert torch.equal(row, network.init(rule, [Generator().manual_seed(seed)])[0])
    first = INITIALIZERS[rule](3, 4, Generator().manual_seed(5))
    assert torch.equal(network.blocks(together)[0][0], first)


# ---------------------------------------------------------------- the backward pass


@pytest.mark.parametrize("rows", [1, 5])
@pytest.mark.parametrize("network", NETWORKS + EDGES, ids=lambda n: f"{n.activation}-{n.sizes}")
def test_backpropagation_is_autograd(network: Network, rows: int) -> None:
    for examples in (1, 6):
        theta, x = random_theta(network, rows), random_x(rows, examples, network.sizes[0])
        delta = random_x(rows, examples, network.sizes[-1], seed=2)
        passes = Backpropagation(network, theta, examples)
        close(passes.forward(with_ones(x)), network.predict(theta, x))
        modules = [torch_network(network, row) for row in theta]
        expected = list(map(torch_gradient, modules, x, delta))
        close(passes.backward(delta), torch.stack(expected))


@pytest.mark.parametrize("loss", ["mse", "cross_entropy", "huber"])
def test_backpropagation_is_vmap_of_grad(loss: str) -> None:
    network, rows, examples = Network((3, 8, 5, 4), "gelu"), 6, 9
    knobs = {"delta": 0.5} if loss == "huber" else {}
    theta, x = random_theta(network, rows), random_x(examples, 3)
    y = F.one_hot(torch.arange(examples) % 4, 4).double()

    def of_one(row: Tensor) -> Tensor:
        return cost(loss, network.predict(row[None], x), y[None], **knobs).squeeze(0)

    passes = Backpropagation(network, theta, examples)
    prediction = passes.forward(with_ones(x).expand(rows, -1, -1))
    delta = cost_gradient(loss, prediction, y.expand(rows, -1, -1), **knobs)
    close(passes.backward(delta), torch.func.vmap(torch.func.grad(of_one))(theta))


def test_a_pass_can_be_used_again_after_theta_and_the_examples_changed() -> None:
    network = Network((2, 5, 5, 3), "tanh")
    theta = random_theta(network, 4)
    passes = Backpropagation(network, theta, 6)
    for seed in range(3):
        theta.copy_(random_theta(network, 4, seed=10 * seed))
        x, delta = random_x(4, 6, 2, seed=seed), random_x(4, 6, 3, seed=seed + 50)
        kept = delta.clone()
        leaf = theta.clone().requires_grad_()
        (network.predict(leaf, x) * delta).sum().backward()
        passes.forward(with_ones(x))
        close(passes.backward(delta), leaf.grad)  # type: ignore[arg-type]
        assert torch.equal(delta, kept)


# ---------------------------------------------------------------- powers


@pytest.mark.parametrize(("features", "degree"), itertools.product((1, 2, 3, 5), (1, 2, 3, 4)))
def test_powers_are_the_columns_of_scikit_learn(features: int, degree: int) -> None:
    x = random_x(9, features)
    ours = powers(x, degree)
    theirs = PolynomialFeatures(degree, include_bias=False).fit_transform(x.numpy())
    assert ours.shape == theirs.shape == (9, columns(features, degree))
    by_first_rows = [a[:, np.lexsort(np.round(a[:3], 9))] for a in (ours.numpy(), theirs)]
    np.testing.assert_allclose(*by_first_rows, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("features", "degree"), [(1, 12), (2, 12), (64, 1), (30, 2), (13, 3), (64, 12)])
def test_columns_counts_without_making_them(features: int, degree: int) -> None:
    counter = PolynomialFeatures(degree, include_bias=False)
    if columns(features, degree) < 10_000:
        assert columns(features, degree) == counter.fit(np.zeros((1, features))).n_output_features_
    assert columns(features, degree) == columns(features, degree - 1) + _multisets(features, degree)
    assert columns(features, 0) == 0


def _multisets(kinds: int, size: int) -> int:
    """How many multisets there are, by Pascal's rule and not by a formula."""
    row = [1] + [0] * size
    for _ in range(kinds):
        row = list(itertools.accumulate(row))
    return row[size]


# ---------------------------------------------------------------- what the lecture says of networks

CORNERS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], dtype=torch.float64)
XOR = torch.tensor([[0.0], [1.0], [1.0], [0.0]], dtype=torch.float64)


def rows_of(*layers: Sequence[Sequence[float]]) -> Tensor:
    """theta [1, P] from its blocks, each a list of rows with the biases last."""
    return torch.cat([torch.tensor(layer, dtype=torch.float64).flatten() for layer in layers])[None]


def test_xor_with_the_weights_of_goodfellow() -> None:
    theta = rows_of([[1, 1], [1, 1], [0, -1]], [[1], [-2], [0]])
    assert Network((2, 2, 1), "relu").predict(theta, CORNERS).flatten().tolist() == [0.0, 1.0, 1.0, 0.0]


def test_no_linear_model_solves_xor() -> None:
    solution = torch.linalg.lstsq(with_ones(CORNERS), XOR).solution
    close(solution.flatten(), torch.tensor([0.0, 0.0, 0.5], dtype=torch.float64), 1e-12)
    linear = Network((2, 1), "identity")
    best = solution.T  # [1, 3]
    assert cost("mse", linear.predict(best, CORNERS), XOR[None]).item() == pytest.approx(0.25, abs=1e-12)
    others = best + random_x(500, 3)
    assert (cost("mse", linear.predict(others, CORNERS), XOR.expand(500, -1, -1)) >= 0.25 - 1e-12).all()
    right = ((linear.predict(others, CORNERS) > 0.5) == XOR.bool()).double().mean((1, 2))
    assert right.max() == 0.75


@pytest.mark.parametrize("sizes", [(3, 2), (3, 5, 2), (4, 6, 1, 7, 3), (5, 9, 8, 7, 6, 4)], ids=str)
def test_without_activations_layers_are_one_affine_map(sizes: tuple[int, ...]) -> None:
    network = Network(sizes, "identity")
    theta, x = random_theta(network, 1), random_x(20, sizes[0])
    weights, bias = torch.eye(sizes[0], dtype=torch.float64), torch.zeros(1, sizes[0], dtype=torch.float64)
    for block in network.blocks(theta):
        weights, bias = weights @ block[0, :-1], bias @ block[0, :-1] + block[0, -1]
    close(network.predict(theta, x)[0], x @ weights + bias)
    assert torch.linalg.matrix_rank(weights) <= min(sizes)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_permuting_hidden_units_changes_nothing(activation: str) -> None:
    network = Network((3, 6, 5, 2), activation)
    theta, x = random_theta(network, 1), random_x(11, 3)
    first, second, third = (block[0] for block in network.blocks(theta))
    for seed in range(5):
        g = Generator().manual_seed(seed)
        p, q = torch.randperm(6, generator=g), torch.randperm(5, generator=g)
        layers = first[:, p], second[[*p.tolist(), 6]][:, q], third[[*q.tolist(), 5]]  # biases stay last
        close(network.predict(rows_of(*(w.tolist() for w in layers)), x), network.predict(theta, x), 1e-12)


@pytest.mark.parametrize("depth", range(1, 9))
def test_layers_of_two_relus_double_the_pieces(depth: int) -> None:
    """Telgarsky's tent 2 relu(x) - 4 relu(x - 1/2), composed: 2^L pieces of slope +-2^L on [0, 1]."""
    fold = [[2, 2], [-4, -4], [0, -0.5]]  # the next tent's two units read 2a - 4b
    theta = rows_of([[1, 1], [0, -0.5]], *[fold] * (depth - 1), [[2], [-4], [0]])
    x = torch.arange(2 ** (depth + 2) + 1, dtype=torch.float64) / 2 ** (depth + 2)  # dyadic: all exact
    y = Network((1, *[2] * depth, 1), "relu").predict(theta, x[:, None])[0, :, 0]
    slopes = y.diff() / x.diff()
    assert set(slopes.tolist()) == {2.0**depth, -(2.0**depth)}
    assert 1 + int((slopes.diff() != 0).sum()) == 2**depth


@pytest.mark.parametrize("units", [1, 4, 16])
def test_one_hidden_relu_layer_has_at_most_a_piece_more_than_units(units: int) -> None:
    network = Network((1, units, 1), "relu")
    x = torch.linspace(-30, 30, 60_001, dtype=torch.float64)
    for seed in range(5):
        y = network.predict(random_theta(network, 1, seed), x[:, None])[0, :, 0]
        bends = y.diff().diff().abs() > 1e-9
        # A bend between two grid points shows in one or two second differences side by side.
        starts = bends & ~torch.cat([torch.tensor([False]), bends[:-1]])
        assert 1 <= 1 + int(starts.sum()) <= units + 1


# ---------------------------------------------------------------- ModelSpec


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"kind": "linear"}, {"kind": "linear", "widths": (5,), "activation": "relu", "degree": 7}),
        ({"kind": "polynomial"}, {"kind": "polynomial", "widths": (5,), "activation": "relu"}),
        ({"kind": "mlp"}, {"kind": "mlp", "degree": 7}),
        ({"kind": "mlp", "widths": ()}, {"kind": "mlp", "widths": (), "activation": "relu"}),
    ],
    ids=["linear", "polynomial", "mlp", "mlp without hidden layers"],
)
def test_fields_that_a_model_does_not_use_do_not_tell_specs_apart(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert ModelSpec(**one) == ModelSpec(**other)


def test_fields_that_a_model_uses_do() -> None:
    assert ModelSpec("mlp", activation="relu") != ModelSpec("mlp", activation="tanh")
    assert ModelSpec("mlp", widths=(3,)) != ModelSpec("mlp", widths=(4,))
    assert ModelSpec("polynomial", degree=2) != ModelSpec("polynomial", degree=3)
    assert len({ModelSpec(kind, init=init) for kind in KINDS for init in INITIALIZERS}) == len(KINDS) * len(
        INITIALIZERS
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_spec_is_unchanged_when_built_again(kind: str) -> None:
    spec = ModelSpec(kind, widths=(7,), activation="relu", degree=4)
    assert replace(spec) == spec


def test_the_network_of_a_spec() -> None:
    assert ModelSpec("linear").network(5, 3).sizes == (5, 3)
    assert ModelSpec("polynomial", degree=3).network(2, 1).sizes == (9, 1)
    assert ModelSpec("mlp", widths=(16, 8), activation="relu").network(2, 3) == Network((2, 16, 8, 3), "relu")
    assert ModelSpec("mlp", widths=(16, 8)).size(2, 3) == 3 * 16 + 17 * 8 + 9 * 3
    assert ModelSpec("linear").size(2, 1) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "forest"), ("widths", (0,)), ("widths", (129,)), ("widths", (1,) * 7), ("activation", "rlu"),
     ("init", "xaver"), ("degree", 0), ("degree", 13), ("degree", 2.5)],
)  # fmt: skip
def test_an_impossible_model_cannot_be_specified(field: str, value: Any) -> None:
    with pytest.raises(SpecError):
        ModelSpec(**{field: value})
