"""Lessons that people write, in the store: its link reads one, and only its author's key changes it."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mlcore.lessons.lesson import Lesson
from mlcore.lessons.problems import LessonError
from mlcore.lessons.written import lesson_of, plain
from mlcore.store import Store, StoreError
from mlcore.store.sealed import seal, secret

KIND = "lesson"


@dataclass(frozen=True)
class Own:
    """A lesson that may be changed: `id` is in the readers' link, `key` in its author's alone."""

    id: str
    key: str


def keep(store: Store, lesson: Lesson) -> Own:
    """Keep a new lesson. Raises `StoreError`, as everything here that asks the store."""
    key = secret()
    return Own(store.documents.create(KIND, {"lesson": plain(lesson), "author": _sealed(key)}), key)


def read(store: Store, given: str) -> Lesson:
    """The lesson of a readers' link. Raises `LessonError` where there is none."""
    return lesson_of(_body(lambda: store.documents.read(KIND, given).body)["lesson"])


def opened(store: Store, own: Own) -> Lesson:
    """The lesson, for its author. Raises `LessonError` for a key that is another one."""
    return lesson_of(_checked(_body(lambda: store.documents.read(KIND, own.id).body), own)["lesson"])


def change(store: Store, own: Own, edit: Callable[[Lesson], Lesson]) -> Lesson:
    """Replace the lesson by `edit(lesson)`, while nobody else does, and return it.

    Raises `LessonError` for another key and for what is no lesson; then nothing has changed.
    """

    def put(body: dict[str, Any]) -> dict[str, Any]:
        return _checked(body, own) | {"lesson": plain(edit(lesson_of(body["lesson"])))}

    return lesson_of(_body(lambda: store.documents.change(KIND, own.id, put))["lesson"])


def delete(store: Store, own: Own) -> None:
    """Forget it, for its readers, too."""
    opened(store, own)
    store.documents.delete(KIND, own.id)


def _body(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return ask()
    except StoreError as error:
        if error.code == "lost":
            raise LessonError("unknown") from None
        raise


def _checked(body: dict[str, Any], own: Own) -> dict[str, Any]:
    if not hmac.compare_digest(body["author"], _sealed(own.key)):
        raise LessonError("key")
    return body


def _sealed(key: str) -> str:
    return seal("lesson's author", key).hex()
