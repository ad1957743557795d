"""A digit that is drawn: what becomes of it, what it is like, and its softmax over the training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st
import torch

from mlcore.base import pixels, points
from mlcore.base.pixels import Gray
from mlcore.base.points import Point
from mlcore.figures import digits as figures
from mlcore.files.picture import Picture
from mlcore.tasks import drawn_digits as core
from mlcore.tasks import image_pair, own_digit
from mlcore.tasks.own_digit import DigitError
from mlcore.training.data import DataSpec, load
from mlcore.training.tasks import prepare
from mlcore.training.training import Run
from pages.rooms.classification_tasks import room
from pages.rooms.classification_tasks.room import Form, RoomSpec
from pages.ui import pictures, plot, typed
from pages.ui.frame import play_labels
from pages.ui.sections import Section
from pages.ui.text import Text, language, percent, t
from pages.ui.text.problems import refusal

BEFORE = "_classification_tasks_before"  # in the session: what undo brings back, the latest last
KEPT = 50
ALIKE = 6  # images of the data set
EXAMPLE = core.example()


def asked(spec: RoomSpec) -> Gray:
    """The image that the networks are asked: typed values, or else what the strokes become."""
    return pixels.read(spec.pixels) if spec.pixels else rendered(spec.strokes or EXAMPLE)


def _drawn(spec: RoomSpec) -> tuple[Point, ...]:
    """What the board shows: nothing while there are typed values."""
    return () if spec.pixels else points.read(spec.strokes or EXAMPLE)


def _show(spec: RoomSpec, controls: Form) -> None:
    image = asked(spec)
    left, middle, right = st.columns([5, 4, 4])
    with left:
        _board(spec, controls)
    with middle:
        picture = figures.image(np.array(image), t)
        plot.show(picture, key="pixels", alt=t("classification_tasks.alt.pixels"), height=330)
        st.caption(t("classification_tasks.digit.image", ink=sum(image)))
    with right:
        picture = alike(image, spec.pair.data, language())
        plot.show(picture, key="alike", alt=t("classification_tasks.alt.alike"), height=330)
        st.caption(t("classification_tasks.digit.alike", count=ALIKE))
    with st.expander(t("classification_tasks.digit.typed")):
        _typed(controls, image)
    with st.expander(t("classification_tasks.digit.photo")):
        _photo(controls)
    found = room.trained(spec)
    if found:
        _answers(found, image)


def _board(spec: RoomSpec, controls: Form) -> None:
    """The pen, undo and an empty board."""
    now = _drawn(spec)

    def stroke(made: plot.Stroke) -> None:
        before = _drawn(controls.current())  # of two strokes heard at once, the second finds the first
        place = [(_inside(x), _inside(y)) for x, y in made.points]
        _change(controls, strokes=points.write(core.added(before, place)))

    picture, pen = (
        board(spec.strokes or EXAMPLE if not spec.pixels else points.EMPTY, language()),
        figures.LOOKS,
    )
    plot.show(
        picture, key="board", alt=t("classification_tasks.alt.board"), height=330,
        pen=plot.Pen(0, pen["convolution"].color, space=8.0), on_stroke=stroke,
    )  # fmt: skip
    kept = st.session_state.get(BEFORE, [])
    with st.container(horizontal=True):
        undo = partial(_undo, controls, now)
        st.button(t("drawing.undo"), key="digit.undo", on_click=undo, disabled=not (kept or now))
        clear = partial(_change, controls, strokes=points.EMPTY)
        st.button(t("drawing.clear"), key="digit.clear", on_click=clear, disabled=not any(asked(spec)))
        sample = partial(_sample, controls)
        st.button(t("classification_tasks.digit.sample"), key="digit.sample", on_click=sample)


def _inside(value: float) -> float:
    return round(min(max(value, -points.REACH), points.REACH), 3) + 0.0


def _change(controls: Form, strokes: str = "", gray: str = "") -> None:
    """From a callback: another drawing or other values, and the way back."""
    state = controls.state
    before = st.session_state.setdefault(BEFORE, [])
    before.append((state.get("cpen", ""), state.get("cpixels", "")))
    del before[:-KEPT]
    controls.write("cpen", strokes)
    controls.write("cpixels", gray)


def _undo(controls: Form, now: Sequence[Point]) -> None:
    """What was there before; of a drawing that a link brought, one stroke less."""
    before = st.session_state.get(BEFORE, [])
    pen, gray = before.pop() if before else (points.write(core.without_last(now)), "")
    controls.write("cpen", pen)
    controls.write("cpixels", gray)


def _sample(controls: Form) -> None:
    """From a callback: a test image instead, the next one each time."""
    seen = image_pair.unseen(controls.current().pair.data)
    place = st.session_state["_classification_tasks_sample"] = (
        st.session_state.get("_classification_tasks_sample", -1) + 1
    ) % len(seen.x)
    _change(controls, gray=pixels.write(seen.x[place].int().tolist()))


def _typed(controls: Form, image: Gray) -> None:
    """The image as eight lines of eight values."""

    def take(values: Gray) -> None:
        _change(controls, gray=pixels.write(values))

    label = str(t("classification_tasks.digit.typed"))
    told = str(t("classification_tasks.digit.lines", side=pixels.SIDE, most=pixels.MOST))
    typed.lines("digit.text", label, told, pixels.listed(image), pixels.typed, take, height=230)


def _photo(controls: Form) -> None:
    """A photo becomes an image as a drawing does; only its values enter the link, and by a button alone."""
    found = pictures.choose(t("classification_tasks.digit.no_photo"))
    if found is None:
        return
    try:
        image = photographed("digit", found)
    except DigitError as error:
        st.error(refusal(error))
        return
    left, right = st.columns([2, 3], vertical_alignment="center")
    with left:
        alt = t("classification_tasks.alt.photo")
        plot.show(figures.image(np.array(image), t), key="photo", alt=alt, height=240)
    with right:
        ask = partial(_change, controls, gray=pixels.write(image))
        st.button(t("classification_tasks.digit.ask"), on_click=ask, key="digit.photo")
        st.caption(t("classification_tasks.digit.ask_help"))


def _answers(found: Mapping[str, Run], image: Gray) -> None:
    """What both networks say, over their training."""
    keys = {name: room.key(run) for name, run in found.items()}
    over = {name: said(keys[name], image, run) for name, run in found.items()}
    st.markdown(told({name: p[-1] for name, p in over.items()}))
    shown, frames = scene(tuple(keys.values()), image, language(), dict(found))
    alts = [t("classification_tasks.alt.probabilities")]
    alts += [t("classification_tasks.alt.softmax", name=room.name(name)) for name in found]
    plot.play(shown, frames, key="softmax", alt=alts, labels=play_labels(), height=330, columns=3)
    st.caption(t("classification_tasks.digit.over"))


def told(now: Mapping[str, np.ndarray]) -> Text:
    """The answer of each network."""
    said = [
        t(
            "classification_tasks.digit.says",
            name=room.name(name),
            digit=int(p.argmax()),
            p=percent(float(p.max())),
        )
        for name, p in now.items()
    ]
    same = len({int(p.argmax()) for p in now.values()}) == 1
    word = "agree" if same else "differ"
    return Text(" ".join([*said, t(f"classification_tasks.digit.{word}")] if len(now) > 1 else said))


@st.cache_resource(max_entries=128, show_spinner=False)
def rendered(strokes: str) -> Gray:
    """What strokes become in the way of the data set."""
    return tuple(core.gray(core.fine(core.strokes(points.read(strokes)))).tolist())


@pictures.cached(4)
def photographed(key: str, _picture: Picture) -> Gray:
    """Raises `DigitError`."""
    return tuple(own_digit.digit(_picture).int().tolist())


@st.cache_resource(max_entries=64, show_spinner=False)
def board(strokes: str, language: str) -> go.Figure:
    return figures.board(core.strokes(points.read(strokes)), t)


@st.cache_resource(max_entries=64, show_spinner=False)
def alike(image: Gray, among: DataSpec, language: str) -> go.Figure:
    """The training images nearest to it, each with its class and how far it is."""
    data = load(among)
    found = core.nearest(torch.tensor(image), data.x, ALIKE)
    shown = zip(data.y[found.place].tolist(), found.distance.tolist(), strict=True)
    return figures.gallery(
        data.x[found.place].numpy(), [f"<b>{y}</b>: {d:.0f}" for y, d in shown], columns=3, say=t
    )


@st.cache_resource(max_entries=128, show_spinner=False)
def said(key: str, image: Gray, _run: Run) -> np.ndarray:
    return core.over_steps(_run, prepare(_run.spec), torch.tensor(image, dtype=torch.float64))


@st.cache_resource(max_entries=32, show_spinner=False)
def scene(
    keys: tuple[str, ...], image: Gray, language: str, _found: Mapping[str, Run]
) -> tuple[list[go.Figure], plot.Frames]:
    """Bars that move, and the same over all steps."""
    names = room.names()
    over = {name: said(key, image, run) for key, (name, run) in zip(keys, _found.items(), strict=True)}
    count = min(len(p) for p in over.values())  # one of both may have been stopped
    steps = next(iter(_found.values())).records.step[:count]
    shown = [figures.probabilities({name: p[count - 1] for name, p in over.items()}, names, t)]
    shown += [figures.over_steps(steps, p[:count], names[name], t) for name, p in over.items()]
    updates = [plot.Update(0, k, "y", p[:count]) for k, p in enumerate(over.values())]
    readout = {
        names[name]: [f"{int(row.argmax())}: {percent(float(row.max()))}" for row in p[:count]]
        for name, p in over.items()
    }
    return shown, plot.Frames(steps.tolist(), updates, list(range(1, len(shown))), readout)


DIGIT = Section(room.settings, _show, (core.fine, core.distances, core.gray, core.nearest, core.over_steps))
