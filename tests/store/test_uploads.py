"""Uploaded tables on both databases: seen by every process, whole, and the longest unused gone first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from sqlalchemy import update

from mlcore.store import Store
from mlcore.store.errors import Missing
from mlcore.store.schema import uploads
from tests.store.conftest import Clock


def present(store: Store, *digests: str) -> list[bool]:
    """Which of them are there, by a look that does not count as use."""
    with store.database.read() as connection:
        found = connection.execute(uploads.select()).all()
    return [digest in {row.digest for row in found} for digest in digests]


def test_every_process_sees_a_table(another: Callable[[], Store]) -> None:
    digest = another().uploads.put(b"a,b\n1,2\n\0\xff", 250)
    assert digest == hashlib.sha256(b"a,b\n1,2\n\0\xff").hexdigest()
    assert another().uploads.get(digest) == b"a,b\n1,2\n\0\xff"
    assert another().uploads.put(b"a,b\n1,2\n\0\xff", 250) == digest
    with pytest.raises(Missing):
        another().uploads.get("0" * 64)


def test_the_table_unused_for_longest_goes_first(kept: Store, clock: Clock) -> None:
    first = kept.uploads.put(b"1" * 100, 250)
    clock.now += 100
    second = kept.uploads.put(b"2" * 100, 250)
    clock.now += 100
    kept.uploads.get(first)  # used now, so the second is the older one
    clock.now += 100
    third = kept.uploads.put(b"3" * 100, 250)
    assert present(kept, first, second, third) == [True, False, True]
    clock.now -= 10_000  # a clock that was set back: what was put now stays all the same
    fourth = kept.uploads.put(b"4" * 250, 250)
    assert present(kept, first, third, fourth) == [False, False, True]


def test_putting_again_is_use(kept: Store, clock: Clock) -> None:
    digests = []
    for i in range(2):
        digests.append(kept.uploads.put(bytes([i]) * 100, 250))
        clock.now += 100
    kept.uploads.put(bytes([0]) * 100, 250)
    digests.append(kept.uploads.put(b"new" * 30, 250))
    assert present(kept, *digests) == [True, False, True]


def test_a_table_that_was_tampered_with_is_not_served(kept: Store) -> None:
    digest = kept.uploads.put(b"x,y\n", 250)
    with kept.database.write() as connection:
        connection.execute(update(uploads).values(body=b"x,z\n"))
    with pytest.raises(Missing):
        kept.uploads.get(digest)
    kept.uploads.put(b"x,y\n", 250)
    assert kept.uploads.get(digest) == b"x,y\n"
