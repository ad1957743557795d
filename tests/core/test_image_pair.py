"""Two networks of as many parameters: their widths, their parts of the data, shifts and what is hardest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage, stats
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss

from mlcore.base.experiment import run
from mlcore.families.models import ModelSpec
from mlcore.tasks import image_pair as core
from mlcore.tasks.image_pair import NETWORKS, PairSpec
from mlcore.training.data import load
from mlcore.training.presets import CONVOLUTION
from mlcore.training.tasks import prepare
from tests.core.classification_task_cases import SMALL, trained

DIGITS = load_digits()


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("channels", [(), (1,), (4,), (8, 12), (16, 32), (32, 32, 32)])
def test_no_mlp_of_equal_layers_is_nearer_in_size(channels: tuple[int, ...], layers: int) -> None:
    spec = PairSpec(channels=channels, layers=layers)
    own, other = (spec.trainings[name].model for name in NETWORKS)
    wanted, found = own.size(64, 10), other.size(64, 10)
    assert len(other.widths) == layers
    assert max(other.widths) - min(other.widths) <= 1
    equal = [ModelSpec(widths=(w,) * layers).size(64, 10) for w in range(1, 129)]
    assert abs(found - wanted) <= min(abs(size - wanted) for size in equal)


def test_the_usual_pair_differs_by_five_in_9930() -> None:
    own, other = (spec.model for spec in PairSpec().trainings.values())
    assert (own.size(64, 10), other.size(64, 10)) == (9930, 9935)


def test_both_are_trained_alike_by_the_preset() -> None:
    first, second = PairSpec().trainings.values()
    assert replace(first, model=second.model) == second
    usual = replace(CONVOLUTION, data=first.data, replicas=first.replicas)
    assert first == usual


def test_three_parts_hold_every_digit_once() -> None:
    for spec in (PairSpec(), PairSpec(examples=100), PairSpec(examples=1700)):
        data, aside, seen = load(spec.data), core.held_out(spec.data), core.unseen(spec.data)
        assert len(data.x) + len(aside.x) + len(seen.x) == 1797
        every = torch.cat([data.x.float(), aside.x, seen.x]).numpy()
        labels = torch.cat([data.y, aside.y, seen.y]).numpy()
        whole = np.column_stack([DIGITS.data, DIGITS.target]).astype(np.float32)
        found = np.column_stack([every, labels]).astype(np.float32)
        assert sorted(map(bytes, found)) == sorted(map(bytes, whole))


@pytest.mark.parametrize("dx", range(-2, 3))
@pytest.mark.parametrize("dy", range(-2, 3))
def test_a_shift_is_that_of_scipy(dx: int, dy: int) -> None:
    x = torch.from_numpy(DIGITS.data[:20]).float()
    expected = ndimage.shift(DIGITS.images[:20], (0, dy, dx), order=0, prefilter=False)
    np.testing.assert_array_equal(core.shifted(x, dx, dy).numpy().reshape(-1, 8, 8), expected)


def test_the_table_of_shifts_is_row_down_and_column_right() -> None:
    found, task = trained()["convolution"], prepare(SMALL.trainings["convolution"])
    seen = core.unseen(SMALL.data)
    table = core.over_shifts(found, task, seen)
    assert table[2, 2] == pytest.approx(float(found.records.test_score[-1, 0]))
    for dx, dy in ((1, 0), (0, 1), (-2, 1)):
        said = core.logits(found, task, core.shifted(seen.x, dx, dy))[0]
        assert table[2 + dy, 2 + dx] == pytest.approx(core.right(said, seen.y).mean())
    assert table[2, 3] != table[3, 2]  # else the two could be confused unseen


@pytest.mark.parametrize("name", NETWORKS)
def test_the_hardest_are_those_of_the_largest_loss(name: str) -> None:
    found, task = trained()[name], prepare(SMALL.trainings[name])
    seen = core.unseen(SMALL.data)
    said = core.logits(found, task, seen.x)[0]
    hard = core.hardest(said, seen.y, 12)
    p = torch.softmax(said.double(), -1).numpy()
    losses = [log_loss([y], [row], labels=range(10)) for y, row in zip(seen.y.tolist(), p, strict=True)]
    np.testing.assert_allclose(hard.loss, np.sort(losses)[::-1][:12], rtol=1e-4)
    np.testing.assert_allclose(-np.log(hard.p_true), hard.loss, rtol=1e-4)
    assert (hard.called == p.argmax(-1)[hard.place]).all()
    assert (hard.true == seen.y.numpy()[hard.place]).all()
    assert core.cross_entropy(said, seen.y).item() == pytest.approx(found.records.test_cost[-1, 0], rel=1e-4)


def test_a_recorded_step_is_asked() -> None:
    found, task = trained()["mlp"], prepare(SMALL.trainings["mlp"])
    seen = core.unseen(SMALL.data)
    for at in (0, 5, len(found.records.step) - 1):
        hits = core.right(core.logits(found, task, seen.x, at), seen.y).mean(-1)
        np.testing.assert_allclose(hits, found.records.test_score[at], atol=1e-6)


def test_who_is_better_is_asked_of_the_images_where_one_alone_is_right() -> None:
    first = np.array([1, 1, 1, 0, 0, 1, 0], bool)
    second = np.array([1, 0, 0, 1, 0, 0, 0], bool)
    share = core.only_first(first, second)
    assert (share.hits, share.of) == (3, 4)
    assert not share.decided  # p = 0.625
    many = core.only_first(np.repeat(first, 20), np.repeat(second, 20))
    assert many.decided
    assert stats.binomtest(many.hits, many.of).pvalue < 0.05


def test_the_convolution_reads_more_digits_and_keeps_more_of_them_when_they_move() -> None:
    """As the page opens, with all seeds it offers: 98 of 100 digits, a lead of 15 points on moved images."""
    spec = PairSpec(replicas=4)
    seen, score, moved = core.unseen(spec.data), {}, {}
    for name, training in spec.trainings.items():
        found, task = run(training), prepare(training)
        score[name] = found.records.test_score[-1]
        ways = [core.logits(found, task, core.shifted(seen.x, dx, 0)) for dx in (-1, 1)]
        moved[name] = np.mean([core.right(said, seen.y).mean(-1) for said in ways], axis=0)
    assert score["convolution"].mean() > 0.975
    assert score["mlp"].mean() > 0.95
    assert (moved["convolution"] > moved["mlp"] + 0.15).all()
