"""The store of uploaded tables: content-addressed, bounded, and closed to names that are no digest."""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlcore.files import store
from mlcore.files.store import DataError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MLCORE_STORE", str(tmp_path / "tables"))
    return tmp_path / "tables"


def test_what_was_put_is_found_under_its_sha256() -> None:
    digest = store.put(b"a,b\n1,2\n")
    assert digest == hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert store.get(digest) == b"a,b\n1,2\n"
    assert store.put(b"a,b\n1,2\n") == digest


@pytest.mark.parametrize(
    "digest",
    ["", "abc", "../" * 21 + "x", "/etc/passwd", "A" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n", "٠" * 64],
)
def test_a_name_that_is_no_digest_never_becomes_a_path(digest: str, home: Path) -> None:
    with pytest.raises(DataError) as caught:
        store.get(digest)
    assert caught.value.code == "no_name"
    assert not home.exists()


def test_a_table_that_is_gone_is_a_sentence() -> None:
    with pytest.raises(DataError, match="not on this server") as caught:
        store.get("0" * 64)
    assert caught.value.code == "lost"


def test_a_file_that_was_tampered_with_is_not_served(home: Path) -> None:
    digest = store.put(b"x,y\n")
    (home / digest).write_bytes(b"x,z\n")
    with pytest.raises(DataError, match="Upload the file again"):
        store.get(digest)
    store.put(b"x,y\n")
    assert store.get(digest) == b"x,y\n"


def test_the_table_unused_for_longest_goes_first(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(store, "BUDGET", 250)
    first, second = store.put(b"1" * 100), store.put(b"2" * 100)
    for age, digest in ((2, first), (1, second)):
        os.utime(home / digest, ns=(0, 10**18 - age * 10**9))
    store.get(first)  # used now, so the second is the older one
    third = store.put(b"3" * 100)
    assert {p.name for p in home.iterdir()} == {first, third}
    os.utime(home / third, (4e9, 4e9))  # a clock that was set back: what was put now stays all the same
    assert store.put(b"4" * 250) in {p.name for p in home.iterdir()}
    assert len(list(home.iterdir())) == 1


def test_only_its_own_files_are_deleted(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """A folder that somebody also uses for something else loses nothing; only drafts of the dead go."""
    monkeypatch.setattr(store, "BUDGET", 10)
    store.put(b"old")
    (home / "thesis.tex").write_bytes(b"x" * 100)
    (home / "photos").mkdir()
    for name in ("dead.draft", "alive.draft"):
        (home / name).write_bytes(b"x" * 100)
    os.utime(home / "dead.draft", (0, 0))
    new = store.put(b"y" * 10)
    assert {p.name for p in home.iterdir()} == {"thesis.tex", "photos", "alive.draft", new}


def test_a_table_above_the_budget_is_refused(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(store, "BUDGET", 10)
    with pytest.raises(DataError) as caught:
        store.put(b"x" * 11)
    assert caught.value.values == {"bytes": 11, "limit": 10}
    assert not home.exists()


def test_many_writers_leave_whole_files_and_no_drafts(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(store, "BUDGET", 40_000)
    tables = [bytes([i]) * 10_000 for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(store.put, tables * 5))
    left = list(home.iterdir())
    assert 1 <= len(left) <= 4
    assert all(hashlib.sha256(p.read_bytes()).hexdigest() == p.name for p in left)


def test_a_failed_write_leaves_no_draft(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        store.put(b"x")
    assert list(home.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="accounts of POSIX")
def test_the_folder_is_private_and_must_be_ours(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    store.put(b"x")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    monkeypatch.setattr(os, "getuid", lambda: home.stat().st_uid + 1)
    with pytest.raises(DataError, match="belongs to another account"):
        store.put(b"y")


def test_without_a_setting_it_lies_below_the_temporary_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MLCORE_STORE")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    assert store.folder().parent == tmp_path
    assert store.folder().name.startswith("mlp-laboratory-")


@pytest.mark.parametrize("code", DataError.SENTENCES)
def test_an_error_survives_the_way_to_another_process(code: str) -> None:
    values = {"bytes": 1, "limit": 2, "columns": 3, "target": 4, "examples": 5, "largest": 6}
    error = DataError(code, **values)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.code, again.values) == (str(error), code, values)
    assert "{" not in str(error)
