"""Data sets of a typed formula: points, noise, truth, holes, the script, and bias and variance on them."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import scipy.stats
import torch

from mlcore.base import spec as specs
from mlcore.complexity import training_sets
from mlcore.complexity.training_sets import SetsSpec
from mlcore.families.datasets import DATASETS
from mlcore.formulas.formula import FormulaError, parse
from mlcore.script import formula as script
from mlcore.training.data import DataError, DataSpec, load
from mlcore.training.draws import function, truth_of

CURVES = {
    "sin(3*x)": lambda x: np.sin(3 * x),
    "x^3 - min(x, 1/2) + 2*sqrt(4)": lambda x: x**3 - np.minimum(x, 0.5) + 4,
    "exp(-8*x^2)": lambda x: np.exp(-8 * x**2),
    "7": lambda x: np.full_like(x, 7.0),
}
PLANES = {
    "1/2 - x^2 - y^2": lambda x, y: 0.5 - x**2 - y**2 > 0,
    "y - sin(3*x)": lambda x, y: y > np.sin(3 * x),
    "x*y": lambda x, y: x * y > 0,
}
LONG = " + ".join(f"sin({k}*x + {k}/7)*exp(-x^2/{k})" for k in range(1, 7))


@pytest.mark.parametrize("text", CURVES)
def test_a_curve_is_its_formula_and_noise(text: str) -> None:
    data = load(DataSpec("typed_curve", 2000, formula=text, standardize=False, knobs=(("noise", 0.3),)))
    x, y = data.x[:, 0].numpy(), data.y.numpy()
    assert np.abs(x).max() <= 1
    error = y - CURVES[text](x)
    assert scipy.stats.kstest(error / 0.3, "norm").pvalue > 1e-3
    assert data.truth is not None
    np.testing.assert_allclose(data.truth(data.x).numpy(), CURVES[text](x), rtol=1e-12)


@pytest.mark.parametrize("text", PLANES)
def test_class_1_is_where_the_formula_is_above_0(text: str) -> None:
    data = load(DataSpec("typed_plane", 1000, formula=text, standardize=False))
    x, y = data.x.T.numpy()
    assert (data.y.numpy() == PLANES[text](x, y)).all()
    assert 0 < data.y.sum() < len(data.y)


@pytest.mark.parametrize("name", ["typed_curve", "typed_plane"])
def test_the_example_is_the_default_and_leaves_the_link(name: str) -> None:
    variant = DATASETS[name]
    x = torch.rand(100, variant.features, dtype=torch.float64) * 2 - 1
    usual = variant.facts["helpers"][-1]
    torch.testing.assert_close(function(DataSpec(name))(x), usual(x), rtol=1e-14, atol=1e-14)
    assert DataSpec(name, formula=variant.example) == DataSpec(name)
    assert specs.to_query(DataSpec(name, formula=variant.example)) == {"data": name}
    assert DataSpec("moons", formula="x") == DataSpec("moons")


def test_a_link_carries_the_formula() -> None:
    spec = DataSpec("typed_plane", formula="max(x, y) - 1/4")
    again, problems = specs.from_query(DataSpec, specs.to_query(spec))
    assert (again, problems) == (spec, [])


@pytest.mark.parametrize("text", ["log(x)", "1/(x - x)", "10^(10*x + 9)", "sqrt(x - 2)"])
@pytest.mark.parametrize("name", ["typed_curve", "typed_plane"])
def test_a_hole_is_refused(name: str, text: str) -> None:
    with pytest.raises(DataError) as raised:
        load(DataSpec(name, formula=text))
    assert raised.value.code == "hole"


@pytest.mark.parametrize("text", ["z", "x +", "__import__('os')", "x" * 299, "y"])
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        load(DataSpec("typed_curve", formula=text))


@pytest.mark.parametrize("text", [*CURVES, LONG, "-x", "2 - (x - 1)", "2/(3/(x + 2))", "(x^2)^3", "-(x^2)"])
def test_the_code_of_a_script_computes_the_same(text: str) -> None:
    formula = parse(text, ("x",))
    code = script.function(formula, ("x",))
    assert max(map(len, code.splitlines())) <= 110
    run = (
        f"import json\nimport torch\nfrom torch import Tensor\n\n\n{code}\n\n\n"
        "print(json.dumps(f(torch.linspace(-1, 1, 41, dtype=torch.float64)[:, None]).tolist()))"
    )
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=True)
    known = formula(torch.linspace(-1, 1, 41, dtype=torch.float64)[:, None])
    np.testing.assert_allclose(json.loads(done.stdout), known.numpy(), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("design", ["random", "fixed"])
def test_bias_and_variance_know_its_truth(design: str) -> None:
    spec = SetsSpec(DataSpec("typed_curve", formula="exp(-8*x^2)"), 30, 20, design=design)
    drawn = training_sets.draw(spec)
    assert drawn.truth is not None
    at = drawn.at[:, 0].numpy()
    np.testing.assert_allclose(drawn.truth[:, 0].numpy(), np.exp(-8 * at**2), rtol=1e-12)
    assert truth_of(spec.data)(drawn.at).shape == (len(at),)
    error = drawn.sets.y[..., 0] - torch.exp(-8 * drawn.sets.x[..., 0] ** 2)
    assert float(error.std()) == pytest.approx(0.2, rel=0.1)


def test_classes_of_many_sets_follow_the_formula() -> None:
    drawn = training_sets.draw(SetsSpec(DataSpec("typed_plane", formula="x*y"), 30, 5))
    assert (drawn.sets.y.argmax(-1) == (drawn.sets.x.prod(-1) > 0)).all()
