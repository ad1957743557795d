"""The training page without a browser, on real workers: settings, links, verdicts, files, languages."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn import metrics
from streamlit.testing.v1 import AppTest

from mlcore.base import spec as specs
from mlcore.base.experiment import run
from mlcore.base.registry import Registry
from mlcore.engine.engine import Engine
from mlcore.engine.jobs import GONE
from mlcore.families.models import ModelSpec
from mlcore.training.data import DataSpec, load
from mlcore.training.presets import PRESETS
from mlcore.training.tasks import TrainSpec, prepare
from pages.rooms.training import takeaway
from pages.ui import compute, frame, sections, waiting
from pages.ui.components import fold_key
from pages.ui.text import catalog, percent
from tests.pages.browser import ROOT
from tests.pages.rooms import received

LONG = 60.0  # seconds: how long to wait for what should come much sooner
VERDICTS = ("learned", "overfit", "chance", "chance_unbalanced", "diverged_bound", "diverged")
Told = tuple[str, dict[str, str]]  # which sentence, and what fills it


@pytest.fixture(autouse=True)
def every_section(monkeypatch: pytest.MonkeyPatch) -> None:
    """All sections of the page at once; which of them a reader chooses is tested below."""
    monkeypatch.setattr(sections, "show", lambda page, names, draws: [draw() for draw in draws.values()])


def read(sentence: str, keys: list[str], language: str) -> Told | None:
    """Which text of the catalog a sentence is, and its values unescaped: however the text is worded."""
    for key in keys:
        parts = re.split(r"{(\w+)[^}]*}", catalog(language)[key])  # text, name, text, name, ..., text
        names = parts[1::2]
        pattern = re.escape(parts[0])
        for i, (name, text) in enumerate(zip(names, parts[2::2], strict=True)):
            pattern += (f"(?P={name})" if name in names[:i] else f"(?P<{name}>.*)") + re.escape(text)
        if found := re.fullmatch(pattern, sentence, re.DOTALL):
            return key, {name: re.sub(r"\\(\W)", r"\1", text) for name, text in found.groupdict().items()}
    return None


class Room:
    """The training page in a session of its own, as a link opens it."""

    def __init__(self, lab: Engine, link: Mapping[str, str | list[str]], locale: str = "en-US") -> None:
        self.lab, self.at = lab, AppTest.from_file(ROOT / "cover.py", default_timeout=LONG)
        self.at.context["locale"] = locale
        self.at.switch_page("pages/training.py")
        self.at.query_params.update(link)
        for fold in ("data", "objective", "optimizer"):
            self.at.session_state[fold_key(fold)] = True
        self.at.run()

    def settle(self) -> Room:
        """Wait until there is a verdict or a sentence why there is none, as the page's progress does."""
        for _ in range(3):
            assert self.exceptions == []
            if self.verdict or self.at.error:
                return self
            self.lab.wait(self.at.session_state["_asked_training"], "test", LONG)
            self.at.run()
        raise AssertionError("neither a verdict nor a sentence")

    def run(self) -> Room:
        self.at.run()
        return self.settle()

    @property
    def exceptions(self) -> list[str]:
        return [found.message for found in self.at.exception]

    @property
    def language(self) -> str:
        return str(self.link["lang"])

    @property
    def link(self) -> dict[str, Any]:
        return dict(self.at.query_params)

    @property
    def verdict(self) -> Told | None:
        """("learned", {"test_cost": "0.01", ...})"""
        keys = [f"training.verdict.{name}" for name in VERDICTS]
        for shown in (*self.at.success, *self.at.warning, *self.at.error):
            if found := read(shown.value, keys, self.language):
                return found[0].rpartition(".")[2], found[1]
        return None

    @property
    def problems(self) -> list[Told]:
        """What the page says it could not take."""
        keys = ["frame.unknown", "frame.bad_file", "frame.repeated", "frame.bad_link", "frame.bad_link_more"]
        return [told for shown in self.at.warning if (told := read(shown.value, keys, self.language))]

    def picture(self, name: str) -> dict[str, Any]:
        """What the picture element of this key was given."""
        drawn = [
            found.proto for found in self.at.get("bidi_component") if found.proto.id.endswith(f"-{name}")
        ]
        assert len(drawn) == 1, f"there is one picture {name}"
        return received(drawn[0].json)

    @property
    def readout(self) -> list[str]:
        """The numbers under the player at the last step."""
        return [texts[-1] for texts in self.picture("player")["frames"]["readout"].values()]

    def widget(self, code: str) -> Any:
        """The widget that sets this code of the link."""
        kinds = ("selectbox", "select_slider", "slider", "number_input", "text_input", "toggle")
        found = [w for kind in kinds for w in self.at.get(kind) if f"training.{code}." in (w.key or "")]
        assert len(found) == 1, f"there is one widget for {code}"
        return found[0]

    def set(self, **moves: Any) -> Room:
        """Move widgets, all before the page runs."""
        for code, value in moves.items():
            self.widget(code).set_value(value)
        return self.run()

    def upload(self, content: bytes) -> Room:
        (field,) = [field for field in self.at.file_uploader if field.key == "_opened"]
        field.set_value(("experiment.json", content, "application/json"))
        return self.run()


Visit = Callable[..., Room]


@pytest.fixture
def visit(lab: Engine) -> Visit:
    return lambda locale="en-US", **link: Room(lab, link, locale).settle()


def codes(kind: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(code, declaration) of everything that a link of this kind of spec can say."""
    for f in fields(kind):
        if f.metadata["kind"] == "part":
            yield from codes(f.metadata["type"])
        elif f.metadata["kind"] == "knobs":
            names = {name for variant in f.metadata["registry"].variants() for name in variant.knobs}
            yield from ((f.metadata["prefix"] + name, dict(f.metadata)) for name in sorted(names))
        else:
            yield f.metadata["code"], dict(f.metadata)


# ---------------------------------------------------------------- opening


@pytest.mark.parametrize(("locale", "language"), [("en-US", "en"), ("ko-KR", "ko"), ("fr-FR", "en")])
def test_it_opens_in_the_language_of_the_browser(visit: Visit, locale: str, language: str) -> None:
    room = visit(locale)
    assert room.at.title[0].value == catalog(language)["contents.training.title"]
    assert room.link == {"lang": language}, "what equals a default is not in the link"
    assert room.verdict is not None
    assert room.problems == []
    assert not room.at.error


def test_the_numbers_are_those_of_the_core(visit: Visit) -> None:
    shown, records = visit().readout, run(TrainSpec()).records
    columns = [records.train_cost, records.test_cost, records.train_score, records.test_score]
    assert shown[:4] == [f"{column[-1, 0]:.4g}" for column in columns]


@pytest.mark.parametrize("name", PRESETS)
def test_every_example_learns(visit: Visit, name: str) -> None:
    room = visit(**specs.to_query(PRESETS[name]))
    assert room.verdict is not None
    assert room.verdict[0] in ("learned", "overfit")
    assert room.problems == []
    player = room.picture("player")
    assert len(player["figures"]) == 4
    assert all(len(alt) > 20 for alt in player["alt"])


# ---------------------------------------------------------------- the link is the experiment


def test_a_moved_control_changes_the_link_and_the_numbers(visit: Visit) -> None:
    room = visit()
    before = room.readout
    moves = {"seed": 7, "lr": 0.05, "act": "relu", "h": "8", "d_noise": 0.3, "std": False, "b": 0, "l2": 0.1}
    for code, value in moves.items():
        room.set(**{code: value})
        assert room.readout != before, f"{code} changes nothing"
        before = room.readout
    expected = {code: specs._write("flag" if code == "std" else "", v) for code, v in moves.items()}
    assert room.link == {"lang": "en", **expected}


def test_what_can_be_taken_home_is_made_once_or_when_it_is_taken(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, made = visit(), []
    for module, name in ((takeaway.script, "write"), (takeaway, "to_csv"), (takeaway.specs, "to_json")):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, f=real, name=name: made.append(name) or f(*a))
    room.run()
    assert made == ["write"]


def test_a_copied_link_shows_the_same_numbers(visit: Visit) -> None:
    room = visit()
    for code, value in {
        "data": "spirals",
        "n": 200,
        "h": "8-4",
        "opt": "momentum",
        "o_momentum": 0.5,
    }.items():
        room.set(**{code: value})
    friend = visit("ko-KR", **room.link)
    assert friend.link == room.link
    assert friend.verdict == room.verdict
    assert friend.picture("player")["frames"] == room.picture("player")["frames"]
    assert friend.picture("player")["figures"] == room.picture("player")["figures"]
    for code in ("data", "n", "h", "opt", "o_momentum"):
        assert friend.widget(code).value == room.widget(code).value
    assert f"?{'&'.join(f'{code}={value}' for code, value in room.link.items())}" in "".join(
        block.value for block in room.at.code
    ), "the link to copy is the address"


def test_a_link_followed_within_a_session_moves_the_controls(visit: Visit) -> None:
    room = visit(lr="0.05")
    room.at.query_params = {"lang": "en", "seed": "3"}  # the back button
    room.run()
    assert (room.widget("seed").value, room.widget("lr").value) == (3, 0.01)
    assert room.verdict == visit(seed="3").verdict


def test_the_language_changes_and_nothing_else(visit: Visit) -> None:
    room = visit(data="xor", h="4", lr="0.05")
    english = room.verdict
    (switch,) = [bar for bar in room.at.segmented_control if bar.key == "_language_choice"]
    switch.set_value("ko")
    room.run()
    assert room.link == {"lang": "ko", "data": "xor", "h": "4", "lr": "0.05"}
    assert room.at.title[0].value == catalog("ko")["contents.training.title"]
    assert room.verdict is not None
    assert english is not None
    score = {catalog(code)["training.accuracy"] for code in ("en", "ko")}
    assert room.verdict[0] == english[0]
    assert set(room.verdict[1].values()) - score == set(english[1].values()) - score


def test_an_example_is_chosen_in_the_language_of_the_page(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.ui.text.language", lambda: "ko")  # AppTest asks for names outside of a run
    room = visit(lang="ko", seed="5", l2="0.1")
    (box,) = [box for box in room.at.selectbox if box.key == "_preset"]
    box.set_value("xor")
    room.run()
    assert room.link == {"lang": "ko", **specs.to_query(PRESETS["xor"])}
    assert room.verdict == visit(lang="ko", **specs.to_query(PRESETS["xor"])).verdict


def test_another_model_starts_from_its_own_defaults(visit: Visit) -> None:
    room = visit().set(model="polynomial")
    assert room.widget("deg").value == ModelSpec("polynomial").degree
    room.set(model="linear").set(model="mlp")
    assert room.widget("h").value == "16-16", "a linear model has no hidden layers, but this is another one"
    assert room.link == {"lang": "en"}


def test_another_task_gets_a_loss_that_suits_it(visit: Visit) -> None:
    room = visit().set(data="sine")
    assert room.link["loss"] == room.widget("loss").value == "mse"
    assert room.verdict is not None
    room.set(data="moons").set(loss="binary_cross_entropy").set(data="iris")  # of three classes
    assert room.widget("loss").value == "cross_entropy"
    assert room.verdict is not None
    linked = visit(data="sine", loss="cross_entropy")
    assert linked.link["loss"] == "mse"
    assert linked.verdict == visit(data="sine", loss="mse").verdict


# ---------------------------------------------------------------- what a link can say wrong

WRONG = {
    "text": "x" * 1000,
    "number": "ten",
    "choice": "adm",
    "flag": "yes",
    "sizes": "16-x",
    "digest": "abc",
    "points": "gA",
    "knobs": "1e",
}


def stands_on_defaults(room: Room, problems: int) -> None:
    """The page shows the default experiment and a sentence for everything it was told."""
    said = [values for _, values in room.problems]
    assert room.link == {"lang": "en"}
    assert room.verdict is not None
    more = sum(int(values.get("count", 0)) for values in said)
    assert sum("code" in values for values in said) + more == problems
    room.run()
    assert len(room.problems) == len(said), "it stands until a setting changes"
    assert room.set(seed=1).problems == []


def test_every_field_wrong(visit: Visit) -> None:
    moons = {"d_noise", "o_beta1", "o_beta2", "o_eps"}  # knobs that the default variants have
    link = {code: WRONG[meta["kind"]] for code, meta in codes(TrainSpec)}
    known = [code for code, meta in codes(TrainSpec) if meta["kind"] != "knobs" or code in moons]
    stands_on_defaults(visit(**link), len(known))


@pytest.mark.parametrize(
    "value", ["", "9" * 5000, "-1e400", "1" + "0" * 400, "nan", "128-" * 60 + "1", "💣" * 300]
)
def test_empty_and_huge_values(visit: Visit, value: str) -> None:
    link = dict.fromkeys(("lr", "n", "steps", "h", "data", "seed", "std"), value)
    stands_on_defaults(visit(**link), len(link))


@pytest.mark.parametrize(
    ("code", "link"),
    [
        ("data", {"data": "csv"}),
        ("loss", {"data": "sine", "loss": "cross_entropy"}),
        ("loss", {"data": "iris", "loss": "binary_cross_entropy"}),
    ],
)
def test_a_name_that_does_not_fit_the_rest_is_said(visit: Visit, code: str, link: dict[str, str]) -> None:
    room = visit(**link)
    assert [values["code"] for _, values in room.problems] == [code]
    assert code not in room.link or room.link[code] != link[code]
    assert room.set(seed=1).problems == []
    changed = visit()
    changed.set(data="sine" if code == "loss" else "xor")
    assert changed.problems == [], "what follows from a choice needs no sentence"


def test_the_slider_ends_with_the_data_set(visit: Visit) -> None:
    room = visit(data="iris")
    assert (room.widget("n").value, room.widget("n").options[-1]) == (150, "150")
    room.set(data="moons")
    assert room.widget("n").value == 300
    assert "n" not in room.link


def test_what_was_done_to_the_data_is_said_here_too(visit: Visit) -> None:
    room = visit(n="20", imb="0.95", test="0.5")
    assert any("has no training example" in shown.value for shown in room.at.caption)


def test_a_link_says_which_step_is_looked_at(visit: Visit) -> None:
    (field,) = [w for w in visit(view="step", k="7").at.number_input if w.key == "_step"]
    assert field.value == 7
    room = visit(view="step", k="99999")
    (field,) = [w for w in room.at.number_input if w.key == "_step"]
    assert field.value == TrainSpec().steps - 1
    field.set_value(3)
    assert room.run().link["k"] == "3"


@pytest.mark.parametrize("sweep", ["seed", "lr", "l2"])
def test_the_history_tells_replicas_apart(sweep: str) -> None:
    spec = TrainSpec(steps=20, replicas=3, sweep=sweep)
    table = takeaway.records_table(run(spec))
    expected = spec.seeds() if sweep == "seed" else spec.along(sweep).numpy()
    for i in range(3):
        assert set(table.loc[table.replica == i, sweep]) == {expected[i]}


def test_a_repeated_field_counts_once(visit: Visit) -> None:
    room = visit(lr=["0.1", "0.05"], steps=["oops", "300"])
    assert [(key, values["code"]) for key, values in room.problems] == [
        ("frame.repeated", "lr"),
        ("frame.repeated", "steps"),
    ]
    assert room.link == {"lang": "en", "lr": "0.05", "steps": "300"}
    assert room.verdict == visit(lr="0.05", steps="300").verdict


def test_fields_of_nobody_are_dropped(visit: Visit) -> None:
    room = visit(utm_source="mail", fbclid="1", **{"<script>": "1"})
    assert room.link == {"lang": "en"}
    assert room.problems == []


def test_markup_in_a_link_stays_text(visit: Visit) -> None:
    room = visit(data="![x](http://example.org/x.png)`")
    assert len(room.problems) == 1
    assert "![" not in re.sub(r"\\.", "", room.at.warning[0].value), "escaped"


value = st.one_of(st.text(max_size=20), st.floats().map(str), st.integers().map(str))
some = st.dictionaries(st.one_of(st.sampled_from([c for c, _ in codes(TrainSpec)]), st.text(max_size=5)),
                       st.one_of(value, st.lists(value, min_size=1, max_size=3)), max_size=12)  # fmt: skip


@settings(
    max_examples=12, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(link=some)
def test_random_links_do_no_harm(lab: Engine, link: dict[str, str | list[str]]) -> None:
    room = Room(lab, link)
    assert room.exceptions == []
    assert room.at.title[0].value in (catalog(code)["contents.training.title"] for code in ("en", "ko"))
    told = {code: text for code, text in room.link.items() if code != "lang"}
    spec, problems = specs.from_query(TrainSpec, told)
    assert problems == []
    assert specs.to_query(spec) == told, "the link in the address bar is a good one"


# ---------------------------------------------------------------- verdicts


def test_a_learning_rate_beyond_its_bound_diverges(visit: Visit) -> None:
    """The bound is 2 / lambda; for a line under squared error lambda is known in closed form."""
    room = visit(data="diabetes", n="442", model="linear", loss="mse", opt="sgd", lr="30", b="0")
    assert room.verdict is not None
    kind, values = room.verdict
    x = load(DataSpec("diabetes", examples=442)).x.double().numpy()
    x1 = np.hstack([x, np.ones((len(x), 1))])
    curvature = np.linalg.eigvalsh(2 * x1.T @ x1 / len(x)).max()
    assert kind == "diverged_bound"
    assert values["lr"] == "30"
    assert float(values["sharpness"]) == pytest.approx(curvature, rel=2e-3)
    assert float(values["bound"]) == pytest.approx(2 / curvature, rel=2e-3)


def test_a_learning_rate_below_the_same_bound_does_not(visit: Visit) -> None:
    room = visit(data="diabetes", n="442", model="linear", loss="mse", opt="sgd", lr="0.1", b="0")
    assert room.verdict is not None
    assert room.verdict[0] == "learned"


def test_equal_weights_are_stuck_at_chance(visit: Visit) -> None:
    room = visit(init="zeros")
    assert room.verdict is not None
    kind, values = room.verdict
    y = load(DataSpec()).y.numpy()
    share = np.bincount(y) / len(y)
    assert kind == "chance"
    assert float(values["chance_train_cost"]) == pytest.approx(-(share * np.log(share)).sum(), rel=1e-3)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_unbalanced_classes_are_told_class_by_class(visit: Visit, lang: str) -> None:
    link = {"data": "xor", "n": "1000", "imb": "0.86", "model": "linear", "lang": lang}
    room, texts = visit(**link), catalog(lang)
    spec = specs.from_query(TrainSpec, link)[0]
    task = prepare(spec)
    named = task.network.predict(torch.from_numpy(run(spec).final), task.x_test)[0].argmax(-1)
    y = task.data.y_test
    told = metrics.precision_recall_fscore_support(y, named, zero_division=0)
    assert room.verdict is not None
    assert room.verdict[0] == "chance_unbalanced"
    table = room.at.dataframe[0].value
    names = ("class", "precision", "recall", "f1", "support")
    assert list(table.columns) == [texts[f"training.{name}"] for name in names]
    for column, expected in zip(list(table.columns)[1:], told, strict=True):
        shown = [0.0 if cell == "–" else float(cell) for cell in table[column]]
        np.testing.assert_allclose(shown, expected, atol=6e-4)
    balanced = percent(metrics.balanced_accuracy_score(y, named))
    assert any(balanced in sentence.value and "**" in sentence.value for sentence in room.at.markdown)


def wilson(learned: int, of: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson (1927), from its formula."""
    p, k = learned / of, z * z / of
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return (p + k / 2 - half) / (1 + k), (p + k / 2 + half) / (1 + k)


def test_many_models_are_a_share_with_an_interval(visit: Visit) -> None:
    room = visit(data="checkerboard", h="4", steps="300", r="50")
    told = [found for text in room.at.markdown if (found := read(text.value, ["training.many_seed"], "en"))]
    assert len(told) == 1
    values = told[0][1]
    learned = int(values["learned"])
    assert 5 < learned < 45, "four hidden units sometimes suffice to beat chance"
    assert values["of"] == "50"
    assert (values["low"], values["high"]) == tuple(percent(end) for end in wilson(learned, 50))
    outcomes, share = room.picture("many")["figures"]
    assert outcomes["data"]
    assert share["data"]


def test_a_sweep_shows_one_point_a_model(visit: Visit) -> None:
    room = visit(sweep="lr", r="20", **{"from": "0.001", "to": "1"})
    told = [text for text in room.at.markdown if read(text.value, ["training.many_sweep"], "en")]
    assert len(told) == 1
    assert len(room.picture("many")["figures"]) == 1


def test_too_much_work_is_refused_with_a_sentence(visit: Visit) -> None:
    room = visit(n="5000", h="128-128-128-128-128-128", b="5000", steps="20000", r="256")
    assert room.verdict is None
    (shown,) = room.at.error
    told = read(shown.value, ["problems.training.work"], "en")
    assert told is not None
    assert float(told[1]["times"]) > 1
    assert room.set(r=1, steps=100, b=10, h="4").verdict is not None, "made smaller, it trains"


# ---------------------------------------------------------------- files


def test_saved_settings_open_again(visit: Visit) -> None:
    spec = replace(TrainSpec(), data=DataSpec("circles", examples=200), model=ModelSpec(widths=(4,)), seed=3)
    room = visit(lang="ko", lr="0.5").upload(specs.to_json(spec).encode())
    assert room.link == {"lang": "ko", **specs.to_query(spec)}
    assert room.problems == []
    assert room.verdict == visit(lang="ko", **specs.to_query(spec)).verdict


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[1, 2]", b"null", b'"text"', b"\xff\xfe\x00", b"[" * 50_000,
        specs.to_json(TrainSpec())[:-40].encode(), b"\x00" * 1000, b"{}", b'{"stepz": 9, "foo": 1}',
    ],
)  # fmt: skip
def test_a_damaged_file_leaves_the_settings_and_says_so(visit: Visit, content: bytes) -> None:
    room = visit(lr="0.05")
    before = room.verdict
    room.upload(content)
    assert room.link == {"lang": "en", "lr": "0.05"}
    assert [key for key, _ in room.problems] == ["frame.bad_file"]
    assert room.verdict == before


def test_a_file_of_another_shape_keeps_what_can_be_kept(visit: Visit) -> None:
    other = {
        "data": [1],
        "model": {"widths": "wide", "kind": None},
        "lr": 0.05,
        "steps": {"a": 1},
        "new": True,
    }
    room = visit().upload(json.dumps(other).encode())
    assert room.link == {"lang": "en", "lr": "0.05"}
    assert {values["code"] for _, values in room.problems} == {"data", "h", "steps", "new"}
    assert room.verdict == visit(lr="0.05").verdict


def test_settings_that_an_editor_has_marked_open_too(visit: Visit) -> None:
    room = visit().upload(specs.to_json(replace(TrainSpec(), lr=0.05)).encode("utf-8-sig"))
    assert (room.link, room.problems) == ({"lang": "en", "lr": "0.05"}, [])


# ---------------------------------------------------------------- how it fits together


def test_every_choice_has_a_widget_that_offers_it(visit: Visit) -> None:
    """What a spec declares can be chosen on the page (without a table of one's own)."""
    room = visit(data="digits", n="60", steps="5")
    for code in ("data", "act", "init", "opt", "sched", "model"):
        meta = dict(codes(TrainSpec))[code]
        names = list(meta["options"])
        labels = room.widget(code).options
        assert len(labels) == len(names) - (code == "data"), code
        if isinstance(meta["options"], Registry):
            assert set(labels) <= {variant.title for variant in meta["options"].variants()}


LONG_LINK = {"data": "checkerboard", "n": "5000", "h": "128-128", "steps": "20000", "b": "512"}


def test_another_setting_leaves_the_training_that_runs(lab: Engine) -> None:
    room = Room(lab, LONG_LINK)
    asked = room.at.session_state["_asked_training"]
    assert not lab.look(asked, "test").state.final
    room.at.query_params = {"lang": "en"}
    room.run()
    assert lab.look(asked, "test").problem == GONE, "nobody waits for it"


@pytest.mark.parametrize("others", [0, waiting.CROWD])
def test_who_waits_in_a_class_sees_the_result_in_the_first_run(
    lab: Engine, others: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alone one sees progress, and the page is run again at the end. Meanwhile the contents are there."""
    monkeypatch.setattr(waiting, "TOGETHER", LONG)
    called = []

    def told(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given: (called.append(name), original(*given))[1]

    for module, name in ((frame, "contents"), (compute, "listen")):
        monkeypatch.setattr(module, name, told(name, getattr(module, name)))
    link = {"data": "checkerboard", "n": "1000", "h": "32-32", "steps": "20000", "seed": str(70 + others)}
    link |= {"r": "8"}  # longer than a busy machine takes to open the page
    for other in range(others):
        lab.ask(specs.from_query(TrainSpec, link)[0], f"tab {other}")
    room = Room(lab, link)
    stops = [button for button in room.at.button if button.label == catalog("en")["training.stop"]]
    assert (room.verdict is not None, len(stops)) == ((True, 0) if others else (False, 1))
    assert called[:2] == (["contents", "listen"] if others else ["contents"])
    doors = [link.proto.page for link in room.at.get("page_link")]
    doors.remove("classroom")  # to which the room itself leads, too
    assert len(doors) == len(set(doors)) > len(frame.CONTENTS)
    assert room.settle().exceptions == []


@pytest.mark.parametrize("others", [0, 1])
def test_stop_keeps_what_there_is(lab: Engine, others: int) -> None:
    """Whoever else waits for the same goes on waiting."""
    for other in range(others):
        lab.ask(specs.from_query(TrainSpec, LONG_LINK)[0], f"tab {other}")
    room = Room(lab, LONG_LINK)
    asked = room.at.session_state["_asked_training"]
    while not lab.look(asked, "test").parts:
        lab.wait(asked, "test", 0.1)
    (button,) = [button for button in room.at.button if button.label == catalog("en")["training.stop"]]
    button.click()
    room.run()
    (told,) = [found for shown in room.at.info if (found := read(shown.value, ["training.stopped"], "en"))]
    frames = room.picture("player")["frames"]
    assert frames["steps"][-1] == int(told[1]["step"]) < 20_000 == int(told[1]["steps"])
    assert room.verdict is not None
    assert room.link == {"lang": "en", **LONG_LINK}
    assert (lab.look(asked, "test").problem == GONE) == (not others)
    if others:
        assert not lab.leave(asked, "tab 0").state.waiting
    room.run()
    whole = [read(shown.value, ["training.whole"], "en") for shown in room.at.caption]
    assert whole.count(("training.whole", told[1])) == 2, "of the code, and of what one takes along"
    assert room.picture("player")["frames"] == frames, "another run of the page does not start it again"
