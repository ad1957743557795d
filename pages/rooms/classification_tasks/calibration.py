"""Do probabilities keep their word? Answers in bins, a temperature that is dragged, one that is fitted."""

from __future__ import annotations

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mlcore.figures import calibration as figures
from mlcore.tasks import calibration as core
from mlcore.tasks import image_pair
from mlcore.tasks.calibration import FLOATS, Fit
from mlcore.training.tasks import prepare
from mlcore.training.training import Run
from pages.rooms.classification_tasks import room
from pages.rooms.classification_tasks.room import Form, RoomSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import Text, language, number, t

STEPS = 14  # of a training that are looked at
FORMULA = (
    r"\begin{gathered} p = \operatorname{softmax}(z / T), \qquad"
    r" \text{ECE} = \sum_b \frac{n_b}{n}\, |\text{acc}_b - \text{conf}_b|"
    r" \\ \text{Brier} = \frac1n \sum_i \sum_k (p_{ik} - y_{ik})^2 \end{gathered}"
)


def _choose(controls: Form) -> None:
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        room.which(controls)
    with right:
        room.shift(controls)
    left, right = st.columns([3, 2])
    with left:
        controls.number("ctemp")
    with right:
        controls.number("cbins")


def _show(spec: RoomSpec, controls: Form) -> None:
    run = room.trained(spec).get(spec.network)
    if run is None:
        return
    key = room.key(run)
    fitted = fit(key, run)
    pictures = drawn(key, spec.dx, spec.dy, spec.temperature, spec.bins, language(), run)
    alts = [t("classification_tasks.alt.reliability"), t("classification_tasks.alt.sweep")]

    def drag(at: plot.Drag) -> None:
        controls.put("ctemp", float(f"{10**at.x:.3g}"))

    handles = [plot.Handle(1, figures.MARK, "x")]
    plot.show(
        list(pictures), key="calibration", alt=alts, height=420, columns=2, handles=handles, on_drag=drag
    )
    st.markdown(told(spec, run, fitted))
    st.dataframe(table(spec, run, fitted), hide_index=True)
    use = partial(controls.put, "ctemp", float(f"{fitted.temperature:.4g}"))
    st.button(t("classification_tasks.calibration.use", temperature=number(fitted.temperature)), on_click=use)
    st.caption(t("classification_tasks.calibration.bars"))
    st.latex(FORMULA)
    st.markdown(f"#### {t('classification_tasks.calibration.longer')}")
    alts = [t("classification_tasks.alt.nll"), t("classification_tasks.alt.temperature")]
    plot.show(longer(key, spec.dx, spec.dy, language(), run), key="longer", alt=alts, height=320, columns=2)
    st.caption(t("classification_tasks.calibration.steps"))


def told(spec: RoomSpec, run: Run, fitted: Fit) -> Text:
    """Whether the answers are too sure, beyond what chance would do, and what a temperature mends."""
    seen, said = spec.seen, room.said(room.key(run), spec.dx, spec.dy, run)[0]
    p = core.probabilities(said)
    found, chance = core.reliability(p, seen.y, spec.bins), core.promised(p, spec.bins)
    before, after = (core.nll(said, seen.y, T) for T in (1.0, fitted.temperature))
    aside = len(image_pair.held_out(run.spec.data).y)
    values = {
        "ece": number(found.ece), "most": number(chance.most), "mean": number(chance.ece),
        "over": room.exact(abs(found.over)), "temperature": number(fitted.temperature), "aside": aside,
        "before": number(before), "after": number(after),
        "accuracy": room.exact(float(image_pair.right(said, seen.y).mean())),
    }  # fmt: skip
    sure = "over" if found.over > 0 else "under"
    first = t(f"classification_tasks.calibration.{sure if found.ece > chance.most else 'fine'}", **values)
    if not fitted.inside:
        return Text(f"{first} {t('classification_tasks.calibration.edge', **values)}")
    word = "better" if after < before else "worse"
    second = t("classification_tasks.calibration.fitted", **values)
    return Text(f"{first} {second} {t(f'classification_tasks.calibration.{word}', **values)}")


def table(spec: RoomSpec, run: Run, fitted: Fit) -> dict[str, list[str]]:
    """The three measures on the test images at three temperatures."""
    seen, said = spec.seen, room.said(room.key(run), spec.dx, spec.dy, run)[0]
    columns: dict[str, list[str]] = {
        name: [] for name in ("kind", "temperature", "accuracy", "confidence", "ece", "nll", "brier")
    }
    for kind, value in (("one", 1.0), ("shown", spec.temperature), ("fit", fitted.temperature)):
        p = core.probabilities(said, value)
        columns["kind"].append(str(t(f"classification_tasks.calibration.kind.{kind}")))
        columns["temperature"].append(str(number(value)))
        columns["accuracy"].append(str(room.exact(float((p.argmax(-1) == seen.y.numpy()).mean()))))
        columns["confidence"].append(str(room.exact(float(p.max(-1).mean()))))
        columns["ece"].append(str(number(core.reliability(p, seen.y, spec.bins).ece)))
        columns["nll"].append(str(number(core.nll(said, seen.y, value))))
        columns["brier"].append(str(number(core.brier(p, seen.y))))
    return {t(f"classification_tasks.calibration.column.{name}"): column for name, column in columns.items()}


@st.cache_resource(max_entries=64, show_spinner=False)
def fit(key: str, _run: Run) -> Fit:
    """On the images kept aside, unshifted."""
    aside = image_pair.held_out(_run.spec.data)
    return core.fit(image_pair.logits(_run, prepare(_run.spec), aside.x)[0], aside.y)


@st.cache_resource(max_entries=64, show_spinner=False)
def swept(key: str, dx: int, dy: int, bins: int, _run: Run) -> core.Sweep:
    seen = image_pair.unseen(_run.spec.data)
    return core.over_temperatures(room.said(key, dx, dy, _run)[0], seen.y, bins)


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(
    key: str, dx: int, dy: int, temperature: float, bins: int, language: str, _run: Run
) -> tuple[go.Figure, go.Figure]:
    p, y = (
        core.probabilities(room.said(key, dx, dy, _run)[0], temperature),
        image_pair.unseen(_run.spec.data).y,
    )
    bars = figures.reliability(core.reliability(p, y, bins), core.promised(p, bins), t)
    return bars, figures.sweep(swept(key, dx, dy, bins, _run), temperature, fit(key, _run).temperature, t)


@st.cache_resource(max_entries=32, show_spinner=False)
def fits(key: str, _run: Run) -> dict[int, float]:
    """The fitted temperature at some of the recorded steps, by their places."""
    places = np.unique(np.linspace(1, len(_run.records.step) - 1, STEPS).round().astype(int)).tolist()
    task, aside = prepare(_run.spec), image_pair.held_out(_run.spec.data)
    return {at: core.fit(image_pair.logits(_run, task, aside.x, at)[0], aside.y).temperature for at in places}


@st.cache_resource(max_entries=32, show_spinner=False)
def longer(key: str, dx: int, dy: int, language: str, _run: Run) -> list[go.Figure]:
    """The NLL of the test images without and with the temperature fitted at that step, and that."""
    found, task = fits(key, _run), prepare(_run.spec)
    seen = image_pair.unseen(_run.spec.data).shifted(dx, dy)
    rows = []
    for at, best in found.items():
        here = image_pair.logits(_run, task, seen.x, at)[0]
        rows.append((core.nll(here, seen.y), core.nll(here, seen.y, best), best))
    before, after, fitted = np.array(rows).T
    steps: FLOATS = _run.records.step[list(found)].astype(float)
    return figures.over_steps(steps, before, after, fitted, t)


CALIBRATION = Section(
    room.settings, _show, (core.reliability, core.promised, core.fit, core.nll, core.brier), _choose
)
