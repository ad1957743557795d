"""What a lesson, a question or an answer cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from mlcore.base.refusal import Refusal


class LessonError(Refusal):
    """A lesson, a question or an answer that cannot be taken; nothing of it was kept."""

    SENTENCES: ClassVar[Mapping[str, str]] = {
        "file": "This is no lesson: a lesson is a JSON object as this laboratory saves it, of at most "
        "{most:,} characters.",
        "field": "In a lesson, {where} has no place. Please take it out.",
        "missing": "{where} is missing. Please add it.",
        "text": "{where} must be a text of at most {most:,} characters.",
        "empty": "{where} says nothing. Please write at least one character.",
        "language": "The language of a lesson is one of {names}, or none.",
        "steps": "A lesson has 1 to {most} steps; this one has {count}.",
        "list": "{where} must be a list of at most {most} entries.",
        "room": "{where} must be the name of a room as it stands in the address, of small letters and _.",
        "code": "{where} must be a setting as it stands in a link: at most {most} letters, digits, . and _.",
        "characters": "{where} holds characters that no text has. Please type it anew.",
        "kind": "A question is one of {names}; {where} is something else.",
        "options": "A question with a choice has {low} to {high} options, no two of them equal; this one has "
        "{count}.",
        "right": "{where} must be one of the options, counted from 0, or nothing.",
        "number": "{where} must be a number between -1e9 and 1e9.",
        "range": "{where} must begin below its end.",
        "read": "What is read off a curve is one of {names}; {where} is something else.",
        "place": "{where} must be a whole number from 0 to {most}.",
        "answer_choice": "An answer to this question is one of its {count} options.",
        "answer_number": "An answer to this question is a number from {low:g} to {high:g}.",
        "answer_curve": "An answer to this question is a curve of 2 to {most} points, with x from {x_low:g} "
        "to {x_high:g} and y from {low:g} to {high:g}.",
        "unknown": "There is no lesson by this name, or its time is over. Ask for the link again.",
        "step": "This lesson has steps 1 to {most}; there is no step like this.",
        "key": "This link may not change the lesson: its author's link is another one.",
    }
