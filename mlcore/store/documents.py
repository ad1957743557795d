"""Documents of a kind under unguessable ids: a body that is replaced, and items that are added one by one.

    tray = documents.create("tray", {"name": ""})
    documents.append("tray", tray, {"note": "stuck"}, data)    # two tabs at once: both items are kept
    documents.change("tray", tray, lambda body: body | {"name": "Monday"})

Whoever has the id may read and change: the id is the key. The database knows only its SHA-256.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from mlcore.store.database import Database
from mlcore.store.errors import StoreError
from mlcore.store.limits import DAY, KINDS, Limits
from mlcore.store.schema import documents, items
from mlcore.store.sealed import is_secret, seal, secret, written

TAKEN_BACK = 3600.0  # seconds in which a removed item can be restored


@dataclass(frozen=True)
class Document:
    body: Any
    version: int  # counts changes of the body


@dataclass(frozen=True)
class Item:
    number: int
    body: Any


class Documents:
    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def create(self, kind: str, body: Any) -> str:
        """Keep `body` (anything that JSON can say) and return its id.

        Raises StoreError, as every method: too large, full, no space, away.
        """
        limits, now = KINDS[kind], self._clock()
        text = written(body, limits.body)
        size, given = len(text.encode()), secret()
        with self._changing(kind) as connection:
            self._sweep(connection, kind)
            self._has_room(connection, kind, size)
            connection.execute(
                insert(documents).values(
                    secret=seal(kind, given), kind=kind, version=1, size=size, used=now, last=0, body=text
                )
            )
        return given

    def read(self, kind: str, given: str) -> Document:
        with self._database.read() as connection:
            row = self._row(connection, kind, given)
        self._touch(row)
        return Document(json.loads(row.body), row.version)

    def update(self, kind: str, given: str, body: Any, version: int) -> int:
        """Replace the body of that version; return the new one. Raises "changed" if it has another."""
        return self._replace(kind, given, lambda _: body, version)[1]

    def change(self, kind: str, given: str, edit: Callable[[Any], Any]) -> Any:
        """Replace the body by `edit(body)`, while nobody else does; return the new one."""
        return self._replace(kind, given, edit, None)[0]

    def _replace(
        self, kind: str, given: str, edit: Callable[[Any], Any], version: int | None
    ) -> tuple[Any, int]:
        with self._changing(kind) as connection:
            row = self._row(connection, kind, given)
            if version not in (None, row.version):
                raise StoreError("changed")
            body = edit(json.loads(row.body))
            text = written(body, KINDS[kind].body)
            grown = len(text.encode()) - len(row.body.encode())
            if grown > 0:
                self._has_room(connection, kind, grown, new=False)
            values = {"body": text, "version": row.version + 1, "size": row.size + grown}
            self._put(connection, row.key, **values)
        return body, row.version + 1

    def delete(self, kind: str, given: str) -> None:
        """Forget the document and its items. Nothing happens where there is none."""
        with self._changing(kind, grows=False) as connection:
            connection.execute(delete(documents).where(documents.c.secret == seal(kind, given)))

    def append(self, kind: str, given: str, body: Any, data: bytes = b"") -> int:
        """Add an item and return its number. Its body may change later, its data never does."""
        limits = KINDS[kind]
        text = written(body, limits.item)
        size = len(text.encode()) + len(data)
        if size > limits.item:
            raise StoreError("too_large", bytes=size, limit=limits.item)
        with self._changing(kind) as connection:
            self._sweep(connection, kind)
            row = self._row(connection, kind, given)
            freed = self._forget(connection, row.key, limits.items)
            if self._count(connection, row.key) >= limits.items:
                raise StoreError("too_many", limit=limits.items)
            self._has_room(connection, kind, size - freed, new=False)
            number = row.last + 1
            connection.execute(
                insert(items).values(document=row.key, number=number, size=size, body=text, data=data)
            )
            self._put(connection, row.key, last=number, size=row.size + size - freed)
        return int(number)

    def items(self, kind: str, given: str) -> tuple[Item, ...]:
        """Those that are not removed, in the order in which they were added."""
        with self._database.read() as connection:
            row = self._row(connection, kind, given)
            found = connection.execute(
                select(items.c.number, items.c.body)
                .where(items.c.document == row.key, items.c.gone.is_(None))
                .order_by(items.c.number)
            ).all()
        self._touch(row)
        return tuple(Item(each.number, json.loads(each.body)) for each in found)

    def data(self, kind: str, given: str, number: int) -> bytes:
        """The data of an item, removed or not."""
        with self._database.read() as connection:
            row = self._row(connection, kind, given)
            where = (items.c.document == row.key) & (items.c.number == number)
            found = connection.execute(select(items.c.data).where(where)).scalar_one_or_none()
        if found is None:
            raise self._lost(kind)
        return bytes(found)

    def change_item(self, kind: str, given: str, number: int, edit: Callable[[Any], Any]) -> Any:
        """Replace an item's body by `edit(body)`, while nobody else does; return the new one."""
        limits = KINDS[kind]
        with self._changing(kind) as connection:
            row, item = self._item(connection, kind, given, number)
            body = edit(json.loads(item.body))
            text = written(body, limits.item)
            grown = len(text.encode()) - len(item.body.encode())
            if item.size + grown > limits.item:
                raise StoreError("too_large", bytes=item.size + grown, limit=limits.item)
            if grown > 0:
                self._has_room(connection, kind, grown, new=False)
            self._set(connection, item, body=text, size=item.size + grown)
            self._put(connection, row.key, size=row.size + grown)
        return body

    def remove(self, kind: str, given: str, number: int) -> None:
        """Take an item away; for an hour, `restore` brings it back."""
        with self._changing(kind, grows=False) as connection:
            row, item = self._item(connection, kind, given, number)
            if item.gone is None:
                self._set(connection, item, gone=self._clock())
            self._put(connection, row.key)

    def restore(self, kind: str, given: str, number: int) -> None:
        limits = KINDS[kind]
        with self._changing(kind) as connection:
            row, item = self._item(connection, kind, given, number)
            if item.gone is not None and self._count(connection, row.key) >= limits.items:
                raise StoreError("too_many", limit=limits.items)
            self._set(connection, item, gone=None)
            self._put(connection, row.key)

    # --- rows -----------------------------------------------------------------------------------------------

    @contextmanager
    def _changing(self, kind: str, grows: bool = True) -> Iterator[Connection]:
        """One writer of a kind at a time: what it has read stays true; two cannot share the last place."""
        with self._database.write(grows) as connection:
            self._database.one_at_a_time(connection, kind)
            yield connection

    def _row(self, connection: Connection, kind: str, given: str) -> Row[Any]:
        if not is_secret(given):
            raise self._lost(kind)
        query = select(documents).where(documents.c.secret == seal(kind, given))
        row = connection.execute(query).one_or_none()
        if row is None or row.used < self._clock() - KINDS[kind].age:
            raise self._lost(kind)
        return row

    def _item(self, connection: Connection, kind: str, given: str, number: int) -> tuple[Row[Any], Any]:
        row = self._row(connection, kind, given)
        where = (items.c.document == row.key) & (items.c.number == number)
        columns = (items.c.document, items.c.number, items.c.size, items.c.gone, items.c.body)
        found = connection.execute(select(*columns).where(where)).one_or_none()
        if found is None:
            raise self._lost(kind)
        return row, found

    @staticmethod
    def _lost(kind: str) -> StoreError:
        return StoreError("lost", days=round(KINDS[kind].age / DAY))

    @staticmethod
    def _set(connection: Connection, item: Row[Any], **values: Any) -> None:
        where = (items.c.document == item.document) & (items.c.number == item.number)
        connection.execute(update(items).where(where).values(values))

    def _put(self, connection: Connection, key: int, **values: Any) -> None:
        connection.execute(
            update(documents).where(documents.c.key == key).values(used=self._clock(), **values)
        )

    def _touch(self, row: Row[Any]) -> None:
        """Reading is use. It is written down once a day, and a store that cannot is no reason not to read."""
        if self._clock() - row.used > DAY:
            with suppress(StoreError), self._database.write(grows=False) as connection:
                self._put(connection, row.key)

    # --- bounds ---------------------------------------------------------------------------------------------

    @staticmethod
    def _count(connection: Connection, key: int, removed: bool = False) -> int:
        where = items.c.document == key
        if not removed:
            where &= items.c.gone.is_(None)
        return connection.execute(select(func.count()).where(where)).scalar_one()

    def _forget(self, connection: Connection, key: int, most: int) -> int:
        """Delete items removed an hour ago, all removed ones where there are many; return the bytes."""
        many = self._count(connection, key, removed=True) >= 2 * most
        before = self._clock() - (0.0 if many else TAKEN_BACK)
        where = (items.c.document == key) & (items.c.gone <= before)
        freed = connection.execute(select(func.coalesce(func.sum(items.c.size), 0)).where(where)).scalar_one()
        connection.execute(delete(items).where(where))
        return int(freed)

    def _sweep(self, connection: Connection, kind: str) -> None:
        """Whoever adds something first clears away what has expired."""
        before = self._clock() - KINDS[kind].age
        connection.execute(delete(documents).where(documents.c.kind == kind, documents.c.used < before))

    def _has_room(self, connection: Connection, kind: str, grown: int, new: bool = True) -> None:
        """Raise "full" where `grown` more bytes are too many."""
        limits: Limits = KINDS[kind]
        where = documents.c.kind == kind
        count, total = connection.execute(
            select(func.count(), func.coalesce(func.sum(documents.c.size), 0)).where(where)
        ).one()
        if total + grown > limits.total or (new and count >= limits.documents):
            raise StoreError("full")
