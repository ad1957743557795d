"""The room on problem types without a browser: three ways, clusters, an edited world, agents that learn."""

from __future__ import annotations

import re
import time
from functools import partial
from typing import Any

import pytest

from mlcore.base import grids
from mlcore.base.experiment import run
from mlcore.families.datasets import DATASETS
from mlcore.tasks import clusters, mixtures, planning, three
from mlcore.tasks.flat import NAMES, flat
from mlcore.tasks.learners import RULES
from mlcore.tasks.worlds import PRESETS, world
from mlcore.training.data import DataSpec
from mlcore.training.principal import principal
from pages.rooms.problem_types import world as view_of_worlds
from pages.rooms.problem_types.room import VIEWS, RoomSpec
from pages.ui.text import LANGUAGES, catalog, number, percent
from tests.pages import rooms
from tests.pages.rooms import box, link_of, pictures, rerun, said, widget

pytestmark = pytest.mark.usefixtures("patient")
SMALL = {"tepi": "30", "tr": "12"}
opened = partial(rooms.opened, "problem_types", **SMALL)
asked = partial(rooms.asked, RoomSpec, **SMALL)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"problem_types.{view}.claim"] in said(page)
    assert not page.error
    assert not page.warning
    assert len(pictures(page)) == {"three": 3, "clusters": 4, "world": 1, "learning": 2}[view]
    told = (found.value for kind in ("markdown", "caption") for found in getattr(page, kind))
    assert not any("{" in text for text in told)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_wrong_is_computed_from_the_points_of_the_data(name: str) -> None:
    page = opened(data=name)
    points = flat(DataSpec(name))
    voted, grouped, earned = three.supervised(points), three.unsupervised(points), three.reinforcement(points)
    assert f"**{voted.wrong} of {voted.of}** held-out labels" in said(page)
    assert f"inertia **{number(grouped.inertia, 4)}** with {len(grouped.means)} means" in said(page)
    assert f"random is worth **{number(earned.even)}**, the best policy **{number(earned.best)}**" in said(
        page
    )
    assert ("principal components, which keep" in said(page)) == (points.features > 2)


def test_points_are_drawn_by_hand() -> None:
    page = opened(data="drawn_plane", view="clusters", tk="8")
    assert any(button.key == "drawing.undo" for button in page.button)
    assert not page.error
    few = opened(data="drawn_plane", pts="gAgA.1gQgQ", view="clusters", tk="8")
    assert not few.exception


def test_the_numbers_of_clusters_are_those_of_the_core() -> None:
    page = opened(view="clusters", tk="5", tdraw="3", tstart="plus", tstarts="50")
    points = flat(DataSpec())
    first = clusters.start(points.x, 5, "plus", 3)
    found, mixed = clusters.moves(points.x, first), mixtures.fit(points.x, first)
    told = said(page)
    steps, inertia = len(found.inertia) // 2, number(float(found.inertia[-1]), 5)
    assert f"After **{steps}** steps nothing changes any more: inertia **{inertia}**" in told
    assert "The largest rise of a half step: 0." in told
    steps, level = len(mixed.likelihood) - 1, number(float(mixed.likelihood[-1]), 4)
    assert f"take **{steps}** steps to a log-likelihood of **{level}**" in told
    ends = [clusters.restarts(points.x, 5, way, 3, 50) for way in clusters.STARTS]
    least = min(one.batch.inertia.min() for one in ends)
    for one in ends:
        share = percent(one.reached(least) / 50)
        assert f"50 starts end at **{one.minima}** different inertias; **{share}**" in told
    _, variance = principal(points.x)
    assert f"explains **{percent(variance[0] / variance.sum())}** of the variance" in told
    frames = pictures(page)["kmeans"]["frames"]
    assert len(frames["steps"]) == len(found.inertia)


def test_more_means_than_points_are_no_trouble() -> None:
    page = opened(view="clusters", data="iris", n="20", tk="8")
    assert not page.error


# ---------------------------------------------------------------- the world


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("plan", ["iterate", "evaluate"])
def test_the_values_on_the_page_are_the_solution(name: str, plan: str) -> None:
    page = opened(view="world", tworld=PRESETS[name], tplan=plan)
    place = world(PRESETS[name])
    found = planning.sweep(place, 0.95, plan == "iterate")
    assert f"worth **{number(float(found.limit[place.start]), 4)}**" in said(page)
    heat = pictures(page)["world"]["figures"][0]["data"][0]
    assert len(heat["text"]) == len(place.rows)
    steps = len(planning.path(place, planning.greedy(found.gains))) - 1
    assert (f"the best way takes **{steps}** steps" in said(page)) == (plan == "iterate")
    ratio = float(re.findall(r"at most \*\*([\d.]+)\*\*; the theorem promises γ = 0.95", said(page))[0])
    assert ratio <= 0.95


def test_a_world_is_typed_and_nonsense_is_kept_with_a_sentence() -> None:
    page = opened(view="world")
    page.text_area[0].set_value("s..\n.w.\n..g")
    rerun(page)
    assert link_of(page)["tworld"] == "s..-.w.-..g"
    assert "the best way takes **4** steps" in said(page)
    page.text_area[0].set_value("s..\n.w")
    rerun(page)
    assert link_of(page)["tworld"] == "s..-.w.-..g"
    assert page.text_area[0].value == "s..\n.w"
    (told,) = (found.value for found in page.error)
    assert told.startswith("Row 2 has 2 cells, row 1 has 3")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("text", ["sg", "<img src=x>", "ss-.g", "s" * 5000, "s.-.", "{}"])
def test_a_broken_world_gets_a_sentence_and_the_default(text: str, lang: str) -> None:
    page = opened(view="world", tworld=text, lang=lang)
    assert len(page.warning) == 1
    assert "16" in page.warning[0].value
    assert "tworld" not in link_of(page)
    assert not page.error


class Clicked:
    """The controls as a click finds them."""

    def __init__(self, grid: str) -> None:
        self.state = {"tworld": grid}

    def write(self, code: str, text: str) -> None:
        self.state[code] = text


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(view_of_worlds.st, "session_state", kept)
    return kept


def click(grid: str, row: int, column: int) -> str:
    controls: Any = Clicked(grid)
    view_of_worlds._edit(controls, grids.read(grid), row, column)
    return str(controls.state["tworld"])


def test_a_click_sets_the_chosen_sign_and_takes_it_away_again(session: dict[str, Any]) -> None:
    for tool, sign in view_of_worlds.TOOLS.items():
        session[view_of_worlds.TOOL] = tool
        changed = click("s..-..g", 0, 1)
        assert grids.read(changed)[0][1] == sign
        if sign in grids.WINDS:
            changed = click(changed, 0, 1)
            assert grids.read(changed)[0][1] == sign.upper()
        if tool != "start":
            assert click(changed, 0, 1) == "s..-..g"
    session[view_of_worlds.TOOL] = "start"
    assert click("s..-..g", 1, 1) == "...-.sg"
    assert click("s..-..g", 0, 0) == "s..-..g"
    assert view_of_worlds.REFUSED not in session


def test_a_click_that_would_leave_no_goal_is_refused_and_one_outside_does_nothing(
    session: dict[str, Any],
) -> None:
    session[view_of_worlds.TOOL] = "wall"
    assert click("s..-..g", 1, 2) == "s..-..g"
    assert session[view_of_worlds.REFUSED].code == "goal"
    assert click("s..-..g", -1, 0) == "s..-..g"
    assert click("s..-..g", 0, 3) == "s..-..g"


def test_a_stale_text_of_a_browser_changes_nothing(
    session: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It tells once more what its field had, as a click has made another world already."""
    heard: dict[str, Any] = {}

    def text_area(label: str, value: str, **more: Any) -> str:
        heard.update(more)
        return value

    monkeypatch.setattr(view_of_worlds.st, "text_area", text_area)
    monkeypatch.setattr(view_of_worlds.st, "caption", lambda text: None)
    controls: Any = Clicked("s..-..g")
    view_of_worlds._lines(controls, grids.read("s..-..g"))
    controls.write("tworld", "sw.-..g")
    for text, wanted in (("s..\n..g", "sw.-..g"), ("nonsense", "sw.-..g"), ("s..\n.wg", "s..-.wg")):
        session[heard["key"]] = text
        heard["on_change"]()
        assert controls.state["tworld"] == wanted


def test_an_edited_world_is_worked_out_in_a_tenth_of_a_second() -> None:
    """The largest world there can be, at the largest discount; the best of six, as others work here too."""
    rows = ["." * grids.COLUMNS] * grids.ROWS
    took = []
    for k in range(6):
        rows[0] = "s" + "." * (14 - k) + "w" * k + "g"
        begun = time.perf_counter()
        view_of_worlds.drawn("-".join(rows), 0.1 + 0.01 * k, -100.0, 0.99, True, "en")
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.1


def test_a_goal_behind_walls_is_told() -> None:
    told = said(opened(view="world", tworld="sw.-ww.-..g"))
    assert catalog("en")["problem_types.world.closed"] in told


def test_a_world_to_begin_with_is_a_choice_away_and_leads_to_agents() -> None:
    page = opened(view="world")
    box(page, "selectbox", catalog("en")["problem_types.presets"]).set_value("cliff")
    rerun(page)
    assert link_of(page)["tworld"] == PRESETS["cliff"]
    assert link_of(page)["tgamma"] == "0.99"
    assert "the best way takes **13** steps" in said(page)
    next(button for button in page.button if button.key == "world.learn").click()
    rerun(page)
    assert catalog("en")["problem_types.learning.claim"] in said(page)
    assert "The best policy takes **13** steps" in said(page)
    wanted = {"view": "learning", "tworld": PRESETS["cliff"], "tgamma": "0.99", "twatch": "20"}
    assert link_of(page) == SMALL | wanted


# ---------------------------------------------------------------- learning


def test_what_agents_learned_is_what_the_core_says() -> None:
    page = opened(view="learning", tworld=PRESETS["open"])
    found = run(asked(tworld=PRESETS["open"]).learn)
    for one in found:
        low, high = one.from_start.interval
        assert f"reward **{number(float(one.reward.mean()))}** an episode" in said(page)
        assert (
            f"**{percent(one.from_start.value)}** (95% interval {percent(low)} to {percent(high)})"
            in said(page)
        )
    assert "The best policy takes **7** steps" in said(page)


@pytest.mark.parametrize("rule", RULES)
def test_an_agent_is_watched_on_its_way(rule: str) -> None:
    page = opened(view="learning", trule=rule, tagent="3", twatch="20")
    spec = asked()
    one = next(one for one in run(spec.learn) if one.rule == rule)
    way = one.way[3, 5]
    frames = pictures(page)["walk"]["frames"]
    assert len(frames["steps"]) == (way >= 0).sum()
    assert f"Seed 3, episode 20: reward **{number(float(one.reward[3, 19]))}**" in said(page)
    widget(page, "problem_types", "tagent").set_value(5)
    rerun(page)
    assert link_of(page)["tagent"] == "5"
    assert f"Seed 5, episode 20: reward **{number(float(one.reward[5, 19]))}**" in said(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_world_without_a_way_is_refused_with_a_sentence(lang: str) -> None:
    page = opened(view="learning", tworld="sw.-ww.-..g", lang=lang)
    (told,) = (found.value for found in page.error)
    assert told == catalog(lang)["problems.learn.closed"]


def test_an_agent_or_an_episode_that_is_not_there_is_the_nearest() -> None:
    page = opened(view="learning", tagent="299", twatch="500")
    assert not page.error
    assert "Seed 11, episode 20:" in said(page)


def test_a_link_with_nonsense_opens_with_defaults_and_says_so() -> None:
    page = opened(tk="99", tgamma="2", trule="luck", tslip="x")
    assert len(page.warning) == 4
    assert not page.error


@pytest.mark.parametrize("name", [name for name in DATASETS if name not in NAMES])
def test_data_of_another_room_without_classes_is_told_and_another_one_shown(name: str) -> None:
    page = opened(data=name, n="60", view="clusters")
    (told,) = (found.value for found in page.info)
    assert "here are the two moons instead" in told
    assert not page.error
    assert not page.warning
    assert link_of(page) == SMALL | {"view": "clusters"}
    assert not rerun(page).info
