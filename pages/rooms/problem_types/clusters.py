"""k-means by half steps, where hundreds of starts end, a mixture of Gaussians, principal directions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.shares import Share
from mlcore.figures import clusters as figures
from mlcore.tasks import clusters as core
from mlcore.tasks import mixtures
from mlcore.tasks.clusters import STARTS, Moves, Restarts
from mlcore.tasks.flat import Flat
from mlcore.tasks.mixtures import Mixtures
from mlcore.training.principal import principal
from pages.rooms.problem_types import room
from pages.rooms.problem_types.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, percent, t, tiny

Chosen = tuple[str, int, str, int]  # key of the data, means, way to start, seed


def _settings(controls: Form) -> None:
    room.data(controls)
    controls.number("tk")
    controls.select("tstart", {way: t(f"problem_types.start.{way}") for way in STARTS})
    controls.number("tdraw")
    controls.number("tstarts")


def _show(spec: RoomSpec, controls: Form) -> None:
    points = room.points(spec)
    if points is None:
        return
    k = min(spec.clusters, len(points.x))
    chosen: Chosen = (specs.key(spec.data), k, spec.start, spec.draw)
    found, pictures, frames = stepped(*chosen, language(), points)
    labels = play_labels()
    alts = [t("problem_types.alt.kmeans"), t("problem_types.alt.inertia")]
    plot.play(pictures, frames, key="kmeans", alt=alts, labels=labels, height=400, columns=2)
    st.markdown(_stepped(found, points))
    st.markdown(f"#### {t('problem_types.clusters.starts')}")
    ended, picture = over_starts(chosen[0], k, spec.draw, spec.starts, language(), points)
    plot.show(picture, key="starts", alt=t("problem_types.alt.starts"), height=340)
    st.markdown(_ended(ended, found))
    st.markdown(f"#### {t('problem_types.clusters.mixture')}")
    mixed, mixed_pictures, mixed_frames = mixture(*chosen, language(), points)
    alts = [t("problem_types.alt.mixture"), t("problem_types.alt.likelihood")]
    plot.play(mixed_pictures, mixed_frames, key="mixture", alt=alts, labels=labels, height=400, columns=2)
    st.markdown(_mixed(mixed, points))
    st.markdown(f"#### {t('problem_types.clusters.directions')}")
    _directions(chosen[0], points)


def _stepped(found: Moves, points: Flat) -> Text:
    rises = np.diff(found.inertia[1:])
    values = {
        "steps": len(found.inertia) // 2,
        "inertia": number(float(found.inertia[-1]), 5),
        "largest": tiny(max(float(rises.max(initial=0.0)), 0.0)),
        "agreement": number(core.agreement(found.labels[-1], points.y), 2),
        "classes": points.classes,
    }
    return t("problem_types.clusters.stepped", **values)


def _ended(ended: Sequence[Restarts], own: Moves) -> Text:
    least = min(float(one.batch.inertia.min()) for one in ended)
    lines = []
    for one in ended:
        share = Share(one.reached(least), len(one.batch.inertia))
        low, high = share.interval
        over = float(np.median(one.batch.inertia)) / least - 1 if least else 0.0
        lines.append("- " + t(
            "problem_types.clusters.ended", name=t(f"problem_types.start.{one.way}"), count=share.of,
            minima=one.minima, share=percent(share.value), low=percent(low), high=percent(high),
            over=percent(over),
        ))  # fmt: skip
    above = float(own.inertia[-1]) / least - 1 if least else 0.0
    lines.append("\n" + t("problem_types.clusters.own", over=percent(max(above, 0.0))))
    return Text("\n".join(lines))


def _mixed(found: Mixtures, points: Flat) -> Text:
    hard = found.shares(points.x)
    falls = np.diff(found.likelihood)
    values = {
        "steps": len(found.likelihood) - 1,
        "likelihood": number(float(found.likelihood[-1]), 4),
        "largest": tiny(max(float((-falls).max(initial=0.0)), 0.0)),
        "doubtful": percent(float((hard.max(1) < 0.9).mean())),
        "agreement": number(core.agreement(hard.argmax(1), points.y), 2),
    }
    return t("problem_types.clusters.mixed", **values)


def _directions(key: str, points: Flat) -> None:
    along, variance = principal(points.x)
    picture = directed(key, language(), points)
    plot.show(picture, key="directions", alt=t("problem_types.alt.directions"), height=400)
    arrow = Text(f"({number(float(along[0, 0]), 2)}, {number(float(along[1, 0]), 2)})")
    total = float(variance.sum()) or 1.0
    values = {"share": percent(float(variance[0]) / total), "lost": number(float(variance[1]), 3)}
    st.markdown(t("problem_types.clusters.principal", direction=arrow, **values))


Played = tuple[Sequence[go.Figure], plot.Frames]


@st.cache_resource(max_entries=32, show_spinner=False)
def stepped(
    key: str, k: int, way: str, seed: int, language: str, _points: Flat
) -> tuple[Moves, Sequence[go.Figure], plot.Frames]:
    x = _points.x
    found = core.moves(x, core.start(x, k, way, seed))
    inertia = np.concatenate([found.inertia[1:2], found.inertia[1:]])  # one for each moment
    pictures = figures.moves(x, found, t), figures.falling(inertia, "figure.inertia", t)
    ways = figures.trails(found).astype(np.float32)
    shapes = np.array([figures.shapes(labels) for labels in found.labels], np.uint8)
    updates = [
        plot.Update(0, figures.POINTS, "marker.color", found.labels.astype(np.int8)),
        plot.Update(0, figures.POINTS, "marker.symbol", shapes),
    ]
    for axis, name in enumerate("xy"):
        updates.append(plot.Update(0, figures.MEANS, name, found.means[..., axis].astype(np.float32)))
        updates.append(plot.Update(0, figures.WAYS, name, ways[..., axis]))
    said = ["begin", *(["assign", "move"] * (len(found.inertia) // 2))]
    readout: dict[str, list[str]] = {
        t("problem_types.clusters.half"): [str(t(f"problem_types.clusters.{name}")) for name in said],
        t("figure.inertia"): ["–" if np.isnan(v) else number(v, 4) for v in found.inertia],
        t("problem_types.clusters.changed"): [str(n) for n in found.changed],
    }
    return found, pictures, plot.Frames(range(len(inertia)), updates, [1], readout)


@st.cache_resource(max_entries=32, show_spinner=False)
def over_starts(
    key: str, k: int, seed: int, count: int, language: str, _points: Flat
) -> tuple[Sequence[Restarts], go.Figure]:
    found = [core.restarts(_points.x, k, way, seed, count) for way in STARTS]
    names = [t(f"problem_types.start.{way}") for way in STARTS]
    return found, figures.ends(found, names, t)


@st.cache_resource(max_entries=32, show_spinner=False)
def mixture(
    key: str, k: int, way: str, seed: int, language: str, _points: Flat
) -> tuple[Mixtures, Sequence[go.Figure], plot.Frames]:
    x = _points.x
    found = mixtures.fit(x, core.start(x, k, way, seed))
    steps = range(len(found.likelihood))
    labels = np.stack([
        mixtures.expect(x, found.weight[s], found.mean[s], found.covariance[s])[0].argmax(1) for s in steps
    ])  # fmt: skip
    pictures = (
        figures.mixture(x, found, labels[-1], t),
        figures.falling(found.likelihood, "figure.likelihood", t),
    )
    rings = figures.rings(found).astype(np.float32)
    shapes = np.array([figures.shapes(one) for one in labels], np.uint8)
    updates = [
        plot.Update(0, figures.POINTS, "marker.color", labels.astype(np.int8)),
        plot.Update(0, figures.POINTS, "marker.symbol", shapes),
    ]
    for axis, name in enumerate("xy"):
        updates.append(plot.Update(0, figures.MEANS, name, found.mean[..., axis].astype(np.float32)))
        updates.append(plot.Update(0, figures.WAYS, name, rings[..., axis]))
    readout: dict[str, list[str]] = {t("figure.likelihood"): [number(v, 4) for v in found.likelihood]}
    return found, pictures, plot.Frames(steps, updates, [1], readout)


@st.cache_resource(max_entries=32, show_spinner=False)
def directed(key: str, language: str, _points: Flat) -> go.Figure:
    return figures.directions(_points.x, *principal(_points.x), t)


CLUSTERS = Section(_settings, _show, (core.assign, core.middles, core.start, mixtures.maximize))
