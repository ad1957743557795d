"""Pin in a room, see the tray: without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.store import StoreError, store
from mlcore.store.documents import Documents
from mlcore.tray.pins import KIND
from pages.ui import pin
from tests.pages.rooms import link_of, opened, pictures, rerun, said

NOTE = "![t](http://x.y/z.png) **<b>bold</b>** :red[x]"


@pytest.fixture(autouse=True)
def own_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, alone: None) -> None:
    monkeypatch.delenv("MLCORE_DATABASE", raising=False)
    monkeypatch.setenv("MLCORE_STORE", str(tmp_path / "kept"))


def press(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click()
    return rerun(at)


def put(at: AppTest, note: str = "") -> AppTest:
    """Pin what is on screen."""
    next(found for found in at.text_area if found.key.startswith("_pin_note")).set_value(note)
    return press(at, "_pin")


def tray_of(at: AppTest) -> str:
    return str(at.session_state[pin.TRAY])


def look(tray: str, **link: str) -> AppTest:
    return opened("tray", tray=tray, **link)


@pytest.fixture
def pinned() -> AppTest:
    """Two pins of a room, with different learning rates."""
    at = opened("gradient_descent")
    put(at, NOTE)
    at.query_params["lr"] = "0.1"
    rerun(at)
    return put(at)


def test_a_pin_holds_what_stands_on_screen(pinned: AppTest) -> None:
    assert [toast.value.split(".")[0] for toast in pinned.toast] == ["Pinned as #2"]
    first, second = (item.body for item in store().documents.items(KIND, tray_of(pinned)))
    assert first["room"] == "gradient_descent"
    assert first["note"] == NOTE
    assert first["settings"]["lr"] == "0.4"
    assert second["settings"]["lr"] == "0.1"
    assert second["link"] == link_of(pinned), "and the key of the tray is not in it"
    assert any("converges on one side" in sentence for sentence in first["said"])
    assert not any("theory knows" in sentence for sentence in first["said"]), "what is always said"
    assert not any("**" in sentence for sentence in first["said"])
    assert len(first["alts"]) == 3


def test_a_run_that_pins_nothing_is_not_looked_at(pinned: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("looked at")

    monkeypatch.setattr(pin.Seen, "take", fail)
    rerun(pinned)
    assert len(store().documents.items(KIND, tray_of(pinned))) == 2


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_tray_shows_what_differs_curves_in_one_and_notes_as_text(pinned: AppTest, lang: str) -> None:
    at = look(tray_of(pinned), lang=lang)
    (frame,) = (found.value for found in at.dataframe)
    assert frame.to_dict("list") == {"#1": ["0.4"], "#2": ["0.1"]}
    assert {trace["name"].split()[0] for trace in pictures(at)["tray_curves_0"]["figures"][0]["data"]} == {
        "#1", "#2"
    }  # fmt: skip
    notes = [found for found in at.text_area if found.key.startswith("_tray_note")]
    assert [found.value for found in notes] == [NOTE, ""]
    assert "![t](" not in "\n".join(str(found.value) for found in at.markdown)
    assert "converges on one side" in said(at)


def test_notes_order_and_removal_last_and_can_be_taken_back(pinned: AppTest) -> None:
    tray = tray_of(pinned)
    at = look(tray)
    at.text_area(key="_tray_note_2").set_value("slower")
    rerun(at)
    press(at, "_tray_later_1")
    at = look(tray)
    assert at.text_area(key="_tray_note_2").value == "slower"
    assert list(at.dataframe[0].value) == ["#2", "#1"]
    press(at, "_tray_remove_1")
    assert [found.key for found in at.text_area if "_tray_note" in found.key] == ["_tray_note_2"]
    press(at, "_tray_undo")
    assert len(store().documents.items(KIND, tray)) == 2


@pytest.mark.parametrize("wrong", ["", "x", "0" * 22, "../" * 7 + "a", "' or 1=1 --", "<script>", "한" * 22])
def test_any_other_link_is_a_sentence(pinned: AppTest, wrong: str) -> None:
    at = look(wrong)
    told = [*at.error, *at.info]
    assert len(told) == 1
    assert "tray" in told[0].value or "Nothing is kept" in told[0].value
    assert at.text_area.len == 0


def test_a_tray_that_somebody_sends_is_not_pinned_into_unasked(pinned: AppTest) -> None:
    own = put(opened("linear"))
    mine, theirs = tray_of(own), tray_of(pinned)
    assert mine != theirs
    own.switch_page("pages/tray.py")
    own.query_params["tray"] = theirs
    rerun(own)
    assert tray_of(own) == mine
    (button,) = (found for found in own.button if "from now on" in found.label)
    button.click()
    rerun(own)
    assert tray_of(own) == theirs


def test_a_store_that_fails_says_so_and_the_note_stays(
    pinned: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreError("away")

    with monkeypatch.context() as broken:
        broken.setattr(Documents, "append", away)
        at = put(pinned, "typed for long")
        assert "does not answer" in at.error[0].value
        note = next(found for found in at.text_area if found.key.startswith("_pin_note"))
        assert note.value == "typed for long"
    put(at, note.value)
    assert store().documents.items(KIND, tray_of(at))[-1].body["note"] == "typed for long"
    tray = look(tray_of(pinned))
    with monkeypatch.context() as broken:
        broken.setattr(Documents, "change_item", away)
        tray.text_area(key="_tray_note_1").set_value("new words")
        rerun(tray)
        assert "does not answer" in tray.error[0].value
        assert tray.text_area(key="_tray_note_1").value == "new words"


def test_a_full_tray_says_so(pinned: AppTest) -> None:
    for _ in range(38):
        store().documents.append(KIND, tray_of(pinned), {"room": "linear"})
    at = put(pinned)
    assert "There are 40 already" in at.error[0].value


def test_an_expired_tray_is_followed_by_a_new_one(pinned: AppTest) -> None:
    old = tray_of(pinned)
    store().documents.delete(KIND, old)
    assert tray_of(put(pinned)) != old
