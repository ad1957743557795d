"""The optimizer room without a browser: every view in both languages, rules that come and go, links."""

from __future__ import annotations

from functools import partial

import pytest

from mlcore.descents.paths import PathSpec, paths
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.surfaces import SURFACES
from pages.rooms.optimizer.room import VIEWS, usual
from pages.ui.text import catalog
from tests.pages import rooms
from tests.pages.rooms import box, said

pytestmark = pytest.mark.usefixtures("alone")
opened = partial(rooms.opened, "optimizer")


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"optimizer.{view}.claim"] in said(page)
    assert not page.warning


def test_the_sentences_are_those_of_the_paths() -> None:
    page = opened(lang="en")
    for path in paths(PathSpec()):
        assert path.fate.value.format(**path.told | {"step": int(path.told.get("step", 0))}) in said(page)


@pytest.mark.parametrize("surface", SURFACES)
def test_another_surface_brings_its_own_start_and_rates(surface: str) -> None:
    page = opened(lang="en")
    box(page, "selectbox", "Surface").set_value(surface).run()
    assert not page.exception
    spec = usual(PathSpec(), surface)
    assert box(page, "number_input", "Start x").value == spec.x
    told = said(page)
    for rule, path in zip(spec.rules, paths(spec), strict=True):
        assert f"(η = {rule.lr:g})" in told
        assert path.fate.value.format(**path.told | {"step": int(path.told.get("step", 0))}) in told


def test_a_link_keeps_its_own_start_and_rates() -> None:
    page = opened(lang="en", surface="booth", x="-3", rule="2", rule1__lr="0.03", rule2__opt="lion")
    assert box(page, "number_input", "Start x").value == -3
    assert "**SGD** (η = 0.03)" in said(page)
    assert "**Lion** (η = 0.002)" in said(page)


def test_rules_come_and_go() -> None:
    page = opened(lang="en")
    box(page, "button", "Add a rule").click().run()
    assert page.query_params["rule"] == "5"
    assert "**Nesterov**" in said(page)
    box(page, "button", "Remove").click().run()  # the first of them
    assert "rule" not in page.query_params  # four, as usual
    assert "**SGD**" not in said(page)
    assert "**Nesterov**" in said(page)


def test_eight_rules_are_the_most() -> None:
    page = opened(lang="en", rule="8")
    assert box(page, "button", "Add a rule").disabled


def test_another_rule_brings_a_rate_that_suits_it() -> None:
    page = opened(lang="en")
    box(page, "selectbox", "Optimizer").set_value("adam").run()
    assert page.query_params["rule1.opt"] == "adam"
    assert "**Adam 0.05** (η = 0.05)" in said(page)  # two Adams are told apart by their rates


def test_a_rate_above_the_bound_is_said() -> None:
    page = opened(lang="en", surface="bowl", rule="1", rule1__lr="0.6")
    assert any("above its bound 0.5 " in warning.value for warning in page.warning)
    assert not opened(lang="en", surface="bowl", rule="1", rule1__lr="0.4").warning


def test_no_rules_leave_the_surface() -> None:
    for view in VIEWS:
        assert not opened(lang="en", view=view, rule="0").exception


@pytest.mark.parametrize(
    "link",
    [
        {"surface": "nowhere"},
        {"x": "1e99"},
        {"rule": "99"},
        {"rule1__lr": "-1"},
        {"rule3__opt": "sdg"},
        {"which": "9"},
        {"camera": "<img src=x>"},
        {"steps": "nan"},
    ],
)
def test_nonsense_in_a_link_leaves_defaults_and_says_so(link: dict[str, str]) -> None:
    page = opened(lang="en", **link)
    assert len(page.warning) == 1
    assert "<img" not in page.warning[0].value.replace("\\<", "")


def test_the_rule_that_is_looked_into_is_one_of_them() -> None:
    page = opened(lang="en", view="memory", which="7", rule="2")
    assert not page.exception


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_inside_of_every_rule_can_be_seen(name: str) -> None:
    page = opened(lang="ko", view="memory", rule="1", which="1", rule1__opt=name, steps="20")
    assert not page.exception
