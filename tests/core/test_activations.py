"""Activations against torch's own, and their hand-written derivatives against autograd and differences."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from mlcore.families.activations import ACTIVATIONS, Room

TWINS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "gelu": F.gelu,
    "silu": F.silu,
    "softplus": lambda z: F.softplus(z, threshold=100),  # torch's default leaves the curve at z = 20
    "sine": torch.sin,
    "identity": lambda z: z,
}
KINKS = {"relu": 0.0, "leaky_relu": 0.01, "elu": 1.0}  # the derivative taken at z = 0: torch's conventions
NEAR = torch.linspace(-6, 6, 240, dtype=torch.float64)  # an even number of points leaves out 0
FAR = torch.tensor([-1000.0, -100.0, -40.0, 40.0, 100.0, 1000.0], dtype=torch.float64)
POINTS = torch.cat([NEAR, FAR])


def autograd(function: Callable[[Tensor], Tensor], z: Tensor) -> Tensor:
    leaf = z.clone().requires_grad_()
    (slope,) = torch.autograd.grad(function(leaf).sum(), leaf)
    return slope


def derivative(name: str, z: Tensor) -> Tensor:
    return ACTIVATIONS[name].derivative(z, ACTIVATIONS[name](z))


@pytest.mark.parametrize("name", TWINS)
def test_values_are_those_of_torch(name: str) -> None:
    torch.testing.assert_close(ACTIVATIONS[name](POINTS), TWINS[name](POINTS), rtol=1e-12, atol=1e-12)


def test_the_fast_tanh_stays_within_2e_7_in_float32() -> None:
    z = torch.linspace(-20, 20, 400_001)
    error = (ACTIVATIONS["tanh"](z).double() - torch.tanh(z.double())).abs().max()
    assert error <= 2e-7


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_derivative_is_that_of_autograd(name: str) -> None:
    torch.testing.assert_close(
        derivative(name, POINTS), autograd(ACTIVATIONS[name], POINTS), rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_derivative_is_the_limit_of_central_differences(name: str) -> None:
    # The step errs by h^2 f'''/6 < 1e-10, rounding by 2e-16 |f| / h < 2e-10; the kinks at 0 are 0.025 away.
    f, h = ACTIVATIONS[name], 1e-5
    differences = (f(NEAR + h) - f(NEAR - h)) / (2 * h)
    torch.testing.assert_close(derivative(name, NEAR), differences, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", KINKS)
def test_at_a_kink_the_derivative_is_the_one_torch_takes(name: str) -> None:
    zero = torch.zeros(3, dtype=torch.float64)
    assert derivative(name, zero).tolist() == autograd(TWINS[name], zero).tolist() == [KINKS[name]] * 3


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_far_from_zero_everything_stays_finite(name: str, dtype: torch.dtype) -> None:
    z = FAR.to(dtype)
    assert ACTIVATIONS[name](z).isfinite().all()
    assert derivative(name, z).isfinite().all()
    assert autograd(ACTIVATIONS[name], z).isfinite().all()  # landscapes and paths differentiate through it


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_shape_and_precision_are_kept_and_z_is_not_touched(name: str, dtype: torch.dtype) -> None:
    z = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0), dtype=dtype)
    before = z.clone()
    for out in (ACTIVATIONS[name](z), derivative(name, z)):
        assert out.shape == z.shape
        assert out.dtype == dtype
    assert torch.equal(z, before)


QUICK = [name for name in ACTIVATIONS if "into" in ACTIVATIONS[name].facts]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", QUICK)
def test_what_is_written_into_a_buffer_is_the_function(name: str, dtype: torch.dtype) -> None:
    z = torch.cat([POINTS, torch.tensor([math.nan, math.inf, -math.inf])]).to(dtype)
    before, out = z.clone(), torch.empty(len(z), 2, dtype=dtype)[:, 0]
    ACTIVATIONS[name].into(z, out, Room.like(z, len(z)))
    atol = 3 * torch.finfo(dtype).eps  # of numbers up to 1, after a difference of two of them
    torch.testing.assert_close(out, ACTIVATIONS[name](z), rtol=0, atol=atol, equal_nan=True)
    assert torch.equal(z[: len(POINTS)], before[: len(POINTS)])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", QUICK)
def test_a_delta_goes_through_by_the_derivative(name: str, dtype: torch.dtype) -> None:
    f, z = ACTIVATIONS[name], POINTS.to(dtype)
    delta, h = torch.linspace(-2, 3, len(z), dtype=dtype), f(z)
    expected = delta * f.derivative(z, h)
    found = f.through(delta, z, h)
    torch.testing.assert_close(found, expected, rtol=4 * torch.finfo(dtype).eps, atol=0)
    assert found is delta
