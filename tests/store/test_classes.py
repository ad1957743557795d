"""Classes: opened by a code, led by a key, an answer a phone and question, nothing left at the end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from mlcore.store import Store, StoreError, limits
from mlcore.store.classes import ALPHABET, LENGTH
from mlcore.store.schema import answers, classes, participants
from tests.store.conftest import Clock
from tests.store.test_documents import code_of

NAMES = tuple(f"Bird{i}" for i in range(60))


def everything(store: Store) -> str:
    with store.database.read() as connection:
        tables = (classes, participants, answers)
        return str([connection.execute(select(table)).all() for table in tables])


def test_a_class_of_sixty_answers_at_once(another: Callable[[], Store]) -> None:
    stores = [another(), another()]
    code, _ = stores[0].classes.open_class({"room": "training"}, {"number": 1})

    def phone(i: int) -> str:
        mine = stores[i % 2].classes
        name = mine.join(code, f"phone {i}", NAMES)
        mine.answer(code, f"phone {i}", 1, {"lr": i})
        mine.answer(code, f"phone {i}", 1, {"lr": i + 100})
        assert mine.join(code, f"phone {i}", NAMES) == name, "a phone that comes back keeps its name"
        return name

    with ThreadPoolExecutor(10) as pool:
        names = list(pool.map(phone, range(60)))
    assert sorted(names) == sorted(NAMES), "no two phones have one name"
    found = stores[1].classes.answers(code, 1)
    assert {answer.nickname: answer.value["lr"] for answer in found} == {
        n: i + 100 for i, n in enumerate(names)
    }
    assert [answer.at for answer in found] == sorted(answer.at for answer in found)
    assert stores[0].classes.count(code, 1) == (60, 60)
    assert stores[0].classes.count(code, 2) == (0, 60)


def test_names_that_are_taken_get_a_number(kept: Store) -> None:
    code, _ = kept.classes.open_class({})
    got = {kept.classes.join(code, str(i), ("Otter", "Heron")) for i in range(5)}
    assert {"Otter", "Heron", "Otter 2", "Heron 2"} < got
    assert got & {"Otter 3", "Heron 3"}


def test_only_the_key_leads(kept: Store) -> None:
    code, key = kept.classes.open_class({"q": 1}, {"number": 0})
    other, other_key = kept.classes.open_class({})
    assert kept.classes.lecturer(code, key)
    for wrong in ("", other_key, key.swapcase(), key + " ", code, "\0", "\ud800"):
        assert not kept.classes.lecturer(code, wrong)
        for act in (
            lambda wrong=wrong: kept.classes.change(code, wrong, state={"number": 9}),
            lambda wrong=wrong: kept.classes.end_class(code, wrong),
            lambda wrong=wrong: kept.classes.clear(code, wrong, 1),
        ):
            assert code_of(act) == "not_yours"
    assert kept.classes.find_class(code).state == {"number": 0}
    kept.classes.change(code, key, state={"number": 1})
    assert kept.classes.find_class(code).state == {"number": 1}
    assert kept.classes.find_class(code).activity == {"q": 1}
    kept.classes.change(code, key, activity=None)
    assert kept.classes.find_class(code).activity is None
    assert kept.classes.find_class(other).state is None


def test_a_code_is_read_as_people_type_it(kept: Store) -> None:
    code, _ = kept.classes.open_class({})
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    assert kept.classes.find_class(f" {code[:3].lower()} {code[3:]}\n").code == code


@pytest.mark.parametrize(
    "wrong", ["", "AAAAAA", "CDFHJ", "CDFHJKM", "' or 1=1 --", "한국어코드요", "\0" * 6, "ı" * 6]
)
def test_any_other_code_is_a_sentence(kept: Store, wrong: str) -> None:
    kept.classes.open_class({})
    assert code_of(lambda: kept.classes.find_class(wrong)) == "no_class"
    assert code_of(lambda: kept.classes.join(wrong, "me", NAMES)) == "no_class"
    assert code_of(lambda: kept.classes.answer(wrong, "me", 1, 1)) == "no_class"


def test_codes_do_not_collide(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two letters to draw from, 64 codes are possible: 40 classes get 40 of them."""
    monkeypatch.setattr("mlcore.store.classes.ALPHABET", "CD")
    assert len({kept.classes.open_class({})[0] for _ in range(40)}) == 40


def test_ending_a_class_deletes_everything(kept: Store) -> None:
    before = everything(kept)
    code, key = kept.classes.open_class({"q": 1})
    kept.classes.join(code, "me", NAMES)
    kept.classes.answer(code, "me", 1, 0.5)
    kept.classes.end_class(code, key)
    assert everything(kept) == before
    assert code_of(lambda: kept.classes.answer(code, "me", 1, 1)) == "no_class"
    assert code_of(lambda: kept.classes.end_class(code, key)) == "no_class"


def test_forgotten_classes_expire_and_used_ones_end_some_day(kept: Store, clock: Clock) -> None:
    forgotten, _ = kept.classes.open_class({})
    used, _ = kept.classes.open_class({})
    kept.classes.join(used, "me", NAMES)
    start = clock.now
    while clock.now < start + limits.LONGEST - limits.IDLE:
        clock.now += limits.IDLE * 0.9
        kept.classes.answer(used, "me", 1, clock.now)
    assert code_of(lambda: kept.classes.find_class(forgotten)) == "no_class"
    clock.now = start + limits.LONGEST + 1
    assert code_of(lambda: kept.classes.answer(used, "me", 1, 0)) == "no_class"
    kept.classes.expire()
    assert everything(kept) == "[[], [], []]"


def test_a_class_has_bounds(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "JOINED", 2)
    monkeypatch.setattr(limits, "CLASSES", 2)
    code, key = kept.classes.open_class({})
    kept.classes.open_class({})
    assert code_of(lambda: kept.classes.open_class({})) == "full"
    for phone in ("a", "b"):
        kept.classes.join(code, phone, NAMES)
    assert code_of(lambda: kept.classes.join(code, "c", NAMES)) == "class_full"
    assert code_of(lambda: kept.classes.answer(code, "c", 1, 0)) == "not_joined"
    assert code_of(lambda: kept.classes.answer(code, "a", 1, "x" * 4000)) == "too_large"
    assert code_of(lambda: kept.classes.change(code, key, state="x" * 100_000)) == "too_large"
    with pytest.raises(ValueError, match="below"):
        kept.classes.answer(code, "a", 10**9, 0)


def test_nothing_that_opens_anything_is_stored(kept: Store) -> None:
    code, key = kept.classes.open_class({})
    kept.classes.join(code, "the phone's own secret", NAMES)
    assert key not in everything(kept)
    assert "the phone's own secret" not in everything(kept)
    other, _ = kept.classes.open_class({})
    kept.classes.join(other, "the phone's own secret", NAMES)
    with kept.database.read() as connection:
        seals = connection.execute(select(participants.c.participant)).scalars().all()
    assert len(set(seals)) == 2, "one phone in two classes cannot be followed"


def test_asking_anew_clears_one_question(kept: Store) -> None:
    code, key = kept.classes.open_class({})
    kept.classes.join(code, "me", NAMES)
    for number in (1, 2):
        kept.classes.answer(code, "me", number, number)
    kept.classes.clear(code, key, 1)
    assert [kept.classes.count(code, number)[0] for number in (1, 2)] == [0, 1]


def test_a_refusal_is_a_store_error(kept: Store) -> None:
    with pytest.raises(StoreError, match="has ended is deleted"):
        kept.classes.find_class("x")
