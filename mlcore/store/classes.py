"""Classes: a lecturer opens one, phones join by its code and answer, and ending it deletes everything.

    code, key = classes.open_class({"room": "training"})       # the key is in the lecturer's link alone
    nickname = classes.join(code, phone, ("Otter", "Heron"))   # `phone`: a secret that the phone keeps
    classes.answer(code, phone, 1, {"lr": 0.1})                # again: the later answer counts
    [answer.value for answer in classes.answers(code, 1)]
    classes.change(code, key, state={"revealed": True})

Nothing personal is stored: of the key and of a phone's secret only the SHA-256, and a nickname from a list.
"""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from mlcore.store import limits
from mlcore.store.database import Database
from mlcore.store.errors import StoreError
from mlcore.store.schema import answers, classes, participants
from mlcore.store.sealed import seal, secret, written

ALPHABET = "CDFHJKMNPRTVWXY34679"  # none looks like another, no vowels: no words by chance
LENGTH = 6  # 64 million codes for a thousand classes
MINUTE = 60.0  # of use is written down once


@dataclass(frozen=True)
class Class:
    code: str
    activity: Any
    state: Any
    ends: float  # seconds since 1970, at the latest


@dataclass(frozen=True)
class Answer:
    nickname: str
    value: Any
    at: float  # seconds since 1970


class Classes:
    """Every method may raise StoreError; those that take a key check it each time."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    # --- the lecturer ---------------------------------------------------------------------------------------

    def open_class(self, activity: Any, state: Any = None) -> tuple[str, str]:
        """The code of a new class, and the secret key of who leads it."""
        now, key = self._clock(), secret()
        values = {
            "activity": written(activity, limits.ACTIVITY), "state": written(state, limits.ACTIVITY),
            "key_hash": seal("class", key), "created": now, "used": now, "ends": now + limits.LONGEST,
        }  # fmt: skip
        with self._database.write() as connection:
            self._database.one_at_a_time(connection, "classes")
            self._expire(connection)
            if connection.execute(select(func.count()).select_from(classes)).scalar_one() >= limits.CLASSES:
                raise StoreError("full")
            while True:
                code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
                if connection.execute(select(classes.c.id).where(classes.c.code == code)).first() is None:
                    connection.execute(insert(classes).values(code=code, **values))
                    return code, key

    def lecturer(self, code: str, key: str) -> bool:
        """Whether the key is that of the class. Raises StoreError where there is no such class."""
        with self._database.read() as connection:
            return self._opens(self._row(connection, code), key)

    def change(self, code: str, key: str, *, activity: Any = ..., state: Any = ...) -> None:
        """Replace what the class does, where it stands, or both."""
        given = {"activity": activity, "state": state}
        texts = {name: written(each, limits.ACTIVITY) for name, each in given.items() if each is not ...}
        with self._database.write() as connection:
            row = self._lead(connection, code, key)
            connection.execute(
                update(classes).where(classes.c.id == row.id).values(used=self._clock(), **texts)
            )

    def clear(self, code: str, key: str, number: int) -> None:
        """Delete all answers to one question, so that it can be asked anew."""
        with self._database.write(grows=False) as connection:
            row = self._lead(connection, code, key)
            connection.execute(
                delete(answers).where(answers.c.class_id == row.id, answers.c.number == number)
            )

    def end_class(self, code: str, key: str) -> None:
        """Delete the class with all that it holds."""
        with self._database.write(grows=False) as connection:
            row = self._lead(connection, code, key)
            connection.execute(delete(classes).where(classes.c.id == row.id))

    def expire(self) -> None:
        """Delete the classes that were forgotten. Opening a class does so, too."""
        with self._database.write(grows=False) as connection:
            self._expire(connection)

    # --- phones ---------------------------------------------------------------------------------------------

    def find_class(self, code: str) -> Class:
        """The class of a code as somebody typed it."""
        with self._database.read() as connection:
            row = self._row(connection, code)
        return Class(row.code, json.loads(row.activity), json.loads(row.state), row.ends)

    def join(self, code: str, participant: str, nicknames: Sequence[str]) -> str:
        """The nickname of this phone in the class: that of its first time, else one that nobody else has."""
        with self._database.write() as connection:
            row = self._row(connection, code)
            sealed = _sealed(row, participant)
            self._database.one_at_a_time(connection, f"class {row.id}")
            ours = participants.c.class_id == row.id
            known = select(participants.c.nickname).where(ours, participants.c.participant == sealed)
            if (nickname := connection.execute(known).scalar_one_or_none()) is not None:
                return str(nickname)
            taken = set(connection.execute(select(participants.c.nickname).where(ours)).scalars())
            if len(taken) >= limits.JOINED:
                raise StoreError("class_full", limit=limits.JOINED)
            nickname = _untaken(nicknames, taken)
            self._insert(
                connection, insert(participants).values(
                    class_id=row.id, participant=sealed, nickname=nickname, joined=self._clock()
                )
            )  # fmt: skip
            self._touch(connection, row)
        return nickname

    def answer(self, code: str, participant: str, number: int, value: Any, state: Any = ...) -> None:
        """Keep what a phone that has joined answers to a question; its earlier answer is replaced.

        With a `state`, only while the class is in it: what the lecturer has closed meanwhile stays closed.
        """
        text, now = written(value, limits.ANSWER), self._clock()
        if not 0 <= number < limits.QUESTIONS:
            raise ValueError(f"questions have numbers below {limits.QUESTIONS}")
        upsert = (sqlite.insert if self._database.local else postgresql.insert)(answers)
        with self._database.write() as connection:
            row = self._row(connection, code)
            if state is not ... and json.loads(row.state) != state:
                raise StoreError("changed")
            sealed = _sealed(row, participant)
            joined = select(participants.c.joined).where(
                participants.c.class_id == row.id, participants.c.participant == sealed
            )
            if connection.execute(joined).first() is None:
                raise StoreError("not_joined")
            values = {"class_id": row.id, "number": number, "participant": sealed, "value": text, "at": now}
            self._insert(
                connection, upsert.values(values).on_conflict_do_update(
                    index_elements=["class_id", "number", "participant"], set_={"value": text, "at": now}
                )
            )  # fmt: skip
            self._touch(connection, row)

    # --- everybody ------------------------------------------------------------------------------------------

    def answers(self, code: str, number: int) -> tuple[Answer, ...]:
        """All answers to a question, the first to be given first."""
        with self._database.read() as connection:
            row = self._row(connection, code)
            found = connection.execute(
                select(participants.c.nickname, answers.c.value, answers.c.at)
                .join_from(
                    answers,
                    participants,
                    (participants.c.class_id == answers.c.class_id)
                    & (participants.c.participant == answers.c.participant),
                )
                .where(answers.c.class_id == row.id, answers.c.number == number)
                .order_by(answers.c.at, participants.c.nickname)
            ).all()
        return tuple(Answer(each.nickname, json.loads(each.value), each.at) for each in found)

    def count(self, code: str, number: int) -> tuple[int, int]:
        """How many have answered a question, and how many have joined."""
        with self._database.read() as connection:
            row = self._row(connection, code)
            given = select(func.count()).where(answers.c.class_id == row.id, answers.c.number == number)
            joined = select(func.count()).where(participants.c.class_id == row.id)
            return connection.execute(given).scalar_one(), connection.execute(joined).scalar_one()

    # --- rows -----------------------------------------------------------------------------------------------

    def _row(self, connection: Connection, code: str) -> Row[Any]:
        asked = "".join(code.split()).upper()[: LENGTH + 1]
        if len(asked) == LENGTH and set(asked) <= set(ALPHABET):
            row = connection.execute(select(classes).where(classes.c.code == asked)).one_or_none()
            if row is not None and self._lives(row):
                return row
        raise StoreError("no_class", given=asked, length=LENGTH)

    def _lives(self, row: Row[Any]) -> bool:
        now = self._clock()
        return bool(row.ends > now and row.used > now - limits.IDLE)

    def _lead(self, connection: Connection, code: str, key: str) -> Row[Any]:
        row = self._row(connection, code)
        if not self._opens(row, key):
            raise StoreError("not_yours")
        return row

    @staticmethod
    def _opens(row: Row[Any], key: str) -> bool:
        return hmac.compare_digest(seal("class", key), bytes(row.key_hash))

    @staticmethod
    def _insert(connection: Connection, query: Any) -> None:
        try:
            connection.execute(query)
        except IntegrityError:  # the class ended between two statements
            raise StoreError("not_joined") from None

    def _touch(self, connection: Connection, row: Row[Any]) -> None:
        if (now := self._clock()) - row.used > MINUTE:
            connection.execute(update(classes).where(classes.c.id == row.id).values(used=now))

    def _expire(self, connection: Connection) -> None:
        now = self._clock()
        connection.execute(
            delete(classes).where(or_(classes.c.ends <= now, classes.c.used <= now - limits.IDLE))
        )


def _sealed(row: Row[Any], participant: str) -> bytes:
    """Another one in each class: nobody can follow a phone from one to the next."""
    return seal(f"participant of {row.id}", participant)


def _untaken(nicknames: Sequence[str], taken: set[str]) -> str:
    """One that is free, by chance; with a number behind it where all are taken."""
    free = [name for name in nicknames if name not in taken]
    round_ = 2
    while not free:
        free = [name for each in nicknames if (name := f"{each} {round_}") not in taken]
        round_ += 1
    return secrets.choice(free)
