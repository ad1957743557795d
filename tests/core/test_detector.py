"""Scenes with exact boxes, and the networks that are trained to find them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Generator, Tensor

from mlcore.base.experiment import Stopped, run
from mlcore.figures import detector as figures
from mlcore.tasks.boxes import BOX_LOSSES
from mlcore.tasks.detector import COSTS, TESTED, TRAINED, Checkpoint, DetectorSpec, decode, detect
from mlcore.tasks.rows import slope
from mlcore.tasks.scenes import PIXELS, SIDES, rectangles, scenes
from mlcore.training.training import minibatch_rows
from tests.core.regression_task_cases import SMALL, trained


def test_a_scene_is_its_box_exactly() -> None:
    """The light of every pixel against a grid of 40 x 40 points in it."""
    boxes = torch.tensor([[2.25, 3.5, 7.0, 9.125], [0.0, 0.0, 4.5, 16.0]], dtype=torch.float64)
    found = rectangles(boxes)
    at = (np.arange(PIXELS * 40) + 0.5) / 40
    for image, (x1, y1, x2, y2) in zip(found.numpy(), boxes.tolist(), strict=True):
        inside = np.outer((y1 < at) & (at < y2), (x1 < at) & (at < x2)).astype(float)
        counted = inside.reshape(PIXELS, 40, PIXELS, 40).mean((1, 3))
        np.testing.assert_allclose(image, counted, atol=0.026)
        assert image.sum() == pytest.approx((x2 - x1) * (y2 - y1), abs=1e-12)


def test_scenes_lie_within_the_image_and_parts_differ() -> None:
    images, boxes = scenes(200, 0.0, 0, "train")
    assert ((boxes >= 0) & (boxes <= PIXELS)).all()
    sides = boxes[:, 2:] - boxes[:, :2]
    assert SIDES[0] <= float(sides.min()) <= float(sides.max()) <= SIDES[1]
    again, _ = scenes(200, 0.0, 0, "train")
    other, _ = scenes(200, 0.0, 0, "test")
    assert torch.equal(images, again)
    assert not torch.equal(images, other)
    noisy, same = scenes(200, 0.2, 0, "train")
    assert torch.equal(same, boxes)
    assert float((noisy - images).std()) == pytest.approx(0.2, rel=0.02)


def test_every_output_is_a_box() -> None:
    g = torch.Generator().manual_seed(0)
    found = decode(10 * torch.randn(100, 4, generator=g, dtype=torch.float64))
    assert (found[:, 2:] > found[:, :2]).all()
    known = decode(torch.zeros(4, dtype=torch.float64))
    assert known.tolist() == pytest.approx([8 - 4 * np.log(2)] * 2 + [8 + 4 * np.log(2)] * 2)


@pytest.mark.parametrize("k", range(len(TRAINED)))
def test_each_block_of_rows_goes_down_its_own_loss(k: int) -> None:
    g = torch.Generator().manual_seed(1)
    output = torch.randn(2 * len(TRAINED), 5, 4, generator=g, dtype=torch.float64)
    _, boxes = scenes(5, 0.0, 0, "train")
    found = slope(output, boxes.expand(2 * len(TRAINED), -1, -1), COSTS)
    rows, h = slice(2 * k, 2 * k + 2), 1e-6

    def cost(values: Tensor) -> Tensor:
        return BOX_LOSSES[TRAINED[k]](decode(values), boxes).mean(-1)

    for number in range(4):
        nudge = torch.zeros(4, dtype=torch.float64)
        nudge[number] = h
        for example in range(5):
            up, down = output[rows].clone(), output[rows].clone()
            up[:, example] += nudge
            down[:, example] -= nudge
            expected = (cost(up) - cost(down)) / (2 * h)
            torch.testing.assert_close(found[rows, example, number], expected, rtol=1e-4, atol=1e-6)


def test_a_row_is_trained_as_torch_would_train_it() -> None:
    """One network of `torch.nn` with `torch.optim.Adam` on the same scenes, first weights and minibatches."""
    found = detect(SMALL)
    images, boxes = scenes(SMALL.examples, SMALL.noise, SMALL.seed, "train")
    test_images, test_boxes = scenes(TESTED, SMALL.noise, SMALL.seed, "test")
    seed, k = SMALL.seed + 1, TRAINED.index("giou")
    blocks = SMALL.network.blocks(SMALL.network.init("he", [Generator().manual_seed(seed)]))
    hidden, last = torch.nn.Linear(PIXELS**2, SMALL.units), torch.nn.Linear(SMALL.units, 4)
    for layer, block in zip((hidden, last), blocks, strict=True):
        layer.double()
        layer.weight.data, layer.bias.data = block[0, :-1].T.clone(), block[0, -1].clone()
    model = torch.nn.Sequential(torch.nn.Flatten(), hidden, torch.nn.ReLU(), last)
    optimizer = torch.optim.Adam(model.parameters(), SMALL.rate)
    measured = {one.step: one for one in found.checkpoints if one.step <= 20}  # later float32 drifts apart
    assert len(measured) > 10
    for step, rows in enumerate(minibatch_rows(SMALL.examples, 32, SMALL.updates + 1, seed)[:21]):
        if step in measured:
            with torch.no_grad():
                known = 1 - BOX_LOSSES["iou"](decode(model(test_images - 0.5)), test_boxes)
            assert measured[step].iou[k, 1] == pytest.approx(float(known.mean()), abs=1e-5)
            assert measured[step].half[k, 1] == pytest.approx(
                float((known >= 0.5).double().mean()), abs=0.003
            )
        optimizer.zero_grad()
        BOX_LOSSES["giou"](decode(model(images[rows] - 0.5)), boxes[rows]).mean().backward()
        optimizer.step()


def test_networks_learn_to_find_boxes() -> None:
    found = run(DetectorSpec(examples=400, units=32, updates=200, seeds=2, noise=0.0))
    assert found.checkpoints[0].iou.max() < 0.25
    assert found.last.iou.min() > found.chance + 0.2
    first = found.checkpoints[0].iou
    assert (first == first[:1]).all()  # the same first weights for every loss


def test_parts_are_the_checkpoints_and_a_stop_ends_it() -> None:
    parts: list[Checkpoint] = []
    run(SMALL, lambda share, part: parts.append(part))
    assert [part.step for part in parts] == [one.step for one in trained().checkpoints]

    def stop(share: float, part: Checkpoint) -> None:
        if part.step > 10:
            raise Stopped

    with pytest.raises(Stopped):
        run(SMALL, stop)


def test_the_picture_draws_the_medians_and_the_scenes() -> None:
    found = trained()
    picture = figures.learning(found.checkpoints, SMALL.updates, found.chance)
    lines = [trace for trace in picture.data if trace.name == "GIoU" and trace.fill is None]
    k = TRAINED.index("giou")
    medians = [float(np.median(one.iou[k])) for one in found.checkpoints]
    np.testing.assert_allclose(lines[0].y, medians, rtol=1e-6)
    answers = figures.answers(found)
    first = np.asarray(answers.data[0].z)[:PIXELS, :PIXELS]
    np.testing.assert_allclose(first, found.images[0], rtol=1e-6)
    second = np.asarray(answers.data[1].x)[6:11] - (PIXELS + figures.GAP)
    np.testing.assert_allclose(second, found.truth[1][[0, 2, 2, 0, 0]], atol=1e-5)
