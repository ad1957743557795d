"""A class as the store keeps it: who leads, who answers, and that nobody else changes anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from mlcore.classes import meeting
from mlcore.classes.kinds import (
    KINDS,
    Activity,
    ClassError,
    EscapeActivity,
    SetsActivity,
    StartActivity,
    TrainingActivity,
    activity_of,
    answer_of,
    kind_of,
    plain,
    plain_answer,
)
from mlcore.classes.nicknames import NICKNAMES
from mlcore.classes.own_sets import SetsError
from mlcore.complexity.generalization import BiasVarianceSpec
from mlcore.complexity.training_sets import SetsSpec
from mlcore.escapes.escape_methods import MethodSpec
from mlcore.escapes.escaping import EscapeSpec
from mlcore.families.models import ModelSpec
from mlcore.lessons.question import Question
from mlcore.store import Store, StoreError
from mlcore.store.limits import JOINED
from mlcore.store.sealed import secret
from mlcore.training.data import DataSpec
from mlcore.training.tasks import TrainingError, TrainSpec

QUESTION = Question("choice", "Which?", ("this", "that"), 1)
ACTIVITIES: dict[str, Activity] = {
    "training": TrainingActivity(TrainSpec(lr=0.3, steps=50), width=True),
    "descent": StartActivity(),
    "escape": EscapeActivity(EscapeSpec(methods=(MethodSpec("plain"), MethodSpec("noise")))),
    "ensemble": SetsActivity(),
    "question": QUESTION,
}
GOOD: dict[str, Any] = {
    "training": {"lr": 0.1, "width": 8, "seed": 4},
    "descent": {"x": 1.0, "y": -2.0, "lr": 0.01},
    "escape": {"method": "noise", "seed": 5},
    "ensemble": {"seed": 7},
    "question": 1,
}
BAD: dict[str, list[Any]] = {
    "training": [{"lr": 1e9}, {"lr": "x"}, {"width": 65}, {"seed": -1}, {"lr": float("nan")}, {"rate": 1}],
    "descent": [{"x": 5.1}, {"y": -6}, {"x": [1]}, {"x": {"y": {}}}],
    "escape": [{"method": "momentum"}, {"method": "mooo"}, {"method": None, "seed": 1e300}],
    "ensemble": [{"seed": 10_000}, {"seed": 1.5}],
    "question": [2, -1, True, "1", {"seed": 1}, [[0, 1]], 10**400],
}
NONSENSE: list[Any] = [None, [], "x" * 10_000, {"seed": "9" * 50_000}, {}, {"a": [[[]]] * 999}, b"x"]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    store = Store(URL.create("sqlite", database=str(tmp_path / "class.sqlite")))
    yield store
    store.database.close()


def joined(store: Store, code: str) -> tuple[str, str]:
    """A phone's secret and its nickname."""
    phone = secret()
    return phone, store.classes.join(code, phone, NICKNAMES)


@pytest.mark.parametrize("kind", ACTIVITIES)
def test_an_activity_and_its_answers_come_back_as_they_were(kept: Store, kind: str) -> None:
    activity = ACTIVITIES[kind]
    assert kind_of(activity) == kind
    assert activity_of(json.loads(json.dumps(plain(activity)))) == activity
    code, _ = meeting.begin(kept, activity)
    assert meeting.find(kept, code.lower()) == meeting.Meeting(code, 0, "open", activity)
    phone, name = joined(kept, code)
    said = meeting.answer(kept, code, phone, 0, GOOD[kind])
    assert meeting.answers(kept, meeting.find(kept, code)) == [(name, said)]
    assert answer_of(activity, json.loads(json.dumps(plain_answer(said)))) == said


@pytest.mark.parametrize("kind", ACTIVITIES)
def test_what_cannot_be_chosen_is_refused_and_changes_nothing(kept: Store, kind: str) -> None:
    code, _ = meeting.begin(kept, ACTIVITIES[kind])
    phone, _ = joined(kept, code)
    said = meeting.answer(kept, code, phone, 0, GOOD[kind])
    for wrong in BAD[kind] + NONSENSE:
        with pytest.raises(ClassError) as refused:
            meeting.answer(kept, code, phone, 0, wrong)
        assert refused.value.code == "answer", wrong
    assert [answer for _, answer in meeting.answers(kept, meeting.find(kept, code))] == [said]


def test_an_answer_is_replaced_until_answers_are_closed(kept: Store) -> None:
    code, key = meeting.begin(kept, QUESTION)
    phone, name = joined(kept, code)
    for value in (0, 1):
        meeting.answer(kept, code, phone, 0, value)
    for stage in ("closed", "revealed"):
        meeting.step(kept, code, key, 0, stage)
        with pytest.raises(ClassError, match="closed"):
            meeting.answer(kept, code, phone, 0, 0)
    assert meeting.answers(kept, meeting.find(kept, code)) == [(name, 1)]
    meeting.step(kept, code, key, 0, "open")
    meeting.answer(kept, code, phone, 0, 0)
    assert meeting.answers(kept, meeting.find(kept, code)) == [(name, 0)]


def test_an_answer_that_comes_while_answers_are_closed_is_not_kept(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the class and the writing of the answer."""
    code, key = meeting.begin(kept, QUESTION)
    phone, _ = joined(kept, code)
    open_still = meeting.find(kept, code)
    meeting.step(kept, code, key, 0, "closed")
    monkeypatch.setattr(meeting, "find", lambda store, code: open_still)
    with pytest.raises(ClassError, match="closed"):
        meeting.answer(kept, code, phone, 0, 1)
    assert meeting.answers(kept, open_still) == []


@pytest.mark.parametrize("key", ["", "x", "0" * 22, "a" * 100_000, "' OR 1=1 --", "\0"])
def test_without_the_key_nobody_leads(kept: Store, key: str) -> None:
    code, _ = meeting.begin(kept, QUESTION)
    other, other_key = meeting.begin(kept, QUESTION)
    phone, _ = joined(kept, code)
    before = meeting.find(kept, code)
    for wrong in (key, other_key, phone, code):
        actions = (
            lambda k: meeting.step(kept, code, k, 0, "revealed"),
            lambda k: meeting.ask(kept, code, k, 0, StartActivity()),
            lambda k: meeting.end(kept, code, k),
        )
        for act in actions:
            with pytest.raises(StoreError) as refused:
                act(wrong)
            assert refused.value.code == "not_yours"
    assert meeting.find(kept, code) == before
    assert meeting.find(kept, other).stage == "open"


def test_an_action_that_is_sent_again_changes_nothing_of_the_next_task(kept: Store) -> None:
    code, key = meeting.begin(kept, QUESTION)
    phone, _ = joined(kept, code)
    meeting.answer(kept, code, phone, 0, 1)
    meeting.ask(kept, code, key, 0, StartActivity())
    now = meeting.find(kept, code)
    assert (now.number, now.stage, now.activity) == (1, "open", StartActivity())
    again = (
        lambda: meeting.ask(kept, code, key, 0, QUESTION),
        lambda: meeting.step(kept, code, key, 0, "revealed"),
        lambda: meeting.answer(kept, code, phone, 0, 1),
        lambda: meeting.answer(kept, code, phone, 7, 1),
    )
    for act in again:
        with pytest.raises(ClassError) as refused:
            act()
        assert refused.value.code == "moved"
    assert meeting.find(kept, code) == now
    assert meeting.answers(kept, now) == []
    assert kept.classes.answers(code, 0) == (), "what was answered before is deleted"


def test_a_stage_that_is_none_is_no_stage(kept: Store) -> None:
    code, key = meeting.begin(kept, QUESTION)
    for stage in ("", "opened", "<script>"):
        with pytest.raises(ClassError):
            meeting.step(kept, code, key, 0, stage)
    assert meeting.find(kept, code).stage == "open"


def test_who_has_not_joined_this_class_does_not_answer(kept: Store) -> None:
    code, _ = meeting.begin(kept, QUESTION)
    elsewhere, _ = meeting.begin(kept, QUESTION)
    phone, _ = joined(kept, elsewhere)
    for stranger in (phone, secret(), "", "x" * 9999):
        with pytest.raises(StoreError) as refused:
            meeting.answer(kept, code, stranger, 0, 1)
        assert refused.value.code == "not_joined"


def test_a_class_that_has_ended_is_a_sentence_for_everybody(kept: Store) -> None:
    code, key = meeting.begin(kept, QUESTION)
    phone, _ = joined(kept, code)
    meeting.end(kept, code, key)
    for act in (
        lambda: meeting.find(kept, code),
        lambda: meeting.answer(kept, code, phone, 0, 1),
        lambda: meeting.step(kept, code, key, 0, "open"),
        lambda: kept.classes.join(code, phone, NICKNAMES),
    ):
        with pytest.raises(StoreError) as refused:
            act()
        assert refused.value.code == "no_class"


@pytest.mark.parametrize(
    "loaded",
    [None, 3, {}, {"kind": "training"}, {"kind": "x", "spec": {}}, {"kind": "training", "spec": {"base": 3}},
     {"kind": "question", "spec": {"kind": "choice", "text": ""}}, {"kind": ["training"], "spec": {}}],
)  # fmt: skip
def test_what_another_version_has_kept_is_a_sentence(loaded: Any) -> None:
    with pytest.raises(ClassError) as refused:
        activity_of(loaded)
    assert refused.value.code == "activity"


def test_what_cannot_be_computed_opens_no_class(kept: Store) -> None:
    plane = SetsActivity(BiasVarianceSpec(SetsSpec(DataSpec("moons"))))
    impossible = TrainingActivity(TrainSpec(model=ModelSpec("convolution")))  # of points
    for activity, error in ((plane, SetsError), (impossible, TrainingError)):
        with pytest.raises(error):
            meeting.begin(kept, activity)
    code, key = meeting.begin(kept, QUESTION)
    with pytest.raises(SetsError):
        meeting.ask(kept, code, key, 0, plane)
    assert meeting.find(kept, code).number == 0


def test_there_is_a_nickname_for_every_phone_and_a_row_for_every_kind() -> None:
    assert len(set(NICKNAMES)) == len(NICKNAMES) >= JOINED
    assert KINDS.keys() == ACTIVITIES.keys() - {"question"}
