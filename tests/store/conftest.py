"""What the tests of the store share: every test runs on SQLite, and on PostgreSQL where it is installed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import make_url

from mlcore.store import Store
from mlcore.store.database import address
from tests.store.servers import Server, programs

KINDS = ("sqlite", "postgresql")
_NAMES = count()


class Clock:
    """A time that tests set."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    found = programs()
    if found is None:
        assert not os.environ.get("CI"), "PostgreSQL is missing: .ci/run installs it"
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    started = Server(found)
    started.start()
    yield started
    started.close()


@pytest.fixture(params=KINDS)
def environment(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The environment of one empty store, set here, too."""
    found = {"MLCORE_STORE": str(tmp_path / "kept")}
    if request.param == "postgresql":
        found["MLCORE_DATABASE"] = request.getfixturevalue("server").create(f"lab{next(_NAMES)}")
    else:
        monkeypatch.delenv("MLCORE_DATABASE", raising=False)
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def another(environment: dict[str, str], clock: Clock) -> Iterator[Callable[[], Store]]:
    """Stores on the same database, as other processes have them."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(Store(make_url(address()), clock))
        return opened[-1]

    yield open_one
    for each in opened:
        each.database.close()


@pytest.fixture
def kept(another: Callable[[], Store]) -> Store:
    return another()
