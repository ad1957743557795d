"""Documents: kept whole, found by their id alone, bounded, and changed by two at once without a loss."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mlcore.store import Store, StoreError, limits
from mlcore.store.limits import DAY
from mlcore.store.schema import documents, items
from tests.store.conftest import Clock

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e300, 1e300)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(StoreError) as caught:
        call()
    return caught.value.code


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Other limits for trays."""

    def set_(**values: float) -> None:
        monkeypatch.setitem(limits.KINDS, "tray", replace(limits.KINDS["tray"], **values))

    return set_


def test_a_body_comes_back_as_it_was(kept: Store) -> None:
    body = {
        "name": "한글 \0 \u2028 'quoted' -- ; drop table documents",
        "n": [1, 2.5, None, True],
        "deep": {"x": {}},
    }
    found = kept.documents.create("tray", body)
    assert kept.documents.read("tray", found).body == body


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=JSON)
def test_whatever_json_can_say_is_kept(kept: Store, body: object) -> None:
    assert kept.documents.read("tray", kept.documents.create("tray", body)).body == body


def test_half_a_character_becomes_a_question_mark(kept: Store) -> None:
    assert kept.documents.read("tray", kept.documents.create("tray", "a\ud800b")).body == "a?b"


@pytest.mark.parametrize(
    "wrong", ["", "x", "0" * 22, "0" * 21 + "é", "' or '1'='1", "../" * 7 + "a", "\0" * 22, None, 7]
)
def test_nothing_is_found_by_anything_but_an_id(kept: Store, wrong: str) -> None:
    kept.documents.create("tray", {})
    assert code_of(lambda: kept.documents.read("tray", wrong)) == "lost"
    assert code_of(lambda: kept.documents.change("tray", wrong, lambda body: body)) == "lost"
    assert code_of(lambda: kept.documents.append("tray", wrong, {})) == "lost"


def test_an_id_belongs_to_its_kind_and_is_not_in_the_database(kept: Store) -> None:
    ids = {kept.documents.create("tray", {}) for _ in range(50)}
    assert len(ids) == 50
    assert {len(found) for found in ids} == {22}
    found = ids.pop()
    assert code_of(lambda: kept.documents.read("lesson", found)) == "lost"
    with kept.database.read() as connection:
        rows = connection.execute(select(documents)).all()
    assert found not in str(rows)
    assert found.encode() not in b"".join(bytes(row.secret) for row in rows)


def test_an_update_of_an_older_version_is_refused(kept: Store) -> None:
    found = kept.documents.create("tray", {"a": 1})
    seen = kept.documents.read("tray", found)
    assert kept.documents.update("tray", found, {"a": 2}, seen.version) == 2
    assert code_of(lambda: kept.documents.update("tray", found, {"a": 3}, seen.version)) == "changed"
    assert kept.documents.read("tray", found).body == {"a": 2}


def test_many_writers_lose_nothing(another: Callable[[], Store]) -> None:
    """Two processes with four threads each: every item and every change is there."""
    stores = [another(), another()]
    found = stores[0].documents.create("tray", {"count": 0})

    def write(i: int) -> int:
        one = stores[i % 2].documents
        one.change("tray", found, lambda body: {"count": body["count"] + 1})
        return one.append("tray", found, {"i": i}, str(i).encode())

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(write, range(32)))
    assert sorted(numbers) == list(range(1, 33))
    assert stores[1].documents.read("tray", found).body == {"count": 32}
    assert {item.number: item.body["i"] for item in stores[0].documents.items("tray", found)} == {
        number: i for i, number in enumerate(numbers)
    }
    assert stores[0].documents.data("tray", found, numbers[7]) == b"7"


def test_an_edit_that_fails_changes_nothing(kept: Store) -> None:
    found = kept.documents.create("tray", {"a": 1})

    def fail(body: object) -> object:
        raise RuntimeError("a mistake of the page")

    with pytest.raises(RuntimeError):
        kept.documents.change("tray", found, fail)
    assert kept.documents.read("tray", found).body == {"a": 1}


# --- items -------------------------------------------------------------------------------------------------


def test_a_removed_item_comes_back_for_an_hour(kept: Store, clock: Clock) -> None:
    found = kept.documents.create("tray", {})
    first, second = (kept.documents.append("tray", found, {"i": i}, b"x" * 100) for i in (1, 2))
    kept.documents.remove("tray", found, first)
    assert [item.number for item in kept.documents.items("tray", found)] == [second]
    clock.now += 3500
    kept.documents.restore("tray", found, first)
    assert [item.number for item in kept.documents.items("tray", found)] == [first, second]
    kept.documents.remove("tray", found, first)
    clock.now += 3700
    third = kept.documents.append("tray", found, {"i": 3})
    assert third == 3
    assert code_of(lambda: kept.documents.restore("tray", found, first)) == "lost"
    assert size_of(kept) == 2 + 7 + 100 + 7


def size_of(store: Store) -> int:
    with store.database.read() as connection:
        sizes = connection.execute(select(documents.c.size)).scalars().all()
        rows = connection.execute(select(items.c.body, items.c.data)).all()
        bodies = connection.execute(select(documents.c.body)).scalars().all()
    told = sum(len(row.body.encode()) + len(row.data) for row in rows) + sum(len(b.encode()) for b in bodies)
    assert sum(sizes) == told, "the sizes that are counted are those that are kept"
    return told


def test_sizes_are_counted_through_every_change(kept: Store) -> None:
    found = kept.documents.create("tray", {"a": "한"})
    number = kept.documents.append("tray", found, {"note": ""}, b"12345")
    kept.documents.change_item("tray", found, number, lambda body: {"note": "길게 " * 20})
    kept.documents.change("tray", found, lambda body: {})
    assert size_of(kept) > 0
    kept.documents.delete("tray", found)
    assert size_of(kept) == 0, "items go with their document"
    assert code_of(lambda: kept.documents.data("tray", found, number)) == "lost"
    kept.documents.delete("tray", found)


# --- bounds ------------------------------------------------------------------------------------------------


def test_what_is_too_large_is_refused_and_changes_nothing(kept: Store, narrow: Callable[..., None]) -> None:
    narrow(body=20, item=30, items=2)
    found = kept.documents.create("tray", "x" * 18)
    number = kept.documents.append("tray", found, "x" * 8, b"y" * 20)
    for call in (
        lambda: kept.documents.create("tray", "x" * 19),
        lambda: kept.documents.create("tray", "한" * 7),
        lambda: kept.documents.change("tray", found, lambda body: body + "x"),
        lambda: kept.documents.append("tray", found, "x" * 9, b"y" * 20),
        lambda: kept.documents.change_item("tray", found, number, lambda body: body + "x"),
    ):
        assert code_of(call) == "too_large"
    assert kept.documents.read("tray", found).body == "x" * 18
    assert kept.documents.items("tray", found)[0].body == "x" * 8


def test_the_last_place_is_given_once(another: Callable[[], Store], narrow: Callable[..., None]) -> None:
    narrow(items=5, documents=3)
    stores = [another(), another()]
    found = stores[0].documents.create("tray", {})

    def add(i: int) -> str:
        try:
            stores[i % 2].documents.append("tray", found, i)
            return "kept"
        except StoreError as refused:
            return refused.code

    def create(i: int) -> str:
        try:
            stores[i % 2].documents.create("tray", i)
            return "kept"
        except StoreError as refused:
            return refused.code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(add, range(12))) == ["kept"] * 5 + ["too_many"] * 7
        assert sorted(pool.map(create, range(12))) == ["full"] * 10 + ["kept"] * 2


def test_all_together_keep_within_the_total(kept: Store, narrow: Callable[..., None]) -> None:
    narrow(total=1000)
    found = kept.documents.create("tray", {})
    other = kept.documents.create("tray", {})
    kept.documents.append("tray", found, {}, b"x" * 600)
    assert code_of(lambda: kept.documents.append("tray", other, {}, b"x" * 600)) == "full"
    assert code_of(lambda: kept.documents.create("tray", "x" * 500)) == "full"
    assert code_of(lambda: kept.documents.change("tray", other, lambda body: "x" * 500)) == "full"
    kept.documents.create("lesson", "x" * 600)
    kept.documents.delete("tray", found)
    kept.documents.append("tray", other, {}, b"x" * 600)


def test_removed_items_cannot_fill_the_store(kept: Store, narrow: Callable[..., None]) -> None:
    narrow(items=3)
    found = kept.documents.create("tray", {})
    for _ in range(20):
        kept.documents.remove("tray", found, kept.documents.append("tray", found, {}, b"x" * 100))
    assert size_of(kept) <= 2 + 6 * 102


def test_what_nobody_uses_expires_and_reading_is_use(kept: Store, clock: Clock) -> None:
    age = limits.KINDS["tray"].age
    used, unused = kept.documents.create("tray", {"n": 1}), kept.documents.create("tray", {"n": 2})
    kept.documents.append("tray", unused, {}, b"x" * 100)
    clock.now += age - DAY / 2
    kept.documents.read("tray", used)
    clock.now += DAY
    assert code_of(lambda: kept.documents.read("tray", unused)) == "lost"
    assert kept.documents.read("tray", used).body == {"n": 1}
    kept.documents.create("tray", {})
    assert size_of(kept) == len('{"n":1}') + 2, "whoever adds something clears what has expired away"
