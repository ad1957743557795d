"""Lessons: what may be in one, what an answer is, and what many answers add up to."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.lessons.comparison import apart, read_off
from mlcore.lessons.lesson import MOST_STEPS, SENTENCE, Lesson, Step
from mlcore.lessons.problems import LessonError
from mlcore.lessons.question import MOST_POINTS, READ, Question, Truth
from mlcore.lessons.tally import BAND, BINS, at, tally
from mlcore.lessons.written import LONGEST, answer_of, answer_text, from_json, to_json

CHOICE = Question("choice", "Which?", options=("a", "b", "c"), right=1)
NUMBER = Question("number", "How much?", low=-2, high=8, unit="%")
CURVE = Question(
    "curve", "How?", low=0, high=2, x_low=-1, x_high=1, x_label="x", y_label="cost",
    truth=Truth("player", 1, 2, "curve"),
)  # fmt: skip
STEP = Step("training", (("lr", "0.5"), ("h", "16-16")), ("opt",), ("lr",), "Look.", CURVE)
LESSON = Lesson("Rates", (STEP, Step("data"), Step("loss", question=CHOICE)), "ko")


def code_of(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(LessonError) as caught:
        call(*args, **kwargs)
    return caught.value.code


# --- files -------------------------------------------------------------------------------------------------


def test_a_lesson_comes_back_from_its_file() -> None:
    assert from_json(to_json(LESSON)) == LESSON
    for question in (CHOICE, NUMBER, CURVE):
        one = Lesson("t", (Step("data", question=question),))
        assert from_json(to_json(one)) == one


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
                        ["title", "steps", "room", "codes", "question", "kind", "options", "truth"]), inner),
                    max_leaves=12))  # fmt: skip
def test_whatever_a_file_holds_is_a_lesson_or_a_refusal(loaded: Any) -> None:
    with suppress(LessonError):
        assert from_json(json.dumps(loaded)).steps


WRONG: dict[str, tuple[Any, str]] = {
    "no object": ([1], "file"),
    "steps missing": ({"title": "t"}, "file"),
    "title missing": ({"steps": [{"room": "data"}]}, "missing"),
    "unknown field": ({"title": "t", "steps": [{"room": "data", "html": "<b>"}]}, "field"),
    "no steps": ({"title": "t", "steps": []}, "steps"),
    "too many": ({"title": "t", "steps": [{"room": "data"}] * (MOST_STEPS + 1)}, "steps"),
    "steps no list": ({"title": "t", "steps": {"room": "data"}}, "list"),
    "step no object": ({"title": "t", "steps": ["data"]}, "file"),
    "room a path": ({"title": "t", "steps": [{"room": "../app"}]}, "room"),
    "language": ({"title": "t", "language": "fr", "steps": [{"room": "data"}]}, "language"),
    "blank title": ({"title": "  ", "steps": [{"room": "data"}]}, "empty"),
    "long sentence": ({"title": "t", "steps": [{"room": "data", "sentence": "x" * (SENTENCE + 1)}]}, "text"),
    "half a letter": ({"title": "t", "steps": [{"room": "data", "sentence": "\ud800"}]}, "characters"),
    "nul": ({"title": "t", "steps": [{"room": "data", "sentence": "a\0"}]}, "characters"),
    "code": ({"title": "t", "steps": [{"room": "data", "codes": {"a&b": "1"}}]}, "code"),
    "value": ({"title": "t", "steps": [{"room": "data", "codes": {"a": 1}}]}, "text"),
    "pairs": ({"title": "t", "steps": [{"room": "data", "codes": [["a"]]}]}, "list"),
    "hidden": ({"title": "t", "steps": [{"room": "data", "hidden": "lr"}]}, "list"),
}


@pytest.mark.parametrize("case", WRONG)
def test_each_fault_of_a_file_has_its_sentence(case: str) -> None:
    loaded, code = WRONG[case]
    assert code_of(from_json, json.dumps(loaded)) == code


def test_a_file_has_a_bound_and_need_not_be_json() -> None:
    assert code_of(from_json, "{" * 100_000) == "file"
    assert code_of(from_json, " " * (LONGEST + 1)) == "file"
    assert code_of(from_json, '{"steps": ' + "9" * 5000 + "}") == "file"


QUESTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "kind": ({"kind": "essay"}, "kind"),
    "one option": ({"options": ("a",)}, "options"),
    "seven options": ({"options": tuple("abcdefg")}, "options"),
    "twice the same": ({"options": ("a", "a")}, "options"),
    "right is none of them": ({"right": 3}, "right"),
    "right is true": ({"right": True}, "right"),
    "upside down": ({"kind": "number", "low": 2.0, "high": 2.0}, "range"),
    "infinite": ({"kind": "number", "high": float("inf")}, "number"),
    "text": ({"text": ""}, "empty"),
}


@pytest.mark.parametrize("case", QUESTIONS)
def test_each_fault_of_a_question_has_its_sentence(case: str) -> None:
    changes, code = QUESTIONS[case]
    assert code_of(replace, CHOICE, **changes) == code


def test_a_truth_is_a_place_in_a_picture() -> None:
    assert code_of(Truth, "") == "empty"
    assert code_of(Truth, "p", -1) == "place"
    assert code_of(Truth, "p", 0, True) == "place"
    assert code_of(Truth, "p", read="mean") == "read"


# --- answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [3, -1, True, "1", None, 1.0, [1]])
def test_a_choice_is_one_of_the_options(answer: Any) -> None:
    assert code_of(CHOICE.check, answer) == "answer_choice"
    assert [CHOICE.check(i) for i in range(3)] == [0, 1, 2]


@pytest.mark.parametrize("answer", [-2.1, 9, float("nan"), float("inf"), True, "3", None, 10**400])
def test_a_number_is_within_its_range(answer: Any) -> None:
    assert code_of(NUMBER.check, answer) == "answer_number"
    assert NUMBER.check(8) == 8.0
    assert isinstance(NUMBER.check(8), float)


@pytest.mark.parametrize(
    "answer",
    [None, "curve", [], [(0, 1)], [(0, 1), (0, 1.5)], [(0, 1), (2, 1)], [(0, 1), (1, 3)], [(0, 1, 2), (1, 1)],
     [(0, float("nan")), (1, 1)], [(k / MOST_POINTS, 1) for k in range(MOST_POINTS + 1)]],
)  # fmt: skip
def test_a_curve_has_points_within_its_axes(answer: Any) -> None:
    assert code_of(CURVE.check, answer) == "answer_curve"


def test_a_curve_is_a_function_of_x_whatever_way_it_was_drawn() -> None:
    assert CURVE.check([[1, 0], [-1, 2], [0, 0.5], [0, 1.5]]) == ((-1.0, 2.0), (0.0, 1.5), (1.0, 0.0))


def test_an_answer_comes_back_from_its_link() -> None:
    curve = ((-1.0, 2.0), (0.0, 1.5), (1.0, 0.25))
    for question, answer in ((CHOICE, 2), (NUMBER, 0.1), (NUMBER, 7.0), (CURVE, curve)):
        assert answer_of(question, answer_text(answer)) == answer


@given(st.text(max_size=30))
def test_whatever_stands_in_a_link_is_an_answer_or_a_refusal(text: str) -> None:
    for question in (CHOICE, NUMBER, CURVE):
        with suppress(LessonError):
            answer = answer_of(question, text)
            assert question.check(answer) == answer


# --- what many answered ------------------------------------------------------------------------------------


def test_choices_are_counted_and_nonsense_is_not() -> None:
    found = tally(CHOICE, [0, 2, 2, "2", None, 5])
    assert (found.answers, found.counts.tolist()) == (3, [1, 0, 2])
    assert tally(CHOICE, []).counts.tolist() == [0, 0, 0]


def test_numbers_are_counted_within_the_range_of_the_question() -> None:
    rng = np.random.default_rng(0)
    values = rng.uniform(-2, 8, 101).tolist()
    found = tally(NUMBER, [*values, 99])
    assert found.answers == found.counts.sum() == 101
    assert (found.edges[0], found.edges[-1], len(found.counts)) == (-2, 8, BINS)
    assert found.median == sorted(values)[50]
    assert np.isnan(tally(NUMBER, []).median)


def test_curves_are_averaged_where_somebody_has_drawn() -> None:
    found = tally(CURVE, [((-1.0, 0.0), (1.0, 2.0)), ((-1.0, 2.0), (0.0, 2.0))])
    half = len(found.x) // 2
    left = 0.5 * ((found.x + 1) + 2)  # the mean of x + 1 and of 2
    np.testing.assert_allclose(found.mean[: half + 1], left[: half + 1])
    np.testing.assert_allclose(found.mean[half + 1 :], found.x[half + 1 :] + 1)
    middle = BAND.index(0.5)
    np.testing.assert_allclose(found.band[middle], found.mean)
    assert (np.diff(found.band, axis=0) >= 0).all()


def test_where_nobody_has_drawn_there_is_nothing() -> None:
    found = tally(CURVE, [((-0.5, 0.0), (0.5, 2.0))])
    outside = np.abs(found.x) > 0.5
    assert np.isnan(found.mean[outside]).all()
    assert not np.isnan(found.band[:, ~outside]).any()
    assert np.isnan(tally(CURVE, []).mean).all()
    assert at(((0.0, 0.0), (1.0, 2.0)), np.array([0.25])) == pytest.approx(0.5)


# --- how far a prediction lies from the truth --------------------------------------------------------------


def test_what_is_read_off_a_trace() -> None:
    x, y = [0, 1, 2, 3], [5.0, -1.0, float("nan"), 7.0]
    found = {read: read_off(read, x, y) for read in READ}
    assert found.pop("curve") is None
    numbers = {"x_of_lowest": 1, "x_of_highest": 3, "lowest": -1, "highest": 7, "first": 5, "last": 7}
    assert found == numbers
    assert read_off("last", ["a", "b"], [1, 2]) is None, "names are no numbers"
    assert read_off("last", [], []) is None


def test_a_sketch_is_compared_where_both_are_and_within_the_sheet() -> None:
    x = np.linspace(-1, 1, 201)
    found = apart(CURVE, ((-1.0, 1.0), (1.0, 1.0)), x, 1 + 0.5 * x)
    assert found
    assert (found.mean, found.share) == (pytest.approx(0.25, abs=1e-2), pytest.approx(0.125, abs=5e-3))
    assert abs(found.farthest) == 1
    high = apart(CURVE, ((-1.0, 1.0), (1.0, 1.0)), x, np.full(201, 1e9))
    assert high
    assert high.mean == 1, "the sheet ends at 2"
    assert apart(CURVE, ((-1.0, 1.0), (0.0, 1.0)), [0.5, 0.7], [1, 1]) is None, "nothing in common"
