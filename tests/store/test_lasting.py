"""What was promised to be kept is kept: killed writers, full disks, servers that go away."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import make_url, text

from mlcore.store import Store, StoreError, database
from mlcore.store.schema import metadata
from tests.pages.browser import ROOT
from tests.store.conftest import Clock
from tests.store.servers import Server
from tests.store.test_documents import code_of, size_of

KILLS = 100  # on each of two databases
SPARE = 64 * 2**20


# --- killed ------------------------------------------------------------------------------------------------


def test_every_acknowledged_write_survives_a_kill(environment: dict[str, str]) -> None:
    kept = Store(database.address())  # with the time of the writers
    draw, promised = random.Random(18), []
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.store.writer"], cwd=ROOT, env=os.environ | environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert nursery.stdin
    assert nursery.stdout
    with nursery:
        for seed in range(KILLS):
            print(seed, file=nursery.stdin, flush=True)
            _, pid = nursery.stdout.readline().split()
            told = [nursery.stdout.readline() for _ in range(draw.randrange(12))]
            time.sleep(draw.random() * 0.008)  # into the middle of a transaction
            os.kill(int(pid), signal.SIGKILL)
            told += iter(nursery.stdout.readline, "end\n")
            check(kept, told)
            promised += told
        nursery.stdin.close()
    check(kept, promised)
    assert sum(line.startswith("item") for line in promised) > KILLS
    if kept.database.local:
        with kept.database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    size_of(kept)  # the sizes that are counted are those that are kept
    kept.database.close()


def check(kept: Store, told: list[str]) -> None:
    for line in told:
        match line.split():
            case "tray", tray, seed:
                assert kept.documents.read("tray", tray).body == {"seed": int(seed)}
            case "item", tray, number, i, size:
                data = kept.documents.data("tray", tray, int(number))
                assert data == bytes([int(i) % 256]) * int(size)
            case "class", code, seed:
                assert kept.classes.find_class(code).activity == {"seed": int(seed)}
            case "answer", code, i:
                assert [answer.value for answer in kept.classes.answers(code, int(i))] == [int(i)]
            case _:
                pytest.fail(f"not a line of a writer: {line!r}")


def test_sqlite_flushes_with_every_transaction(kept: Store) -> None:
    """A kill cannot show what a power cut would: that is up to these settings."""
    if not kept.database.local:
        pytest.skip("a setting of SQLite; PostgreSQL flushes by default")
    with kept.database.read() as connection:
        told = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys")]  # fmt: skip
    assert told == ["wal", 2, 1]


# --- started -----------------------------------------------------------------------------------------------


def test_many_may_start_at_once(another: Callable[[], Store]) -> None:
    stores = [another() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda one: one.documents.create("tray", {}), stores))
    assert all(stores[0].documents.read("tray", found).body == {} for found in ids)


def test_the_steps_lead_to_the_tables_of_the_code(kept: Store) -> None:
    with kept.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_store_of_a_newer_version_is_left_alone(kept: Store, another: Callable[[], Store]) -> None:
    found = kept.documents.create("tray", {})
    with kept.database.write() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    assert code_of(lambda: another().documents.read("tray", found)) == "newer"


def test_a_mistake_of_ours_is_no_refusal(kept: Store) -> None:
    with pytest.raises(Exception, match="nonsense") as caught, kept.database.read() as connection:
        connection.execute(text("select nonsense"))
    assert not isinstance(caught.value, StoreError)


# --- full --------------------------------------------------------------------------------------------------


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_below_64_megabytes_nothing_more_is_taken(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    if not kept.database.local:
        pytest.skip("the disk of a server is its own: see the test with a full one")
    found = kept.documents.create("tray", {"a": 1})
    monkeypatch.setattr(database.shutil, "disk_usage", lambda path: Usage(2**40, 2**40, SPARE - 1))
    assert code_of(lambda: kept.documents.create("tray", {})) == "disk"
    assert code_of(lambda: kept.documents.append("tray", found, {})) == "disk"
    assert code_of(lambda: kept.classes.open_class({})) == "disk"
    assert kept.documents.read("tray", found).body == {"a": 1}
    kept.documents.delete("tray", found)  # what makes room is allowed
    monkeypatch.setattr(database.shutil, "disk_usage", lambda path: Usage(2**40, 2**40, SPARE))
    kept.documents.create("tray", {})


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 megabytes."""
    (tmp_path / "disk").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=777", "tmpfs", str(tmp_path / "disk")]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no small disk may be mounted here (the test above does without)")
    yield tmp_path / "disk"
    subprocess.run(["umount", "-l", str(tmp_path / "disk")], check=True)


def fill(kept: Store) -> dict[str, bytes]:
    """Add until the store refuses; what it had kept, by tray."""
    kept_data: dict[str, bytes] = {}
    while True:
        data = os.urandom(300_000)
        try:
            tray = kept.documents.create("tray", {})
            kept.documents.append("tray", tray, {}, data)
        except StoreError as refused:
            problem = refused.code
            break
        kept_data[tray] = data
    assert problem == "disk"
    assert len(kept_data) > 5
    return kept_data


def test_a_full_disk_loses_nothing_sqlite(
    small_disk: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLCORE_STORE", str(small_disk))
    kept = Store(make_url(f"sqlite:///{small_disk / database.FILE}"), clock)
    assert code_of(lambda: kept.documents.create("tray", {})) == "disk"
    monkeypatch.setattr(database, "SPARE", 0)
    whole(kept, fill(kept), small_disk)
    kept.database.close()


def test_a_full_disk_loses_nothing_postgresql(server: Server, small_disk: Path, clock: Clock) -> None:
    """The tables of one database lie on a small disk, the server's own files elsewhere."""
    place = server.space(small_disk)
    kept = Store(make_url(server.create("small", place)).set(drivername="postgresql+psycopg"), clock)
    whole(kept, fill(kept), small_disk)
    kept.database.close()
    server.drop("small", place)


def whole(kept: Store, promised: dict[str, bytes], disk: Path) -> None:
    for tray, data in promised.items():
        assert kept.documents.data("tray", tray, 1) == data
    subprocess.run(["mount", "-o", "remount,size=48m", str(disk)], check=True)
    tray = kept.documents.create("tray", {})  # as soon as there is room, without a restart
    kept.documents.append("tray", tray, {}, b"x" * 300_000)
    size_of(kept)


# --- away --------------------------------------------------------------------------------------------------


def test_a_server_that_comes_back_is_used_again(server: Server, clock: Clock) -> None:
    kept = Store(make_url(server.create("away")).set(drivername="postgresql+psycopg"), clock)
    late = Store(kept.database.engine.url, clock)
    found = kept.documents.create("tray", {"a": 1})
    server.stop()
    try:
        for one in (kept, late):
            assert code_of(lambda one=one: one.documents.read("tray", found)) == "away"
            assert code_of(lambda one=one: one.documents.create("tray", {})) == "away"
    finally:
        server.start()
    for one in (kept, late):
        assert one.documents.read("tray", found).body == {"a": 1}
        one.database.close()


def test_a_file_that_is_locked_for_long_is_a_sentence(
    another: Callable[[], Store], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY", 0.2)
    monkeypatch.setitem(database.SERVER, "options", "-c lock_timeout=200")
    one, other = another(), another()
    found = one.documents.create("tray", {})
    with one.database.write() as connection:
        one.database.one_at_a_time(connection, "tray")
        assert code_of(lambda: other.documents.create("tray", {})) == "away"
        assert other.documents.read("tray", found).body == {}, "who only reads does not wait"
    other.documents.create("tray", {})


@pytest.mark.skipif(os.name != "posix", reason="accounts of POSIX")
def test_the_folder_is_private_and_must_be_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MLCORE_STORE", str(tmp_path / "kept"))
    monkeypatch.delenv("MLCORE_DATABASE", raising=False)
    kept = Store(database.address())
    kept.documents.create("tray", {})
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    assert code_of(lambda: Store(database.address()).documents.create("tray", {})) == "folder"


def test_without_a_setting_it_lies_below_the_temporary_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MLCORE_STORE", raising=False)
    monkeypatch.delenv("MLCORE_DATABASE", raising=False)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    found = database.address().database
    assert found == str(next(iter([database.folder()])) / database.FILE)
    assert database.folder().parent == tmp_path
