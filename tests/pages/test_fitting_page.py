"""The fitting room without a browser: verdicts in both languages, cures that are applied, links, refusals."""

from __future__ import annotations

from functools import partial

import pytest

from mlcore.base import spec as specs
from mlcore.complexity.cures import suitable
from mlcore.complexity.fit_verdict import FitKind, diagnose
from mlcore.complexity.generalization import BiasVarianceSpec, bias_variance
from mlcore.complexity.training_sets import SetsSpec
from mlcore.training.data import DataSpec
from pages.rooms.fitting import cures
from pages.rooms.fitting.room import VIEWS, RoomSpec
from pages.ui.text import LANGUAGES, catalog
from tests.pages import rooms
from tests.pages.rooms import link_of, pictures, rerun, said

opened = partial(rooms.opened, "fitting")
pytestmark = pytest.mark.usefixtures("patient")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, language: str) -> None:
    page = opened(view=view, lang=language, sets="20")
    texts = said(page)
    for other in VIEWS:
        assert (catalog(language)[f"fitting.{other}.claim"] in texts) == (other == view)
    (drawn,) = pictures(page).values()
    assert len(drawn["alt"]) == len(drawn["figures"]) == (3 if view == "side" else 1)
    assert any("def " in found.value for found in page.code)


@pytest.mark.parametrize(("degree", "kind"), [(1, "underfits"), (3, "fits"), (9, "overfits")])
def test_the_verdict_is_that_of_the_core(degree: int, kind: str) -> None:
    page = opened(c=str(degree))
    box = page.success if kind == "fits" else page.warning
    assert f"**It {kind}.**" in box[0].value
    found = bias_variance(BiasVarianceSpec())
    told = diagnose(found, degree)
    shown = {metric.label: metric.value for metric in page.metric}
    assert shown["training cost"] == f"{told.train_cost:.3g}"
    assert shown["test error"] == f"{told.error:.3g}"
    assert shown["gap"] == f"{told.gap:.3g}"
    assert f"error is {told.error:.3g}" in box[0].value


def test_one_press_leads_to_an_overfit_and_a_cure_leads_away() -> None:
    page = opened()
    next(b for b in page.button if b.label.startswith("Overfit d = ")).click()
    rerun(page)
    assert "It overfits" in page.warning[0].value
    page = opened(view="cures", c="9")
    names = [b for b in page.button if (b.key or "").startswith("_cure_")]
    assert {b.key for b in names} == {"_cure_more_data", "_cure_simpler", "_cure_penalty"}
    next(b for b in names if b.key == "_cure_penalty").click()
    rerun(page)
    link = link_of(page)
    assert (link["family"], link["f_degree"], link["view"]) == ("ridge", "9", "cures")
    assert float(link["c"]) == pytest.approx(1e-5)


def test_an_underfit_is_told_that_data_do_not_help() -> None:
    page = opened(view="cures", c="1")
    (useless,) = [text for text in said(page).splitlines() if text.startswith("Does not help against this")]
    for name in ("More data: N = 120", "Bagging", "The mean of all members"):
        assert name in useless
    assert "What helps most: **A more complex model: d = " in said(page)
    rows = pictures(page)["cures"]["figures"][0]["data"][0]["y"]
    assert len(rows) == 1 + len(suitable(BiasVarianceSpec(), FitKind.UNDERFITS))


def test_running_families_arrive_and_their_cures_too() -> None:
    page = opened(view="cures", family="mlp_width", f_steps="20", size="10", sets="4", c="8")
    told = said(page)
    assert catalog("en")["fitting.cures.apply"] in told or "What helps most" in told
    assert pictures(page)["cures"]["figures"][0]["data"]


@pytest.mark.parametrize("name", ["moons", "diabetes", "iris"])
def test_other_data_have_their_own_picture(name: str) -> None:
    page = opened(data=name, family="nearest", c="1", size="20", sets="10")
    kind = "plane" if name == "moons" else "costs"
    assert catalog("en")[f"fitting.marks.{kind}"] in said(page)
    labels = [metric.label for metric in page.metric]
    assert ("bias² + noise" in labels) == (name != "moons")
    losses = [box for box in page.selectbox if box.label == "Loss"]
    assert len(losses) == (name != "diabetes")


def test_the_link_holds_everything_and_shortcuts_are_left_out() -> None:
    sets = SetsSpec(DataSpec("moons", label_noise=0.1), 40, 10, seed=3)
    room = RoomSpec("curve", BiasVarianceSpec(sets, "tree", loss="cross_entropy"), 4, sets.data)
    query = specs.to_query(room)
    assert specs.from_query(RoomSpec, query) == (room, [])
    assert link_of(opened(**query)) == query
    short = RoomSpec(ensemble=BiasVarianceSpec(sets, center="truth", paired=True))
    assert (short.ensemble.center, short.ensemble.paired) == ("labels", False)


def test_what_other_rooms_need_of_the_data_stays_in_the_link_and_makes_no_other_experiment() -> None:
    chosen = {"data": "circles", "n": "1000", "test": "0.5", "std": "0", "dseed": "7", "flip": "0.2"}
    page = opened(**chosen, sets="5")
    assert link_of(page) == {**chosen, "sets": "5"}
    assert page.session_state["_shared"] == chosen
    room, _ = specs.from_query(RoomSpec, link_of(page))
    plain, _ = specs.from_query(RoomSpec, {"data": "circles", "flip": "0.2", "sets": "5"})
    assert room.ensemble == plain.ensemble
    old, _ = specs.from_json(RoomSpec, specs.to_json(room))
    assert old == room


@pytest.mark.parametrize("link", [{"c": "nan"}, {"family": "tre"}, {"size": "1e9"}, {"view": "<b>"}])
def test_nonsense_in_a_link_leaves_defaults_and_says_so(link: dict[str, str]) -> None:
    page = opened(**link, sets="5")
    assert any(f"**{next(iter(link))} = " in warning.value for warning in page.warning)


def test_a_loss_without_the_identity_is_refused_in_a_sentence() -> None:
    page = opened(measure="zero_one", data="diabetes", sets="5")
    assert "0-1 loss has no such identity" in said(page)
    assert not pictures(page)


def test_a_change_is_told_by_its_symbols() -> None:
    from mlcore.complexity.cures import CURES, Candidate

    now = Candidate(BiasVarianceSpec(family="mlp_width"), 8)
    told = {name: cures.change(now, CURES[name](now)[0]) for name in ("more_data", "jitter", "penalty")}
    assert told == {"more_data": "N = 120", "jitter": "σₓ = 0.05", "penalty": "λ₂ = 1e-05"}
    early = cures.change(now, CURES["stop_early"](now)[2])
    assert early == "T = 10"
