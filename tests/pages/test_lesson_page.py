"""Lessons as links: steps, what they hide and lock, what they ask first, what nonsense is answered with."""

from __future__ import annotations

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.lessons import shipped as files
from mlcore.lessons.lesson import Lesson, Step
from mlcore.lessons.question import Question, Truth
from pages.ui import lessons
from tests.pages import rooms

HOSTILE = "![t](http://x.y/z.png) <script>alert(1)</script> **b** `c` $d$ :red[e] \x07\u202e"
CHOICE = Question("choice", f"Which? {HOSTILE}", options=("one", f"two {HOSTILE}", "three"), right=2)
RATE = Question("number", "At which rate?", low=0, high=10, unit="1/λ")
PARABOLA = Truth("gradient_descent_one", 0, 0, "x_of_lowest")
CURVE = Question("curve", "How does it fall?", low=0, high=1, x_low=0, x_high=20)
STEPS = (
    Step("gradient_descent", (("lam", "4"), ("lr", "0.4"), ("steps", "7")), sentence=HOSTILE),
    Step("gradient_descent", (("lam", "4"), ("lr", "0.4")), hidden=("x0",), locked=("lam", "view")),
    Step("loss", (("delta", "0.5"), ("at", "2"))),
    Step("gradient_descent", question=CHOICE),
    Step("gradient_descent", question=RATE),
    Step("gradient_descent", question=CURVE),
    Step("data", (("view", "balance"), ("data", "spirals"))),
    Step("nowhere"),
)
LESSON = Lesson(f"Title {HOSTILE}", STEPS)


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch, alone: None) -> None:
    real = lessons.find
    monkeypatch.setattr(lessons, "find", lambda name: LESSON if name == "mine" else real(name))


def opened(step: int, room: str = "", **link: Any) -> AppTest:
    return rooms.opened(room or STEPS[step - 1].room, lesson="mine", step=str(step), **link)


def value(at: AppTest, room: str, code: str) -> Any:
    return rooms.widget(at, room, code).value


# --- a step is a link --------------------------------------------------------------------------------------


def test_a_step_opens_its_room_as_it_sets_it() -> None:
    at = opened(1)
    assert [value(at, "gradient_descent", code) for code in ("lam", "lr", "steps")] == [4, "0.4", 7]
    assert rooms.link_of(at) == {"lesson": "mine", "step": "1"}, "what is as the step says needs no link"


def test_a_step_of_another_room_is_found_from_any_page() -> None:
    at = opened(3, "data")
    assert value(at, "loss", "at") == 2
    cover = AppTest.from_file(rooms.ROOT / "cover.py", default_timeout=120)
    cover.query_params.update({"lesson": "mine", "step": "3", "lang": "en"})
    assert value(rooms.rerun(cover), "loss", "at") == 2


def test_what_a_reader_changes_stands_in_the_link_and_the_step_can_be_had_back() -> None:
    at = opened(1)
    rooms.widget(at, "gradient_descent", "steps").set_value(10)
    rooms.rerun(at)
    assert rooms.link_of(at) == {"lesson": "mine", "step": "1", "steps": "10"}
    again = rooms.opened("gradient_descent", **rooms.link_of(at))
    assert (value(again, "gradient_descent", "steps"), value(again, "gradient_descent", "lam")) == (10, 4)
    at.button("lesson_reset").click()
    rooms.rerun(at)
    assert value(at, "gradient_descent", "steps") == 7
    assert "steps" not in rooms.link_of(at)


def test_what_a_room_begins_with_is_not_what_the_step_sets() -> None:
    at = opened(1)
    rooms.widget(at, "gradient_descent", "steps").set_value(20)  # the room's own default
    rooms.rerun(at)
    assert rooms.link_of(at)["steps"] == "*"
    again = rooms.opened("gradient_descent", **rooms.link_of(at))
    assert value(again, "gradient_descent", "steps") == 20


def test_choices_outside_of_the_spec_begin_as_the_step_sets_them() -> None:
    at = opened(7)
    assert at.session_state["_data_section"] == "balance"
    at.button_group(key="_data_section").set_value("picture")
    rooms.rerun(at)
    assert rooms.link_of(at) == {"lesson": "mine", "step": "7", "view": "picture"}


# --- hidden and locked -------------------------------------------------------------------------------------


def test_hidden_controls_are_not_drawn_and_locked_ones_cannot_be_moved() -> None:
    at = opened(2)
    keys = [str(w.key) for kind in rooms.WIDGETS for w in at.get(kind)]
    assert not any(key.startswith("gradient_descent.x0.") for key in keys)
    assert rooms.widget(at, "gradient_descent", "lam").disabled
    assert not rooms.widget(at, "gradient_descent", "lr").disabled


def test_a_forged_message_or_link_does_not_move_what_is_locked() -> None:
    at = opened(2, lam="9", view="noise")
    assert value(at, "gradient_descent", "lam") == 4
    slider = rooms.widget(at, "gradient_descent", "lam")
    slider.proto.disabled = False  # a browser that does not care
    slider.set_value(2)
    rooms.rerun(at)
    assert value(at, "gradient_descent", "lam") == 4
    assert "lam" not in rooms.link_of(at)


# --- nonsense ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", [{"lesson": "nonsense"}, {"lesson": "../../etc"}, {"lesson": "' or 1=1 --"},
                                  {"lesson": "mine", "step": "0"}, {"lesson": "mine", "step": "x"},
                                  {"lesson": "mine", "step": "99"}, {"lesson": "mine", "step": "²"},
                                  {"lesson": "mine", "step": "8"}, {"lesson": ""}])  # fmt: skip
def test_nonsense_opens_the_plain_room_and_says_so(link: dict[str, str]) -> None:
    at = rooms.opened("gradient_descent", **link)
    assert len(at.warning) == 1
    assert value(at, "gradient_descent", "lam") == 1
    assert rooms.link_of(at) == {}
    assert "lesson_reset" not in [str(button.key) for button in at.button]


def test_an_answer_that_is_none_is_said_and_asked_again() -> None:
    at = opened(4, said="7")
    assert "one of its 3 options" in rooms.said(at)
    assert "said" not in rooms.link_of(at)
    assert rooms.pictures(at) == {}


def harmless(source: str) -> bool:
    """No sign of Markdown or HTML stands without a backslash, and nothing that cannot be seen."""
    return not re.search(r"(?<!\\)[<>`$!]|(?<!\\)\[|\x07|\u202e", source)


def test_what_an_author_wrote_is_shown_as_it_is() -> None:
    seen = "![t](http://x.y/z.png) <script>alert(1)</script> **b** `c` $d$ :red[e]"
    sentence = next(found.value for found in opened(1).markdown if "script" in found.value)
    assert harmless(sentence)
    assert seen in rooms.said(opened(1))
    at = opened(4)
    assert f"Which? {seen}" in rooms.said(at)
    for text in [found.value for found in at.markdown if "alert" in found.value] + at.radio[0].options:
        assert harmless(text)


# --- predict first -----------------------------------------------------------------------------------------


def told_nothing(at: AppTest) -> bool:
    """No picture, no verdict, no claim: only controls and the question."""
    words = rooms.said(at)
    return set(rooms.pictures(at)) <= {"predict_sheet"} and not any(
        secret in words for secret in ("Below 2/λ", "diverge", "converge", "2/λ")
    )


def test_until_an_answer_is_given_nothing_is_sent_that_tells() -> None:
    at = opened(4)
    assert told_nothing(at)
    at.button("predict_commit").click()
    rooms.rerun(at)
    assert "one of its 3 options" in rooms.said(at), "no answer is none"
    assert told_nothing(at)
    at.radio[0].set_value(1)
    rooms.rerun(at)
    at.button("predict_commit").click()
    rooms.rerun(at)
    assert rooms.pictures(at)
    assert rooms.link_of(at)["said"] == "1"
    assert "Right is: three" in rooms.said(at).replace("*", "")


def test_an_answer_survives_a_reload_and_other_steps_and_can_be_given_anew() -> None:
    at = opened(4, said="2")
    assert rooms.pictures(at)
    assert "That is right." in rooms.said(at)
    at.query_params["step"] = "5"
    del at.query_params["said"]
    assert told_nothing(rooms.rerun(at))
    at.query_params["step"] = "4"
    assert rooms.pictures(rooms.rerun(at)), "this session remembers"
    at.button("predict_again").click()
    assert told_nothing(rooms.rerun(at))
    assert "said" not in rooms.link_of(at)


def test_a_number_is_slid_or_typed() -> None:
    at = opened(5)
    (field,) = [w for w in at.number_input if str(w.key).endswith(".typed")]
    field.set_value(2.5)
    rooms.rerun(at)
    (slider,) = [w for w in at.slider if str(w.key).endswith(".slid")]
    assert slider.value == 2.5
    at.button("predict_commit").click()
    rooms.rerun(at)
    assert "Your answer: 2.5 1/λ" in rooms.said(at).replace("*", "")


def test_a_curve_is_typed_and_what_is_none_is_said() -> None:
    at = opened(6)
    (area,) = [w for w in at.text_area if ".lines." in str(w.key)]
    area.set_value("0, 1\n30, 2")
    rooms.rerun(at)
    assert "a curve of 2 to 120 points" in rooms.said(at)
    area = next(w for w in at.text_area if ".lines." in str(w.key))
    area.set_value("0, 1\n10; 0.5\n20 0")
    rooms.rerun(at)
    at.button("predict_commit").click()
    rooms.rerun(at)
    assert rooms.link_of(at)["said"] == "0_1~10_0.5~20_0"
    sheet = rooms.pictures(at)["predict_sheet"]["figures"][0]
    assert list(sheet["data"][0]["y"]) == [1, 0.5, 0] or sheet["data"][0]["y"]["bdata"]


# --- lessons that come with the laboratory -----------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", files.NAMES)
def test_every_shipped_lesson_can_be_read(name: str, language: str) -> None:
    assert files.shipped(name, language).language == language
