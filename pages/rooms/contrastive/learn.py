"""An encoder trained by contrast: its views, its code over the steps, and what a probe reads from it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.embeddings import augment, contrastive, pair_losses, probes
from mlcore.embeddings import contrast as core
from mlcore.embeddings.autoencoder import Centered, centered
from mlcore.embeddings.codes import Codes, Flat
from mlcore.embeddings.contrast import Checkpoint, Contrast
from mlcore.embeddings.contrastive import ContrastiveSpec
from mlcore.figures import contrastive as figures
from mlcore.figures import embedding
from mlcore.script import contrastive as script
from mlcore.training.draws import generator
from pages.rooms.contrastive import room
from pages.rooms.contrastive.room import Form, RoomSpec
from pages.ui import plot, waiting
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, t

SLOT = "contrastive"
ALTS = ("codes", "gauges", "costs", "readings")
RIVALS = ("raw", "untrained_code", "supervised")
IMAGES, COPIES = 10, 2  # digits in a row, and views of each


def _settings(controls: Form) -> None:
    for name, chosen in (("digits", {}), ("rings", room.RINGS)):
        st.button(t(f"contrastive.learn.{name}"), on_click=room.preset, args=(controls, chosen))
    room.data(controls)
    room.loss(controls)
    controls.number("ctdim")
    with st.container(horizontal=True):
        for name, dimensions in (("circle", 2), ("sphere", 3)):
            st.button(t(f"contrastive.space.{name}"), on_click=controls.put, args=("ctdim", dimensions))
    room.training(controls)


def _show(spec: RoomSpec, controls: Form) -> None:
    if (seen := room.seen(spec)) is None:
        return
    own = spec.own
    if own.image:
        st.markdown(t("contrastive.learn.views"))
        key = f"{specs.key(own.data)}/{own.shift}/{own.turn}/{own.noise}/{own.seed}"
        plot.show(copies(key, language(), own), key="views", alt=t("contrastive.alt.views"), height=230)
    view = waiting.follow(own, SLOT, show=partial(_progress, own, seen))
    if not view.state.final or not view.parts:
        return
    found: Contrast | None = view.result
    if found is None:
        _progress(own, seen, view.parts)
        return
    pictures, frames = scene(specs.key(own), language(), own, found)
    alts = [t(f"contrastive.alt.{name}") for name in ALTS]
    plot.play(pictures, frames, key=f"codes {min(own.dimensions, 4)}", alt=alts, labels=play_labels(),
              height=430, columns=2)  # fmt: skip
    if own.dimensions > 3:
        st.caption(t("contrastive.learn.axes", d=own.dimensions))
    st.markdown(told(own, found))
    st.dataframe(table(own, found), hide_index=True, height="content")
    st.caption(t("contrastive.learn.honest"))
    with st.expander(t("contrastive.learn.script")):
        text = script.write(own)
        st.markdown(t("contrastive.learn.script_intro"))
        name = "contrastive.py"
        st.download_button(t("contrastive.learn.script_name"), text, name, key="_script", on_click="ignore")
        st.code(text, language="python")


def _progress(own: ContrastiveSpec, seen: Centered, parts: Sequence[Checkpoint]) -> None:
    """What there is while the encoder is still trained."""
    labels = seen.data.y_test.numpy()[: len(parts[-1].codes)]
    pictures = drawn(f"{specs.key(own)}/{len(parts)}", language(), own, parts, labels)
    alts = [t(f"contrastive.alt.{name}") for name in ALTS]
    plot.show(list(pictures), key=f"learning {min(own.dimensions, 4)}", alt=alts, height=430, columns=2)


def told(own: ContrastiveSpec, found: Contrast) -> Text:
    """The code's accuracy beside its rivals'."""
    values: dict[str, object] = {
        name: room.tenths(found.probe(probe).test.value)
        for name, probe in (
            ("code", "learned_code"), ("raw", "raw"), ("before", "untrained_code"),
            ("supervised", "supervised"), ("pca", "pca"),
        )
    }  # fmt: skip
    last = found.checkpoints[-1]
    values |= {
        "d": own.dimensions,
        "features": found.probe("raw").numbers,
        "chance": room.tenths(found.chance),
    }
    values |= {"alignment": number(last.alignment), "uniformity": number(last.uniformity)}
    values |= {"silhouette": number(found.silhouette), "even": number(pair_losses.uniform(own.dimensions))}
    better = found.probe("learned_code").test.value > found.probe("untrained_code").test.value
    return t(f"contrastive.learn.{'learned' if better else 'lost'}", **values)


def table(own: ContrastiveSpec, found: Contrast) -> dict[str, list[str]]:
    """A row for each probe."""
    columns: dict[str, list[str]] = {"what": [], "numbers": [], "accuracy": [], "interval": []}
    for one in found.probes:
        low, high = one.test.interval
        columns["what"].append(str(t(f"contrastive.probe.{one.name}")))
        columns["numbers"].append(str(one.numbers))
        columns["accuracy"].append(str(room.tenths(one.test.value)))
        columns["interval"].append(f"{room.tenths(low)} ~ {room.tenths(high)}")
    return {t(f"contrastive.probe.column.{name}"): column for name, column in columns.items()}


@st.cache_resource(max_entries=64, show_spinner=False)
def copies(key: str, language: str, _own: ContrastiveSpec) -> go.Figure:
    """Training images, and two views of each as the encoder is given them."""
    seen = centered(_own.data)
    x, g = seen.data.x[:IMAGES].float(), generator(_own.seed, "shown views")
    made = [_own.views(x, seen, g) * seen.scale + seen.mean.float() for _ in range(COPIES)]
    names = [t("contrastive.learn.image"), *(t("contrastive.learn.view", k=k + 1) for k in range(COPIES))]
    return embedding.images([x.numpy(), *(one.numpy() for one in made)], list(map(str, names)), t)


def flattened(own: ContrastiveSpec, codes: np.ndarray) -> Flat | None:
    """The two axes along which codes of more than three numbers vary most."""
    return Flat.of(Codes(codes.astype(float), codes)) if own.dimensions > 3 else None


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    key: str, language: str, _own: ContrastiveSpec, _parts: Sequence[Checkpoint], _labels: np.ndarray,
    _found: Contrast | None = None,
) -> list[go.Figure]:  # fmt: skip
    """The code, its gauges, the loss, and the probe, with its rivals when they are there."""
    codes = _parts[-1].codes
    flat = flattened(_own, codes)
    at = codes if flat is None else flat(codes.astype(float))
    seen = centered(_own.data)
    names = room.class_names(seen)
    least = pair_losses.least(min(_own.batch, len(seen.data.x)), _own.goal)
    rivals = {} if _found is None else {
        str(t(f"contrastive.probe.{name}")): _found.probe(name).test.value for name in RIVALS
    }  # fmt: skip
    return [
        figures.codes(at, _labels, names, t, flat is None),
        figures.gauges(_parts, pair_losses.uniform(_own.dimensions), _own.steps, t),
        figures.costs(_parts, least, _own.steps, t),
        figures.readings(_parts, rivals, _own.steps, t),
    ]


@st.cache_resource(max_entries=16, show_spinner=False)
def scene(
    key: str, language: str, _own: ContrastiveSpec, _found: Contrast
) -> tuple[list[go.Figure], plot.Frames]:
    points, labels = _found.checkpoints, _found.labels
    pictures = drawn(f"{key}/all", language, _own, points, labels, _found)
    flat = flattened(_own, points[-1].codes)
    path = np.stack([one.codes if flat is None else flat(one.codes.astype(float)) for one in points])
    axes = "xyz"[: path.shape[-1]]
    updates = [
        plot.Update(0, k + 1, axis, path[:, labels == k, i].astype(np.float32))
        for k in range(len(pictures[0].data) - 1)
        for i, axis in enumerate(axes)
    ]
    readout = {
        str(t("figure.loss")): [str(number(one.cost)) for one in points],
        str(t("figure.alignment")): [str(number(one.alignment)) for one in points],
        str(t("figure.uniformity")): [str(number(one.uniformity)) for one in points],
    }
    return pictures, plot.Frames([one.step for one in points], updates, [1, 2, 3], readout)


LEARN = Section(
    _settings, _show,
    (core.contrast, contrastive.trained, pair_losses.slope, pair_losses.descend_by, augment.augmented,
     augment.warped, probes.probe),
)  # fmt: skip
