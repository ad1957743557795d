"""The picture element in a real Chromium, asserted by what Plotly holds, not by pixels."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from playwright.sync_api import Browser, Page
from streamlit.testing.v1 import AppTest

from pages.ui import plot, site
from pages.ui.plot_events import click_of, drag_of, strokes_of, zoom_of
from pages.ui.plot_frames import packed
from tests.pages.browser import DRAW, at_rest, serve
from tests.pages.rooms import received

FRAMES = 30  # of the player in SCRIPT; its heat map shows ((7 t + 3 i + j + shade) mod 256) / 255 at frame t
PATIENCE = 60  # tries of what a busy machine may miss

SCRIPT = """
import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.ui import plot

st.set_page_config(layout="wide")
visit = st.text_input("visit", "nothing")  # what is shown, and a number of its own
shown = visit.split()[0]
kept = st.session_state.setdefault("of " + visit, {"runs": 0})  # every visit starts afresh
kept["runs"] += 1

grid = np.linspace(-2, 2, 21).astype(np.float32)
x, y = np.meshgrid(grid, grid)


def pair() -> None:
    shift = st.number_input("shift", value=0.0, key="shift " + visit)
    z = ((x - shift) ** 2 + 3 * y**2).astype(np.float32)
    path = go.Scatter(x=[0.0, 1.0, float("nan")], y=[0.0, 1.0, 2.0], name="path")
    contour = go.Figure([go.Contour(x=grid, y=grid, z=z), path, go.Scatter(x=[0], y=[1], name="b")])
    heat = go.Figure(go.Heatmap(x=grid, y=grid, z=z))
    empty = go.Figure(go.Scatter(x=[0, 10], y=[1, 100]), {"yaxis": {"type": "log"}})
    scene = go.Figure(go.Surface(x=grid, y=grid, z=z) if shown == "scene" else None)
    callback = kept.setdefault("called", []).append
    figures, alt = [contour, heat, empty, scene], ["contours", "heat", "line", "surface"]
    click = plot.show(figures, key=visit, alt=alt, columns=2, on_click=callback)
    st.code(f"called {kept['called']}")
    st.code(f"click {click}")


def player() -> None:
    total = int(st.number_input("frames", value=30, key="frames " + visit))
    shade = int(st.number_input("shade", value=0, key="shade " + visit))
    t, i, j = np.ogrid[:total, :21, :21]
    steps = [10 * t for t in range(total)]
    heat = go.Figure(go.Heatmap(x=grid, y=grid, z=np.zeros((21, 21)), zmin=0, zmax=1))
    cost = go.Figure([go.Scatter(x=steps, y=steps), go.Scatter(x=steps, y=steps)])
    frames = plot.Frames(
        steps,
        [
            plot.Update(0, 0, "z", **plot.one_byte((7 * t + 3 * i + j + shade) % 256 / 255, 0, 1)),
            plot.Update(1, 1, "y", np.arange(total), grow=True),
            plot.Update(1, 1, "marker.color", np.array([f"rgb({t},0,0)" for t in range(total)])),
        ],
        cursors=[1],
        readout={"cost <b>": [f"{t / 8:.3f}" for t in range(total)]},
    )
    labels = plot.PlayLabels("Play", "Pause", "Step back", "Step forward", "Step", "Speed")
    frame = plot.play([heat, cost], frames, key=visit, alt=["heat", "cost"], labels=labels, report=True)
    st.code(f"frame {frame}")


def listed() -> None:
    total, figures = int(st.number_input("frames", value=4, key="frames " + visit)), 1 + ("two" in visit)
    lines = [f"line {i} <b>{'.' * 200}</b>" for i in range(60)] if "bare" not in visit else []
    lit = [[3, -1, 57, 3][t % 4] for t in range(total)]
    heat = [go.Figure(go.Heatmap(x=grid, y=grid, z=np.zeros((21, 21)))) for _ in range(figures)]
    labels = plot.PlayLabels("Play", "Pause", "Step back", "Step forward", "Step", "Speed", "Lines")
    frames = plot.Frames(list(range(total)), listing=lines, lit=lit)
    plot.play(heat, frames, key=visit, alt=["heat"] * figures, labels=labels)


def drag() -> None:
    at = kept.setdefault("at", [[1.0, 1.0], [3.0, 2.0]])
    heard = kept.setdefault("heard", [])

    def move(drag: plot.Drag) -> None:
        heard.append(drag)
        at[drag.point] = [min(round(drag.x, 1), 3.5), round(drag.y, 1)]  # not where it was let go, beyond 3.5

    ground = go.Scatter(x=[0, 4], y=[at[0][1], at[0][1]], mode="lines")  # answers the first mark
    marks = go.Scatter(x=[x for x, _ in at], y=[y for _, y in at], mode="markers", marker={"size": 16})
    figure = go.Figure([ground, marks], {"xaxis": {"range": [0, 4]}, "yaxis": {"range": [0, 4]}})
    handles = [plot.Handle(0, 1, "y" if "along y" in visit else "xy")]
    plot.show(figure, key=visit, alt="marks", handles=handles, on_drag=move)
    st.code(f"heard {heard}")
    st.markdown("below  " * 900)


if shown == "drag":
    drag()
if shown in ("pair", "scene") and st.toggle("visible", value=True, key="visible " + visit):
    pair()
if shown == "player":
    player()
if shown == "listed":
    listed()
st.button("rerun")
st.code(f"runs {kept['runs']}")
st.code(f"all of {visit}.")
"""

APP = """
import streamlit as st

from pages.ui import site

app = st.App("script.py", routes=site.routes())
"""

COUNT_CONTEXTS = """
window.contexts = [];
const original = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  const context = original.call(this, kind, ...rest);
  const known = !context || !kind.startsWith("webgl") || window.contexts.includes(context);
  if (!known) window.contexts.push(context);
  return context;
};
"""


# ---- without a browser -------------------------------------------------------------------------------------


def test_one_byte_is_off_by_at_most_half_a_code() -> None:
    values = np.random.default_rng(0).uniform(-3, 5, size=(4, 50))
    sent = plot.one_byte(values, -3, 5)
    back = sent["values"] * sent["scale"] + sent["offset"]
    assert sent["values"].dtype == np.uint8
    assert np.abs(back - values).max() <= 8 / 510 + 1e-12
    assert plot.one_byte(np.array([[np.nan, 1.0]]), 0, 1)["values"].dtype == np.float32


@pytest.mark.parametrize(
    "dtype", ["uint8", "int16", "int32", "float32", "float64", "int64", "float16", ">f4"]
)
def test_numbers_survive_the_journey(dtype: str) -> None:
    values = np.arange(12).reshape(2, 3, 2).astype(dtype)
    sent = packed(values)
    assert isinstance(sent, dict)
    assert sent["dtype"] in {"u1", "i2", "i4", "f4", "f8"}, "what the browser has an array for"
    back = np.frombuffer(b64decode(sent["bdata"]), dtype="<" + sent["dtype"]).reshape(sent["shape"])
    np.testing.assert_array_equal(back, values)


def test_text_travels_as_a_list() -> None:
    assert packed(np.array(["a", "나"])) == ["a", "나"]


def test_frames_say_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="update of 'z' has 2 entries for 3 frames"):
        plot.Frames([0, 1, 2], [plot.Update(0, 0, "z", np.zeros((2, 4)))])
    with pytest.raises(ValueError, match="readout 'cost' has 1 entries for 3 frames"):
        plot.Frames([0, 1, 2], readout={"cost": ["1"]})
    with pytest.raises(ValueError, match="no frames"):
        plot.Frames([])
    with pytest.raises(ValueError, match="choice of lines has 1 entries for 2 frames"):
        plot.Frames([0, 1], listing=["a", "b"], lit=[0])
    for line in (2, -2):
        with pytest.raises(ValueError, match=f"no line {line} in a listing of 2"):
            plot.Frames([0], listing=["a", "b"], lit=[line])


GOOD = {"figure": 0, "trace": 0, "x": 1, "y": 2.5, "z": None, "point": [3, 4]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, plot.Click(0, 0, 1.0, 2.5, None, (3, 4))),
        ({"trace": None}, plot.Click(0, None, 1.0, 2.5, None, None)),
        ({"trace": 7}, plot.Click(0, None, 1.0, 2.5, None, None)),
        ({"trace": "0"}, plot.Click(0, None, 1.0, 2.5, None, None)),
        ({"point": 5, "z": 2}, plot.Click(0, 0, 1.0, 2.5, 2.0, 5)),
        ({"point": -1}, plot.Click(0, 0, 1.0, 2.5, None, None)),
        ({"figure": 1}, None),
        ({"figure": -1}, None),
        ({"figure": [0]}, None),
        ({"x": float("nan")}, None),
        ({"x": "1"}, None),
        ({"y": 10**400}, None),
        ({"y": None}, None),
    ],
)
def test_forged_clicks_do_not_arrive(change: dict[str, Any], expected: plot.Click | None) -> None:
    figures = [go.Figure(go.Scatter(x=[0], y=[0]))]
    assert click_of(GOOD | change, figures) == expected
    assert click_of("click", figures) is None


HELD = {"figure": 0, "trace": 1, "point": 1, "x": 1, "y": 2.5, "done": False}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, plot.Drag(0, 1, 1, 1.0, 2.5, False)),
        ({"done": True}, plot.Drag(0, 1, 1, 1.0, 2.5, True)),
        ({"done": 1}, plot.Drag(0, 1, 1, 1.0, 2.5, False)),
        ({"trace": 0}, None),  # has no handle
        ({"figure": 1}, None),
        ({"point": 2}, None),
        ({"point": -1}, None),
        ({"point": "1"}, None),
        ({"x": float("inf")}, None),
        ({"y": None}, None),
    ],
)
def test_forged_drags_do_not_arrive(change: dict[str, Any], expected: plot.Drag | None) -> None:
    figures = [go.Figure([go.Scatter(x=[0, 1], y=[0, 1])] * 2)]
    assert drag_of(HELD | change, figures, [plot.Handle(0, 1)]) == expected
    assert drag_of(None, figures, [plot.Handle(0, 1)]) is None


STROKE = {"id": 7, "x": [0, 1.5], "y": [2.0, 3]}
READ = plot.Stroke(7, ((0.0, 2.0), (1.5, 3.0)))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([STROKE], [READ]),
        ([STROKE, STROKE], [READ]),
        ([STROKE | {"id": 9}, STROKE], [READ, plot.Stroke(9, READ.points)]),
        ([STROKE | {"id": 5}, STROKE], [READ]),  # 5 was heard before
        ([STROKE | {"id": "7"}], []),
        ([STROKE | {"id": 2**60}], []),
        ([STROKE | {"x": [0]}], []),
        ([STROKE | {"x": [], "y": []}], []),
        ([STROKE | {"x": [0, None]}], []),
        ([STROKE | {"y": [0, float("nan")]}], []),
        ([STROKE | {"y": [0, 10**400]}], []),
        ([STROKE | {"x": [0.0] * 301, "y": [0.0] * 301}], []),
        ([None, "stroke", STROKE], [READ]),
        ("strokes", []),
    ],
)
def test_forged_strokes_do_not_arrive(sent: Any, expected: list[plot.Stroke]) -> None:
    figures, pen = [go.Figure()], plot.Pen(0, "red")
    assert strokes_of({"figure": 0, "strokes": sent}, figures, pen, 5) == expected
    assert strokes_of({"figure": 1, "strokes": sent}, figures, pen, 5) == []
    assert strokes_of({"figure": 0, "strokes": sent}, figures, None, 5) == []
    assert strokes_of(None, figures, pen, 5) == []


SEEN = {"figure": 0, "x": [0.0, 2], "y": [-1.5, 1.5], "whole": False}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, plot.Zoom(0, (0.0, 2.0), (-1.5, 1.5), False)),
        ({"whole": True}, plot.Zoom(0, (0.0, 2.0), (-1.5, 1.5), True)),
        ({"whole": 1}, plot.Zoom(0, (0.0, 2.0), (-1.5, 1.5), False)),
        ({"figure": 1}, None),
        ({"figure": "0"}, None),
        ({"x": [2.0, 0.0]}, None),
        ({"x": [1.0, 1.0]}, None),
        ({"y": [1.0]}, None),
        ({"y": [0.0, float("nan")]}, None),
        ({"x": [0, 10**400]}, None),
        ({"x": "01"}, None),
    ],
)
def test_forged_zooms_do_not_arrive(change: dict[str, Any], expected: plot.Zoom | None) -> None:
    assert zoom_of(SEEN | change, [0]) == expected
    assert zoom_of(None, [0]) is None


@pytest.mark.parametrize("visit", [1, 2])  # the second one meets a component registered elsewhere
def test_the_quick_kind_of_test_sees_the_figures(visit: int) -> None:
    at = AppTest.from_string(SCRIPT, default_timeout=60).run()
    at.text_input[0].set_value("pair").run()
    assert not at.exception
    component = next(element for element in at.main if getattr(element, "key", None) == "pair")
    sent = received(component.proto.json)
    assert [figure["data"][0]["type"] for figure in sent["figures"][:2]] == ["contour", "heatmap"]
    assert sent["alt"] == ["contours", "heat", "line", "surface"]


# ---- in a browser ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Below a base path, as behind a proxy: the tests of the app do without one."""
    app = tmp_path_factory.mktemp("plot") / "app.py"
    app.with_name("script.py").write_text(SCRIPT, encoding="utf-8")
    app.write_text(APP, encoding="utf-8")
    with serve(app, "--server.baseUrlPath=lab/mlp") as address:
        yield address


EYE = "gd._fullLayout.scene._scene.getCamera().eye"
BOXES = "document.querySelectorAll('.mlplot-figure')"
PLOT = "[gd.getBoundingClientRect().left + gd._fullLayout._size.l,"  # the plot area: left, top, width, height
PLOT += (
    "gd.getBoundingClientRect().top + gd._fullLayout._size.t, gd._fullLayout._size.w, gd._fullLayout._size.h]"
)


VISITS = count(1)
LAPTOP, PHONE = (1280, 900), (390, 844)


class Tab:
    """A page of the script, with what its figures hold."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.extend([line.text] * (line.type == "error")))
        page.on("request", lambda request: self.requests.append(request.url))
        page.set_default_timeout(60_000)
        page.goto(f"{url}/")

    def visit(self, show: str, size: tuple[int, int] = LAPTOP) -> Tab:
        """Figures that nobody has touched, on such a screen. Loading a page takes five times as long."""
        self.complete("")  # what is typed into a page still being built may be lost
        visit = f"{show} {next(VISITS)}"
        self.page.mouse.up()
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.emulate_media(color_scheme="light")
        self.type("visit", visit)
        self.complete(f"{visit}.")
        self.errors.clear()
        return self

    def complete(self, visit: str) -> None:
        """Wait until the script has run through and nothing of an earlier run is left."""
        self.says(f"all of {visit}")
        self.page.locator("[data-test-script-state=notRunning]").wait_for()

    def box(self, figure: int, expression: str) -> Any:
        """Evaluate JavaScript with `gd`, Plotly's element of a figure."""
        return self.page.evaluate(f"(() => {{ const gd = {BOXES}[{figure}]; return {expression}; }})()")

    def until(self, figure: int, expression: str) -> None:
        """Wait until it is true."""
        self.page.wait_for_function(f"(() => {{ const gd = {BOXES}[{figure}]; return {expression}; }})()")

    def drawn(self, *figures: int) -> Tab:
        for figure in figures:
            self.until(figure, "gd?._fullLayout && gd._fullData.length > 0 && !gd._promises?.length")
        self.frames(3)  # scenes draw in frames of their own
        return self

    def says(self, text: str) -> None:
        self.page.get_by_text(text, exact=False).first.wait_for()

    def type(self, label: str, text: str) -> None:
        field = self.page.get_by_label(label, exact=True)
        field.fill(text)
        field.press("Enter")

    def pixel(self, figure: int, right: float, down: float) -> tuple[int, int]:
        """A place inside the plot area, as fractions of it, in whole pixels of the page."""
        left, top, width, height = self.box(figure, f"(gd.scrollIntoView({{block: 'center'}}), {PLOT})")
        return round(left + right * width), round(top + down * height)

    def place(self, figure: int, pixel: tuple[int, int]) -> tuple[float, float]:
        """Data coordinates of a pixel by our own arithmetic: linear between the ends of the axes."""
        left, top, width, height = self.box(figure, PLOT)
        xs, ys = self.box(figure, "[gd._fullLayout.xaxis.range, gd._fullLayout.yaxis.range]")
        x = xs[0] + (pixel[0] - left) / width * (xs[1] - xs[0])
        y = ys[1] - (pixel[1] - top) / height * (ys[1] - ys[0])
        return x, 10**y if self.box(figure, "gd._fullLayout.yaxis.type") == "log" else y

    def frames(self, least: int) -> None:
        """Give the page the time to draw."""
        self.page.evaluate(DRAW, least)

    def drag(self, figure: int, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press, move and let go, giving the figure time to draw, as a hand does."""
        (x0, y0), (x1, y1) = self.pixel(figure, *start), self.pixel(figure, *end)
        self.page.mouse.move(x0, y0)
        self.page.mouse.down()
        for part in (0.25, 0.5, 0.75, 1.0):
            self.page.mouse.move(x0 + part * (x1 - x0), y0 + part * (y1 - y0))
            self.frames(2)
        self.page.mouse.up()

    def turn(self, start: tuple[float, float], end: tuple[float, float], least: float) -> None:
        """Drag the scene until its camera has moved: one that is still being made loses what a hand does."""
        (x0, y0), (x1, y1) = self.pixel(3, *start), self.pixel(3, *end)
        for _ in range(PATIENCE):
            self.page.mouse.move(x0, y0)
            self.page.mouse.down()
            self.page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2)
            self.page.mouse.move(x1, y1)
            at_rest(self.page, f"(gd => {EYE})({BOXES}[3])")  # let go while it swings, it keeps where it was
            self.page.mouse.up()
            if self.box(3, f"Math.abs(gd._fullLayout.scene.camera.eye.x - 1.5) > {least}"):
                return
        pytest.fail("the scene did not turn")

    def hover(self, pixel: tuple[int, int]) -> None:
        """Wait for the scene's label: it looks under the pointer when it draws, and not while it turns."""
        for nudge in range(PATIENCE):
            self.page.mouse.move(pixel[0] + nudge % 2, pixel[1])
            self.frames(15)
            if nudge % 2 == 0 and self.box(3, "Boolean(gd.querySelector('.hovertext'))"):
                return
        pytest.fail("the scene has nothing under the pointer")

    def click(self, figure: int, right: float, down: float) -> tuple[plot.Click, tuple[float, float]]:
        """Click and return what Python got, and where that should be."""
        pixel = self.pixel(figure, right, down)
        expected = self.place(figure, pixel) if figure < 3 else (0.0, 0.0)
        self.page.mouse.move(*pixel)
        if figure == 3:
            self.hover(pixel)
        self.page.mouse.down()
        self.frames(3)  # it reads the buttons when it draws
        self.page.mouse.up()
        self.says(f"click Click(figure={figure}")
        return self.calls()[-1], expected

    def calls(self) -> list[plot.Click]:
        """Every click the callback got."""
        text = self.page.get_by_text("called [").inner_text().removeprefix("called ")
        return list(eval(text, {"Click": plot.Click}))  # what our own script printed


Opener = Callable[..., Tab]


@pytest.fixture(scope="module")
def tabs() -> dict[tuple[int, int], Tab]:
    """The tab of each kind of screen, which most tests share one after the other."""
    return {}


@pytest.fixture
def open_tab(
    browser: Browser, url: str, tabs: dict[tuple[int, int], Tab], request: pytest.FixtureRequest
) -> Iterator[Opener]:
    """Makes a visit in a tab that is open already, or in a new one where the test before has failed."""

    def opened(show: str, size: tuple[int, int] = LAPTOP) -> Tab:
        if size not in tabs:
            phone = {"is_mobile": True, "has_touch": True} if size == PHONE else {}
            context = browser.new_context(**phone)
            context.add_init_script(COUNT_CONTEXTS)
            tabs[size] = Tab(context.new_page(), url)
        return tabs[size].visit(show, size)

    failed = request.session.testsfailed
    yield opened
    if request.session.testsfailed > failed:
        while tabs:
            tabs.popitem()[1].page.context.close()


@pytest.mark.browser
def test_figures_draw_from_this_server_alone_and_are_fetched_once(open_tab: Opener, url: str) -> None:
    tab = open_tab("pair").drawn(0, 1, 2)
    assert tab.box(0, "gd.data.map(trace => trace.type)") == ["contour", "scatter", "scatter"]
    assert tab.box(0, "gd.data[0].z.map(row => Array.from(row)).flat().length") == 21 * 21
    assert tab.box(0, "gd.data[0].z[10][0]") == pytest.approx(4.0)
    assert tab.box(0, "gd.data[1].x[2]") is None, "a NaN in a list is a gap"
    assert tab.page.get_by_role("img", name="contours").count() == 1
    assert tab.box(0, "gd.clientHeight") == 420
    tools = tab.box(0, "[...gd.querySelectorAll('.modebar-btn')].map(tool => tool.dataset.title)")
    assert "Pan" in tools
    assert not [tool for tool in tools if "Share" in tool], "no chart leaves for a cloud"
    library = f"{url}/{site.library()}"  # below the base path
    assert [address for address in tab.requests if "plotly" in address.lower()] == [library]
    tab.page.reload()
    tab.visit("pair").drawn(0)
    local = (url, url.replace("http", "ws"), "blob:", "data:")
    assert [address for address in tab.requests if not address.startswith(local)] == []
    sent = "address => performance.getEntriesByName(address).map(entry => entry.transferSize)"
    assert tab.page.evaluate(sent, library) == [0], "the browser has kept it"
    assert tab.errors == []


@pytest.mark.browser
def test_camera_zoom_and_legend_outlive_an_update(open_tab: Opener) -> None:
    tab = open_tab("scene").drawn(0, 3)
    tab.drag(0, (0.25, 0.25), (0.75, 0.75))
    tab.until(0, "gd._fullLayout.xaxis.autorange === false")
    tab.page.locator(".mlplot-figure .legendtoggle").nth(1).click()  # hides "b"
    tab.until(0, "gd._fullData[2].visible === 'legendonly'")
    tab.turn((0.5, 0.5), (0.7, 0.6), 0.1)
    zoom = tab.box(0, "gd._fullLayout.xaxis.range")
    eye = tab.box(3, "gd._fullLayout.scene.camera.eye")
    tab.box(0, "window.kept = [...document.querySelectorAll('.mlplot-figure')]")

    for shift in (1, 2):  # twice: what was kept once must not be forgotten by the next update
        tab.type("shift", str(shift))
        for figure in (0, 3):
            tab.until(figure, f"Math.abs(gd._fullData[0].z[10][0] - {(2 + shift) ** 2}) < 1e-3")
        assert tab.box(0, "gd._fullLayout.xaxis.range") == zoom
        assert tab.box(0, "gd._fullData[2].visible") == "legendonly"
        assert tab.box(3, "gd._fullLayout.scene.camera.eye") == eye
        assert tab.box(3, "gd._fullLayout.scene._scene.getCamera().eye.x") == pytest.approx(
            eye["x"], abs=1e-3
        )
    assert tab.box(0, "gd === window.kept[0]"), "the element stayed"
    assert tab.box(0, "gd._ev.listenerCount('plotly_click')") == 1, "listeners do not pile up"
    assert tab.errors == []


@pytest.mark.browser
def test_a_click_on_axes_is_exact(open_tab: Opener) -> None:
    tab = open_tab("pair").drawn(0, 1, 2)
    clicks = []
    for figure, right, down in [(0, 0.31, 0.22), (1, 0.63, 0.71), (2, 0.2, 0.3)]:
        click, (x, y) = tab.click(figure, right, down)
        assert click.x == pytest.approx(x, rel=1e-9, abs=1e-9)
        assert click.y == pytest.approx(y, rel=1e-9, abs=1e-9)
        if figure == 2:  # nothing there
            assert (click.trace, click.point, click.z) == (None, None, None)
        else:
            column, row = round((x + 2) / 0.2), round((y + 2) / 0.2)
            assert (click.trace, click.point) == (0, (row, column))
            assert click.z == pytest.approx((column * 0.2 - 2) ** 2 + 3 * (row * 0.2 - 2) ** 2, abs=1e-5)
        clicks.append(click)
        assert tab.calls() == clicks
    tab.page.get_by_role("button", name="rerun").click()
    tab.says("click None")  # a click belongs to one rerun
    assert tab.errors == []


@pytest.mark.browser
def test_a_click_on_a_surface_names_its_vertex(open_tab: Opener) -> None:
    tab = open_tab("scene").drawn(3)
    tab.turn((0.5, 0.62), (0.6, 0.62), 0.05)
    click, _ = tab.click(3, 0.5, 0.62)
    assert tab.calls() == [click], "turning is not clicking"
    assert click.trace == 0
    assert click.z == pytest.approx(click.x**2 + 3 * click.y**2, abs=1e-4)
    assert isinstance(click.point, tuple)
    assert tab.errors == []


def slider(tab: Tab, frame: int) -> None:
    """Drag the slider to a frame, without letting go."""
    tab.page.evaluate(
        "frame => { const slider = document.querySelector('.mlplot input'); slider.value = frame;"
        "slider.dispatchEvent(new Event('input')); }",
        frame,
    )


def heat_at(frame: int, shade: int = 0) -> str:
    """JavaScript: does the heat map show this frame, to the precision of a float32?"""
    cell = f"((7 * {frame} + 3 * i + j + {shade}) % 256) / 255"
    return f"[[0, 0], [4, 9], [20, 20]].every(([i, j]) => Math.abs(gd._fullData[0].z[i][j] - {cell}) < 1e-6)"


@pytest.mark.browser
def test_scrubbing_shows_the_frame_everywhere(open_tab: Opener) -> None:
    tab = open_tab("player").drawn(0, 1)
    tab.until(0, heat_at(FRAMES - 1))  # the trained state comes first
    for frame in (0, 11, 3):
        slider(tab, frame)
        tab.until(0, heat_at(frame))
        tab.until(1, f"gd._fullData[1].y.length === {frame + 1}")
        assert tab.box(1, "gd._fullData[1].marker.color") == f"rgb({frame},0,0)"
        assert tab.box(1, "gd._fullData[0].y.length") == FRAMES, "the other curve stays"
        line = tab.page.locator(".mlplot-cursor:visible").bounding_box()
        assert line is not None
        axis = "gd._fullLayout.xaxis"
        at = tab.box(1, f"gd.getBoundingClientRect().left + {axis}._offset + {axis}.l2p({10 * frame})")
        assert line["x"] == pytest.approx(at, abs=1.0)
        assert line["height"] == pytest.approx(tab.box(1, "gd._fullLayout._size.h"), abs=1.0)
        assert tab.page.locator(".mlplot-step").inner_text() == f"Step {10 * frame}"
        assert tab.page.locator(".mlplot-readout dd").inner_text() == f"{frame / 8:.3f}"
    assert tab.page.locator(".mlplot-readout dt").inner_text() == "cost <b>", "text, not markup"
    tab.says("runs 1")
    assert tab.errors == []


@pytest.mark.browser
def test_play_runs_in_the_browser_and_pause_stops_it(open_tab: Opener) -> None:
    tab = open_tab("player").drawn(0, 1)
    tab.page.evaluate("window.seen = new Set(); window.sent = 0")
    tab.page.evaluate(
        "() => { const where = document.querySelector('.mlplot-step');"
        "new MutationObserver(() => window.seen.add(where.textContent)).observe(where, {childList: true}); }"
    )
    tab.page.get_by_role("button", name="Play").click()
    tab.page.wait_for_function("window.seen.size > 4")  # from the start, as it stood at the end
    tab.says("runs 1")
    tab.page.get_by_role("button", name="Pause").click()
    tab.says("frame ")
    stopped = int(tab.page.locator(".mlplot input").input_value())
    assert 0 < stopped < FRAMES - 1
    tab.until(0, heat_at(stopped))
    tab.says(f"frame {stopped}")  # reported once, on letting go
    tab.says("runs 2")
    tab.frames(60)  # a second or more: three steps, if it still ran
    assert tab.page.locator(".mlplot input").input_value() == str(stopped)

    tab.page.get_by_label("Speed").select_option("4")
    tab.page.get_by_role("button", name="Play").click()
    tab.says(f"frame {FRAMES - 1}")  # it stops at the end by itself
    assert tab.page.get_by_role("button", name="Play").count() == 1
    assert tab.errors == []


SLOW = """() => {
  const { react } = Plotly;
  window.drawn = [];
  window.hurry = () => { Plotly.react = react; };
  Plotly.react = (gd, ...rest) => {
    for (const until = performance.now() + 60; performance.now() < until; );
    const step = document.querySelector('.mlplot-step').textContent;
    window.drawn.push([gd.nextElementSibling.ariaLabel.split(" ")[0], document.timeline.currentTime, step]);
    return react(gd, ...rest);
  };
}"""


@pytest.mark.browser
def test_slow_figures_come_one_a_frame_and_play_in_step(open_tab: Opener) -> None:
    tab = open_tab("player").drawn(0, 1)
    tab.page.evaluate(SLOW)
    tab.page.get_by_label("Speed").select_option("4")  # twelve steps a second: too many for these two
    tab.page.get_by_role("button", name="Play").click()
    tab.page.wait_for_function("window.drawn.length > 8")
    tab.page.get_by_role("button", name="Pause").click()
    stopped = int(tab.page.locator(".mlplot input").input_value())
    tab.until(0, heat_at(stopped))
    tab.until(1, f"gd._fullData[1].y.length === {stopped + 1}")
    drawn = tab.page.evaluate("window.drawn")
    assert len({frame for _, frame, _ in drawn}) == len(drawn), "a frame is shown before the next is drawn"
    assert [name for name, _, _ in drawn] == ["heat", "cost"] * (len(drawn) // 2), "nobody waits twice"
    assert all(
        of_heat == of_cost for (*_, of_heat), (*_, of_cost) in zip(drawn[::2], drawn[1::2], strict=True)
    )
    assert tab.errors == []
    tab.page.evaluate("hurry()")  # for who comes next


@pytest.mark.browser
def test_keys_and_buttons_step(open_tab: Opener) -> None:
    tab = open_tab("player").drawn(0, 1)
    where = tab.page.locator(".mlplot input")
    tab.page.get_by_role("button", name="Step back").click()
    assert where.input_value() == str(FRAMES - 2)
    tab.page.keyboard.press("ArrowLeft")  # the button has the focus
    assert where.input_value() == str(FRAMES - 3)
    where.focus()
    tab.page.keyboard.press("ArrowLeft")  # the slider's own key
    assert where.input_value() == str(FRAMES - 4)
    tab.page.keyboard.press("Home")
    assert where.input_value() == "0"
    tab.page.get_by_role("button", name="Step forward").click()
    assert where.input_value() == "1"
    where.focus()
    tab.page.keyboard.press("Space")
    tab.page.get_by_role("button", name="Pause").wait_for()
    tab.page.keyboard.press("Space")
    tab.page.get_by_role("button", name="Play").wait_for()
    assert where.get_attribute("aria-label") == "Step"
    assert tab.errors == []


@pytest.mark.browser
def test_a_line_of_the_listing_is_lit_with_its_frame(open_tab: Opener) -> None:
    tab = open_tab("listed").drawn(0)
    listing = tab.page.get_by_label("Lines", exact=True)
    lines, lit = listing.locator("span"), listing.locator("[aria-current=step]")
    assert lines.all_text_contents() == [f"line {i} <b>{'.' * 200}</b>\n" for i in range(60)], "as text"
    plain, where = "getComputedStyle(line).backgroundColor", "line.getBoundingClientRect()"
    for frame, line in ((0, 3), (2, 57), (1, -1), (3, 3)):
        slider(tab, frame)
        assert lit.count() == (line >= 0)
        if line >= 0:
            assert lit.inner_text().startswith(f"line {line} ")
            assert lit.evaluate(f"line => {plain}") != lines.nth(10).evaluate(f"line => {plain}")
            box, own = (
                lit.evaluate(f"line => {where}.toJSON()"),
                listing.evaluate(f"line => {where}.toJSON()"),
            )
            assert own["top"] <= box["top"] < box["bottom"] <= own["bottom"] + 1, "it scrolled into sight"
    tab.type("frames", "8")  # another result: its last frame
    tab.until(0, "document.querySelector('.mlplot-player input').max === '7'")
    assert lit.inner_text().startswith("line 3 ")
    assert lines.count() == 60
    assert tab.errors == []


@pytest.mark.browser
@pytest.mark.parametrize(
    ("show", "size", "beside"),
    [("listed", LAPTOP, True), ("listed", PHONE, False), ("listed two", LAPTOP, False)],
)
def test_a_listing_stands_beside_one_figure_and_scrolls_sideways(
    open_tab: Opener, show: str, size: tuple[int, int], beside: bool
) -> None:
    tab = open_tab(show, size).drawn(0)
    picture = tab.box(0, "gd.getBoundingClientRect().toJSON()")
    listing = tab.page.get_by_label("Lines", exact=True)
    own = listing.evaluate("pre => pre.getBoundingClientRect().toJSON()")
    assert (own["left"] >= picture["right"]) == beside
    assert (own["top"] >= picture["bottom"]) == (not beside)
    assert own["right"] <= size[0], "the page is no wider than the screen"
    assert listing.evaluate("pre => pre.scrollWidth > pre.clientWidth")
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.browser
def test_without_lines_there_is_no_listing(open_tab: Opener) -> None:
    for visit in ("player", "listed bare"):
        tab = open_tab(visit).drawn(0)
        assert tab.page.locator(".mlplot-listing:visible").count() == 0


@pytest.mark.browser
def test_the_frame_is_kept_over_reruns(open_tab: Opener) -> None:
    tab = open_tab("player").drawn(0, 1)
    slider(tab, 7)
    tab.until(0, heat_at(7))
    tab.page.get_by_role("button", name="rerun").click()
    tab.says("runs 2")
    tab.until(0, heat_at(7))
    tab.type("shade", "5")  # a new result of the same length
    tab.until(0, heat_at(7, shade=5))
    tab.type("frames", "12")  # another number of frames is another result: its last one
    tab.until(0, heat_at(11, shade=5))
    tab.says("frame None")  # what was reported belonged to the other result
    assert tab.page.locator(".mlplot input").get_attribute("max") == "11"


@pytest.mark.browser
def test_the_theme_is_followed_live(open_tab: Opener) -> None:
    tab = open_tab("scene").drawn(0, 3)
    color = "gd._fullLayout.font.color.match(/\\w\\w/g).slice(0, 3)"  # "#2F2D2B"
    brightness = f"{color}.reduce((sum, hex) => sum + parseInt(hex, 16), 0)"
    assert tab.box(0, brightness) < 3 * 80
    tab.box(0, "window.kept = gd")
    tab.page.emulate_media(color_scheme="dark")
    tab.until(0, f"{brightness} > 3 * 180")
    assert tab.box(0, "gd === window.kept")
    assert tab.box(0, "gd._fullLayout.paper_bgcolor") == "rgba(0,0,0,0)"
    grid = tab.box(0, "gd._fullLayout.xaxis.gridcolor")
    tab.until(3, f"gd._fullLayout.scene.xaxis.gridcolor === '{grid}'")
    assert tab.box(3, "gd._fullLayout.scene.xaxis.tickfont.color") == tab.box(0, "gd._fullLayout.font.color")
    assert tab.errors == []


@pytest.mark.browser
def test_a_phone_stacks_the_figures_and_lets_the_finger_scroll(open_tab: Opener) -> None:
    tab = open_tab("pair", PHONE).drawn(0, 1, 2)
    boxes = [tab.box(figure, "(r => [r.left, r.right])(gd.getBoundingClientRect())") for figure in range(4)]
    assert len({left for left, _ in boxes}) == 1
    assert all(right <= 390 for _, right in boxes)
    assert tab.box(0, "gd._fullLayout.font.size") == 12
    assert tab.box(0, "gd._fullLayout.legend.orientation") == "h"
    assert tab.box(0, "gd._fullLayout.dragmode") is False
    assert tab.page.locator(".modebar-btn").count() == 0
    pixel = tab.pixel(1, 0.4, 0.3)
    x, y = tab.place(1, pixel)
    tab.page.touchscreen.tap(*pixel)
    tab.says("click Click(figure=1")
    calls = tab.calls()
    assert len(calls) == 1, "one tap, one click"
    assert calls[0].x == pytest.approx(x)
    assert calls[0].y == pytest.approx(y)

    x, y = tab.pixel(1, 0.5, 0.5)
    top = "document.querySelector('[data-testid=stMain]').scrollTop"
    before = tab.page.evaluate(top)
    finger = tab.page.context.new_cdp_session(tab.page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for moved in range(30, 301, 30):
        finger.send(
            "Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - moved}]}
        )
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    tab.page.wait_for_function(f"{top} > {before} + 100")
    assert tab.box(1, "gd._fullLayout.xaxis.autorange") is True, "nothing was zoomed"
    assert tab.calls() == calls, "scrolling is not clicking"
    assert tab.errors == []


def heard(tab: Tab) -> list[plot.Drag]:
    """Every drag the callback got."""
    text = tab.page.get_by_text("heard [").inner_text().removeprefix("heard ")
    return list(eval(text, {"Drag": plot.Drag}))  # what our own script printed


MARKS = "gd.data[1].{0}[{1}]"


@pytest.mark.browser
def test_a_mark_follows_the_hand_and_python_hears_where(open_tab: Opener) -> None:
    tab = open_tab("drag").drawn(0)
    start, end = tab.pixel(0, 0.25, 0.75), tab.pixel(0, 0.5, 0.375)
    tab.page.mouse.move(*start)
    assert "mlplot-grab" in tab.box(0, "gd.className"), "the pointer says that there is something to grab"
    tab.page.mouse.down()
    tab.page.mouse.move(*tab.pixel(0, 0.3, 0.6))
    tab.page.mouse.move(*end)
    x, y = tab.place(0, end)
    tab.until(
        0, f"Math.abs({MARKS.format('x', 0)} - {x}) < 0.02 && Math.abs({MARKS.format('y', 0)} - {y}) < 0.02"
    )
    tab.says("done=False")
    tab.until(0, f"Math.abs(gd.data[0].y[0] - {y}) < 0.1")  # the other trace answers before the hand lets go
    assert not any(drag.done for drag in heard(tab))
    tab.page.mouse.up()
    tab.says("done=True")
    last = heard(tab)[-1]
    assert (last.figure, last.trace, last.point) == (0, 1, 0)
    assert (last.x, last.y) == (pytest.approx(x, abs=0.02), pytest.approx(y, abs=0.02))
    assert [drag.done for drag in heard(tab)].count(True) == 1
    assert tab.box(0, "[gd._fullLayout.xaxis.range, gd._fullLayout.yaxis.range]") == [[0, 4], [0, 4]], (
        "no zoom"
    )

    count = len(heard(tab))  # what Python puts elsewhere ends up there, and a press without a move is nothing
    tab.drag(0, (0.75, 0.5), (0.95, 0.5))
    tab.until(0, f"{MARKS.format('x', 1)} === 3.5")
    pressed = len(heard(tab))
    assert pressed > count
    tab.page.mouse.click(*end)
    tab.page.get_by_role("button", name="rerun").click()
    tab.says("runs ")
    assert len(heard(tab)) == pressed
    tab.drag(0, (0.2, 0.2), (0.4, 0.45))  # beside the marks Plotly zooms as ever
    tab.until(0, "gd._fullLayout.xaxis.range[1] < 3")
    assert tab.errors == []


@pytest.mark.browser
def test_a_finger_drags_along_one_axis_and_does_not_scroll(open_tab: Opener) -> None:
    tab = open_tab("drag along y", PHONE).drawn(0)
    x, y = tab.pixel(0, 0.25, 0.75)
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    before = tab.page.evaluate(scrolled)
    finger = tab.page.context.new_cdp_session(tab.page)

    def touch(kind: str, *places: tuple[int, int]) -> None:
        points = [{"x": px, "y": py} for px, py in places]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (x + 5, y))
    for moved in range(20, 101, 20):
        touch("touchMove", (x + 5 + moved // 4, y - moved))
    touch("touchEnd")
    tab.says("done=True")
    last = heard(tab)[-1]
    assert last.x == 1.0, "along y only"
    assert last.y == pytest.approx(tab.place(0, (x, y - 100))[1], abs=0.03)
    assert tab.page.evaluate(scrolled) == before
    assert tab.errors == []


@pytest.mark.browser
def test_a_projector_gets_larger_type(open_tab: Opener) -> None:
    tab = open_tab("pair").drawn(0)
    assert tab.box(0, "gd._fullLayout.font.size") == 14
    tab.page.set_viewport_size({"width": 1920, "height": 1080})
    tab.until(0, "gd._fullLayout.font.size >= 16")
    assert tab.box(0, "gd._fullLayout.width === gd.clientWidth")


@pytest.mark.browser
def test_nothing_is_left_behind(open_tab: Opener) -> None:
    tab = open_tab("pair")
    tab.page.evaluate("window.contexts = []")  # those of other tests are theirs
    tab.visit("scene").drawn(0, 3)
    assert tab.page.evaluate("window.contexts.some(context => !context.isContextLost())")
    for _ in range(2):
        tab.page.get_by_text("visible", exact=True).click()
        tab.page.wait_for_function("document.querySelectorAll('.mlplot').length === 0")
        live = "window.contexts.filter(c => c.canvas.isConnected || !c.isContextLost()).length"
        tab.page.wait_for_function(f"{live} === 0")
        tab.page.get_by_text("visible", exact=True).click()
        tab.drawn(0, 3)
    assert tab.page.locator(".mlplot").count() == 1
    assert tab.errors == []


@pytest.mark.browser
def test_a_failed_download_is_a_sentence(browser: Browser, url: str) -> None:
    with browser.new_context() as context:
        context.route("**/assets/plotly-*", lambda route: route.fulfill(status=404))
        tab = Tab(context.new_page(), url).visit("pair")
        tab.page.get_by_role("alert").filter(has_text=plot.FAILED).wait_for()
        assert tab.page.locator(".mlplot-figure").first.bounding_box()["height"] == 420  # type: ignore[index]
        context.unroute("**/assets/plotly-*")
        tab.type("shift", "1")  # the next update tries again
        tab.drawn(0)
        assert tab.page.get_by_text(plot.FAILED).count() == 0
