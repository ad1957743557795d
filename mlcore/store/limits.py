"""How much is kept, and for how long: sizes and ages of everything that people may put into the store."""

from __future__ import annotations

from dataclasses import dataclass

DAY = 86_400.0  # seconds


@dataclass(frozen=True)
class Limits:
    """Of one kind of document."""

    body: int  # bytes of one document's JSON
    items: int  # in one document
    item: int  # bytes of one item, its data included
    documents: int  # of this kind
    total: int  # bytes of all documents of this kind
    age: float  # seconds without use until a document expires


KINDS = {
    "tray": Limits(20_000, 40, 400_000, 20_000, 2 * 2**30, 180 * DAY),
    "lesson": Limits(200_000, 0, 0, 20_000, 512 * 2**20, 400 * DAY),
}

CLASSES = 1_000  # at a time
JOINED = 600  # phones in one class
ANSWER = 4_000  # bytes of one answer's JSON
ACTIVITY = 100_000  # bytes of a class's activity, and of its state
QUESTIONS = 200  # numbers that answers of one class may have
IDLE = 2 * DAY  # seconds until a class that nobody touches is deleted
LONGEST = 14 * DAY  # seconds that a class lives at most
