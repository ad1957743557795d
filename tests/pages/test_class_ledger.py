"""The rows of a class in one process: each answer once, new ones without the old, failures said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlcore.base import spec as specs
from mlcore.base.experiment import run
from mlcore.classes.starts import StartActivity, StartAnswer
from mlcore.classes.trainings import TrainingActivity, TrainingAnswer
from mlcore.engine.engine import Snapshot, State
from mlcore.training.tasks import TrainingError
from pages.rooms.classroom import ledger as ledgers
from pages.rooms.classroom.ledger import BATCHES, Ledger
from pages.ui import compute


class Door:
    """An engine that a test drives: it notes what is asked, and answers when told so."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.views: dict[str, Snapshot] = {}

    def ask(self, spec: Any, session: str) -> Snapshot:
        key = specs.key(spec)
        if key not in self.views:
            self.asked.append(spec)
            self.views[key] = Snapshot(key, State.RUNNING)
        return self.views[key]

    def leave(self, key: str, session: str) -> None:
        self.views.pop(key)

    def finish(self, spec: Any, **outcome: Any) -> None:
        key = specs.key(spec)
        self.views[key] = replace(Snapshot(key, State.DONE), **outcome)


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    found = Door()
    monkeypatch.setattr(compute, "door", lambda: found)
    return found


ANSWERS = [TrainingAnswer(0.1, 16, seed) for seed in range(9)]


def test_answer_41_does_not_compute_40_rows_again(door: Door) -> None:
    book = Ledger(TrainingActivity(), "class")
    assert book.rows(ANSWERS[:3]) == {}
    (first,) = door.asked
    assert first.answers == tuple(ANSWERS[:3])
    door.finish(first, result=("a", "b", "c"))
    assert book.rows(ANSWERS[:4]) == dict(zip(ANSWERS[:3], "abc", strict=True))
    assert door.asked[1].answers == (ANSWERS[3],)


def test_answers_gather_while_batches_are_under_way(door: Door) -> None:
    book = Ledger(TrainingActivity(), "class")
    for count in range(1, len(ANSWERS) + 1):
        book.rows(ANSWERS[:count])
    assert [spec.answers for spec in door.asked] == [(ANSWERS[0],), (ANSWERS[1],)]
    assert len(door.asked) == BATCHES
    door.finish(door.asked[0], result=("a",))
    book.rows(ANSWERS)
    assert door.asked[2].answers == tuple(ANSWERS[2:]), "one batch of all that wait"


def test_equal_answers_are_one_row(door: Door) -> None:
    book = Ledger(TrainingActivity(), "class")
    book.rows([ANSWERS[0], ANSWERS[0], ANSWERS[1]])
    assert door.asked[0].answers == (ANSWERS[0], ANSWERS[1])


def test_short_rows_are_computed_at_once_and_once(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Any] = []
    monkeypatch.setattr(ledgers, "run", lambda spec: (ran.append(spec), run(spec))[1])
    book = Ledger(StartActivity(), "class")
    answers = [StartAnswer(1, 1, 0.01), StartAnswer(2, 2, 0.01)]
    assert list(book.rows(answers)) == answers
    assert list(book.rows([*answers, StartAnswer(3, 3, 0.01)]))[:2] == answers
    assert [len(spec.answers) for spec in ran] == [2, 1]
    assert door.asked == []


def test_a_refused_batch_is_said_and_not_tried_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "PAUSE", 0.0)
    monkeypatch.setattr("pages.ui.text.language", lambda: "en")
    book = Ledger(TrainingActivity(), "class")
    book.rows(ANSWERS[:1])
    error = TrainingError("work", times="3")
    door.finish(door.asked[0], state=State.FAILED, problem=str(error), refusal=error)
    book.rows(ANSWERS[:1])
    book.rows(ANSWERS[:2])
    assert "3 times the work" in str(book.problem())
    assert [spec.answers for spec in door.asked] == [(ANSWERS[0],), (ANSWERS[1],)]
    door.finish(door.asked[1], result=("b",))
    assert book.rows(ANSWERS[:2]) == {ANSWERS[1]: "b"}
    assert book.problem() is None


def test_a_batch_that_was_lost_is_tried_again_after_a_pause(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(ledgers, "monotonic", lambda: now)
    book = Ledger(TrainingActivity(), "class")
    book.rows(ANSWERS[:1])
    door.finish(door.asked[0], state=State.FAILED, problem="x")
    book.rows(ANSWERS[:1])
    assert len(door.asked) == 1
    now += ledgers.PAUSE
    book.rows(ANSWERS[:1])
    assert len(door.asked) == 2
