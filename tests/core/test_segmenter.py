"""Scenes with exact masks, and the networks that are trained to segment them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn import metrics
from torch import Generator, nn

from mlcore.base.experiment import Stopped, run
from mlcore.base.masks import SIDE
from mlcore.figures import segmenter as figures
from mlcore.tasks import mask_scenes as scenes
from mlcore.tasks.mask_scenes import mask_scenes
from mlcore.tasks.masks import NAMES, balanced, mask_loss
from mlcore.tasks.segmenter import (
    BATCH,
    HALF,
    SHOWN,
    SPREADS,
    TESTED,
    THRESHOLDS,
    Glimpse,
    PixelNetwork,
    SegmenterSpec,
    segment,
)
from mlcore.training.training import minibatch_rows
from tests.core.mask_cases import SMALL, segmented

# ---------------------------------------------------------------- scenes


def test_parts_of_the_scenes_differ_and_seeds_repeat() -> None:
    images, masks = mask_scenes(30, 0.1, 0, "train")
    again, _ = mask_scenes(30, 0.1, 0, "train")
    other, _ = mask_scenes(30, 0.1, 0, "test")
    assert torch.equal(images, again)
    assert not torch.equal(images, other)
    noisy, same = mask_scenes(30, 0.3, 0, "train")
    assert torch.equal(same, masks)
    assert float((noisy - images).std()) == pytest.approx(0.2, rel=0.02)


def test_classes_are_unbalanced() -> None:
    _, masks = mask_scenes(400, 0.1, 0, "train")
    share = masks.mean((1, 2))
    assert set(masks.unique().tolist()) == {0.0, 1.0}
    assert 0.05 < float(share.mean()) < 0.15
    assert float(share.min()) > 0


@pytest.mark.parametrize("kind", range(3))
def test_shapes_have_their_area(kind: int) -> None:
    """Counted on a grid of 0.01 pixels."""
    at = (torch.arange(2000, dtype=torch.float64) + 0.5) / 100 - 10
    v, u = torch.meshgrid(at, at, indexing="ij")
    area, aspect = torch.tensor(30.0).double(), torch.tensor(1.7).double()
    found = scenes.inside(u, v, torch.tensor(float(kind)), area, aspect)
    assert float(found.sum()) / 1e4 == pytest.approx(30.0, rel=2e-3)


def test_an_object_is_lighter_than_its_ground() -> None:
    images, masks = mask_scenes(200, 0.0, 0, "train")
    wide = nn.functional.max_pool2d(masks[:, None], 3, 1, 1)[:, 0]
    inner = -nn.functional.max_pool2d(-masks[:, None], 3, 1, 1)[:, 0]
    for image, here, near in zip(images, inner > 0, (wide > 0) & (masks == 0), strict=True):
        if here.any():
            assert image[here].mean() > image[near].mean() + 0.15


# ---------------------------------------------------------------- networks


def as_torch(network: PixelNetwork, theta: torch.Tensor) -> nn.Sequential:
    """One row in float64 as layers of torch."""
    layers: list[nn.Module] = []
    blocks = network.blocks(theta)
    for i, (a, b) in enumerate(zip(network.sizes, network.sizes[1:], strict=False)):
        last = i == len(SPREADS)
        spread = 1 if last else SPREADS[i]
        conv = nn.Conv2d(a, b, 1 if last else 3, padding=0 if last else spread, dilation=spread).double()
        conv.weight.data = blocks[i][0, :-1].T.reshape(conv.weight.shape).clone()
        conv.bias.data = blocks[i][0, -1].clone()  # type: ignore[union-attr]
        layers += [conv] if last else [conv, nn.ReLU()]
    return nn.Sequential(*layers)


def test_the_network_is_a_stack_of_torch_layers() -> None:
    network = SegmenterSpec(channels=5).network
    theta = network.init("he", [Generator().manual_seed(k) for k in range(3)])
    theta += 0.1 * torch.randn(theta.shape, generator=Generator().manual_seed(9), dtype=torch.float64)
    x, _ = mask_scenes(4, 0.1, 0, "train")
    found = network.predict(theta, x.flatten(1))
    for row in range(3):
        known = as_torch(network, theta[row : row + 1])(x[:, None])[:, 0].flatten(1)
        torch.testing.assert_close(found[row], known)
    assert network.size == theta.shape[1] == sum(p.numel() for p in as_torch(network, theta).parameters())


def test_what_is_said_of_a_pixel_depends_on_15_by_15() -> None:
    network = SegmenterSpec(channels=4).network
    theta = network.init("he", [Generator().manual_seed(1)])
    x = torch.rand(1, SIDE**2, generator=Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    middle = network.predict(theta, x)[0, 0].view(SIDE, SIDE)[12, 12]
    (slope,) = torch.autograd.grad(middle, x)
    rows, columns = torch.nonzero(slope.view(SIDE, SIDE)).unbind(1)
    assert (int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())) == (5, 19, 5, 19)


@pytest.mark.parametrize("name", NAMES)
def test_a_row_is_trained_as_torch_would_train_it(name: str) -> None:
    """One network of `torch.nn` with `torch.optim.Adam` on the same scenes, first weights and minibatches."""
    found, seed, k = segmented(), SMALL.seed + 1, NAMES.index(name)
    images, masks = mask_scenes(SMALL.examples, SMALL.noise, SMALL.seed, "train")
    test_images, test_masks = mask_scenes(TESTED, SMALL.noise, SMALL.seed, "test")
    model = as_torch(SMALL.network, SMALL.network.init("he", [Generator().manual_seed(seed)]))
    loss = mask_loss(name, balanced(float(masks.mean()), SMALL.strength), SMALL.gamma)
    optimizer = torch.optim.Adam(model.parameters(), SMALL.rate)
    measured = {one.step: one for one in found.glimpses}
    assert len(measured) > 15
    true = test_masks.flatten().numpy() > 0.5
    for step, rows in enumerate(minibatch_rows(SMALL.examples, BATCH, SMALL.updates + 1, seed)):
        if step in measured:
            with torch.no_grad():
                said = model(test_images[:, None] - 0.5).flatten().numpy() > 0
            assert measured[step].accuracy[k, 1] == pytest.approx(
                metrics.accuracy_score(true, said), abs=2e-3
            )
            assert measured[step].iou[k, 1] == pytest.approx(metrics.jaccard_score(true, said), abs=0.02)
        optimizer.zero_grad()
        z = model(images[rows][:, None] - 0.5).flatten(1)
        loss(z, masks[rows].flatten(1)).mean().backward()
        optimizer.step()


def test_a_row_is_the_same_alone_and_among_others() -> None:
    alone = segment(replace(SMALL, seeds=1))
    for one, own in zip(segmented().glimpses, alone.glimpses, strict=True):
        assert (one.iou[:, :1] == own.iou).all()
        assert (one.said == own.said).all()
    again = segment(SMALL)
    assert (again.test.tp == segmented().test.tp).all()


def test_all_losses_begin_with_the_same_weights() -> None:
    first = segmented().glimpses[0]
    assert (first.iou == first.iou[:1]).all()
    assert (first.said == first.said[:1]).all()
    assert not (segmented().last.said[0] == segmented().last.said[3]).all()


def test_the_threshold_one_half_is_what_the_steps_say() -> None:
    found = segmented()
    assert THRESHOLDS[HALF] == 0.5
    np.testing.assert_allclose(found.test.iou[..., HALF], found.last.iou, rtol=1e-12)
    np.testing.assert_allclose(found.test.accuracy[..., HALF], found.last.accuracy, rtol=1e-12)
    assert (np.diff(found.test.recall) <= 0).all()
    assert found.test.iou.shape == (len(NAMES), SMALL.seeds, len(THRESHOLDS))
    whole = found.test.tp + found.test.fp + found.test.fn + found.test.tn
    assert (whole == TESTED * SIDE**2).all()
    assert (whole.shape, found.last.said.shape) == (found.test.tp.shape, (len(NAMES), SHOWN, SIDE, SIDE))


def test_networks_learn_to_segment() -> None:
    """The default, with one seed of three."""
    found = run(SegmenterSpec(seeds=1))
    iou = dict(zip(NAMES, found.last.iou[:, 0], strict=True))
    assert min(iou[name] for name in ("cross_entropy", "focal", "dice")) > 0.8
    assert iou["weighted"] > 0.6
    best = np.take_along_axis(found.test.iou, found.tuned[..., None], -1)
    assert best.min() > 0.8


def test_parts_are_the_glimpses_and_a_stop_ends_it() -> None:
    parts: list[Glimpse] = []
    run(SMALL, lambda share, part: parts.append(part))
    assert [part.step for part in parts] == [one.step for one in segmented().glimpses]

    def stop(share: float, part: Glimpse) -> None:
        if part.step > 10:
            raise Stopped

    with pytest.raises(Stopped):
        run(SMALL, stop)


def test_the_pictures_draw_medians_and_masks() -> None:
    found = segmented()
    picture = figures.learning(found.glimpses, SMALL.updates, found.objects)
    k = NAMES.index("dice")
    lines = [trace for trace in picture.data if trace.name == "soft Dice" and trace.fill is None]
    for line, name in zip(lines, ("iou", "accuracy"), strict=True):
        medians = [float(np.median(getattr(one, name)[k])) for one in found.glimpses]
        np.testing.assert_allclose(line.y, medians, rtol=1e-6)
    levels = [trace.y[0] for trace in picture.data if trace.name == "all background"]
    assert levels == pytest.approx([0, 1 - found.objects])
    painted = figures.painted(found, k, 0.3)
    codes = np.asarray(painted.data[figures.PAINTED].z)[:, :SIDE]
    said = found.last.said[k, 0] / 255 > 0.3
    assert ((codes == 1) == (said & found.truth[0])).all()
    assert ((codes == 3) == (said & ~found.truth[0])).all()
    curves = figures.over_thresholds(found, k, 0.5)
    middle = next(trace for trace in curves.data if trace.name == "IoU" and trace.fill is None)
    np.testing.assert_allclose(middle.y, np.median(found.test.iou[k], axis=0), rtol=1e-6)
