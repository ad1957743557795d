"""One task three ways: features and their meaning, rules and their formula, learners and their peers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from mlcore.base.experiment import run
from mlcore.formulas.formula import FormulaError
from mlcore.tasks import approaches as core
from mlcore.tasks.approaches import NAMES, PixelSpec

TEN = tuple(range(10))
PAIRS = [(1, 7), (3, 8), (0, 9)]


def image(rows: list[str]) -> torch.Tensor:
    """# is ink."""
    return torch.tensor([[16.0 * (sign == "#") for row in rows for sign in row]], dtype=torch.float64)


RING = image(["........", "..####..", "..#..#..", "..#..#..", "..#..#..", "..#..#..", "..####..", "........"])
BAR = image(["########", "........", *["........"] * 6])
EIGHT = image(["..###...", "..#.#...", "..###...", "..#.#...", "..###...", *["........"] * 3])


def feature(pixels: torch.Tensor, name: str) -> float:
    return float(core.features(pixels)[0, NAMES.index(name)])


def test_features_mean_what_their_names_say() -> None:
    assert [feature(shape, "holes") for shape in (RING, BAR, EIGHT)] == [1, 0, 2]
    assert feature(RING, "ink") == 16 / 64
    assert (feature(BAR, "top"), feature(BAR, "bottom")) == (0.5, 0)
    assert (feature(RING, "symmetry"), feature(BAR, "symmetry")) == (1, 1)
    assert feature(EIGHT, "symmetry") < 1
    assert (feature(RING, "width"), feature(BAR, "width")) == (0.5, 0)
    left = image(["##......"] * 8)
    assert (feature(left, "left"), feature(left, "right")) == (pytest.approx(2 / 3), 0)
    assert feature(image(["........"] * 3 + ["########"] * 2 + ["........"] * 3), "middle") == 1
    assert np.isfinite(core.features(torch.zeros(1, 64))).all(), "an empty image, too"


@pytest.mark.parametrize("digits", [*PAIRS, TEN])
def test_examples_are_those_of_scikit_learn_and_none_is_in_both_parts(digits: tuple[int, ...]) -> None:
    x, y = load_digits(return_X_y=True)
    found = core.examples(digits)
    both = np.concatenate([part.numpy() for part in found.pixels])
    of = np.concatenate([np.array(digits)[part] for part in found.classes])
    kept = np.isin(y, digits)
    assert sorted(map(tuple, np.c_[both, of])) == sorted(map(tuple, np.c_[x[kept], y[kept]]))


@pytest.mark.parametrize("digits", PAIRS)
@pytest.mark.parametrize("text", ["top - bottom", "holes - 1/2", "2*left - right^2 + 0.1", "1"])
def test_a_rule_is_its_formula(text: str, digits: tuple[int, int]) -> None:
    found, ruled = core.examples(digits), core.judge(text, digits)
    for part in (0, 1):
        ink = dict(zip(NAMES, found.features[part].T, strict=True))
        value = {
            "top - bottom": ink["top"] - ink["bottom"],
            "holes - 1/2": ink["holes"] - 0.5,
            "2*left - right^2 + 0.1": 2 * ink["left"] - ink["right"] ** 2 + 0.1,
            "1": np.ones(len(ink["top"])),
        }[text]
        np.testing.assert_allclose(ruled.value[part], value, atol=1e-12)
        assert (ruled.right[part] == ((value > 0) == (found.classes[part] == 1))).all()
    assert ruled.share(1).hits == ruled.right[1].sum()


def test_where_a_rule_has_no_value_it_is_wrong() -> None:
    ruled = core.judge("log(-holes)", (1, 7))
    assert ruled.share(0).hits == ruled.share(1).hits == 0
    assert not np.isinf(core.judge("1/holes", (1, 7)).value[1]).any()
    with pytest.raises(FormulaError):
        core.judge("pixels", (1, 7))


@pytest.mark.parametrize("digits", [*PAIRS, TEN])
def test_the_learner_is_logistic_regression_on_the_features(digits: tuple[int, ...]) -> None:
    way, found = core.on_features(digits), core.examples(digits)
    scaler = StandardScaler().fit(found.features[0])
    learner = LogisticRegression(C=10, max_iter=2000).fit(
        scaler.transform(found.features[0]), found.classes[0]
    )
    score = learner.score(scaler.transform(found.features[1]), found.classes[1])
    assert way.test.value == pytest.approx(score)
    assert way.learned == (10 if len(digits) == 2 else 100)


@pytest.mark.parametrize("spec", [PixelSpec(), PixelSpec(3, 8), PixelSpec(every=True)])
def test_a_network_on_pixels_needs_no_features(spec: PixelSpec) -> None:
    found = run(spec)
    assert found.test.value > (0.94 if spec.every else 0.97)
    assert found.train.value > 0.98
    assert found.learned == 65 * 32 + 33 * len(spec.digits)
    assert run(spec) == found
    assert found.test.value >= core.on_features(spec.digits).test.value - 0.02


def test_every_pair_is_a_pair_and_all_ten_forget_it() -> None:
    assert PixelSpec(7, 1).digits == PixelSpec(1, 7).digits == (1, 7)
    assert PixelSpec(4, 4).digits == (4, 5)
    assert PixelSpec(9, 9).digits == (0, 9)
    assert PixelSpec(3, 8, every=True) == PixelSpec(every=True)
    assert PixelSpec(every=True).digits == TEN
