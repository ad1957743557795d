"""Two networks of nearly as many parameters on digits, on shifted digits, and what they get wrong."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from mlcore import script
from mlcore.base.shares import Share
from mlcore.families.convolutions import Convolution, convolve
from mlcore.figures import digits as figures
from mlcore.figures import training
from mlcore.tasks import image_pair as core
from mlcore.tasks.image_pair import FLOATS, Images, Ranked
from mlcore.training.inspection import matrices
from mlcore.training.tasks import prepare
from mlcore.training.training import Run
from pages.rooms.classification_tasks import room
from pages.rooms.classification_tasks.room import Form, RoomSpec
from pages.ui import components, plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, percent, t

SHOWN = 12  # images
MARKS = NDArray[np.bool_]
CLASSES = [str(k) for k in range(core.CLASSES)]


def _choose(controls: Form) -> None:
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        room.which(controls)
    with right:
        room.shift(controls)


def _show(spec: RoomSpec, controls: Form) -> None:
    found = room.trained(spec)
    if len(found) < 2:
        seen = spec.seen
        picture = figures.gallery(seen.x[:SHOWN].numpy(), [str(int(k)) for k in seen.y[:SHOWN]], say=t)
        plot.show(picture, key="samples", alt=t("classification_tasks.alt.samples"), height=300)
    if not found:
        return
    marks = {name: core.right(room.said(room.key(run), spec.dx, spec.dy, run), spec.seen.y)
             for name, run in found.items()}  # fmt: skip
    if len(found) == 2:
        st.markdown(told(spec, found, marks))
    st.dataframe(table(spec, found, marks), hide_index=True, height=38 + 35 * len(found))
    _pictures(spec, found, controls)
    if (run := found.get(spec.network)) is not None:
        _answers(spec, run)
    for column, (name, own) in zip(st.columns(2), spec.pair.trainings.items(), strict=True):
        with column:
            components.in_training(own, t("classification_tasks.images.open", name=room.name(name)))
    with st.expander(t("classification_tasks.images.script", name=room.name(spec.network))):
        st.code(script.write(spec.training), language="python")


def told(spec: RoomSpec, found: Mapping[str, Run], marks: Mapping[str, MARKS]) -> Text:
    """Which of both is better, image by image, and whether that is more than chance."""
    conv, mlp = (marks[name][0] for name in ("convolution", "mlp"))
    wins = core.only_first(conv, mlp)
    low, high = wins.interval
    values = {
        "conv": room.exact(conv.mean()), "mlp": room.exact(mlp.mean()), "wins": wins.hits, "of": wins.of,
        "low": percent(low), "high": percent(high),
    }  # fmt: skip
    verdict = "equal" if not wins.of else "sure" if wins.decided else "unsure"
    first = "moved" if (spec.dx, spec.dy) != (0, 0) else "still"
    said = t(f"classification_tasks.images.{first}", **values)
    return Text(f"{said} {t(f'classification_tasks.images.{verdict}', **values)}")


def table(spec: RoomSpec, found: Mapping[str, Run], marks: Mapping[str, MARKS]) -> dict[str, list[str]]:
    """A row for each network."""
    columns: dict[str, list[str]] = {
        name: [] for name in ("network", "parameters", "products", "accuracy", "interval", "seeds")
    }
    for name, run in found.items():
        network, own = prepare(run.spec).network, marks[name]
        share = Share(int(own[0].sum()), own.shape[1])
        low, high = share.interval
        each = own.mean(1)
        columns["network"].append(str(room.name(name)))
        columns["parameters"].append(f"{network.size:,}")
        columns["products"].append(f"{network.products:,}")
        columns["accuracy"].append(str(room.exact(share.value)))
        columns["interval"].append(f"{room.exact(low)} ~ {room.exact(high)}")
        columns["seeds"].append(", ".join(room.exact(float(value)) for value in each))
    return {t(f"classification_tasks.images.column.{name}"): column for name, column in columns.items()}


def _pictures(spec: RoomSpec, found: Mapping[str, Run], controls: Form) -> None:
    """Accuracy over the steps, and over shifts, which a click chooses."""
    keys = tuple(room.key(run) for run in found.values())
    drawn = [learned(keys, language(), dict(found))]
    alts = [t("classification_tasks.alt.learning")]
    if (run := found.get(spec.network)) is not None:
        drawn.append(figures.shifts(over_shifts(room.key(run), run), (spec.dx, spec.dy), t))
        alts.append(t("classification_tasks.alt.shifts", name=room.name(spec.network)))

    def chosen(click: plot.Click) -> None:
        if click.figure == 1:
            controls.put("cdx", round(click.x))
            controls.put("cdy", round(click.y))

    plot.show(drawn, key="pair", alt=alts, height=360, columns=2, on_click=chosen)
    st.caption(t("classification_tasks.images.shifts", name=room.name(spec.network)))


def _answers(spec: RoomSpec, run: Run) -> None:
    """The confusion matrix and the hardest images of the network that is looked at."""
    seen, name = spec.seen, room.name(spec.network)
    said = room.said(room.key(run), spec.dx, spec.dy, run)[0]
    matrix = matrices(seen.y, said.argmax(-1)[None], core.CLASSES)
    hard = core.hardest(said, seen.y, SHOWN)
    left, right = st.columns(2)
    with left:
        st.markdown(f"#### {t('classification_tasks.images.confusion', name=name)}")
        picture = training.confusion(matrix, CLASSES, t)
        plot.show(picture, key="confusion", alt=t("classification_tasks.alt.confusion"), height=420)
    with right:
        st.markdown(f"#### {t('classification_tasks.images.hardest', name=name)}")
        picture = gallery(seen, hard)
        plot.show(picture, key="hardest", alt=t("classification_tasks.alt.hardest"), height=420)
        st.caption(t("classification_tasks.images.captions"))


def gallery(seen: Images, hard: Ranked) -> go.Figure:
    """Each image over its class, what it was called, and the probabilities of both."""
    captions = []
    for true, p, called, best in zip(hard.true, hard.p_true, hard.called, hard.p_called, strict=True):
        if true == called:
            captions.append(f"{true}: {percent(float(p))}")
        else:
            captions.append(f"{true}: {percent(float(p))}<br><b>{called}: {percent(float(best))}</b>")
    return figures.gallery(seen.x[hard.place].numpy(), captions, columns=4, say=t)


@st.cache_resource(max_entries=32, show_spinner=False)
def learned(keys: tuple[str, ...], language: str, _found: Mapping[str, Run]) -> go.Figure:
    scores = {name: (run.records.step, run.records.test_score) for name, run in _found.items()}
    return figures.learning(scores, room.names(), t)


@st.cache_resource(max_entries=32, show_spinner=False)
def over_shifts(key: str, _run: Run) -> FLOATS:
    return core.over_shifts(_run, prepare(_run.spec), core.unseen(_run.spec.data))


IMAGES = Section(
    room.settings, _show, (Convolution, convolve, core.matched, core.shifted, core.hardest), _choose
)
