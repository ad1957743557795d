"""Views of images, encoders trained by contrast, what probes read, and the script of a run."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Generator, Tensor
from torch.nn.functional import cosine_embedding_loss, cross_entropy, normalize

from mlcore.base.device import computing
from mlcore.base.experiment import Stopped, run, silent
from mlcore.embeddings.augment import SIDE, augmented, turned, warped
from mlcore.embeddings.autoencoder import centered
from mlcore.embeddings.contrast import Contrast, contrast
from mlcore.embeddings.contrast_sweeps import (
    BATCHES,
    MARGINS,
    OVER,
    TEMPERATURES,
    CollapseSpec,
    ContrastSweepSpec,
)
from mlcore.embeddings.contrastive import Batches, ContrastiveSpec, Gauge, array, first_rows, trained
from mlcore.embeddings.pair_losses import PAIR_LOSSES, Goal
from mlcore.embeddings.probes import probe, spread
from mlcore.script.contrastive import write
from mlcore.training.data import DataSpec
from tests.core.contrastive_cases import FLAT, SMALL, collapsed, learned, swept

DIGITS = centered(SMALL.data).data.x.float()


# ---------------------------------------------------------------- views


@pytest.mark.parametrize(("angle", "right", "down"), [(0, 1, 0), (0, 0, -2), (0, 0.5, 0.25), (30, 0, 0),
                                                      (-90, 0, 0), (20, 1.5, -0.7)])  # fmt: skip
def test_a_warped_image_is_scipys(angle: float, right: float, down: float) -> None:
    """`ndimage.affine_transform` of first order with zeros outside, an implementation of its own."""
    a = math.radians(angle)
    turn = np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])  # of (row, column), back
    middle = (SIDE - 1) / 2
    offset = middle - turn @ (middle + np.array([down, right]))
    images = DIGITS[:5].double()
    full = [torch.full((5,), value, dtype=torch.float64) for value in (a, right, down)]
    for image, found in zip(images, warped(images, *full), strict=True):
        expected = ndimage.affine_transform(
            image.view(SIDE, SIDE).numpy(), turn, offset, order=1, mode="grid-constant"
        )
        np.testing.assert_allclose(found.view(SIDE, SIDE).numpy(), expected, atol=1e-9)


def test_shifts_go_right_and_down_and_turns_clockwise_on_the_page() -> None:
    image = torch.zeros(1, SIDE, SIDE)
    image[0, 2, 4] = 1.0
    still, one = torch.zeros(1), torch.ones(1)
    assert warped(image.flatten(1), still, one, 2 * one).view(SIDE, SIDE)[4, 5] == 1
    quarter = warped(image.flatten(1), torch.full((1,), math.pi / 2), still, still).view(SIDE, SIDE)
    assert float(quarter[4, 5]) == pytest.approx(1, abs=1e-5)  # rows go down: from above to the right
    point = turned(torch.tensor([[1.0, 0.0]]), torch.tensor([math.pi / 2]))
    torch.testing.assert_close(point, torch.tensor([[0.0, 1.0]]), atol=1e-6, rtol=0)


def test_views_are_drawn_from_their_seed_within_their_bounds() -> None:
    x, mean = DIGITS[:50], DIGITS.mean(0)

    def made(shift: float, turn: float, noise: float, seed: int = 0) -> Tensor:
        return augmented(x, mean, 2.0, shift, turn, noise, Generator().manual_seed(seed))

    torch.testing.assert_close(made(0, 0, 0), (x - mean) / 2)
    assert torch.equal(made(1, 20, 0.3), made(1, 20, 0.3))
    assert not torch.equal(made(1, 20, 0.3), made(1, 20, 0.3, seed=1))
    grain = made(1, 20, 0.5) - made(1, 20, 0)
    assert float(grain.std()) == pytest.approx(0.5, rel=0.05)  # noise moves nothing
    total = (made(0.5, 10, 0) * 2 + mean).sum(1) / x.sum(1)
    assert 0.7 < float(total.min()) <= float(total.max()) <= 1 + 1e-5  # ink leaves, none is made
    plane = torch.randn(40, 2, generator=Generator().manual_seed(2))
    around = augmented(plane, plane.mean(0), 1.0, 0.0, 180.0, 0.0, Generator().manual_seed(3))
    torch.testing.assert_close(around.norm(dim=1), (plane - plane.mean(0)).norm(dim=1))
    assert float((around - (plane - plane.mean(0))).abs().max()) > 0.5


# ---------------------------------------------------------------- training


@pytest.mark.parametrize("goal", [Goal(tau=0.3), Goal(tau=0.3, negatives=False),
                                  Goal("cosine_embedding", margin=0.2),
                                  Goal("cosine_embedding", negatives=False)], ids=str)  # fmt: skip
def test_a_row_is_trained_as_torch_would_train_it(goal: Goal) -> None:
    """`torch.nn`, `torch.optim.Adam` and torch's losses on the same views from the same first weights."""
    spec, seed = replace(SMALL, steps=20, lr=0.003), 7
    others = [Goal(tau=1.0), goal]
    with computing():
        moments = [(m.step, array(m.cost)) for m in trained(spec, others, [3, seed], silent)]
    seen = centered(spec.data)
    network = spec.network(SIDE * SIDE)
    layers = [torch.nn.Linear(a, b) for a, b in zip(network.sizes, network.sizes[1:], strict=False)]
    for layer, block in zip(layers, network.blocks(first_rows(spec, [seed])), strict=True):
        layer.double()
        layer.weight.data, layer.bias.data = block[0, :-1].T.clone(), block[0, -1].clone()
    model = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2])
    optimizer = torch.optim.Adam(model.parameters(), spec.lr)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, spec.steps)
    batches, known = Batches(spec, seen, seed), []
    for t in range(spec.steps + 1):
        value = torchs(model(batches.next(t).double()), goal)
        known.append(value.item())
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        decay.step()
    for step, costs in moments:
        assert costs[3] == pytest.approx(known[step], rel=2e-4, abs=2e-5)


def torchs(z: Tensor, goal: Goal) -> Tensor:
    count = len(z)
    partner, one = torch.arange(count).roll(count // 2), torch.ones(1)
    if goal.loss == "nt_xent":
        s = normalize(z, dim=1) @ normalize(z, dim=1).T / goal.tau
        if not goal.negatives:
            return -s[torch.arange(count), partner].mean()
        return cross_entropy(s.masked_fill(torch.eye(count, dtype=torch.bool), -math.inf), partner)
    value = cosine_embedding_loss(z, z[partner], one)
    if not goal.negatives:
        return value
    i, j = (~torch.eye(count, dtype=torch.bool)).nonzero().T
    i, j = i[partner[i] != j], j[partner[i] != j]
    return value + cosine_embedding_loss(z[i], z[j], -one, margin=goal.margin)


@pytest.mark.parametrize("loss", PAIR_LOSSES)
@pytest.mark.parametrize(("units", "batch", "dimensions"), [(12, 16, 3), (33, 37, 5), (100, 64, 2)])
def test_a_row_has_the_same_bits_alone_and_among_others(
    loss: str, units: int, batch: int, dimensions: int
) -> None:
    spec = replace(SMALL, steps=20, loss=loss, units=units, batch=batch, dimensions=dimensions)
    goals = [Goal(tau=0.05), Goal("cosine_embedding", margin=0.3), Goal(negatives=False), spec.goal]

    def ends(goals: list[Goal], seeds: list[int]) -> tuple[np.ndarray, np.ndarray]:
        with computing():
            last = list(trained(spec, goals, seeds, silent))[-1]
            return array(last.theta), array(last.cost)

    theta, costs = ends(goals, [5, 0, 9])
    alone, own = ends([spec.goal], [0])
    np.testing.assert_array_equal(alone[0], theta[10])
    assert own[0] == costs[10]
    again, _ = ends([spec.goal], [0])
    np.testing.assert_array_equal(alone, again)


def test_one_encoder_is_a_row_of_a_sweep() -> None:
    """The same temperature and seed, measured in the same way."""
    own = replace(FLAT, tau=TEMPERATURES[2])
    one, row = learned(own), swept("temperature")[2]
    assert one.probe("learned_code").test.value == row.accuracy[0]
    assert one.checkpoints[-1].alignment == pytest.approx(row.alignment[0], abs=1e-7)
    assert one.checkpoints[-1].uniformity == pytest.approx(row.uniformity[0], abs=1e-6)


def test_parts_are_the_checkpoints_and_a_stop_ends_it() -> None:
    parts: list[object] = []
    shares: list[float] = []

    def hear(share: float, part: object) -> None:
        shares.append(share)
        parts.extend([part] if part else [])

    found: Contrast = contrast(SMALL, hear)
    assert [part.step for part in parts] == [one.step for one in found.checkpoints]  # type: ignore[attr-defined]
    assert shares == sorted(shares)
    assert all(np.allclose(np.linalg.norm(one.codes, axis=1), 1, atol=1e-5) for one in found.checkpoints)

    def stop(share: float, part: object) -> None:
        if share > 0.3:
            raise Stopped

    for spec in (SMALL, CollapseSpec(FLAT), ContrastSweepSpec(FLAT)):
        with pytest.raises(Stopped):
            run(spec, stop)


def test_fields_that_do_not_apply_are_set_back() -> None:
    usual = ContrastiveSpec()
    assert replace(usual, margin=0.5) == usual
    assert replace(usual, loss="cosine_embedding", tau=1.0).tau == usual.tau
    flat = replace(usual, data=DataSpec("moons"), shift=2.0)
    assert flat.shift == usual.shift
    assert flat.data.standardize
    assert not replace(usual, data=DataSpec("digits", standardize=True)).data.standardize
    assert CollapseSpec(replace(usual, dimensions=9, loss="cosine_embedding")) == CollapseSpec(usual)
    assert ContrastSweepSpec(replace(usual, tau=1.0)) == ContrastSweepSpec(usual)
    assert ContrastSweepSpec(replace(usual, batch=8), "batch") == ContrastSweepSpec(usual, "batch")
    for values, name in ((TEMPERATURES, "tau"), (MARGINS, "margin"), (BATCHES, "batch")):
        knob = ContrastiveSpec.__dataclass_fields__[name].metadata["knob"]
        assert all(knob.accepts(value) for value in values)


# ---------------------------------------------------------------- what is learned


def test_the_default_learns_digits_without_labels() -> None:
    """The room's digits as they open: 97.2 % by linear probe in 4 s on a core."""
    found: Contrast = run(ContrastiveSpec())
    accuracy = {one.name: one.test.value for one in found.probes}
    assert accuracy["learned_code"] > 0.94
    assert accuracy["learned_code"] > accuracy["untrained_code"] + 0.05
    assert accuracy["supervised"] > accuracy["learned_code"]
    assert accuracy["raw"] > 0.95
    first, last = found.checkpoints[0], found.checkpoints[-1]
    assert last.accuracy == accuracy["learned_code"]
    assert first.accuracy == accuracy["untrained_code"]
    assert last.alignment < first.alignment
    assert last.uniformity < first.uniformity


def test_views_alone_may_make_classes_separable() -> None:
    """No line parts two circles; views that are turned any way leave nothing but the radius to tell."""
    own = ContrastiveSpec(DataSpec("circles", examples=300), turn=180.0, noise=0.1, dimensions=8)
    found: Contrast = run(own)
    assert found.probe("raw").test.value < 0.65
    assert found.probe("learned_code").test.value > 0.9


def test_without_negatives_the_code_collapses_and_with_them_it_does_not() -> None:
    own = ContrastiveSpec(steps=300, units=64, lr=0.01)
    found = run(CollapseSpec(own, seeds=2))
    last, goals = found.glimpses[-1], CollapseSpec(own).goals
    for k, goal in enumerate(goals):
        assert (last.uniformity[k] < -1).all() == goal.negatives
        if not goal.negatives:
            assert last.uniformity[k].min() > -0.02
            assert last.alignment[k].max() < 0.002
            assert found.accuracy[k].max() < 0.4
        else:
            assert found.accuracy[k].min() > 0.4
    np.testing.assert_allclose(
        last.alignment[2], last.alignment[3], rtol=0.05
    )  # Adam: but for a factor alike


def test_cool_spreads_the_code_and_pushes_the_nearest() -> None:
    own = ContrastiveSpec(steps=150, units=64, batch=64)
    found = run(ContrastSweepSpec(own, "temperature", seeds=2))
    hard = [float(one.hardest.mean()) for one in found]
    even = [float(one.uniformity.mean()) for one in found]
    near = [float(one.alignment.mean()) for one in found]
    assert hard == sorted(hard, reverse=True)
    assert even[1] < even[-1] - 0.3
    assert near[1] > near[-1]


@pytest.mark.parametrize("over", OVER)
def test_a_sweep_has_all_values_and_seeds(over: str) -> None:
    found = swept(over)
    assert [one.value for one in found] == list(ContrastSweepSpec(FLAT, over).values)
    assert all(one.accuracy.shape == one.alignment.shape == (2,) for one in found)


def test_the_gauge_reads_the_layer_before_the_code() -> None:
    gauge, theta = Gauge(SMALL), first_rows(SMALL, [0]).float()
    hidden = gauge.hidden(theta, gauge.test)
    last = gauge.network.blocks(theta)[-1]
    code = normalize(hidden[0] @ last[0, :-1] + last[0, -1], dim=1)
    torch.testing.assert_close(gauge.codes(theta, gauge.test)[0], code)


def test_a_probe_is_scikit_learns_and_blind_to_one_scale() -> None:
    from sklearn.linear_model import LogisticRegression

    data = centered(DataSpec("iris")).data
    x, y, x_test, y_test = (v.numpy() for v in (data.x, data.y, data.x_test, data.y_test))
    found = probe(x, y, x_test, y_test)
    size = np.sqrt(np.square(x).mean())
    known = LogisticRegression(max_iter=2000).fit(x / size, y)
    assert found.value == pytest.approx(known.score(x_test / size, y_test))
    assert probe(1e-3 * x, y, 1e-3 * x_test, y_test) == found
    one = np.ones((len(x), 3)) + 1e-6 * x[:, :3]
    most = np.bincount(y_test, minlength=3)
    assert probe(one, y, one[: len(x_test)], y_test).hits in most  # a point: one class for all
    assert math.isnan(spread(x, np.zeros(len(x), int)))
    assert collapsed().accuracy.shape == (4, 2)


# ---------------------------------------------------------------- the script

SCRIPTS = {
    "digits": replace(ContrastiveSpec(), steps=40),
    "margin": ContrastiveSpec(steps=30, loss="cosine_embedding", margin=0.2, dimensions=3, units=32),
    "pairs alone": ContrastiveSpec(DataSpec("digits", examples=300), steps=30, loss="cosine_embedding",
                                   negatives=False, units=32),
    "no denominator": ContrastiveSpec(DataSpec("digits", examples=300), steps=30, negatives=False, units=32),
    "drawn plane": ContrastiveSpec(DataSpec("drawn_plane"), steps=40, dimensions=2, batch=64, turn=30.0),
    "mislabeled": ContrastiveSpec(DataSpec("wine", label_noise=0.1), steps=30, dimensions=4, seed=3),
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_script_prints_the_numbers_of_the_page(name: str, tmp_path: Path) -> None:
    spec = SCRIPTS[name]
    (tmp_path / "contrastive.py").write_text(write(spec), encoding="utf-8")
    command = [sys.executable, "contrastive.py"]
    alone = os.environ | {"OMP_NUM_THREADS": "1"}  # else threads wait for each other on a busy machine
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", env=alone)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout.splitlines()[-1])
    found: Contrast = run(spec)
    last = found.checkpoints[-1]
    assert printed["loss"] == pytest.approx(last.cost, rel=1e-3, abs=1e-4)
    assert printed["alignment"] == pytest.approx(last.alignment, rel=1e-3, abs=1e-5)
    assert printed["uniformity"] == pytest.approx(last.uniformity, rel=1e-3, abs=1e-5)
    raw = found.probe("raw").test
    assert printed["raw"] == pytest.approx(raw.value)
    for mine, theirs in (("code", "learned_code"), ("hidden", "learned_hidden"), ("supervised",) * 2):
        assert printed[mine] == pytest.approx(found.probe(theirs).test.value, abs=2.01 / raw.of)


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_script_is_clean_and_knows_nothing_of_this_package(name: str, tmp_path: Path) -> None:
    (tmp_path / "contrastive.py").write_text(text := write(SCRIPTS[name]), encoding="utf-8")
    assert "mlcore" not in text
    assert "ctsteps=" in text
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,I,B,UP"]
    done = subprocess.run([*ruff, "--line-length=110", tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
