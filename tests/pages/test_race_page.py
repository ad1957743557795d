"""The race room without a browser: every view in both languages, its numbers, its links, its refusals."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from mlcore.descents import races
from mlcore.descents.basin_maps import differ, maps
from mlcore.descents.network_races import network_race, ranks
from mlcore.families.optimizers import OPTIMIZERS
from pages.rooms.race.room import VIEWS, RoomSpec, called, of, size
from pages.ui.text import LANGUAGES, catalog, percent
from tests.pages import rooms
from tests.pages.rooms import link_of, pictures, said, widget

pytestmark = pytest.mark.usefixtures("patient")
SMALL = {
    "budget": "40", "starts": "8", "rates": "5", "side": "15", "walk": "40",
    "n": "60", "h": "4", "steps": "10", "nrates": "3", "nseeds": "4",
}  # fmt: skip
opened = partial(rooms.opened, "race", **SMALL)
asked = partial(rooms.asked, RoomSpec, **SMALL)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"race.{view}.claim"] in said(page)
    assert not page.error
    assert len(pictures(page)) == {"rates": 2, "starts": 1, "network": 3}[view]
    assert not any("{" in found.value for kind in ("markdown", "caption") for found in getattr(page, kind))


def test_the_verdict_has_the_numbers_of_the_race() -> None:
    found = races.race(asked().race)
    ranked, told = races.order(found), races.standings(found)
    page = opened()
    text = said(page)
    assert f"**{called(told[ranked[0]].rule.optimizer)}** with η = {size(told[ranked[0]].rate)}" in text
    pair, _ = races.ahead(found.shown(found.gap), found.shown(found.solved), *ranked[:2])
    assert f"{pair.hits} of {pair.of} starts" in text
    table = page.dataframe[0].value
    assert table["rule"].tolist() == [called(told[e].rule.optimizer) for e in ranked]
    assert table["gap, median"].tolist() == [size(told[e].gap[1]) for e in ranked]
    assert table["global minimum"].tolist() == [of(told[e].reached) for e in ranked]


@pytest.mark.parametrize("surface", ["booth", "rastrigin", "goldstein_price"])
def test_surfaces_that_are_solved_and_that_are_not(surface: str) -> None:
    page = opened(surface=surface, rule="2", rule1__opt="adam", rule2__opt="adopt", decades="2")
    assert pictures(page)["sweep"]["figures"][0]["data"][1]["name"] == "Adam"
    assert page.dataframe[0].value.shape[0] == 2


def test_a_best_rate_at_the_edge_is_told() -> None:
    found = races.race(asked(decades="1", surface="bowl").race)
    edges = [one.edge for one in races.standings(found)]
    assert any(edges)
    assert "lies at the edge of the sweep" in said(opened(decades="1", surface="bowl"))


def test_rules_are_chosen_and_nobody_is_a_sentence() -> None:
    page = opened()
    pills = next(group for group in page.get("button_group") if group.key == "_race_rules")
    assert list(pills.options) == [called(name) for name in OPTIMIZERS]
    pills.set_value(["adam", "lion"])
    page.run()
    assert not page.exception
    assert page.dataframe[0].value["rule"].sort_values().tolist() == ["Adam", "Lion"]
    assert link_of(page)["rule"] == "2"
    next(group for group in page.get("button_group") if group.key == "_race_rules").set_value([])
    page.run()
    assert catalog("en")["race.nobody"] in said(page)
    assert not pictures(page)


def test_maps_tell_from_how_many_starts_two_rules_part() -> None:
    both = maps(asked().maps)
    page = opened(view="starts")
    assert f"From **{percent(differ(*both))}** of the starts" in said(page)
    shares = page.dataframe[0].value["→ (3, 2)"].tolist()
    assert shares == [percent(float((one.ends.which == 0).mean())) for one in both]
    page = opened(view="starts", pair="1")
    assert "of the starts the two" not in said(page)
    assert len(pictures(page)["basins"]["figures"]) == 1


def test_another_surface_brings_its_own_rates_and_start() -> None:
    page = opened(view="starts")
    widget(page, "race", "land").set_value("rastrigin")
    page.run()
    assert not page.exception
    link = link_of(page)
    assert (link["pair1.lr"], link["x"], link["y"]) == ("0.002", "3.4", "-2.6")


def test_a_network_race_names_its_winner_and_its_best_tester() -> None:
    spec = asked(view="network").network
    parts = network_race(spec).parts
    best = parts[ranks(parts, spec.tuning)[0]]
    tests = [np.sort(part.test[part.best, spec.tuning :])[0] for part in parts]
    text = said(opened(view="network"))
    assert f"**{called(best.rule.optimizer)}** with η = {size(float(best.rate[best.best]))}" in text
    assert size(float(min(tests))) in text
    assert f" of {spec.seeds - spec.tuning} seeds (" in text


def test_the_pictures_of_a_network_race_share_one_legend() -> None:
    keys, *shown = (figure for row in pictures(opened(view="network")).values() for figure in row["figures"])
    named = {trace["name"] for figure in shown for trace in figure["data"] if trace.get("showlegend", True)}
    assert {trace["name"] for trace in keys["data"]} == named
    assert [figure["layout"]["showlegend"] for figure in (keys, *shown)] == [True] + 4 * [False]


def test_what_cannot_be_trained_is_said() -> None:
    page = opened(view="network", seed="9999")
    assert "9999" in said(page)
    assert page.error
    assert not pictures(page)
