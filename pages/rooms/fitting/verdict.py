"""The verdict in a sentence, the numbers behind it, and what one data set alone would tell."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlcore.complexity.fit_verdict import FitKind, examples
from pages.rooms.fitting.room import Form, Seen, signed, there, valued
from pages.ui import ensembles
from pages.ui.text import number, t

BOXES = {FitKind.FITS: st.success, FitKind.UNDERFITS: st.warning, FitKind.OVERFITS: st.warning}


def show(seen: Seen) -> None:
    found, family = seen.diagnosis, seen.spec.family
    values = {
        "here": valued(family, found.complexity), "there": there(seen),
        "error": number(found.error), "least": number(found.least), "ratio": number(found.ratio),
        "variance": signed(found.variance_growth), "bias": signed(found.bias_growth),
    }  # fmt: skip
    lines = [t(f"fitting.verdict.{found.kind}", **values)]
    if not found.worthwhile:
        lines.append(t("fitting.nothing_learned", constant=number(found.constant)))
    if not seen.whole:
        lines.append(t("fitting.so_far", done=len(seen.ensemble.fits), of=seen.of))
    BOXES[found.kind]("  \n".join(lines))


def details(seen: Seen) -> None:
    """What one data set tells, and the numbers behind the verdict."""
    if told := one_set(seen):
        st.markdown(told)
    numbers(seen)


def one_set(seen: Seen) -> str:
    """What cross-validation on the first data set says, and whether it is right."""
    view = seen.glance
    if view is None:
        return t("fitting.no_folds") if seen.validation else ""
    agrees = "agrees" if view.kind is seen.diagnosis.kind else "differs"
    return t(
        f"fitting.glance.{agrees}", cost=number(view.cost), train=number(view.train_cost),
        choice=valued(seen.spec.family, view.choice), kind=t(f"fitting.kind.{view.kind}"),
    )  # fmt: skip


def numbers(seen: Seen) -> None:
    found = seen.diagnosis
    shown = {
        "train": found.train_cost, "test": found.error, "gap": found.gap,
        "bias_and_noise" if seen.spec.sets.real else "bias_squared": seen.fit.parts.average()["bias_squared"],
        "variance": seen.fit.parts.average()["variance"],
        **({} if seen.spec.sets.real else {"noise": found.noise}),
    }  # fmt: skip
    with st.container(horizontal=True):
        for name, value in shown.items():
            told = t(f"fitting.help.{name}")
            st.metric(t(f"fitting.number.{name}"), number(value), width="content", help=told)


def go_to(controls: Form, seen: Seen, place: DeltaGenerator) -> None:
    """One press to a typical complexity of each verdict."""
    with place.container(horizontal=True, horizontal_alignment="right"):
        for kind, at in sorted(
            examples(seen.ensemble).items(), key=lambda pair: list(FitKind).index(pair[0])
        ):
            value = float(seen.ensemble.complexity[at])
            st.button(
                t(f"fitting.go.{kind}", value=valued(seen.spec.family, value)),
                key=f"_go_{kind}", on_click=partial(controls.put, "c", value), disabled=at == seen.at,
            )  # fmt: skip


def rule(seen: Seen) -> None:
    with st.expander(t("fitting.rule_title")):
        st.markdown(t("fitting.rule"))
        st.caption(ensembles.kind(seen.spec.sets))
