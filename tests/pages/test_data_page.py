"""The data room without a browser: every data set, links of every kind, uploads good and bad."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest

from mlcore.base import spec as specs
from mlcore.families.datasets import DATASETS, bayes_accuracy
from mlcore.figures import data as figures
from mlcore.files import store, tables
from mlcore.files.table_problems import TableError
from mlcore.files.workbook import as_csv
from mlcore.training.data import DataSpec, load
from pages.rooms.data import room as data
from pages.ui import compute, sections, table, text
from pages.ui.sources import broken
from pages.ui.text import catalog
from tests.pages.browser import ROOT
from tests.pages.rooms import received, rerun, widget

Link = dict[str, Any]
PEOPLE = "height,weight,club,sport\n" + "\n".join(
    f"{160 + i},{'' if i == 3 else 50 + i % 7},{'ab'[i % 2]},{['judo', 'chess', 'tennis'][i % 3]}"
    for i in range(60)
)
NUMBERS = "a,b\n" + "\n".join(f"{i * i},{i / 7:.3f}" for i in range(40))


@pytest.fixture(autouse=True)
def every_section(monkeypatch: pytest.MonkeyPatch) -> None:
    """All sections of the page at once; which of them a reader chooses is tested below."""
    monkeypatch.setattr(sections, "show", lambda page, names, draws: [draw() for draw in draws.values()])


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tables in a folder of this test, nothing remembered from others, no workers: this room needs none."""
    monkeypatch.setenv("MLCORE_STORE", str(tmp_path / "tables"))
    monkeypatch.setattr(compute, "door", lambda: None)
    table.opened.clear()
    load.cache_clear()


def visit(link: Link | None = None, at: AppTest | None = None) -> AppTest:
    """Open the room by a link, in a new session unless one is given. No page may end in an exception."""
    if at is None:
        at = AppTest.from_file(ROOT / "cover.py", default_timeout=30)
        at.switch_page("pages/data.py")
    at.query_params.clear()
    for code, value in (link or {}).items():
        at.query_params[code] = value
    return rerun(at)


def link_of(at: AppTest) -> dict[str, str]:
    return {code: value[0] if isinstance(value, list) else value for code, value in at.query_params.items()}


def turn(at: AppTest, code: str, value: Any) -> AppTest:
    widget(at, "data", code).set_value(value)
    return rerun(at)


def speak_korean(at: AppTest) -> AppTest:
    choice: Any = at.get_by_key("_language_choice")
    choice.set_value("ko")
    return rerun(at)


def source(at: AppTest) -> str:
    """The Markdown of everything that the page says."""
    values = [
        found.value for kind in (at.markdown, at.caption, at.error, at.warning, at.info) for found in kind
    ]
    return "\n".join([*map(str, values), *(found.label for found in at.expander)])


def read(markdown: str) -> str:
    """What a reader sees of escaped text."""
    return markdown.replace("\u2060", "").replace("\\", "")


def said(at: AppTest) -> str:
    return read(source(at))


def facts(spec: DataSpec) -> str:
    """What the page says about the number of examples, in English."""
    loaded = load(spec)
    train, test = len(loaded.x), len(loaded.x_test)
    return catalog("en")["data.facts"].format(count=train + test, train=train, test=test)


def shown(at: AppTest) -> pd.DataFrame:
    """The table of examples, the last one on the page."""
    found: pd.DataFrame = at.dataframe[-1].value
    return found


# --- every data set, both languages ------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in DATASETS if name != "csv"])
@pytest.mark.parametrize("language", text.LANGUAGES)
def test_every_data_set_opens_in_both_languages(name: str, language: str) -> None:
    at = visit({"data": name, "lang": language})
    variant = DATASETS[name]
    assert at.title[0].value == catalog(language)["contents.data.title"]
    assert len(at.dataframe) >= 1
    assert [at.error, at.warning, at.info] == [[], [], []]
    assert variant.title in said(at) or catalog(language)[f"data.about.{name}"] in said(at)
    if "examples" in variant.facts:
        assert catalog(language)[f"data.names.{name}"] in said(at)
    assert any(f"def {variant.function.__name__}(" in found.value for found in at.code)
    times = 2 if variant.formula else 0
    assert [broken(variant.formula) in found.value for found in at.latex] == [True] * times
    if language == "en":
        assert facts(DataSpec(name)) in said(at)
    else:
        english = [catalog("en")[f"data.{key}"] for key in ("claim", "histograms", "balance", "train_on_it")]
        assert not any(sentence in said(at) for sentence in english)


def test_settings_offer_only_what_applies() -> None:
    for name, count in (("moons", 1), ("sine", 0), ("iris", 1)):
        at = visit({"data": name})
        keys = [w.key or "" for w in at.slider]
        for code in ("flip", "imb"):
            assert sum(key.startswith(f"data.{code}.") for key in keys) == count
    assert widget(visit({"data": "digits"}), "data", "n").options[-1] == "1797"
    assert widget(visit({"data": "moons"}), "data", "n").options[-1] == "5000"


# --- the link ----------------------------------------------------------------------------------------------


def turned(name: str) -> DataSpec:
    """A spec of this data set in which everything that can be turned was turned."""
    knobs = {key: (knob.low + knob.high) / 2 for key, knob in DATASETS[name].knobs.items()}
    knobs = {key: int(value) if DATASETS[name].knobs[key].integer else value for key, value in knobs.items()}
    return DataSpec(name, 120, 0.2, 0.1, 0.5, standardize=False, seed=7, knobs=tuple(knobs.items()))


@pytest.mark.parametrize("name", [name for name in DATASETS if name != "csv"])
def test_a_link_opens_what_it_was_copied_from(name: str) -> None:
    spec = turned(name)
    link = {"lang": "en", **specs.to_query(spec)}
    at = visit(link)
    assert link_of(at) == link
    assert at.warning == []
    assert facts(spec) in said(at)
    assert link_of(rerun(at)) == link, "and stays"


def test_the_link_follows_the_controls() -> None:
    at = visit()
    turn(at, "flip", 0.1)
    turn(at, "std", False)
    turn(at, "n", 100)
    assert link_of(at) == {"lang": "en", "flip": "0.1", "std": "0", "n": "100"}
    loaded = load(DataSpec(examples=100, label_noise=0.1, standardize=False))
    wrong = int((loaded.y != loaded.clean).sum())
    assert wrong > 0
    assert catalog("en")["data.not_standardized"] in source(at)
    assert shown(at)["label before the mix-up"].astype(bool).sum() >= wrong


def test_choosing_a_kind_and_a_set() -> None:
    at = visit()
    turn(at, "kind", "real")
    assert link_of(at)["data"] == "iris"
    turn(at, "data", "wine")
    assert link_of(at) == {"lang": "en", "data": "wine", "n": "178"}, "all there are, not the 150 of iris"
    turn(at, "kind", "plane")
    assert link_of(at) == {"lang": "en", "data": "gaussians"}
    turn(at, "n", 100)
    turn(at, "data", "circles")
    assert link_of(at) == {"lang": "en", "data": "circles", "n": "100"}, "what a person chose stays"
    visit({"data": "sine"}, at)
    assert widget(at, "data", "kind").value == "curve", "the kind follows the link"


def test_noise_that_another_set_cannot_have_is_left_behind() -> None:
    at = visit({"data": "gaussians", "d_noise": "4"})
    turn(at, "data", "moons")
    assert link_of(at) == {"lang": "en"}
    assert widget(at, "data", "d_noise").value == DATASETS["moons"].knobs["noise"].default


def test_the_language_changes_and_nothing_else() -> None:
    at = visit({"data": "spirals", "d_turns": "2", "dseed": "5"})
    speak_korean(at)
    assert link_of(at) == {"lang": "ko", "data": "spirals", "d_turns": "2", "dseed": "5"}
    assert catalog("ko")["data.about.spirals"] in said(at)


def test_the_way_to_training_takes_the_data_along() -> None:
    at = visit({"data": "sine", "d_noise": "0.5", "lang": "ko"})
    turn(at, "dseed", 3)
    links = [
        found.proto for found in at.get("page_link") if catalog("ko")["data.train_on_it"] in found.proto.label
    ]
    assert len(links) == 1
    assert links[0].page == "training"
    for part in ("data=sine", "d_noise=0.5", "dseed=3", "lang=ko"):
        assert part in links[0].query_string.split("&")


CODES = [f.metadata["code"] for f in fields(DataSpec) if "code" in f.metadata]
NONSENSE = [
    "",
    "x",
    "-1",
    "nan",
    "1e999",
    "9" * 5000,
    "💥",
    "<script>alert(1)</script>",
    "![t](http://x.y/z)",
]


@pytest.mark.parametrize("value", NONSENSE)
def test_nonsense_in_every_field_gets_sentences(value: str) -> None:
    at = visit(dict.fromkeys([*CODES, "d_noise"], value))
    assert 5 <= len(at.warning) <= 6, "five sentences, and how many more"
    assert link_of(at) == {"lang": "en"}
    assert facts(DataSpec()) in said(at)
    assert "![t](" not in source(at)
    assert turn(at, "dseed", 1).warning == [], "until a setting changes"


@pytest.mark.parametrize("code", [code for code in CODES if code != "fx"])  # any text may be a formula
def test_a_single_wrong_field_is_named(code: str) -> None:
    at = visit({code: "no", "data": "csv"} if code != "data" else {code: "no"})
    assert [f"{code} = no" in read(found.value) for found in at.warning] == [True]


def test_a_repeated_field_counts_once_and_is_said() -> None:
    at = visit({"n": ["50", "100"], "data": ["iris", "circles"]})
    assert link_of(at) == {"lang": "en", "data": "circles", "n": "100"}
    assert len(at.warning) == 2


# --- a table of one's own ----------------------------------------------------------------------------------


def upload(at: AppTest, content: str | bytes, name: str = "people.csv") -> AppTest:
    raw = content if isinstance(content, bytes) else content.encode()
    at.file_uploader[0].set_value((name, raw, "text/csv"))
    return rerun(at)


@pytest.fixture
def room() -> AppTest:
    return visit({"data": "csv"})


def test_without_a_table_the_room_asks_for_one(room: AppTest) -> None:
    assert [found.value for found in room.info] == [catalog("en")["problems.data.no_table"]]
    assert len(room.file_uploader) == 1
    assert len(room.dataframe) == 0


def test_an_uploaded_table_is_used_at_once_and_named_by_the_link(room: AppTest) -> None:
    upload(room, PEOPLE)
    link = link_of(room)
    assert link["table"] == tables.read(PEOPLE.encode()).digest
    assert store.get(link["table"]) == PEOPLE.encode()
    assert facts(DataSpec("csv", 60, table=link["table"])) in said(room)
    assert widget(room, "data", "target").value == "-1"
    assert "filled with its median" in said(room)
    kinds = next(found.value for found in room.dataframe if "missing" in found.value)
    assert kinds["missing"].tolist() == [0, 1, 0, 0]
    assert kinds["holds"].tolist() == ["numbers", "numbers", "text", "text"]
    friend = visit(link)
    assert facts(DataSpec("csv", 60, table=link["table"])) in said(friend)
    assert link_of(friend) == link


def test_units_of_a_table_differ_and_a_circle_is_round(room: AppTest) -> None:
    def anchor(at: AppTest) -> str | None:
        (drawn,) = [found for found in at.get("bidi_component") if found.proto.id.endswith("-data.scatter")]
        (figure,) = received(drawn.proto.json)["figures"]
        return figure["layout"]["yaxis"].get("scaleanchor")

    upload(room, "age,income,bought\n" + "\n".join(f"{20 + i},{1000 * i % 77000},{i % 2}" for i in range(60)))
    assert (anchor(room), anchor(visit({"data": "circles"}))) == (None, "x")


def test_another_target_and_task(room: AppTest) -> None:
    upload(room, PEOPLE)
    turn(room, "target", "0")
    assert "target: a number" in said(room)
    assert not any("data.flip" in (w.key or "") for w in room.slider), "labels are for classes"
    assert link_of(room)["target"] == "0"
    turn(room, "target", "2")
    assert "classes: **2**" in said(room)
    turn(room, "task", "regression")
    assert len(room.error) == 1
    assert "is text" in room.error[0].value
    assert len(room.expander) >= 2, "what was read stays on the page"
    turn(room, "task", "classification")
    assert "classes: **2**" in said(room)


BAD = {
    "ragged": b"a,b\n1,2\n1,2,3\n",
    "empty": b"",
    "damaged": b"PK\x03\x04\x14\x00",
    "binary": b"\x89PNG\r\n\x1a\n\x00\x00",
    "one_column": b"a\n1\n2\n",
    "too_many_rows": b"a,b\n" + b"1,2\n" * 20_001,
    "long_line": b"a,b\n1," + b"x" * 30_000,
}


@pytest.mark.parametrize("code", BAD)
def test_a_bad_file_is_a_sentence_and_changes_nothing(code: str, room: AppTest) -> None:
    upload(room, PEOPLE)
    before, table_before = link_of(room), shown(room)
    upload(room, BAD[code], "bad.csv")
    with pytest.raises(TableError) as caught:
        tables.read(as_csv(BAD[code]))
    assert [str(caught.value) in read(found.value) for found in room.error] == [True]
    assert catalog("en")["data.kept"] in room.error[0].value
    assert link_of(room) == before
    pd.testing.assert_frame_equal(shown(room), table_before)
    upload(room, NUMBERS)
    assert room.error == []
    assert link_of(room)["table"] != before["table"]


def test_a_bad_first_file_leaves_the_question_open(room: AppTest) -> None:
    speak_korean(room)
    upload(room, BAD["ragged"])
    assert "3번째 줄은 3칸인데" in room.error[0].value
    assert catalog("ko")["data.kept"] not in room.error[0].value
    assert link_of(room) == {"data": "csv", "lang": "ko"}


def workbook(*sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, 1):
        made = book.create_sheet(f"Sheet _{number}_")
        for row in rows:
            made.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_the_first_sheet_of_a_workbook_is_the_table_for_whoever_has_the_link(room: AppTest) -> None:
    rows = [[datetime.date(2026, 1, 1 + i % 28), f"₩{1000 + i * i % 97:,}", i % 2] for i in range(40)]
    upload(room, workbook([["day", "pay", "late"], *rows], [["x", "y"], [1, 2]]), "pay.xlsx")
    assert room.error == []
    kinds = next(found.value for found in room.dataframe if "missing" in found.value)
    assert kinds["column"].tolist() == ["day", "pay", "late"]
    assert kinds["holds"].tolist() == ["numbers"] * 3
    assert kinds["largest"].tolist() == [20481, max(1000 + i * i % 97 for i in range(40)), 1]
    for at in (room, visit(link_of(room))):
        assert "the sheet 'Sheet _1_' of a workbook, the first of 2" in said(at)
        assert "'₩1,000' is 1000" in said(at)
        assert "Sheet _1_" not in source(at), "a name is no emphasis"
        (button,) = [found for found in at.get("download_button") if found.key == "_sheet_csv"]
        assert button.label == catalog("en")["data.sheet_csv"]
    assert store.get(link_of(room)["table"]).startswith(b"# sheet 1 of 2: Sheet _1_\n")
    upload(room, PEOPLE)
    assert not [found for found in room.get("download_button") if found.key == "_sheet_csv"]


def test_a_workbook_that_cannot_be_read_is_a_sentence_in_both_languages(room: AppTest) -> None:
    upload(room, workbook([]), "empty.xlsx")
    assert "'Sheet _1_', is empty" in read(room.error[0].value)
    speak_korean(room)
    upload(room, b"\xd0\xcf\x11\xe0 old", "old.xlsx")
    assert room.error[0].value == catalog("ko")["problems.table.old_workbook"]


def test_taking_the_file_out_of_the_field_keeps_the_table(room: AppTest) -> None:
    upload(room, PEOPLE)
    before = link_of(room)
    room.file_uploader[0].clear()
    rerun(room)
    assert link_of(room) == before
    assert len(room.dataframe) >= 1


def test_the_table_is_still_there_after_a_look_at_another_set(room: AppTest) -> None:
    upload(room, PEOPLE)
    digest = link_of(room)["table"]
    for kind in ("plane", "own"):
        turn(room, "kind", kind)
    assert link_of(room)["table"] == digest


def test_an_unknown_table_is_a_sentence_and_a_field_for_the_file() -> None:
    at = visit({"data": "csv", "table": "0" * 64})
    assert [found.value for found in at.error] == [catalog("en")["problems.data.lost"]]
    assert len(at.file_uploader) == 1
    upload(at, PEOPLE)
    assert at.error == []


def test_a_target_that_the_table_does_not_have(room: AppTest) -> None:
    digest = store.put(PEOPLE.encode())
    at = visit({"data": "csv", "table": digest, "target": "40"})
    assert ["target = 40" in read(found.value) for found in at.warning] == [True]
    assert "-1 to 3" in read(at.warning[0].value)
    assert widget(at, "data", "target").value == "-1"
    assert visit({"data": "csv", "table": digest, "target": "3"}).warning == [], "the last one, by its number"


def test_what_people_write_into_a_table_is_shown_and_not_run(room: AppTest) -> None:
    name = "![t](http://x.y/z.png)"
    rows = "\n".join(f"{i},{i * i % 7},same" for i in range(30))
    upload(room, f"a,b,{name}\n{rows}")
    assert "one value" in room.error[0].value
    assert "![t](" not in source(room)
    assert "[t]" in said(room).replace("\\", "")
    assert name in widget(room, "data", "target").options, "a select box shows text as it is"


def test_a_name_of_the_room_may_be_a_column_of_the_table(room: AppTest) -> None:
    upload(room, "row,used for,target,y\n" + "\n".join(f"{i * 3},{i % 5},{i % 4},{i % 2}" for i in range(30)))
    assert shown(room).columns.tolist() == ["row", "used for", "target", "row′", "used for′", "target′"]


# --- the table of examples ---------------------------------------------------------------------------------


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text._run, "language", "en", raising=False)


@pytest.mark.parametrize("standardize", [True, False])
def test_examples_are_those_of_the_file_in_its_units(standardize: bool, english: None) -> None:
    digest = store.put(NUMBERS.encode())
    found = data.examples(load(DataSpec("csv", 40, standardize=standardize, table=digest)))
    file = tables.read(NUMBERS.encode()).frame
    assert found["row"].tolist() == list(range(1, 41))
    np.testing.assert_allclose(found["a"], file["a"], rtol=1e-11)
    np.testing.assert_allclose(found["target"], file["b"], rtol=1e-11)
    assert found["used for"].value_counts().to_dict() == {"training": 28, "test": 12}
    assert str(found["a"][3]) == "9.0", "without the rounding errors of standardizing"


def test_examples_say_which_label_was_wrong(english: None) -> None:
    spec = replace(DataSpec("iris"), label_noise=0.3)
    loaded, found = load(spec), data.examples(load(spec))
    wrong = torch.cat([loaded.y != loaded.clean, loaded.y_test != loaded.clean_test]).sum()
    mixed = found[found["label before the mix-up"] != ""]
    assert len(mixed) == wrong > 20
    assert (mixed["target"] != mixed["label before the mix-up"]).all()
    true = found["label before the mix-up"].where(found["label before the mix-up"] != "", found["target"])
    assert true.tolist() == ["setosa"] * 50 + ["versicolor"] * 50 + ["virginica"] * 50


def test_the_best_possible_accuracy_is_told_where_it_is_known() -> None:
    best = f"{bayes_accuracy(2.0, 1.0):.2%}"
    assert best == "84.13%", "Phi(1)"
    assert best in said(visit({"data": "gaussians", "d_separation": "2", "d_noise": "1"}))
    assert best not in said(visit({"data": "gaussians", "d_separation": "2", "d_noise": "1", "flip": "0.1"}))


def test_a_picture_is_drawn_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    data.drawn.clear()
    calls: list[str] = []

    def counting(name: str) -> Callable[..., Any]:
        draw: Callable[..., Any] = getattr(figures, name)

        def counted(*args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            return draw(*args, **kwargs)

        return counted

    for name in ("scatter", "histograms", "balance", "standardizing"):
        monkeypatch.setattr(figures, name, counting(name))
    for _ in range(2):
        visit({"data": "circles", "dseed": "77"})
    assert sorted(calls) == ["balance", "histograms", "scatter", "standardizing"]


def test_the_contents_lead_to_the_data_chosen_now() -> None:
    at = visit()
    turn(at, "data", "xor")
    links = [found.proto for found in at.get("page_link") if found.proto.page == "training"]
    assert len(links) == 2, "in the contents and beside the facts"
    assert all("data=xor" in link.query_string for link in links)


# --- one section at a time ---------------------------------------------------------------------------------


def chooser(at: AppTest) -> Any:
    return next(group for group in at.get("button_group") if group.key == "_data_section")


def test_a_chosen_section_is_drawn_alone_and_stands_in_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(compute, "door", lambda: None)
    at = visit({"data": "iris"})
    assert "view" not in link_of(at)
    assert len(at.code) == 0
    chooser(at).set_value("code")
    rerun(at)
    assert (link_of(at)["data"], link_of(at)["view"]) == ("iris", "code")
    assert len(at.code) > 0
    speak_korean(at)
    assert link_of(at)["view"] == "code"
    assert len(at.code) > 0
    turn(at, "n", 60)
    assert link_of(at)["view"] == "code"
    chooser(at).set_value("picture")
    rerun(at)
    assert "view" not in link_of(at)
    assert len(visit({"view": "nowhere"}).code) == 0


# --- a formula of one's own ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize(("name", "text"), [("typed_curve", "x^2 - x"), ("typed_plane", "y - x^2")])
def test_a_formula_of_ones_own_is_drawn(name: str, text: str, lang: str) -> None:
    at = visit({"data": name, "fx": text, "lang": lang})
    assert not at.error
    assert link_of(at)["fx"] == text


def test_a_formula_is_typed_and_nonsense_gets_a_sentence() -> None:
    at = visit({"data": "typed_plane"})
    field = next(found for found in at.text_input if ".fx." in found.key)
    field.set_value("x + y")
    at.run()
    assert link_of(at)["fx"] == "x + y"
    field = next(found for found in at.text_input if ".fx." in found.key)
    field.set_value("log(x")
    at.run()
    assert len(at.error) == 1
    assert not at.exception
    assert link_of(at)["fx"] == "log(x"
