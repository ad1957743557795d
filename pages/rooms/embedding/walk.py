"""From one example to another through the code, and what is decoded beside the way."""

from __future__ import annotations

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st
import torch

from mlcore.base import spec as specs
from mlcore.embeddings import codes as core
from mlcore.embeddings.autoencoder import Autoencoder, Encoded
from mlcore.embeddings.codes import FLOATS
from mlcore.figures import embedding as figures
from mlcore.files.escape import line
from pages.rooms.embedding import plane, room
from pages.rooms.embedding.room import SHOWN, Form, RoomSpec
from pages.ui import mirrored, plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, t


def _settings(controls: Form) -> None:
    controls.number("aefrom")
    controls.number("aeto")
    controls.number("aeshare")
    st.button(t("embedding.walk.back"), on_click=lambda: controls.put("aeat", (0.0, 0.0)))
    room.settings(controls)


def _show(spec: RoomSpec, controls: Form) -> None:
    if room.seen(spec) is None or (found := room.encoded(spec.own)) is None:
        return
    last = len(found.seen.test) - 1
    ends = [min(spec.first, last), min(spec.second, last)]
    codes = plane.moments(specs.key(spec.own), found)[int(found.step[-1])]
    flat = core.Flat.of(codes)
    start, end = codes.test[ends[0]], codes.test[ends[1]]
    on_way = (1 - spec.share) * start + spec.share * end
    place = flat(on_way[None])[0] + np.array(spec.aside)
    code = flat.back(place, on_way)

    def drag(at: plot.Drag) -> None:
        way = flat(on_way[None])[0]
        controls.put("aeat", (round(at.x - way[0], 4), round(at.y - way[1], 4)))

    key = specs.key(spec.own)
    picture = drawn(key, language(), found, tuple(ends), tuple(map(float, place)))
    mark = len(picture.data) - 1
    handles, alt = [plot.Handle(0, mark)], t("embedding.alt.walk")
    plot.show(picture, key="walk", alt=alt, height=460, handles=handles, on_drag=drag)
    _typed(controls, place, flat(on_way[None])[0])
    digits = room.are_digits(found.seen)
    if digits:
        st.caption(t("embedding.walk.rows"))
        plot.show(strips(found, start, end, code), key="strips", alt=t("embedding.alt.strips"), height=280)
    st.markdown(told(found, ends, code))
    if not digits:
        st.dataframe(table(found, np.stack([start, code, end])), hide_index=True)


def _typed(controls: Form, place: FLOATS, way: FLOATS) -> None:
    """Where the ring stands, for those who do not drag it."""

    def take(axis: int, value: float) -> None:
        at = np.array(place)
        at[axis] = value
        controls.put("aeat", [round(float(one), 4) for one in at - way])

    for axis, column in enumerate(st.columns(2)):
        label, key = t("embedding.walk.place", axis=axis + 1), f"embedding.place.{axis}"
        with column:
            mirrored.number(
                st.number_input, label, key, round(float(place[axis]), 4), partial(take, axis), step=0.1,
                format="%.4g",
            )  # fmt: skip


def table(found: Encoded, codes: FLOATS) -> dict[str, list[str]]:
    """What is decoded of three codes [3, c]: of both ends and of the mark between them."""
    back = found.network.decode(found.rows(), torch.from_numpy(codes))[0]
    columns: dict[str, list[str]] = {}
    columns[t("embedding.walk.feature")] = [line(name) for name in found.seen.data.feature_names]
    for name, values in zip(("start", "value", "end"), found.seen.back(back).tolist(), strict=True):
        columns[t(f"embedding.walk.{name}")] = [str(number(value, 3, 1e-6)) for value in values]
    return columns


def told(found: Encoded, ends: list[int], code: FLOATS) -> Text:
    labels, names = plane.classes(found.seen)
    values = plane.targets(found.seen)
    first, second = (names[labels[k]] if values is None else number(values[k], 4) for k in ends)
    written = ", ".join(number(float(v), 2) for v in code)
    return t("embedding.walk.told", first=first, second=second, code=Text(written))


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    key: str, language: str, _found: Encoded, ends: tuple[int, ...], place: tuple[float, ...]
) -> go.Figure:
    codes = plane.moments(key, _found)[int(_found.step[-1])]
    flat, titles = plane.flattened(codes)
    labels, names = plane.classes(_found.seen)
    points = flat(codes.test)
    picture = figures.plane(points, labels, names, titles, t, np.array([place]), plane.targets(_found.seen))
    return figures.walked(picture, points[list(ends)], place, t)


def strips(found: Encoded, start: FLOATS, end: FLOATS, code: FLOATS) -> go.Figure:
    """The way decoded, the same way between the images themselves, and what is decoded at the mark."""
    shares = np.linspace(0, 1, SHOWN)[:, None]
    theta, network = found.rows(), found.network

    def images(codes: FLOATS) -> np.ndarray:
        return room.test_images(found.seen, network.decode(theta, torch.from_numpy(codes))[0])

    through = images((1 - shares) * start + shares * end)
    blended = (1 - shares) * through[:1] + shares * through[-1:]
    names = [str(t(f"embedding.walk.{name}")) for name in ("decoded", "blended", "mark")]
    return figures.images([through, blended, images(code[None])], names, t)


WALK = Section(_settings, _show, (Autoencoder, core.Flat))
