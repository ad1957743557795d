"""The figures of encoding and decoding, for the checks that all figures pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import plotly.graph_objects as go

from mlcore.base.shares import Share
from mlcore.embeddings import codes
from mlcore.embeddings.autoencoder import DIGITS, AutoencoderSpec, Encoded, autoencode
from mlcore.embeddings.bottleneck import BottleneckSpec, Width, bottleneck
from mlcore.figures import approaches, circles, embedding
from mlcore.figures.words import Say
from mlcore.tasks import approaches as core

SMALL = AutoencoderSpec(replace(DIGITS, examples=120), units=8, steps=100)


@cache
def trained() -> Encoded:
    return autoencode(SMALL)


@cache
def widths() -> tuple[Width, ...]:
    return bottleneck(BottleneckSpec(SMALL))


def images(say: Say) -> go.Figure:
    seen = trained().seen
    rows = [seen.data.raw(seen.data.x_test)[:5].numpy(), seen.back(seen.test[:3]).numpy()]
    return embedding.images(rows, [say("figure.train"), say("figure.test")], say)


def given_back(say: Say) -> go.Figure:
    x = trained().seen.test[:, 2:4].numpy()
    return embedding.given_back(x, 0.9 * x, ["a", "b"], say)


def plane(say: Say) -> go.Figure:
    found, data = codes.of_autoencoder(trained()), trained().seen.data
    titles = [say("figure.pca"), say("figure.code_width")]
    return embedding.plane(found.test, data.y_test.numpy(), data.class_names, titles, say)


def shaded(say: Say) -> go.Figure:
    found = codes.of_autoencoder(trained()).test
    alone = np.zeros(len(found), int)
    return embedding.plane(found, alone, [say("figure.test")], ["a", "b"], say, values=found[:, 0])


def walk(say: Say) -> go.Figure:
    found = codes.of_autoencoder(trained()).test
    return embedding.walked(plane(say), found[:2], found[:2].mean(0), say)


CASES: dict[str, Callable[[Say], go.Figure]] = {
    "embedding images": images,
    "embedding given back": given_back,
    "embedding errors": lambda say: embedding.errors(trained(), 0.7, say),
    "embedding plane": plane,
    "embedding plane of numbers": shaded,
    "embedding walk": walk,
    "rule": lambda say: approaches.values(core.examples((1, 7)), core.judge("top - bottom", (1, 7)), say),
    "effort": lambda say: approaches.effort(
        [
            (0, say("figure.pca"), core.Way(0, Share(3, 4), Share(3, 4))),
            (2, say("figure.linear"), core.Way(900, Share(9, 10), Share(9, 10))),
        ],
        say,
    ),
    "network of circles": lambda say: circles.rings([say("figure.pca"), say("figure.linear")]),
    "embedding widths": lambda say: embedding.widths(widths(), say),
}
