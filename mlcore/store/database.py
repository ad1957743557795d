"""The door to the database: SQLite in a folder, or PostgreSQL by an address; transactions and refusals.

`MLCORE_DATABASE` is an address such as `postgresql://user:password@host/name`, for web processes and workers
on several machines. Without it one file, `laboratory.sqlite`, in the folder `MLCORE_STORE` serves all
processes of one machine; without that, in a folder below the temporary one that only this account may read.

What was written is on the disk when `write` ends: SQLite flushes its log with every transaction (WAL,
synchronous=FULL), PostgreSQL by default. A database that is away is a sentence, and is tried again by the
next one who asks.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from mlcore.base.limits import limits
from mlcore.store import migrations
from mlcore.store.errors import StoreError, refusal_of

FILE = "laboratory.sqlite"
SPARE = 64 * 2**20  # bytes of disk that stay free
BUSY = 15.0  # seconds to wait for another writer
CONNECT = 4  # seconds until a server that does not answer is away
SERVER = {
    "connect_timeout": CONNECT, "tcp_user_timeout": 8000, "keepalives_idle": 5, "keepalives_interval": 2,
    "keepalives_count": 3, "options": "-c statement_timeout=20000 -c lock_timeout=15000",
}  # fmt: skip


def folder() -> Path:
    """The folder of this account's store, created on first use. Raises StoreError if it is another's."""
    account, path = _account(), _home()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        raise StoreError("folder") from None
    if os.name == "posix" and path.stat().st_uid != account:
        raise StoreError("folder")
    return path


def address() -> URL:
    """Where the environment says that the store is. Touches nothing."""
    if given := limits().database:
        url = make_url(given)
        return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url
    return URL.create("sqlite", database=str(_home() / FILE))


def _home() -> Path:
    return Path(limits().store or f"{tempfile.gettempdir()}/mlp-laboratory-{_account()}")


def _account() -> int:
    return int(getattr(os, "getuid", lambda: 0)())


class Database:
    """Transactions on one database. Threads share it; it connects and migrates when it is first needed."""

    def __init__(self, url: URL) -> None:
        self.local = url.get_backend_name() == "sqlite"
        self.home = Path(url.database or "").parent if self.local else None
        special: dict[str, Any] = {"timeout": BUSY} if self.local else SERVER
        self.engine: Engine = create_engine(
            url, pool_pre_ping=True, pool_timeout=BUSY, pool_size=5, max_overflow=15, hide_parameters=True,
            connect_args=special,
        )  # fmt: skip
        if self.local:
            event.listen(self.engine, "connect", _settle)
            event.listen(self.engine, "begin", _begin)
        self._writing = self.engine.execution_options(writes=True)
        self._ready, self._lock = False, threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look at the database. Raises StoreError."""
        self._prepare()
        with _told(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self, grows: bool = True) -> Iterator[Connection]:
        """All of it happens, and lasts, or nothing. Raises StoreError; if it `grows`, also without space."""
        self._prepare()
        if grows and self.home and shutil.disk_usage(self.home).free < SPARE:
            raise StoreError("disk")
        with _told(), self._writing.begin() as connection:
            yield connection

    def one_at_a_time(self, connection: Connection, what: str) -> None:
        """Until this transaction ends, no other gets past the same words. SQLite has one writer anyway."""
        if not self.local:
            connection.execute(text("select pg_advisory_xact_lock(hashtext(:what))"), {"what": what})

    def close(self) -> None:
        self.engine.dispose()

    def _prepare(self) -> None:
        if self._ready:
            return
        with self._lock:
            if self._ready:
                return
            if self.local:
                folder()
            with _told():
                if self.local:
                    _log_ahead(self.engine)
                migrations.upgrade(self.engine, self._writing)
            self._ready = True


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise refusal_of(error) from error


def _settle(connection: Any, _: object) -> None:
    """A new connection of SQLite: our own BEGIN instead of the driver's, and what lasts is on the disk."""
    connection.isolation_level = None
    for pragma in ("synchronous=FULL", "foreign_keys=ON", f"busy_timeout={int(1000 * BUSY)}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A writer of SQLite takes its turn at the start: a reader that becomes one would fail, not wait."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _log_ahead(engine: Engine) -> None:
    """WAL is a property of the file. Processes that start at once may refuse each other the change."""
    raw = engine.raw_connection()
    try:
        for _ in range(int(BUSY / 0.05)):
            try:
                if raw.cursor().execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",):
                    return
            except Exception as error:
                if "locked" not in str(error):
                    raise
            time.sleep(0.05)
        raise StoreError("away")
    finally:
        raw.close()
