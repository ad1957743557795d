"""Networks that segment scenes, trained with each loss from the same starts, and their threshold."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.shares import Share
from mlcore.figures import masks as mask_figures
from mlcore.figures import segmenter as figures
from mlcore.script import masks as script
from mlcore.tasks import mask_scenes, rows
from mlcore.tasks import segmenter as core
from mlcore.tasks.masks import MASK_LOSSES, NAMES, mask_loss
from mlcore.tasks.segmenter import (
    HALF,
    SHOWN,
    TESTED,
    THRESHOLDS,
    Glimpse,
    PixelNetwork,
    Segmented,
    SegmenterSpec,
)
from pages.rooms.classification_tasks.mask_settings import MaskRoom
from pages.rooms.classification_tasks.room import Form, RoomSpec, exact
from pages.ui import plot, waiting
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, percent, short, t

SLOT = "segmenter"
ALL = ("mscenes", "mgrain", "mchannels", "mweights", "mgamma", "mrate", "mupdates", "mtimes", "mfirst")


def _settings(controls: Form) -> None:
    controls.choice("mloss", "mask_loss")
    controls.number("mcut")
    for code in ALL:
        controls.number(code)


def _show(spec: RoomSpec, controls: Form) -> None:
    own = spec.masks
    view = waiting.follow(own.train, SLOT, show=partial(_learning, own.train))
    if not view.state.final or not view.parts:
        return
    found: Segmented | None = view.result
    if found is None:
        _learning(own.train, view.parts)
        return
    key = specs.key(own.train)
    pictures, frames = scene(key, own.loss, own.cut, language(), found, own.train)
    alts = [t("masks.alt.painted"), t("masks.alt.learning")]
    plot.play(list(pictures), frames, key="segmenting", alt=alts, labels=play_labels(), height=430, columns=2)
    st.markdown(told(found))
    st.dataframe(table(found, own.cut), hide_index=True, height="content")
    values = {"tested": TESTED, "examples": own.train.examples, "size": own.train.network.size}
    st.caption(t("masks.train.measured", seeds=own.train.seeds, **values))
    st.markdown(f"#### {t('masks.train.threshold', loss=short(MASK_LOSSES[own.loss], 'mask_loss'))}")
    picture = drawn_thresholds(key, own.loss, own.cut, language(), found)

    def click(made: plot.Click) -> None:
        controls.put("mcut", round(made.x, 2))

    plot.show(picture, key="thresholds", alt=t("masks.alt.thresholds"), height=360, on_click=click)
    st.markdown(tuned(found, own))
    _script(own)


def _learning(own: SegmenterSpec, parts: Sequence[Glimpse]) -> None:
    picture = drawn(f"{specs.key(own)}/{len(parts)}", language(), own, parts)
    plot.show(picture, key="segmenter", alt=t("masks.alt.learning"), height=430)


def _script(own: MaskRoom) -> None:
    name = short(MASK_LOSSES[own.loss], "mask_loss")
    with st.expander(t("masks.train.script", loss=name)):
        text = script.write(own.train, own.loss)
        st.download_button(t("training.script_name"), text, "run.py", key="_mask_script", on_click="ignore")
        st.code(text, language="python")


def told(found: Segmented) -> Text:
    """Accuracy and IoU of an empty mask, of the losses, and whether Dice ends above cross-entropy."""
    mean = {name: number(float(found.last.iou[k].mean())) for k, name in enumerate(NAMES)}
    first, other = (found.last.iou[NAMES.index(name)] for name in ("dice", "cross_entropy"))
    wins = Share(int((first > other).sum()), len(first))
    low, high = wins.interval
    empty = exact(1 - found.objects)
    values = {"empty": empty, "wins": wins.hits, "seeds": wins.of, "low": percent(low), "high": percent(high)}
    return t(f"masks.train.{'sure' if wins.decided else 'unsure'}", **values, **mean)


def tuned(found: Segmented, own: MaskRoom) -> Text:
    """What the threshold that is best on training scenes is worth on test scenes."""
    k = NAMES.index(own.loss)
    best = found.tuned[k]
    seeds = np.arange(len(best))
    before, after = found.test.iou[k, :, HALF], found.test.iou[k][seeds, best]
    values = {
        "loss": short(MASK_LOSSES[own.loss], "mask_loss"), "half": number(float(before.mean())),
        "best": number(float(after.mean())), "low": number(float(THRESHOLDS[best].min())),
        "high": number(float(THRESHOLDS[best].max())),
    }  # fmt: skip
    return t("masks.train.tuned", **values)


def table(found: Segmented, cut: float) -> dict[str, list[str]]:
    """A row for each loss: means over the seeds at the threshold that is chosen."""
    at = int(np.abs(THRESHOLDS - cut).argmin())
    columns = {"loss": [str(short(variant, "mask_loss")) for variant in MASK_LOSSES.variants()]}
    for name in ("iou", "dice", "precision", "recall", "accuracy"):
        values = getattr(found.test, name)[:, :, at]
        columns[name] = [_mean(one) for one in values]
    spread = found.test.iou[:, :, at]
    columns["spread"] = [f"{number(float(one.min()))} ~ {number(float(one.max()))}" for one in spread]
    return {str(t(f"masks.column.{name}")): column for name, column in columns.items()}


def _mean(values: np.ndarray) -> str:
    """A dash where a seed has none: nothing was found."""
    return str(number(float(values.mean())))


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(key: str, language: str, _own: SegmenterSpec, _parts: Sequence[Glimpse]) -> go.Figure:
    return figures.learning(_parts, _own.updates, None, t)


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn_thresholds(key: str, loss: str, cut: float, language: str, _found: Segmented) -> go.Figure:
    return figures.over_thresholds(_found, NAMES.index(loss), cut, t)


@st.cache_resource(max_entries=32, show_spinner=False)
def scene(
    key: str, loss: str, cut: float, language: str, _found: Segmented, _own: SegmenterSpec
) -> tuple[tuple[go.Figure, go.Figure], plot.Frames]:
    """What the first seed's network of one loss paints, step by step, beside the measures of all."""
    k, steps = NAMES.index(loss), [one.step for one in _found.glimpses]
    said = np.stack([one.said[k] for one in _found.glimpses])  # [T, SHOWN, SIDE, SIDE] in 255ths
    codes = mask_figures.kinds(said / 255 > cut, np.broadcast_to(_found.truth, said.shape))
    updates = [
        *(plot.Update(0, figures.SAID + i, "z", said[:, i], scale=1 / 255) for i in range(SHOWN)),
        plot.Update(0, figures.PAINTED, "z", figures.side_by_side(codes)),
    ]
    readout = {
        f"IoU, {short(MASK_LOSSES[name], 'mask_loss')}": [
            str(number(float(one.iou[i, 0]))) for one in _found.glimpses
        ]
        for i, name in enumerate(NAMES)
    }
    pictures = (
        figures.painted(_found, k, cut, t),
        figures.learning(_found.glimpses, _own.updates, _found.objects, t),
    )
    return pictures, plot.Frames(steps, updates, [1], readout)


SEGMENT = Section(
    _settings,
    _show,
    (core.segment, PixelNetwork, rows.trained, rows.slope, mask_loss, mask_scenes.mask_scenes),
)
