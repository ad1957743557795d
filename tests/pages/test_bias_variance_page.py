"""The room on bias and variance without a browser: every view, links, refusals, shortcuts."""

from __future__ import annotations

from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.complexity.families import FAMILIES
from mlcore.complexity.generalization import BiasVarianceSpec, bias_variance
from mlcore.complexity.training_sets import SetsSpec
from mlcore.engine.engine import Engine
from pages.rooms.bias_variance.room import VIEWS
from pages.ui.text import catalog
from tests.pages import rooms
from tests.pages.rooms import box, link_of, rerun, said, widget

pytestmark = pytest.mark.usefixtures("patient")
SMALL = {"sets": "20", "size": "20"}
opened = partial(rooms.opened, "bias_variance", **SMALL)


def metric(page: AppTest, name: str) -> float:
    label = catalog("en")[f"bias_variance.part.{name}"]
    return float(next(m.value for m in page.metric if m.label == label))


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str, lab: Engine) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"bias_variance.{view}.claim"] in said(page)
    assert not page.warning
    assert not page.error


def test_the_numbers_are_those_of_the_core(lab: Engine) -> None:
    page = opened(lang="en", c="6")
    found = bias_variance(BiasVarianceSpec(SetsSpec(sets=20, size=20))).fits[6].parts.average()
    for name in ("error", "variance", "noise", "bias_squared", "unbiased_bias_squared"):
        assert metric(page, name) == pytest.approx(found[name], rel=1e-3)
    parts = sum(metric(page, name) for name in ("variance", "noise", "bias_squared"))
    assert parts == pytest.approx(metric(page, "error"), rel=1e-3)


@pytest.mark.parametrize("family", [name for name in FAMILIES if not name.startswith("mlp")])
def test_every_family_opens_at_its_usual_complexity_and_leaves_it_out_of_the_link(
    family: str, lab: Engine
) -> None:
    page = opened(lang="en")
    box(page, "selectbox", "Family of models").set_value(family).run()
    assert not page.exception
    assert "c" not in page.query_params
    assert metric(page, "error") > 0


def test_the_nearest_possible_complexity_is_taken(lab: Engine) -> None:
    page = opened(lang="en", family="nearest", c="11")
    assert page.query_params["c"] == "12"
    page = opened(lang="en", family="nearest", c="4000")
    assert page.query_params["c"] == "20"  # as many as there are examples


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("loss", ["absolute_error", "zero_one"])
def test_a_loss_without_the_identity_is_refused_with_the_reason(loss: str, lang: str, lab: Engine) -> None:
    page = opened(view="identity", measure=loss, lang=lang)
    assert [warning.value for warning in page.warning] == [catalog(lang)[f"problems.decomposition.{loss}"]]
    assert not page.metric


@pytest.mark.parametrize(
    ("shortcut", "told"), [({"center": "truth"}, "true f"), ({"paired": "1"}, "covariance")]
)
def test_a_shortcut_shows_the_gap_it_leaves(shortcut: dict[str, str], told: str, lab: Engine) -> None:
    whole, page = opened(view="identity", lang="en"), opened(view="identity", lang="en", **shortcut)
    assert told in said(page)
    assert told not in said(whole)


@pytest.mark.parametrize("name", ["moons", "diabetes", "iris"])
def test_other_data_are_named_for_what_they_are(name: str, lab: Engine) -> None:
    page = opened(lang="en", data=name, family="nearest")
    assert ("not independent" in said(page)) == (name != "moons")
    assert not page.error


def test_theory_says_where_it_has_nothing_to_say(lab: Engine) -> None:
    page = opened(lang="en", view="theory", family="tree")
    assert catalog("en")["bias_variance.theory.none"] in said(page)


def test_nonsense_in_a_link_is_said(lab: Engine) -> None:
    page = opened(lang="en", family="forest", size="-3", c="x")
    assert len(page.warning) == 3
    assert metric(page, "error") > 0


@pytest.mark.parametrize("name", ["line", "moons", "typed_curve"])
def test_another_world_is_chosen(name: str) -> None:
    page = opened()
    widget(page, "bias_variance", "data").set_value(name)
    rerun(page)
    assert link_of(page)["data"] == name


def test_a_world_is_written_as_a_formula() -> None:
    page = opened(data="typed_curve", fx="exp(-8*x^2)")
    assert not page.error
    page = opened(data="typed_curve", fx="log(x)")
    assert "has no value at some of the points" in page.warning[0].value
