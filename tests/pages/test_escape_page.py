"""The room on local minima without a browser: every view in both languages, formulas good and bad, links."""

from __future__ import annotations

import pytest

from mlcore.escapes.escape_methods import METHODS
from mlcore.escapes.escaping import EscapeSpec, escape
from mlcore.escapes.multimodal import MultimodalSpec
from mlcore.escapes.restarts import RestartSpec, restarts
from pages.rooms.escape.own import EXAMPLES
from pages.rooms.escape.room import VIEWS
from pages.ui.text import catalog
from tests.pages.rooms import box, link_of, opened, pictures, rerun, said, widget

HERE = tuple(view for view in VIEWS if view != "width")  # computed in the page
QUICK = {"spend": "20", "runs": "20"}


pytestmark = pytest.mark.usefixtures("alone")


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("view", HERE)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    at = opened("escape", view=view, lang=lang, tries="2000", **QUICK)
    assert catalog(lang)[f"escape.{view}.claim"] in said(at)
    assert not at.warning
    assert not at.error
    assert pictures(at)


def test_the_numbers_are_those_of_the_runs() -> None:
    at = opened("escape", **QUICK)
    results = escape(EscapeSpec(MultimodalSpec("ackley"), steps=20, runs=20))
    (table,) = at.dataframe
    assert list(table.value["Runs that get there"]) == [f"{r.share.hits} / {r.share.of}" for r in results]
    assert list(table.value["Method"]) == [METHODS[r.method.name].title for r in results]
    assert table.value["Spent by each run"].iloc[5] == "20 gradients, 10 values"


def test_plain_descent_is_not_compared_with_itself() -> None:
    told = said(opened("escape", m="1", **QUICK))
    assert "Add a method, and see" in told
    assert "comes first with" not in told


def test_a_box_that_ends_before_it_begins_is_said() -> None:
    assert "ends before it begins: 5 to -5. It is taken as 5 to 5.1" in said(
        opened("escape", view="own", x1="5", x2="-5", **QUICK)
    )
    assert "ends before it begins" not in said(opened("escape", view="own", **QUICK))


def test_methods_come_and_go_and_keep_their_numbers() -> None:
    at = opened("escape", m="2", m2__way="noise", m2__w_heat="2", **QUICK)
    box(at, "button", "Add a method").click()
    rerun(at)
    assert link_of(at)["m"] == "3"
    assert len(at.dataframe[0].value) == 3
    at.session_state["_m1"] = True  # what is folded is not drawn
    rerun(at)
    box(at, "button", "Remove").click()
    rerun(at)
    assert list(at.dataframe[0].value["Method"]) == ["Gradient noise", "Fading noise"]
    assert link_of(at)["m1.w_heat"] == "2"


def test_without_methods_nothing_runs() -> None:
    assert "no methods" in said(opened("escape", m="0", **QUICK))


def test_another_landscape_is_another_experiment() -> None:
    at = opened("escape", **QUICK)
    widget(at, "escape", "ground").set_value("styblinski_tang")
    rerun(at)
    assert link_of(at)["ground"] == "styblinski_tang"
    assert "4 minima found, the lowest at f = −78.3" in said(at)


def test_a_formula_is_drawn_and_stands_in_the_link() -> None:
    at = opened("escape", view="own", **QUICK)
    widget(at, "escape", "f").set_value("x^2 + y^2 + 3*sin(2*x)")
    rerun(at)
    assert link_of(at)["f"] == "x^2 + y^2 + 3*sin(2*x)"
    assert "The lowest of **2** minima found is at (−0.672, 0) with f = **−2.47**; 1 as low" in said(at)
    assert not at.error
    assert {"own", "methods"} <= pictures(at).keys()


def test_a_wrong_formula_is_answered_and_the_last_picture_stays() -> None:
    at = opened("escape", view="own", f="x^2 + y^2", **QUICK)
    before = pictures(at)["own"]["figures"]
    widget(at, "escape", "f").set_value("2x + y")
    rerun(at)
    assert "At character 2 a sign is missing: write 2*x." in at.error[0].value.replace("\\", "").replace(
        "\u2060", ""
    )
    assert pictures(at)["own"]["figures"] == before
    assert widget(at, "escape", "f").value == "2x + y", "what was typed is not lost"
    assert link_of(at)["f"] == "2x + y"


@pytest.mark.parametrize("view", HERE)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_nonsense_gets_a_sentence_in_every_view(view: str, lang: str) -> None:
    text = "![a](http://b.c/d.png) <img src=x>"
    at = opened("escape", view=view, lang=lang, ground="own", f=text, tries="2000", **QUICK)
    assert len(at.error) == 1
    for element in (*at.markdown, *at.caption, *at.error):
        assert "![a](" not in str(element.value)
        assert "<img" not in str(element.value).replace("\\<", "")


def test_an_example_is_taken() -> None:
    at = opened("escape", view="own", **QUICK)
    box(at, "selectbox", "Or begin with").set_value(EXAMPLES[1])
    rerun(at)
    assert widget(at, "escape", "f").value == EXAMPLES[1]
    assert link_of(at)["f"] == EXAMPLES[1]


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_has_minima_to_escape_from(text: str) -> None:
    at = opened("escape", view="own", f=text, **QUICK)
    assert not at.error
    assert not at.warning
    assert "minima found" in said(at)


def test_a_landscape_without_minima_is_said() -> None:
    at = opened("escape", view="own", f="x + y", **QUICK)
    assert "No minimum was found" in at.warning[0].value
    at = opened("escape", view="own", f="log(x) + (x - 2)^2*(x - 4)^2 + y^2", **QUICK)
    assert "In 50% of the box the formula has no value" in said(at)


def test_restarts_print_p_and_k() -> None:
    found = restarts(RestartSpec(MultimodalSpec("styblinski_tang"), 2000))
    at = opened("escape", view="restarts", ground="styblinski_tang", tries="2000")
    assert f"p = **{found.p:.4g}**" in said(at)
    assert f"k = **{found.needed:.0f}**" in said(at)
    never = opened("escape", view="restarts", ground="own", f="x", tries="2000")
    assert "None of 500 single starts" in said(never)


@pytest.mark.parametrize(
    "link",
    [
        {"ground": "everest"},
        {"f": "x" * 301},
        {"spend": "1e9"},
        {"m": "99"},
        {"m2__way": "luck"},
        {"x1": "nan"},
    ],
)
def test_nonsense_in_a_link_leaves_defaults_and_says_so(link: dict[str, str]) -> None:
    at = opened("escape", **QUICK | link)
    assert len(at.warning) == 1
