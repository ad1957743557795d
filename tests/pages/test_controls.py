"""Controls as a browser is told of them."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages import rooms

LINKS: dict[str, dict[str, str]] = {
    "loss": {"view": "shapes", "delta": "0.5", "yt": "2"},
    "optimizer": {"surface": "booth", "x": "-3", "steps": "500", "rule": "2"},
    "model": {"view": "before", "act": "sine", "h": "9-8", "seed": "5"},
}


def begun_with(widget: Any) -> Any:
    """What a browser shows that was told of nothing but this run."""
    match widget.type:
        case "slider":
            return widget.proto.default[0]
        case "select_slider":
            return float(widget.proto.options[int(widget.proto.default[0])])
        case _:
            return widget.proto.default


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("room", LINKS)
def test_a_later_run_tells_again_what_every_control_is_set_to(room: str) -> None:
    """Streamlit tells of a set value once, and forgets to where another run begins before that was sent."""
    page = rooms.rerun(rooms.opened(room, **LINKS[room]))
    kinds = ("slider", "select_slider", "number_input", "text_input", "toggle", "selectbox")
    drawn = [widget for kind in kinds for widget in getattr(page, kind)]
    widgets = [widget for widget in drawn if (widget.key or "").startswith(f"{room}.")]
    assert {widget.key.split(".")[1] for widget in widgets} >= LINKS[room].keys() - {"view", "rule"}
    for widget in widgets:
        value = widget.index if widget.type == "selectbox" else widget.value
        assert begun_with(widget) == value, widget.key


@pytest.mark.usefixtures("lab")
def test_what_another_variant_left_in_a_folded_setting_is_no_problem() -> None:
    page = rooms.opened("training", data="gaussians", d_noise="4")
    rooms.widget(page, "training", "data").set_value("moons")
    rooms.rerun(page)
    assert not page.warning
    assert "d_noise" not in rooms.link_of(page)


def _put(code: str, value: float | tuple[float, ...]) -> None:
    """A page whose controls are moved by a hand."""
    import streamlit as st

    from pages.rooms.loss.spec import LossSpec
    from pages.ui.controls import Controls

    controls = Controls(LossSpec, "loss")
    controls.put(code, value)
    st.text(controls.state[code])


@pytest.mark.parametrize(
    ("code", "value", "kept"),
    [
        ("at", 1.25, "1.25"),
        ("at", 99.0, "6"),
        ("at", -99.0, "-6"),
        ("at", -0.0, "0"),
        ("va", (3.0, -9.0), "2~-2"),
    ],
)
def test_a_hand_stays_within_the_range_of_the_field(code: str, value: Any, kept: str) -> None:
    assert AppTest.from_function(_put, args=(code, value)).run().text[0].value == kept


def test_a_section_that_there_is_not_is_said() -> None:
    room = rooms.opened("data", view="nonsense")
    assert [("**view = nonsense**" in told.value) for told in room.warning] == [True]
    assert "view" not in room.query_params


@pytest.mark.parametrize("page", ["landscape", "model"])
def test_a_kind_of_model_that_the_page_does_not_offer_is_said(page: str) -> None:
    """The core trains deep networks, which these pages do not explain."""
    room = rooms.opened(page, model="deep")
    assert ["**model = deep**" in told.value for told in room.warning] == [True]
    assert rooms.link_of(room)["model"] != "deep"


def _say(at: AppTest, link: dict[str, str]) -> None:
    """What the browser's address is when it tells of the next thing."""
    for code in [code for code in at.query_params if code not in link]:
        del at.query_params[code]
    for code, value in link.items():
        at.query_params[code] = value


@pytest.mark.usefixtures("alone")
def test_a_link_that_arrives_late_takes_nothing_back() -> None:
    """A second control is moved before the browser knows the link of the first; back still works."""
    page = rooms.opened("model", view="before")
    before = {"lang": "en", "view": "before"}
    rooms.widget(page, "model", "seed").set_value(5)
    rooms.rerun(page)
    assert rooms.link_of(page) == {"view": "before", "seed": "5"}
    _say(page, before)
    rooms.widget(page, "model", "act").set_value("sine")
    rooms.rerun(page)
    assert rooms.link_of(page) == {"view": "before", "seed": "5", "act": "sine"}
    _say(page, before)  # and nothing was moved
    rooms.rerun(page)
    assert rooms.link_of(page) == {"view": "before"}
    assert rooms.widget(page, "model", "act").value == "tanh"


def _mirror() -> None:
    """A slider and a field for one number, and a hand that moves it."""
    import streamlit as st

    from pages.ui import mirrored

    state = st.session_state.setdefault("number", {"value": 1.0})

    def take(value: float) -> None:
        state["value"] = value

    if st.button("two"):
        state["value"] = 2.0
    mirrored.number(st.slider, "slider", "slider", state["value"], take, min_value=0.0, max_value=9.0)
    mirrored.number(st.number_input, "field", "field", state["value"], take)
    st.text(str(state["value"]))


def test_two_widgets_for_a_number_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.ui import mirrored

    clock = [0.0]
    monkeypatch.setattr(mirrored, "monotonic", lambda: clock[0])
    page = AppTest.from_function(_mirror).run()
    page.slider[0].set_value(5.0).run()
    assert (page.text[0].value, page.number_input[0].value) == ("5.0", 5.0)
    page.number_input[0].set_value(3.0).run()
    assert (page.text[0].value, page.slider[0].value) == ("3.0", 3.0)
    page.button[0].click().run()
    assert (page.slider[0].value, page.number_input[0].value) == (2.0, 2.0)
    page.number_input[0].set_value(3.0).run()  # what it showed before: a browser that has not heard of the 2
    assert (page.text[0].value, page.slider[0].value, page.number_input[0].value) == ("2.0", 2.0, 2.0)
    clock[0] += 1.5
    page.number_input[0].set_value(3.0).run()  # a hand
    assert (page.text[0].value, page.slider[0].value) == ("3.0", 3.0)
