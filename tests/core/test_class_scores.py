"""Scores of classes against scikit-learn, class weights against autograd, scikit-learn and torch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn import metrics
from sklearn.utils.class_weight import compute_class_weight

from mlcore.base.experiment import run
from mlcore.families.losses import balanced_weights, cost, cost_gradient
from mlcore.families.models import ModelSpec
from mlcore.training.class_scores import ClassScores, final_balanced, unbalanced
from mlcore.training.data import DataSpec
from mlcore.training.inspection import confusion
from mlcore.training.tasks import TrainSpec, prepare
from mlcore.training.training import Run
from mlcore.training.verdict import Kind, judge

WEIGHED = ("cross_entropy", "binary_cross_entropy")


def answers(case: int, kind: str) -> tuple[np.ndarray, np.ndarray, int]:
    """True and named classes; some classes have no example."""
    r = np.random.default_rng(case)
    k = int(r.integers(2, 11))
    present = r.permutation(k)[: int(r.integers(2, k + 1))]
    y = r.choice(present, int(r.integers(5, 80)), p=r.dirichlet(np.ones(len(present))))
    named = {"random": r.integers(0, k, len(y)), "perfect": y.copy(), "constant": np.full(len(y), y[0])}
    return y, named[kind], k


@pytest.mark.filterwarnings("ignore:y_pred contains classes")
@pytest.mark.parametrize("kind", ["random", "perfect", "constant"])
@pytest.mark.parametrize("case", range(20))
def test_scores_are_those_of_scikit_learn(case: int, kind: str) -> None:
    y, named, k = answers(case, kind)
    scores = ClassScores(metrics.confusion_matrix(y, named, labels=range(k))[None])
    told = metrics.precision_recall_fscore_support(y, named, labels=range(k), zero_division=0)
    ours = (scores.precision, scores.recall, scores.f1, scores.support)
    for mine, theirs in zip(ours, told, strict=True):
        np.testing.assert_allclose(mine[0], theirs, atol=1e-12)
    assert scores.accuracy[0] == pytest.approx(metrics.accuracy_score(y, named))
    assert scores.balanced_accuracy[0] == pytest.approx(metrics.balanced_accuracy_score(y, named))


@pytest.mark.parametrize("case", range(10))
def test_full_strength_is_balanced_of_scikit_learn_and_the_mean_weight_is_one(case: int) -> None:
    y, _, k = answers(case, "perfect")
    counts, present = torch.bincount(torch.from_numpy(y), minlength=k), np.unique(y)
    full = balanced_weights(counts, 1.0).numpy()
    np.testing.assert_allclose(full[present], compute_class_weight("balanced", classes=present, y=y))
    for strength in (0.0, 0.3, 1.0):
        assert balanced_weights(counts, strength).numpy()[y].mean() == pytest.approx(1)
    assert np.all(balanced_weights(counts, 0.0).numpy() == 1)


@pytest.mark.parametrize("loss", WEIGHED)
def test_the_weighted_cost_and_its_gradient_agree_with_torch(loss: str) -> None:
    g = torch.Generator().manual_seed(0)
    k = 1 if loss == "binary_cross_entropy" else 4
    p = torch.randn(3, 20, k, generator=g, dtype=torch.float64, requires_grad=True)
    labels = torch.randint(0, max(2, k), (3, 20), generator=g)
    y = labels[..., None].double() if k == 1 else torch.nn.functional.one_hot(labels, k).double()
    w = torch.rand(max(2, k), generator=g, dtype=torch.float64) + 0.1
    ours = cost(loss, p, y, class_weights=w)
    if k == 1:
        each = torch.nn.functional.binary_cross_entropy_with_logits(p, y, reduction="none")[..., 0]
    else:
        each = torch.nn.functional.cross_entropy(p.mT, labels, reduction="none")
    torch.testing.assert_close(ours, (each * w[labels]).mean(1))
    (slope,) = torch.autograd.grad(ours.sum(), p)
    torch.testing.assert_close(cost_gradient(loss, p.detach(), y, class_weights=w), slope)


# ---------------------------------------------------------------- verdicts where accuracy says nothing

RARE = DataSpec("gaussians", examples=1000, imbalance=0.86)


def ended(spec: TrainSpec) -> tuple[Run, list[Kind], list[bool]]:
    result = run(spec)
    verdicts = judge(result, prepare(spec))
    return result, [v.kind for v in verdicts], [v.learned for v in verdicts]


def test_the_data_are_88_percent_of_one_class() -> None:
    data = prepare(TrainSpec(RARE)).data
    assert 0.85 < float((data.y == 0).double().mean()) < 0.91
    assert unbalanced(data.y, 2)
    assert not unbalanced(prepare(TrainSpec()).data.y, 2)


@pytest.mark.parametrize("loss", WEIGHED)
def test_who_always_names_the_largest_class_did_not_learn(loss: str) -> None:
    """Its cost may be below that of chance: logits that lean the right way and never cross."""
    spec = TrainSpec(RARE, ModelSpec("linear"), loss=loss, steps=300, replicas=4)
    result = run(spec)
    final, task = result.final.copy(), prepare(spec)
    assert [verdict.kind for verdict in judge(result, task)] == [Kind.LEARNED] * 4
    final[:, -task.network.sizes[-1]] += -1e3 if loss == "binary_cross_entropy" else 1e3  # bias: towards 0
    np.testing.assert_allclose(final_balanced(replace(result, final=final), task, "test"), 0.5)
    for verdict in judge(replace(result, final=final), task):
        assert verdict.kind is Kind.CHANCE
        assert not verdict.learned


@pytest.mark.parametrize("weights", [0.0, 1.0])
def test_a_model_that_cannot_do_better_than_chance_did_not_learn(weights: float) -> None:
    data = DataSpec("xor", examples=1000, imbalance=0.86)
    _, kinds, learned = ended(
        TrainSpec(data, ModelSpec("linear"), class_weights=weights, steps=300, replicas=4, batch_size=0)
    )
    assert not any(learned)
    assert Kind.LEARNED not in kinds


@pytest.mark.parametrize("loss", WEIGHED)
@pytest.mark.parametrize("weights", [0.0, 0.5, 1.0])
def test_who_separates_the_classes_learned(loss: str, weights: float) -> None:
    spec = TrainSpec(RARE, loss=loss, class_weights=weights, steps=400, replicas=3, lr=0.01)
    result, kinds, learned = ended(spec)
    assert all(learned), kinds
    balanced = final_balanced(result, prepare(spec), "test")
    for i in range(3):
        matrix = confusion(result, prepare(spec), i)[-1]
        assert ClassScores(matrix).balanced_accuracy == pytest.approx(balanced[i])
