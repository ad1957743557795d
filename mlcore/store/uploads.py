"""Uploaded tables by their content: SHA-256 -> bytes. Equal tables are kept once, the latest used longest."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import Connection, delete, func, insert, select, update

from mlcore.store.database import Database
from mlcore.store.errors import Missing, StoreError
from mlcore.store.schema import uploads

MINUTE = 60.0  # of use is written down once


class Uploads:
    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def put(self, raw: bytes, budget: int) -> str:
        """Keep `raw` and return its digest; what was unused for longest goes if all exceed `budget` bytes.

        Raises StoreError.
        """
        digest, now = hashlib.sha256(raw).hexdigest(), self._clock()
        where = uploads.c.digest == digest
        with self._database.write() as connection:
            self._database.one_at_a_time(connection, "uploads")
            connection.execute(delete(uploads).where(where))
            connection.execute(insert(uploads).values(digest=digest, size=len(raw), used=now, body=raw))
            self._evict(connection, digest, budget)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes whose SHA-256 is `digest`. Raises Missing where there are none, and StoreError."""
        where = uploads.c.digest == digest
        with self._database.read() as connection:
            row = connection.execute(select(uploads.c.body, uploads.c.used).where(where)).one_or_none()
        if row is None or hashlib.sha256(row.body).hexdigest() != digest:
            raise Missing
        self._touch(digest, row.used)
        return bytes(row.body)

    def total(self) -> int:
        """Bytes of all tables together. Raises StoreError."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.coalesce(func.sum(uploads.c.size), 0))).scalar_one())

    def _touch(self, digest: str, used: float) -> None:
        """Used now: others go first. A store that cannot write this down is no reason not to read."""
        if (now := self._clock()) - used > MINUTE:
            with suppress(StoreError), self._database.write(grows=False) as connection:
                connection.execute(update(uploads).where(uploads.c.digest == digest).values(used=now))

    def _evict(self, connection: Connection, keep: str, budget: int) -> None:
        total = connection.execute(select(func.sum(uploads.c.size))).scalar_one()
        others = select(uploads.c.digest, uploads.c.size).where(uploads.c.digest != keep)
        for digest, size in connection.execute(others.order_by(uploads.c.used)).all():
            if total <= budget:
                return
            connection.execute(delete(uploads).where(uploads.c.digest == digest))
            total -= size
