"""A lesson is written in the laboratory: steps from rooms, edited on a page, read by its link."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.lessons import own
from mlcore.lessons.lesson import Lesson, Step
from mlcore.lessons.own import Own
from mlcore.lessons.question import Question, Truth
from mlcore.lessons.shipped import shipped
from mlcore.store import store
from pages.ui import compose
from tests.pages.rooms import link_of, opened, rerun, said, widget

HOSTILE = "![t](http://x.y/z.png) <script>alert(1)</script> **b** $d$ \x07"
LESSON = Lesson(
    "Slopes",
    (
        Step("gradient_descent", (("lam", "4"), ("lr", "0.4"))),
        Step("loss", sentence="Watch the corner."),
        Step("race"),
    ),
)


@pytest.fixture(autouse=True)
def shelf(alone: None) -> None:
    pass


def composer(mine: Own, **link: str) -> AppTest:
    return opened("lessons", mine=mine.id, key=mine.key, **link)


def field(at: AppTest, name: str) -> Any:
    kinds = ("text_area", "text_input", "multiselect", "button", "selectbox", "number_input", "button_group")
    (found,) = [one for kind in kinds for one in at.get(kind) if (one.key or "").endswith(name)]
    return found


def press(at: AppTest, name: str) -> AppTest:
    field(at, name).click()
    return rerun(at)


def put(at: AppTest, name: str, value: Any) -> AppTest:
    field(at, name).set_value(value)
    return rerun(at)


def kept(mine: Own) -> Lesson:
    return own.read(store(), mine.id)


def test_a_room_as_it_stands_becomes_a_step_and_its_reader_sees_the_same() -> None:
    at = opened("gradient_descent", lam="4")
    widget(at, "gradient_descent", "steps").set_value(10)
    rerun(at)
    press(at, "_compose")
    assert at.toast[0].value.startswith("Step 1 of your lesson")
    assert widget(at, "gradient_descent", "steps").value == 10, "adding changes nothing in the room"
    press(at, "_compose")
    mine: Own = at.session_state[compose.OWN]
    assert [step.settings for step in kept(mine).steps] == [{"lam": "4", "steps": "10"}] * 2
    page = opened("gradient_descent", lesson=mine.id, step="2")
    assert [widget(page, "gradient_descent", code).value for code in ("lam", "steps")] == [4, 10]


def test_a_step_that_is_added_within_a_lesson_is_what_was_seen() -> None:
    mine = own.keep(store(), LESSON)
    at = opened("gradient_descent", lesson=mine.id, step="1", lam="3")
    press(at, "_compose")
    (step,) = kept(at.session_state[compose.OWN]).steps
    assert step.settings == {"lam": "3", "lr": "0.4"}


def test_every_field_is_kept_and_seen_by_readers() -> None:
    mine = own.keep(store(), LESSON)
    at = composer(mine)
    put(at, "title", "Downhill")
    put(at, "step0_sentence", HOSTILE)
    put(at, "step0_hidden", ["x0"])
    put(at, "step0_locked", ["lam"])
    first = kept(mine).steps[0]
    assert (kept(mine).title, first.sentence, first.hidden, first.locked) == (
        "Downhill", HOSTILE, ("x0",), ("lam",),
    )  # fmt: skip
    page = opened("gradient_descent", lesson=mine.id, step="1")
    assert widget(page, "gradient_descent", "lam").disabled
    assert "<script>alert(1)</script>" in said(page)
    assert not any("![t](" in found.value or "<script>" in found.value for found in page.markdown)


def test_a_question_is_kept_once_it_is_one() -> None:
    mine = own.keep(store(), LESSON)
    at = composer(mine)
    put(at, "question_kind", "choice")
    assert kept(mine).steps[0].question is None
    assert "The step keeps its last good question" in said(at)
    put(at, "question_text", "Where to?")
    put(at, "question_options", "left\n\nright\n")
    put(at, "question_right3", 2)
    assert kept(mine).steps[0].question == Question("choice", "Where to?", ("left", "right"), 1)
    assert "keeps its last good question" not in said(at)
    put(at, "question_options", "left")
    assert kept(mine).steps[0].question == Question("choice", "Where to?", ("left", "right"), 1)
    put(at, "question_kind", "none")
    assert kept(mine).steps[0].question is None


def test_numbers_and_curves_keep_the_truth_that_a_file_gave_them() -> None:
    truth = Truth("gradient_descent_one", 0, 0, "x_of_lowest")
    asked = Question("number", "Which rate?", low=0, high=10, unit="1", truth=truth)
    mine = own.keep(store(), Lesson("One", (Step("gradient_descent", question=asked),)))
    at = composer(mine)
    put(at, "question_high", 4.0)
    found = kept(mine).steps[0].question
    assert found == Question("number", "Which rate?", low=0, high=4, unit="1", truth=truth)
    put(at, "question_low", 9.0)
    assert kept(mine).steps[0].question == found
    assert "keeps its last good question" in said(at)
    put(at, "question_low", 0.0)
    put(at, "question_kind", "curve")
    put(at, "question_text", "How?")
    curve = kept(mine).steps[0].question
    assert curve == Question("curve", "How?", low=0, high=4)


def test_steps_are_moved_and_removed_and_one_stays() -> None:
    mine = own.keep(store(), LESSON)
    at = composer(mine)

    def rooms() -> list[str]:
        return [step.room for step in kept(mine).steps]

    press(at, "_compose_later")
    assert rooms() == ["loss", "gradient_descent", "race"]
    press(at, "_compose_later")
    assert rooms() == ["loss", "race", "gradient_descent"]
    assert field(at, "_compose_later").disabled
    press(at, "_compose_earlier")
    press(at, "_compose_remove")
    assert rooms() == ["loss", "race"]
    assert field(at, "step0_sentence").value == "Watch the corner."
    press(at, "_compose_remove")
    assert rooms() == ["race"]
    assert field(at, "_compose_remove").disabled


def test_what_another_window_has_moved_is_not_overwritten() -> None:
    mine = own.keep(store(), LESSON)
    at, other = composer(mine), composer(mine)
    press(other, "_compose_later")
    put(at, "step0_sentence", "Meant for the first.")
    assert at.error[0].value
    assert all(step.sentence != "Meant for the first." for step in kept(mine).steps)


def test_the_authors_link_opens_it_anywhere_and_another_key_does_not() -> None:
    mine = own.keep(store(), LESSON)
    at = composer(mine)
    links = [found.value for found in at.code]
    assert f"lesson={mine.id}" in links[0]
    assert mine.key not in links[0]
    assert f"mine={mine.id}&key={mine.key}" in links[1]
    wrong = opened("lessons", mine=mine.id, key="x" * 22)
    assert "its author's link is another one" in said(wrong)
    assert not {"mine", "key"} & link_of(wrong).keys()
    assert not [one for one in wrong.text_area if "sentence" in (one.key or "")]
    for nonsense in ("", "no", "' or 1=1 --", "<script>"):
        page = opened("lessons", mine=nonsense or "_", key=nonsense)
        assert "There is no lesson by this name" in said(page)


def test_the_lecture_is_a_beginning_and_a_lesson_ends_for_all() -> None:
    at = press(opened("lessons", lang="ko"), "_compose_lecture")
    mine: Own = at.session_state[compose.OWN]
    assert kept(mine) == shipped("lecture", "ko")
    press(at, "_compose_delete")
    assert at.success[0].value
    gone = opened("gradient_descent", lesson=mine.id)
    assert "There is no lesson by this name" in said(gone)


def test_a_full_lesson_takes_no_more() -> None:
    at = opened("loss")
    at.session_state[compose.OWN] = mine = own.keep(store(), Lesson("Long", (Step("race"),) * 60))
    press(at, "_compose")
    assert at.toast[0].value.startswith("Not added. A lesson has 1 to 60 steps")
    assert len(kept(mine).steps) == 60
