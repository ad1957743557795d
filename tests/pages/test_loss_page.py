"""The objective room: every view in both languages, its link, typed numbers and the race."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial

import pytest

from mlcore.base import spec as specs
from mlcore.components.accounts import measure
from mlcore.engine.engine import Engine
from mlcore.families.losses import LOSSES, suits
from pages.rooms.loss.race import entry
from pages.rooms.loss.spec import VIEWS, LossSpec
from pages.ui.text import LANGUAGES, catalog
from tests.pages import rooms
from tests.pages.rooms import link_of, pictures, rerun, widget

visit = partial(rooms.opened, "loss")
CHEAP = tuple(view for view in VIEWS if view != "race")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", CHEAP)
def test_a_view_draws_itself_alone_and_says_what_to_see(view: str, language: str) -> None:
    at = visit(view=view, lang=language)
    texts = [found.value for found in at.markdown]
    assert catalog(language)[f"loss.{view}.claim"] in texts
    assert not [
        other for other in VIEWS if other != view and catalog(language)[f"loss.{other}.claim"] in texts
    ]
    shown = pictures(at)
    assert set(shown) == ({view} | ({"separately"} if view == "binary" else set()))
    for sent in shown.values():
        assert len(sent["alt"]) == len(sent["figures"])
        for handle in sent["handles"]:
            assert len(sent["figures"][handle["figure"]]["data"]) > handle["trace"]
    assert any("def " in found.value for found in at.code), "the code that ran"


def test_the_link_holds_every_number_of_the_room() -> None:
    changed = LossSpec(
        view="points", task="classification", label="0", at=-1.5, targets=(1, 2.5), predictions=(3, 0.25),
        values=(1, 7), logits=(0, 1, 2, 3), true=4, temperature=0.5, smoothing=0.2, z=-2, start=4,
        a=(0, 1), b=(1, -1), margin=-0.5, inputs=(1, 2), answers=(3, 4), weight=-1, lambda1=1,
    )  # fmt: skip
    query = specs.to_query(changed)
    back, problems = specs.from_query(LossSpec, query)
    assert (back, problems) == (changed, [])
    at = visit(**query)
    assert link_of(at) == query
    codes = [f.metadata.get("code") for f in fields(LossSpec) if f.metadata.get("code")]
    from_train = specs.to_query(replace(changed.train, steps=7, seed=3))
    assert not set(codes) & set(from_train), "no code stands for two fields"


def test_lists_that_belong_together_have_one_length() -> None:
    spec = LossSpec(targets=(1, 2, 3), predictions=(5,) * 2, logits=(1, 2), true=6)
    assert spec.predictions == (5, 5, 3)
    assert spec.true == 2
    assert LossSpec(inputs=(1, 2), answers=(4, 5, 6)).answers == (4, 5)


def test_typed_predictions_are_measured_and_stand_in_the_link() -> None:
    at = visit(view="points")
    widget(at, "loss", "ps").set_value("2; 4 3,6 5 1")
    rerun(at)
    assert link_of(at)["ps"] == "2~4~3~6~5~1"
    assert pictures(at)["points"]["figures"][0]["data"][2]["y"]
    expected = measure((2, 4, 3, 6, 5, 1), LossSpec().targets, 2.0).cost
    shown = [float(found.value) for found in at.metric]
    assert shown == pytest.approx(list(map(float, expected)), rel=1e-3)


@pytest.mark.parametrize("typed", ["2 x 3", "1", "1 2 3 4 5 6 7 8 9", "1 1e9", "nan 1"])
def test_nonsense_is_answered_and_the_last_numbers_stay(typed: str) -> None:
    at = visit(view="points", ps="1~1~1~1~1~1")
    widget(at, "loss", "ps").set_value(typed)
    rerun(at)
    assert link_of(at)["ps"] == "1~1~1~1~1~1"
    assert any(":red[" in found.value and "2 to 8 numbers" in found.value for found in at.caption)


def test_a_class_that_is_gone_is_not_the_true_one() -> None:
    at = visit(view="softmax", zs="1~2~3~4", tc="4")
    widget(at, "loss", "zs").set_value("1, 2")
    rerun(at)
    rerun(at)
    assert link_of(at).get("tc", "1") in ("1", "2")


def test_every_loss_that_suits_races(lab: Engine) -> None:
    at = visit(view="race", steps="5", h="3", n="40")
    for _ in range(60):
        if "race" in pictures(at) and len(pictures(at)["race"]["figures"]) == 7:
            break
        rerun(at)
    racing = [name for name in LOSSES if suits(name, "classification", 2)]
    assert len(pictures(at)["race"]["figures"]) == len(racing) == 7
    table = at.dataframe[0].value
    assert len(table) == 7
    assert entry(LossSpec().train, "huber").loss_knobs == (("delta", 1.0),)
