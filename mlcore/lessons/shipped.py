"""Lessons that come with the laboratory: one file a lesson, whose settings serve every language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mlcore.lessons.lesson import Lesson
from mlcore.lessons.written import lesson_of

NAMES = ("lecture",)


@cache
def shipped(name: str, language: str) -> Lesson:
    """The lesson of this name in a language ("en", "ko"). Raises `LessonError` where the file is wrong."""
    table = read(name)
    steps = [_step(step, language) for step in table["steps"]]
    return lesson_of({"title": table["title"][language], "language": language, "steps": steps})


def read(name: str) -> dict[str, Any]:
    """The file as it is: what is said stands under each language, and a step names its `slide`."""
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))


def _step(table: Mapping[str, Any], language: str) -> dict[str, Any]:
    step = {name: value for name, value in table.items() if name not in ("slide", "en", "ko", "question")}
    step["sentence"] = table[language]
    if question := table.get("question"):
        shared = {name: value for name, value in question.items() if name not in ("en", "ko")}
        step["question"] = shared | question[language]
    return step
