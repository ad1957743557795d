"""Lessons in the store: their readers' link reads, only their author's key changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlcore.lessons import own
from mlcore.lessons.lesson import Lesson, Step
from mlcore.lessons.own import Own
from mlcore.lessons.problems import LessonError
from mlcore.lessons.question import Question
from mlcore.lessons.shipped import shipped
from mlcore.store import Store, StoreError

LESSON = Lesson("Slopes", (Step("loss", (("delta", "0.5"),)), Step("race", question=Question("number", "?"))))


@pytest.mark.parametrize("lesson", [LESSON, shipped("lecture", "en"), shipped("lecture", "ko")])
def test_what_was_kept_is_read_by_the_link_alone(kept: Store, lesson: Lesson) -> None:
    mine = own.keep(kept, lesson)
    assert own.read(kept, mine.id) == own.opened(kept, mine) == lesson


def test_only_the_authors_key_changes_and_deletes(kept: Store) -> None:
    mine, other = own.keep(kept, LESSON), own.keep(kept, LESSON)
    for key in ("", mine.id, other.key, mine.key[:-1], mine.key.swapcase(), "\ud800é"):
        with pytest.raises(LessonError, match="another one"):
            own.change(kept, Own(mine.id, key), lambda lesson: replace(lesson, title="taken"))
        with pytest.raises(LessonError, match="another one"):
            own.delete(kept, Own(mine.id, key))
        with pytest.raises(LessonError, match="another one"):
            own.opened(kept, Own(mine.id, key))
    assert own.read(kept, mine.id) == LESSON
    assert own.change(kept, mine, lambda lesson: replace(lesson, title="New")).title == "New"
    assert own.read(kept, mine.id) == replace(LESSON, title="New")
    own.delete(kept, mine)
    assert own.read(kept, other.id) == LESSON


def test_what_is_no_lesson_changes_nothing(kept: Store) -> None:
    mine = own.keep(kept, LESSON)
    with pytest.raises(LessonError):
        own.change(kept, mine, lambda lesson: replace(lesson, title=" "))
    with pytest.raises(StoreError):
        own.change(kept, mine, lambda _: (_ for _ in ()).throw(StoreError("changed")))
    assert own.read(kept, mine.id) == LESSON


@pytest.mark.parametrize("given", ["", "lecture", "x" * 22, "../" * 9, "'; drop table documents; --", "\0"])
def test_no_other_link_leads_to_a_lesson(kept: Store, given: str) -> None:
    own.keep(kept, LESSON)
    with pytest.raises(LessonError, match="There is no lesson by this name"):
        own.read(kept, given)
    with pytest.raises(LessonError, match="There is no lesson by this name"):
        own.opened(kept, Own(given, given))


def test_the_store_holds_no_authors_key(kept: Store) -> None:
    mine = own.keep(kept, LESSON)
    assert mine.key not in str(kept.documents.read(own.KIND, mine.id).body)
