"""The lecture as a lesson: a step a slide, in both languages, each with its settings in force."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st

from mlcore.base import spec as specs
from mlcore.lessons.shipped import read, shipped
from pages.ui import controls as controls_module
from pages.ui import frame
from pages.ui.codes import declared
from pages.ui.controls import Controls
from tests.pages import rooms

LANGUAGES = ("en", "ko")
STEPS = shipped("lecture", "en").steps
ALL = range(1, len(STEPS) + 1)
# The headings of the slides that have content, in the lecture's order.
SLIDES = """
What is Artificial Intelligence?
AI, ML, DL
Machine Learning Key Components
Machine Learning Key Components / Data
Machine Learning Key Components / Data (2)
Machine Learning Key Components / Model
Machine Learning Key Components / Objective
Machine Learning Key Components / Optimization Algorithm
Fig. 1.1.2 A typical training process
What is Good Model? / Bias-Variance identity
What is Good Model? / Bias-Variance Tradeoff and Model Complexity
What is Good Model? / Overfitting, Underfitting
What is Good Model? / Overfitting, Underfitting (2)
What is Good Model? / Troubleshooting
Machine Learning Problems
Model / Linear Model
Model / Linear Model (formulas)
Model / Linear Model / XOR Problem
Model / Linear Model (classes)
Model / Multi Layer Perceptron
Model / Multi Layer Perceptron / Nonlinearity
Model / Multi Layer Perceptron / Universal approximation theorem
Model / Encode and Decode
Data and Loss
Data and Loss / MSE Loss
Data and Loss / MSE Loss / depth estimation
Data and Loss / MSE Loss / object detection
Data and Loss / MSE Loss / optical flow
Data and Loss / CrossEntropy Loss
Data and Loss / CrossEntropy Loss (2)
Data and Loss / CrossEntropy Loss / image classification
Data and Loss / CrossEntropy Loss / segmentation
Data and Loss / CosineEmbedding Loss
Learning Algorithm / Gradient Descent
Learning Algorithm / Backpropagation and chain-rule (code)
Learning Algorithm / Backpropagation and chain-rule (formula)
Learning Algorithm / Backpropagation and chain-rule (z1, z2, z3)
Learning Algorithm / Define and Run, Define by Run
Discussion / personal question
Discussion / team question
"""


def test_every_slide_with_content_has_a_step() -> None:
    assert [step["slide"] for step in read("lecture")["steps"]] == SLIDES.strip().splitlines()


def test_both_languages_are_complete_and_set_the_same() -> None:
    english, korean = (shipped("lecture", language).steps for language in LANGUAGES)
    for here, there in zip(english, korean, strict=True):
        assert (here.room, here.codes, here.hidden, here.locked) == (
            there.room,
            there.codes,
            there.hidden,
            there.locked,
        )
        assert here.sentence != there.sentence
        assert any("가" <= sign <= "힣" for sign in there.sentence)
        one, other = here.question, there.question
        assert (one is None) == (other is None)
        if one and other:
            assert (one.kind, one.right, one.truth, len(one.options)) == (
                other.kind,
                other.right,
                other.truth,
                len(other.options),
            )
            assert one.text != other.text


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("number", ALL, ids=[step.room for step in STEPS])
def test_every_step_opens_with_its_settings_in_force(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is left where it would begin to compute."""
    seen: list[Any] = []
    real = Controls.report

    def report(self: Controls[Any]) -> None:
        seen.append(self)
        real(self)

    def leave() -> None:
        frame.close_page()
        st.stop()

    monkeypatch.setattr(Controls, "report", report)
    monkeypatch.setattr(controls_module.predict, "first", leave)
    step = STEPS[number - 1]
    at = rooms.opened(step.room, lesson="lecture", step=str(number), lang=LANGUAGES[number % 2])
    assert [found.value for kind in ("warning", "error") for found in getattr(at, kind)] == []
    (controls,) = seen
    wanted, problems = specs.from_query(controls.kind, step.settings)
    assert problems == []
    assert controls.current() == wanted
    assert set(step.settings) <= {code for code, _ in declared(controls.kind)}, "a setting that there is"
    assert rooms.link_of(at) == {"lesson": "lecture", "step": str(number)}


TRUTHS = [n for n in ALL if (question := STEPS[n - 1].question) and question.truth]


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("number", TRUTHS, ids=[STEPS[n - 1].room for n in TRUTHS])
def test_a_prediction_is_drawn_over_the_truth(number: int) -> None:
    question = STEPS[number - 1].question
    assert question
    assert question.truth
    said = "0_0.4~5_0.1~15_0.5" if question.kind == "curve" else "1.5"
    at = rooms.opened(STEPS[number - 1].room, lesson="lecture", step=str(number), said=said)
    figure = rooms.pictures(at)[question.truth.picture]["figures"][question.truth.figure]
    told = rooms.said(at).replace("*", "")
    if question.kind == "curve":
        assert figure["data"][-1]["name"] == "your prediction"
        assert len(figure["data"]) > question.truth.trace + 1
        assert "on average" in told
    else:
        assert figure["layout"]["shapes"][-1]["label"]["text"] == "your prediction"
        assert "The picture shows 1: your answer is off by 0.5" in told
