"""A class without a browser: the lecturer's page and phones, each a session of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.base import spec as specs
from mlcore.classes import meeting
from mlcore.classes.kinds import (
    Activity,
    EscapeActivity,
    SetsActivity,
    StartActivity,
    TrainingActivity,
    plain_answer,
)
from mlcore.classes.methods import EscapeAnswer
from mlcore.classes.nicknames import ANIMALS, COLORS, NICKNAMES
from mlcore.classes.own_sets import SetsAnswer
from mlcore.classes.starts import StartAnswer
from mlcore.classes.trainings import TrainingAnswer
from mlcore.complexity.generalization import BiasVarianceSpec
from mlcore.complexity.training_sets import SetsSpec
from mlcore.descents.paths import PathSpec
from mlcore.engine.engine import Engine
from mlcore.lessons.question import Question
from mlcore.store import StoreError, store
from mlcore.store.sealed import secret
from mlcore.training.data import DataSpec
from mlcore.training.tasks import TrainSpec
from pages.rooms.classroom import door, lecturer, opening, projector, student
from pages.ui import for_class
from tests.pages.rooms import link_of, opened, pictures, rerun, said

QUESTION = Question("choice", "Which *way*?", ("![up](http://x.y/z)", "down"), 1)


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLCORE_STORE", str(tmp_path))
    monkeypatch.delenv("MLCORE_DATABASE", raising=False)
    monkeypatch.setattr(door, "FRESH", 0.0)
    door._look.clear()


def begun(activity: Activity, answers: list[Any] | None = None) -> tuple[str, str, list[str]]:
    """A class in which phones have answered: its code, its key, the phones' secrets."""
    code, key = meeting.begin(store(), activity)
    phones = []
    for answer in answers or []:
        phones.append(secret())
        store().classes.join(code, phones[-1], NICKNAMES)
        meeting.answer(store(), code, phones[-1], 0, plain_answer(answer))
    return code, key, phones


def pressed(at: AppTest, key: str) -> AppTest:
    """A button of the page, pressed. What others changed meanwhile is seen."""
    door._look.clear()
    at.button(key=key).click()
    return rerun(at)


def looked(at: AppTest) -> AppTest:
    door._look.clear()
    return rerun(at)


def buttons(at: AppTest) -> set[str]:
    return {str(button.key) for button in at.button}


# --- from nothing to a class ---------------------------------------------------------------------------


def test_a_lecturer_opens_a_class_and_two_phones_become_rows(alone: None) -> None:
    front = pressed(opened("classroom", do="descent"), "_begin")
    link = link_of(front)
    assert set(link) == {"class", "key"}
    assert "Nobody has answered yet" in said(front)
    phones = [pressed(opened("join", **{"class": link["class"]}), "_join") for _ in range(2)]
    for phone in phones:
        assert any(color in said(phone) for color in COLORS)
        assert any(animal in said(phone) for animal in ANIMALS)
        pressed(phone, "_send_0")
        assert len(pictures(looked(phone))["_class"]["figures"]) == 1
    assert len({link_of(phone)["me"] for phone in phones}) == 2
    looked(front)
    assert " of 2 descents" in said(front).replace("**", "")
    pressed(front, "_go_revealed")
    for phone in phones:
        assert " of 2 descents" in said(looked(phone)).replace("**", "")
        assert "_send_0" not in buttons(phone)


def test_a_phone_is_who_it_was_after_a_reload(alone: None) -> None:
    code, _, _ = begun(StartActivity())
    phone = pressed(opened("join", **{"class": code}), "_join")
    again = opened("join", **link_of(phone))
    name = said(phone).partition("You are the ")[2].partition("\n")[0]
    assert name
    assert name in said(again)
    assert looked(again).slider == looked(phone).slider


def test_the_link_of_a_room_is_what_the_class_does(alone: None) -> None:
    rooms = {
        "training": TrainingActivity(TrainSpec(DataSpec("spirals"), lr=0.2)),
        "optimizer": StartActivity(PathSpec("beale", steps=50)),
        "escape": EscapeActivity(),
        "bias_variance": SetsActivity(BiasVarianceSpec(SetsSpec(DataSpec("step"))), 5.0),
    }
    bases: dict[str, Any] = {
        "training": rooms["training"].base, "optimizer": rooms["optimizer"].base,
        "escape": None, "bias_variance": rooms["bias_variance"],
    }  # fmt: skip
    for room, activity in rooms.items():
        link = for_class.link(activity)
        assert opening.given(link) == activity
        query = specs.to_query(bases[room]) if bases[room] else {}
        text = f"https://lab.example/sub/{room}?" + "&".join(f"{k}={v}" for k, v in query.items())
        assert opening.of_room(text) == activity, room
    for none in ("", "x", "http://[", "https://lab.example/loss?lr=1", "https://x/training?" + "a=1&" * 999):
        assert opening.of_room(none) is None


def test_rooms_lead_to_a_class(alone: None) -> None:
    at = opened("optimizer", surface="booth")
    (own,) = [one for one in at.sidebar.get("page_link") if "classroom" in one.proto.page]
    query = dict(part.split("=") for part in own.proto.query_string.split("&"))
    assert query["do"] == "descent"
    assert opening.given(query) == StartActivity(PathSpec("booth"))


# --- every kind ----------------------------------------------------------------------------------------

ENSEMBLE = SetsActivity(BiasVarianceSpec(SetsSpec(DataSpec("sine"), size=12)))
SHOWN: list[tuple[Activity, list[Any], int, str]] = [
    (StartActivity(), [StartAnswer(1, 1, 0.01), StartAnswer(-2, 3, 10.0)], 1, "1 of 2 descents came"),
    (EscapeActivity(), [EscapeAnswer("annealing", 3), EscapeAnswer("plain", 4)], 2, " of 2 runs"),
    (ENSEMBLE, [SetsAnswer(3), SetsAnswer(4), SetsAnswer(5)], 2, "Members: 3. Error"),
    (QUESTION, [1, 1, 0], 1, "Answers: 3. Most say down (2)"),
]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(("activity", "answers", "count", "told"), SHOWN, ids=lambda v: type(v).__name__)
def test_the_front_and_a_phone_show_the_class(
    activity: Activity, answers: list[Any], count: int, told: str, language: str, alone: None
) -> None:
    code, key, phones = begun(activity, answers)
    meeting.step(store(), code, key, 0, "revealed")
    front = opened("classroom", lang=language, **{"class": code})
    phone = opened("join", lang=language, me=phones[0], **{"class": code})
    for at in (front, phone):
        seen = [picture for name, picture in pictures(at).items() if name.startswith("_")]
        assert [len(picture["figures"]) for picture in seen] == [count]
        assert language == "ko" or told in said(at).replace("**", "")
    own = [trace.get("name") for figure in seen[0]["figures"] for trace in figure["data"]]
    assert isinstance(activity, Question) or {"you", "나"} & set(own)


def test_a_training_becomes_a_dot(lab: Engine) -> None:
    code, _, (phone,) = begun(TrainingActivity(TrainSpec(steps=20)), [TrainingAnswer(0.01, 16, 1)])
    at = opened("join", me=phone, **{"class": code})
    for _ in range(600):
        if "_class" in pictures(looked(at)):
            break
    assert "Your training ended at the cost" in said(at)


# --- a question ----------------------------------------------------------------------------------------


def test_a_prediction_stays_covered_until_it_is_revealed(alone: None) -> None:
    code, key, (phone, *_) = begun(QUESTION, [0, 1])
    for stage, there in (("open", False), ("closed", False), ("revealed", True)):
        meeting.step(store(), code, key, 0, stage)
        for room, more in (("classroom", {}), ("classroom", {"key": key}), ("join", {"me": phone})):
            door._look.clear()
            at = opened(room, **{"class": code}, **more)
            assert ("_tally_0" in pictures(at)) is there, (room, stage)
            assert ("down (1)" in said(at)) is False


def test_a_question_is_shown_as_it_was_typed(alone: None) -> None:
    code, key, (phone,) = begun(QUESTION, [0])
    meeting.step(store(), code, key, 0, "revealed")
    at = opened("join", me=phone, **{"class": code})
    assert "Which *way*?" in said(at)
    written = json.dumps(pictures(at)["_tally_0"]["figures"])
    assert "http://" not in "".join(str(found.value) for found in at.markdown if "![" in str(found.value))
    assert "down" in written


# --- who may what --------------------------------------------------------------------------------------


def test_only_the_key_shows_the_buttons(alone: None) -> None:
    code, key, _ = begun(QUESTION)
    lead = {"_go_open", "_go_closed", "_go_revealed", "_ask_0", "_end"}
    assert lead <= buttons(opened("classroom", **{"class": code}, key=key))
    other, other_key, _ = begun(QUESTION)
    for wrong in ("", "x", other_key, key[:-1], key + "x", "0" * 5000, "' OR 1=1"):
        at = opened("classroom", **{"class": code}, key=wrong)
        assert not lead & buttons(at)
        assert bool(at.error) is bool(wrong)
    assert meeting.find(store(), code).stage == meeting.find(store(), other).stage == "open"


def test_a_page_that_is_left_open_leads_no_class_that_goes_on_without_it(alone: None) -> None:
    """Its buttons name the task that they were drawn for, and the key is asked for with every press."""
    code, key, _ = begun(QUESTION)
    old = opened("classroom", **{"class": code}, key=key)
    meeting.ask(store(), code, key, 0, StartActivity())
    old.button(key="_go_revealed").click()
    rerun(old)
    assert "gone on to another task" in said(old)
    assert meeting.find(store(), code).stage == "open"
    old = opened("classroom", **{"class": code}, key=key)
    meeting.end(store(), code, key)
    old.button(key="_go_revealed").click()
    rerun(old)
    assert "No class has the code" in said(old)


def test_ending_a_class_is_a_sentence_on_every_page(alone: None) -> None:
    code, key, (phone,) = begun(QUESTION, [1])
    at, front = opened("join", me=phone, **{"class": code}), opened("classroom", **{"class": code}, key=key)
    ended = pressed(front, "_end")
    assert "deleted" in said(ended)
    assert link_of(ended) == {}
    assert "No class has the code" in said(looked(at))
    assert "_send_0" not in buttons(at)


def test_an_answer_after_closing_is_refused_in_a_sentence(alone: None) -> None:
    code, key, (phone,) = begun(StartActivity(), [StartAnswer(1, 1, 0.01)])
    at = opened("join", me=phone, **{"class": code})
    meeting.step(store(), code, key, 0, "closed")
    before = store().classes.answers(code, 0)
    at.button(key="_send_0").click()
    rerun(at)
    assert "Answers are closed" in said(at)
    assert store().classes.answers(code, 0) == before


HOSTILE = [
    "AAAAAA", "'; DROP TABLE classes; --", "<script>alert(1)</script>", "![t](http://x.y/z)",
    "\u202e\u0000ÄÖ", "1" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("room", ["classroom", "join"])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_link_is_more_than_a_sentence(room: str, text: str, alone: None) -> None:
    code, _, _ = begun(QUESTION, [1])
    for link in ({"class": text, "do": text}, {"class": code, "me": text, "key": text}):
        at = opened(room, **link)
        assert "](http" not in "".join(str(found.value) for found in (*at.markdown, *at.error, *at.warning))
    now = meeting.find(store(), code)
    assert (now.number, now.stage, store().classes.count(code, 0)) == (0, "open", (1, 1))


@pytest.mark.parametrize("room", ["classroom", "join"])
def test_a_store_that_is_away_is_waited_for(room: str, alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    code, key, (phone,) = begun(StartActivity(), [StartAnswer(1, 1, 0.01)])
    at = opened(room, me=phone, key=key, **{"class": code})

    def away(code: str) -> door.Look:
        raise StoreError("away")

    with monkeypatch.context() as broken:
        for module in (student, lecturer, projector, door):
            broken.setattr(module, "look", away)
        assert "does not answer at the moment" in said(looked(at))
        assert not at.session_state["_wrong_codes"]
    looked(at)
    assert "does not answer" not in said(at)
    assert {"_send_0", "_go_revealed"} & buttons(at)


def test_codes_are_not_tried_at_random(alone: None) -> None:
    code, _, _ = begun(QUESTION)
    at = opened("join", **{"class": "CCCCCC"})
    for i in range(door.TRIES):
        at.query_params["class"] = f"CCCCC{'DFHJKMNP'[i % 8]}"
        rerun(at)
    at.query_params["class"] = code
    rerun(at)
    assert "Too many wrong codes" in said(at)
    assert "_join" not in buttons(at)
    at.session_state["_wrong_codes"] = [t - door.AGAIN for t in at.session_state["_wrong_codes"]]
    assert "_join" in buttons(rerun(at))
