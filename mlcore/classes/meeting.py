"""A class as it stands: one task after the other, each open for answers, then closed, then revealed.

The lecturer's key is checked by the store with every action. An action names the task that it is meant for:
one that comes late, or is sent again, changes nothing of the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlcore.classes.kinds import (
    Activity,
    Answer,
    ClassError,
    activity_of,
    answer_of,
    check,
    plain,
    plain_answer,
)
from mlcore.store import Store, StoreError
from mlcore.store.limits import QUESTIONS

STAGES = ("open", "closed", "revealed")


@dataclass(frozen=True)
class Meeting:
    """Where a class stands: its task, counted from 0, and whether that is open, closed or revealed."""

    code: str
    number: int
    stage: str
    activity: Activity


def begin(store: Store, activity: Activity) -> tuple[str, str]:
    """Open a class: its code, and the lecturer's key. Raises `StoreError`, and what `check` raises."""
    check(activity)
    return store.classes.open_class(plain(activity), _state(0, "open"))


def find(store: Store, code: str) -> Meeting:
    """The class of a code as somebody typed it. Raises `StoreError`, `ClassError`."""
    found = store.classes.find_class(code)
    match found.state:
        case {"number": int(number), "stage": str(stage)} if stage in STAGES:
            return Meeting(found.code, number, stage, activity_of(found.activity))
    raise ClassError("activity")


def answer(store: Store, code: str, phone: str, number: int, value: Any) -> Answer:
    """Keep what a phone chose; its earlier answer is replaced. Raises `ClassError`, `StoreError`."""
    now = find(store, code)
    if now.number != number:
        raise ClassError("moved")
    if now.stage != "open":
        raise ClassError("closed")
    checked = answer_of(now.activity, value)
    try:
        store.classes.answer(now.code, phone, number, plain_answer(checked), _state(number, "open"))
    except StoreError as error:
        raise ClassError("closed") if error.code == "changed" else error from None
    return checked


def answers(store: Store, now: Meeting) -> list[tuple[str, Answer]]:
    """The nickname and the answer of each phone, the first to answer first."""
    kept = []
    for one in store.classes.answers(now.code, now.number):
        try:
            kept.append((one.nickname, answer_of(now.activity, one.value)))
        except ClassError:
            continue  # of another version of the laboratory
    return kept


# ---------------------------------------------------------------- the lecturer


def step(store: Store, code: str, key: str, number: int, stage: str) -> None:
    """Open, close or reveal the task that is on. Raises `StoreError` for a key that is not the lecturer's."""
    if stage not in STAGES:
        raise ClassError("answer")
    _lead(store, code, key, number)
    store.classes.change(code, key, state=_state(number, stage))


def ask(store: Store, code: str, key: str, number: int, activity: Activity) -> None:
    """Go on from this task to another one."""
    check(activity)
    _lead(store, code, key, number)
    after = (number + 1) % QUESTIONS
    store.classes.clear(code, key, after)  # of two hundred tasks ago
    store.classes.change(code, key, activity=plain(activity), state=_state(after, "open"))
    store.classes.clear(code, key, number)


def end(store: Store, code: str, key: str) -> None:
    """Delete the class with all that it holds."""
    store.classes.end_class(code, key)


def _lead(store: Store, code: str, key: str, number: int) -> None:
    if not store.classes.lecturer(code, key):
        store.classes.change(code, key)  # raises
    if find(store, code).number != number:
        raise ClassError("moved")


def _state(number: int, stage: str) -> dict[str, Any]:
    return {"number": number, "stage": stage}
