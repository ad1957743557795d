"""Checks that every part of a lesson shares. Each raises `LessonError` and names where the fault lies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mlcore.lessons.problems import LessonError

LANGUAGES = ("en", "ko")
FAR = 1e9
ROOM, CODE = re.compile(r"[a-z_]{1,40}"), re.compile(r"[A-Za-z0-9_.]+")
UNWRITABLE = re.compile("[\0\ud800-\udfff]")  # no database and no browser takes these


def text(where: str, value: Any, most: int, *, empty: bool = True) -> str:
    """A text of at most `most` characters."""
    if not isinstance(value, str) or len(value) > most:
        raise LessonError("text", where=where, most=most)
    if UNWRITABLE.search(value):
        raise LessonError("characters", where=where)
    if not empty and not value.strip():
        raise LessonError("empty", where=where)
    return value


def room(where: str, value: Any) -> str:
    if not isinstance(value, str) or ROOM.fullmatch(value) is None:
        raise LessonError("room", where=where)
    return value


def code(where: str, value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most or CODE.fullmatch(value) is None:
        raise LessonError("code", where=where, most=most)
    return value


def each(where: str, value: Any, most: int) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or len(value) > most:
        raise LessonError("list", where=where, most=most)
    return value


def language(value: Any) -> str:
    if value not in ("", *LANGUAGES):
        raise LessonError("language", names=", ".join(LANGUAGES))
    return str(value)


def number(where: str, value: Any) -> float:
    """A finite number of moderate size; True and False are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LessonError("number", where=where)
    if not -FAR <= value <= FAR:  # no NaN, either
        raise LessonError("number", where=where)
    return float(value)


def place(where: str, value: Any, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise LessonError("place", where=where, most=most)
    return value
