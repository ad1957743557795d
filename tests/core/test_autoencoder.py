"""Autoencoders: PCA as the least that linear ones lose, codes, neighbors, and what is recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors
from torch import nn

from mlcore.base.experiment import run
from mlcore.embeddings import bottleneck, codes
from mlcore.embeddings.autoencoder import DIGITS, AutoencoderSpec, Encoded, autoencode, centered, unexplained
from mlcore.embeddings.bottleneck import WIDTHS, BottleneckSpec
from mlcore.embeddings.codes import Codes, Flat
from mlcore.figures import embedding as figures
from mlcore.training.data import DataSpec

SMALL = {"iris": 150, "wine": 178, "moons": 100}
SETS = [DataSpec(name, examples=n, standardize=std) for name, n in SMALL.items() for std in (True, False)]


def spec(data: DataSpec = DIGITS, **fields: Any) -> AutoencoderSpec:
    return AutoencoderSpec(data, **fields)


def small(**fields: Any) -> AutoencoderSpec:
    return spec(replace(DIGITS, examples=200), units=16, steps=100, **fields)


# ---------------------------------------------------------------- the network


@pytest.mark.parametrize("kind", ["linear", "deep"])
def test_it_is_the_network_that_torch_would_write(kind: str) -> None:
    own = small(kind=kind, code=3, activation="relu")
    network = own.network(64)
    theta = network.init("xavier", [torch.Generator().manual_seed(k) for k in (1, 2)])
    x = torch.randn(7, 64, dtype=torch.float64)
    found = network.predict(theta, x)
    assert found.shape == (2, 7, 64)
    torch.testing.assert_close(found, network.decode(theta, network.encode(theta, x)))
    for row in range(2):
        layers: list[nn.Module] = []
        for block in network.blocks(theta):
            layer = nn.Linear(block.shape[1] - 1, block.shape[2], dtype=torch.float64)
            layer.weight.data, layer.bias.data = block[row, :-1].T, block[row, -1]
            layers.append(layer)
        if kind == "deep":
            layers = [layers[0], nn.ReLU(), layers[1], layers[2], nn.ReLU(), layers[3]]
        torch.testing.assert_close(found[row], nn.Sequential(*layers)(x))
    assert network.encode(theta, x).shape == (2, 7, 3)


def test_fields_that_do_not_apply_are_set_back() -> None:
    assert spec(kind="linear", units=9, activation="relu") == spec(kind="linear")
    assert BottleneckSpec(spec(kind="linear", code=9)) == BottleneckSpec()


# ---------------------------------------------------------------- PCA


@pytest.mark.parametrize("data", SETS, ids=lambda d: f"{d.name} {d.standardize}")
def test_components_are_scikit_learns(data: DataSpec) -> None:
    seen = centered(data)
    found, theirs = codes.pca(seen), PCA().fit(seen.train.numpy())
    shares = found.eigenvalues / found.eigenvalues.sum()
    np.testing.assert_allclose(shares, theirs.explained_variance_ratio_, atol=1e-12)
    for count in range(1, len(shares) + 1):
        np.testing.assert_allclose(
            abs(found.codes(seen.test, count).numpy()),
            abs(theirs.transform(seen.test.numpy())[:, :count]),
            atol=1e-9,
        )
        lost = float(unexplained(seen.train, found.back(seen.train, count)))
        assert lost == pytest.approx(found.left_out(count), abs=1e-12)


@pytest.mark.parametrize(
    ("data", "code"),
    [(DIGITS, 1), (DIGITS, 2), (DIGITS, 8), (SETS[0], 1), (SETS[0], 2), (SETS[2], 3), (SETS[4], 1)],
    ids=lambda v: v.name if isinstance(v, DataSpec) else str(v),
)
def test_a_linear_autoencoder_finds_the_principal_components(data: DataSpec, code: int) -> None:
    own = spec(data, kind="linear", code=code, steps=2000)
    found, pca = autoencode(own), codes.pca(centered(data))
    assert float(found.train[-1]) == pytest.approx(pca.left_out(code), abs=2e-4)
    assert float(found.train[-1]) >= pca.left_out(code) - 1e-6  # no linear code can lose less
    axes, theta = pca.axes[:code], found.rows()
    decoder = found.network.blocks(theta)[1][0, :-1]  # [c, D]: its rows span the same plane
    span = torch.linalg.qr(decoder.T).Q
    cosines = torch.linalg.svdvals(span.T @ axes.T)
    assert float(cosines.min()) > 0.99


def test_a_deep_one_loses_less_than_any_linear_one_and_meets_its_mark() -> None:
    """On digits, with 8 numbers: below 35 % of what PCA with 2 loses of test examples."""
    seen = centered(DIGITS)
    pca = codes.pca(seen)
    found = autoencode(spec(code=8))
    assert float(found.test[-1]) < 0.35 * float(unexplained(seen.test, pca.back(seen.test, 2)))
    assert float(found.test[-1]) < float(unexplained(seen.test, pca.back(seen.test, 8)))
    assert (found.step[0], found.step[-1]) == (0, 1500)
    assert found.train[0] > found.train[-1]


# ---------------------------------------------------------------- training


def test_same_spec_same_bits_and_every_number_is_that_of_the_row() -> None:
    first, again, other = autoencode(small()), autoencode(small()), autoencode(small(seed=1))
    assert np.array_equal(first.theta, again.theta)
    assert not np.array_equal(first.theta, other.theta)
    seen = first.seen
    for k in (0, 10, -1):
        back = first.network.predict(first.rows(k), seen.test)[0]
        assert float(first.test[k]) == pytest.approx(float(unexplained(seen.test, back)), rel=1e-4)


def test_noise_on_the_input_teaches_to_remove_it() -> None:
    noisy, clean = (autoencode(spec(code=12, noise=noise)) for noise in (1.0, 0.0))
    seen = noisy.seen
    spoiled = seen.test + torch.randn(seen.test.shape, generator=torch.Generator().manual_seed(5)).double()

    def lost(found: Encoded) -> float:
        return float(unexplained(seen.test, found.network.predict(found.rows(), spoiled)[0]))

    assert lost(noisy) < 0.8 * lost(clean)
    assert lost(noisy) < float(unexplained(seen.test, spoiled))


def test_it_stops_when_nobody_waits() -> None:
    class Stop(Exception):
        pass

    def report(share: float, part: Any) -> None:
        if share > 0.3:
            raise Stop

    with pytest.raises(Stop):
        run(small(), report)


def test_every_width_of_both_kinds_narrow_ones_first() -> None:
    own = BottleneckSpec(small())
    told: list[tuple[float, Any]] = []
    found = run(own, lambda share, part: told.append((share, part)))
    assert [part.code for part in found] == list(WIDTHS)
    assert [part for _, part in told if part] == list(found)
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    one = autoencode(own.one("deep", 4))
    assert found[3].test["deep"] == float(one.test[-1])
    assert bottleneck.gap(found) == max(part.train["linear"] - part.pca for part in found)


# ---------------------------------------------------------------- codes


@pytest.mark.parametrize("which", [0, 17, 100])
def test_neighbors_are_scikit_learns(which: int) -> None:
    seen = centered(DIGITS)
    found = codes.neighbors(seen, which)
    x, one = seen.data.raw(seen.data.x).numpy(), seen.data.raw(seen.data.x_test).numpy()[which]
    for ours, theirs in (("cosine", "cosine"), ("distance", "euclidean")):
        far, places = (
            NearestNeighbors(n_neighbors=12, metric=theirs, algorithm="brute").fit(x).kneighbors([one])
        )
        mine = found.nearest(ours, 12)
        key = 1 - found.cosine[mine] if ours == "cosine" else found.distance[mine]
        np.testing.assert_allclose(key, far[0], rtol=1e-6, atol=1e-7)
        assert len(set(mine) & set(places[0])) >= 11  # ties may come in another order
    cosine = found.norms**2 + found.norm**2 - 2 * found.norms * found.norm * found.cosine
    np.testing.assert_allclose(found.distance**2, cosine, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_a_place_of_the_plane_is_decoded_where_it_lies(count: int) -> None:
    r = np.random.default_rng(count)
    own = Codes(r.normal(size=(50, count)) * np.arange(1, count + 1), r.normal(size=(9, count)))
    flat = Flat.of(own)
    assert flat(own.test).shape == (9, 2)
    place = np.array([0.3, -0.7 if count > 1 else 0.0])
    back = flat.back(place, own.test[0])
    np.testing.assert_allclose(flat(back[None])[0], place, atol=1e-12)
    np.testing.assert_allclose(flat.back(flat(own.test[:1])[0], own.test[0]), own.test[0], atol=1e-12)
    if count > 2:  # along the two axes of the largest variance
        ratio = PCA(2).fit(own.train).explained_variance_ratio_.sum()
        assert flat(own.train).var(0).sum() / own.train.var(0).sum() == pytest.approx(ratio)


def test_classes_that_lie_apart_are_told_apart() -> None:
    r = np.random.default_rng(0)
    labels = np.repeat([0, 1], 40)
    apart = r.normal(size=(80, 2)) + 50 * labels[:, None]
    found = codes.separation(Codes(apart, apart), labels, labels)
    assert found.accuracy == 1
    assert found.silhouette > 0.9
    mixed = codes.separation(Codes(r.normal(size=(80, 2)), r.normal(size=(80, 2))), labels, labels)
    assert mixed.accuracy < 0.75
    assert abs(mixed.silhouette) < 0.1
    assert np.isnan(codes.separation(Codes(apart, apart), 0 * labels, 0 * labels).silhouette)


def test_the_codes_of_a_classifier_are_its_last_hidden_layer() -> None:
    training = codes.classifier(small(code=3, activation="relu"))
    trained = run(training)
    found = codes.of_classifier(training, trained)
    assert found.train.shape[1] == 3
    assert (found.train >= 0).all()
    last = training.model.network(64, 10).blocks(torch.from_numpy(trained.final[:1]).double())[-1][0]
    answers = (torch.from_numpy(found.test) @ last[:-1] + last[-1]).argmax(1)
    score = float((answers == centered(training.data).data.y_test).double().mean())
    assert score == pytest.approx(float(trained.records.test_score[-1, 0]), abs=1e-6)


def test_images_lie_where_the_sheet_says() -> None:
    rows = [np.arange(128).reshape(2, 64) % 17, np.full((1, 64), 99.0)]
    paper = figures.sheet(rows)
    assert paper.shape == (20, 20)
    np.testing.assert_array_equal(paper[1:9, 11:19], rows[0][1].reshape(8, 8))
    assert (paper[11:19, 1:9] == 16).all(), "no ink is blacker than black"
    assert paper[11:19, 11:19].sum() == 0
