"""Where examples are put: by an autoencoder, by principal components, by a classifier's hidden layer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.embeddings import codes as core
from mlcore.embeddings.autoencoder import AutoencoderSpec, Centered, Encoded
from mlcore.embeddings.codes import FLOATS, SOURCES, Codes, Separation
from mlcore.figures import embedding as figures
from mlcore.files.escape import line
from mlcore.training.training import Run
from pages.rooms.embedding import room
from pages.rooms.embedding.room import Form, RoomSpec
from pages.ui import plot, waiting
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import language, number, percent, t

CLASSIFIER = "embedding_classifier"


def _settings(controls: Form) -> None:
    controls.select(
        "aesrc", {name: t(f"embedding.source.{name}") for name in SOURCES}, st.pills, required=True
    )
    room.settings(controls)


def _show(spec: RoomSpec, controls: Form) -> None:
    seen = room.seen(spec)
    if seen is None:
        return
    if spec.source == "classifier" and not seen.data.classes:
        st.warning(t("embedding.plane.no_classes"))
        return
    path = _codes(spec)
    if not path:
        return
    codes = list(path.values())[-1]
    key = f"{specs.key(spec.own)}/{spec.source}"
    picture, frames = scene(key, language(), seen, path)
    alt = [t("embedding.alt.plane")]
    plot.play([picture], frames, key="codes", alt=alt, labels=play_labels(), height=520)
    if not seen.data.classes:
        st.caption(t("embedding.plane.shades"))
    else:
        st.dataframe(table(key, language(), seen, spec.own, spec.source, codes), hide_index=True)
        st.caption(t("embedding.plane.numbers", nearest=core.NEAREST))


def _codes(spec: RoomSpec) -> dict[int, Codes]:
    """The codes by step: all recorded ones of an autoencoder, else the last; nothing until they are there."""
    if spec.source == "pca":
        return {0: core.of_pca(spec.own)}
    if spec.source == "classifier":
        training = core.classifier(spec.own)
        trained: Run | None = waiting.follow(training, CLASSIFIER).result
        return {} if trained is None else {training.steps: core.of_classifier(training, trained)}
    found = room.encoded(spec.own)
    return {} if found is None else moments(specs.key(spec.own), found)


@st.cache_resource(max_entries=16, show_spinner=False)
def moments(key: str, _found: Encoded) -> dict[int, Codes]:
    return {int(step): core.of_autoencoder(_found, k) for k, step in enumerate(_found.step)}


@st.cache_resource(max_entries=16, show_spinner=False)
def scene(key: str, language: str, _seen: Centered, _path: dict[int, Codes]) -> tuple[go.Figure, plot.Frames]:
    """The test examples; of a code of more than two numbers the two directions along which it varies most."""
    labels, names = classes(_seen)
    flat, titles = flattened(list(_path.values())[-1])
    path = np.stack([flat(one.test) for one in _path.values()])
    picture = figures.plane(path[-1], labels, names, titles, t, path[len(path) // 2 :], targets(_seen))
    updates = [
        plot.Update(0, k, axis, path[:, labels == k, i].astype(np.float32))
        for k in range(len(names))
        for i, axis in enumerate("xy")
    ]
    return picture, plot.Frames(list(_path), updates)


def flattened(codes: Codes) -> tuple[Callable[[FLOATS], FLOATS], list[str]]:
    """How codes [N, c] become [N, 2], and what the axes are called."""
    flat = core.Flat.of(codes)
    name = "axis" if codes.train.shape[1] > 2 else "code"
    return flat, [str(t(f"embedding.{name}", number=k)) for k in (1, 2)]


def classes(seen: Centered) -> tuple[np.ndarray, list[str]]:
    """The class of each test example, and their names; one class where the target is a number."""
    data = seen.data
    if not data.classes:
        return np.zeros(len(data.x_test), int), [str(t("figure.test"))]
    return data.y_test.numpy(), [line(name) for name in data.class_names]


def targets(seen: Centered) -> FLOATS | None:
    """The target of each test example in its own units, where it is a number."""
    data = seen.data
    return None if data.classes else data.label(data.y_test).numpy()


@st.cache_resource(max_entries=32, show_spinner=False)
def table(
    key: str, language: str, _seen: Centered, _own: AutoencoderSpec, _source: str, _codes: Codes
) -> dict[str, list[str]]:
    """How well classes lie apart in the features themselves, in the principal components and here."""
    y, y_test = _seen.data.y.numpy(), _seen.data.y_test.numpy()
    raw = Codes(_seen.train.numpy(), _seen.test.numpy())
    shown: dict[str, Codes] = {t("embedding.source.raw", features=raw.train.shape[1]): raw}
    shown[f"{t('embedding.source.pca')} ({_own.code})"] = core.of_pca(_own)
    if _source != "pca":
        shown[f"{t(f'embedding.source.{_source}')} ({_own.code})"] = _codes
    found: list[Separation] = [core.separation(codes, y, y_test) for codes in shown.values()]
    return {
        str(t("embedding.plane.what")): list(map(str, shown)),
        str(t("embedding.plane.accuracy", nearest=core.NEAREST)): [percent(one.accuracy) for one in found],
        str(t("embedding.plane.silhouette")): [number(one.silhouette, 3) for one in found],
    }


PLANE = Section(_settings, _show, (core.of_autoencoder, core.of_classifier, core.separation))
