"""The search: what people type in either language, and what they should find first."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.base import spec as specs
from mlcore.training.data import DataSpec
from mlcore.training.tasks import TrainSpec
from pages.ui import search
from pages.ui.codes import declared
from pages.ui.contents import CONTENTS
from pages.ui.search import Entry, find, index
from pages.ui.text import catalog
from pages.ui.text.declared import REGISTRIES
from tests.pages.browser import ROOT
from tests.pages.rooms import rerun, said

ROOMS = [room.code for _, rooms in CONTENTS for room in rooms]
FIRST = {  # typed -> room, and the view or what is chosen there
    "역전파": "backpropagation",
    "역전파를": "backpropagation",
    "backprop": "backpropagation",
    "bakcprop": "backpropagation",
    "What is backpropagation?": "backpropagation",
    "ㅇㅈㅍ": "backpropagation",
    "연쇄법칙": "backpropagation",
    "chain rule": "backpropagation",
    "경사하강": "gradient_descent",
    "경사 하강법이란": "gradient_descent",
    "경사ㅎ": "gradient_descent",
    "ㄱㅅㅎㄱ": "gradient_descent",
    "gradiant decent": "gradient_descent",
    "lr": "training lr",
    "η": "training lr",
    "학습률": "training lr",
    "Learning Rate": "training lr",
    "dropout": "fitting view=cures",
    "드롭아웃": "fitting view=cures",
    "regularization": "fitting view=cures",
    "Adam": "training opt=adam",
    "adm": "training opt=adam",
    "AdamW": "training opt=adamw",
    "SGD": "training opt=sgd",
    "모멘텀": "gradient_descent view=momentum",
    "momentum": "gradient_descent view=momentum",
    "XOR": "xor",
    "배타적 논리합": "xor",
    "spirals": "data data=spirals",
    "나선": "data data=spirals",
    "iris": "data data=iris",
    "붓꽃": "data data=iris",
    "softmax": "loss view=softmax",
    "softmex": "loss view=softmax",
    "소프트맥스": "loss view=softmax",
    "교차엔트로피": "loss view=softmax",
    "MAE": "training data=sine h=16-16 loss=mae",
    "relu": "model view=activations act=relu",
    "시그모이드": "model view=activations act=sigmoid",
    "overfitting": "fitting",
    "오버피팅": "fitting",
    "과적합이란": "fitting",
    "편향분산": "bias_variance",
    "bias variance tradeoff": "bias_variance",
    "double descent": "double_descent",
    "vanishing gradient": "backpropagation view=products",
    "기울기 소실": "backpropagation view=products",
    "k-means": "problem_types view=clusters",
    "강화학습": "problem_types",
    "local minima": "escape",
    "지역 최솟값": "escape",
    "rosenbrock": "optimizer surface=rosenbrock",
    "optical flow": "regression_tasks view=flow",
    "IoU": "regression_tasks view=boxes",
    "SimCLR": "contrastive",
    "오토인코더": "embedding",
    "CNN": "classification_tasks view=images",
    "PyTorch": "define_by_run",
    "손실": "loss",
    "loss landscape": "landscape",
    "조기 종료": "fitting view=cures",
    "perceptron": "linear view=perceptron",
    "gradient descent momentum": "gradient_descent view=momentum",
    "batch size": "training b",
    "배치 크기": "training b",
}


def told(entry: Entry) -> str:
    """A place in a word or two: its link, or the code of a control that has a home."""
    link = " ".join(f"{code}={value}" for code, value in entry.link)
    family, _, name = entry.names[-1].partition(".")
    return f"{entry.room} {link or (name if family == 'control' else '')}".strip()


@pytest.mark.parametrize("typed", FIRST)
def test_what_is_typed_finds_its_place_first(typed: str) -> None:
    assert told(find(typed)[0]) == FIRST[typed]


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("group", ["room", "choice"])
def test_every_name_in_either_language_finds_what_it_names(group: str, lang: str) -> None:
    entries = [
        entry for entry in index().entries if entry.group == group and "control." not in entry.names[-1]
    ]
    assert len(entries) >= len(ROOMS)
    for entry in entries:
        name = catalog(lang)[entry.names[-1]]
        found = [one for one in find(name) if catalog(lang)[one.names[-1]] == name]
        assert found, name
        assert found[0] in find(name)[:2], name


@pytest.mark.parametrize(
    "typed", ["", "   ", "!!!", "zzzzqqq", "<zzqq>", "\x00", "가" * 5000, "\u202e" * 9, "(", "[zq", "\\"]
)
def test_nonsense_finds_nothing(typed: str) -> None:
    assert find(typed) == []


def kind(room: str) -> Any:
    """The type of spec that the room's link is read as."""
    own = {"training": TrainSpec, "data": DataSpec}.get(room)
    if own is not None:
        return own
    module = importlib.import_module(f"pages.rooms.{room}.{'spec' if room == 'loss' else 'room'}")
    return module.LossSpec if room == "loss" else module.RoomSpec


def test_all_rooms_and_views_can_be_found() -> None:
    places = [
        (entry.room, dict(entry.link).get("view")) for entry in index().entries if entry.group == "view"
    ]
    assert len(places) == len(set(places))
    for room in ROOMS:
        own = {view for other, view in places if other == room}
        if room in ("data", "training"):
            assert own == set({"data": "picture histograms balance standardizing rows code",
                               "training": "layers step many code share"}[room].split())  # fmt: skip
        else:
            module = importlib.import_module(kind(room).__module__)
            assert own == set(getattr(module, "VIEWS", ("contour", "space", "honesty", "line", "curvature")))


def test_every_link_can_be_taken_by_its_room() -> None:
    for entry in index().entries:
        link = {code: value for code, value in entry.link if (entry.room, code) not in SECTIONS}
        _, problems = specs.from_query(kind(entry.room), link)
        assert problems == [], entry


SECTIONS = {("training", "view"), ("data", "view")}  # not of their specs: see `sections.choose`


def codes(spec: Any) -> set[str]:
    return {code.rpartition(".")[2] for code, _ in declared(spec)}


def test_every_control_stands_where_the_search_leads() -> None:
    """A code of its own room, and no code of where.toml has lost its name."""
    controls = [entry for entry in index().entries if entry.names[-1].startswith("control.")]
    assert len(controls) > 200
    for entry in controls:
        code = entry.names[-1].removeprefix("control.")
        assert entry.names[-1] in catalog("en")
        assert code in codes(kind(entry.room)), f"{entry.room} has no {code}"


def test_all_members_of_the_families_can_be_found() -> None:
    found = {entry.names[-1] for entry in index().entries}
    names = {f"variants.{registry.family}.{name}" for registry in REGISTRIES for name in registry}
    assert names - found == set()


def test_other_words_belong_to_something() -> None:
    """A word in search.toml that no room, view, control or member uses would never be found."""
    known = {f"{e.room}.{dict(e.link)['view']}" for e in index().entries if e.group == "view"}
    known |= {f"room.{room}" for room in ROOMS}
    last = [entry.names[-1].split(".") for entry in index().entries if entry.group == "choice"]
    known |= {f"control.{parts[-1]}" if parts[0] == "control" else f"member.{parts[-1]}" for parts in last}
    also = {key.removeprefix("search.also.") for key in catalog("en") if key.startswith("search.also.")}
    assert also - known == set()


@pytest.mark.usefixtures("alone")
def test_the_cover_answers_and_makes_what_was_typed_harmless() -> None:
    page = AppTest.from_file(ROOT / "cover.py", default_timeout=60)
    page.query_params["lang"] = "en"
    rerun(page)
    page.text_input(key="_search").set_value("![zzqq](//qqzzq.jjqq) <qqzz> {qqjj}")
    rerun(page)
    assert "Nothing here is called" in said(page)
    sentence = next(one.value for one in page.markdown if "Nothing here" in one.value)
    assert "![" not in sentence
    assert "<qqzz>" not in sentence.replace("\\<", "")
    page.text_input(key="_search").set_value("softmax")
    rerun(page)
    assert "Nothing here is called" not in said(page)


def test_longer_texts_are_cut_before_they_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(search, "_find", lambda typed: seen.append(typed) or ())
    find("x" * 10_000)
    assert [len(typed) for typed in seen] == [search.LONGEST]
