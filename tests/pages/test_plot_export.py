"""A picture taken along, in a real Chromium: what the files hold, against what the figure was made of."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mlcore.files.export import to_csv
from pages.ui.text import catalog
from tests.pages.browser import DRAW, serve

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # a busy machine may take long
EN, KO = catalog("en"), catalog("ko")
SVG = "{http://www.w3.org/2000/svg}"
WIDTH = 2000  # pixels across a PNG at least
NAMES = ["=1+1", "plain", "-3", "＠x", 'a "b", c']  # of a column of one's own, say

SCRIPT = """
import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.ui import plot
from tests.pages.test_plot_export import NAMES

st.set_page_config(layout="wide")
grid = np.linspace(-1, 1, 5).astype(np.float32)
shown = st.query_params.get("view", "flat")
if shown == "flat":
    steps = np.arange(5)
    curve = go.Scatter(x=steps, y=(steps / 10).astype(np.float32), name="a <b>curve</b>", text=NAMES,
                       mode="lines+text", textfont={"color": "#123456"})
    other = go.Scatter(x=steps, y=[1, None, 3, 4, 5], name="gaps")
    ground = go.Heatmap(x=grid, y=grid[:3], z=np.arange(15).reshape(3, 5), name="ground", showscale=False)
    layout = {"title": "한글 title", "xaxis_title": "step", "paper_bgcolor": "rgba(0,0,0,0)", "height": 400}
    pictures = [go.Figure([curve, other], layout), go.Figure(ground)]
    plot.show(pictures, key="room.curves", alt=["Five <points>.", "b"])
if shown == "scene":
    x, y = np.meshgrid(grid, grid)
    plot.show(go.Figure(go.Surface(x=grid, y=grid, z=x * x + y)), key="bowl", alt="A bowl.")
if shown == "played":
    heat = go.Figure(go.Heatmap(x=grid, y=grid, z=np.zeros((5, 5)), zmin=0, zmax=1))
    cost = go.Figure(go.Scatter(x=[0, 30], y=[1.0, 2.0], name="cost"))
    values = np.arange(100).reshape(4, 5, 5) / 100
    frames = plot.Frames([0, 10, 20, 30], [plot.Update(0, 0, "z", values)], cursors=[1])
    labels = plot.PlayLabels("Play", "Pause", "Back", "Forward", "Step", "Speed")
    plot.play([heat, cost], frames, key="run", alt=["heat", "cost"], labels=labels)
st.code("all")
"""
APP = """
import streamlit as st

from pages.ui import site

app = st.App("script.py", routes=site.routes())
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = tmp_path_factory.mktemp("export") / "app.py"
    app.write_text(APP, encoding="utf-8")
    app.with_name("script.py").write_text(SCRIPT, encoding="utf-8")
    with serve(app) as url:
        yield url


@pytest.fixture
def dark(browser: Browser, site: str) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark") as context:
        yield context


def opened(page: Page, site: str, view: str, figures: int, lang: str = "en") -> Page:
    page.set_default_timeout(60_000)
    page.goto(f"{site}/?view={view}&lang={lang}")
    page.wait_for_function(
        """count => document.querySelectorAll('.mlplot-figure').length === count
          && [...document.querySelectorAll('.mlplot-figure')].every(gd => gd._fullData?.length)""",
        arg=figures,
    )
    page.evaluate(DRAW, 4)
    return page


def taken(page: Page, kind: str, figure: int = 0, lang: str = "en") -> tuple[str, bytes]:
    """Name and bytes of the file behind a picture's button, opened by the keyboard alone."""
    words = catalog(lang)
    frame = page.locator(".mlplot-frame").nth(figure)
    opener = frame.get_by_role("button", name=words["frame.take.open"])
    opener.focus()
    expect(opener.locator("..")).to_have_css("opacity", "1")
    if opener.get_attribute("aria-expanded") == "false":
        page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    button = frame.get_by_role("button", name=words[f"frame.take.{kind}"])
    expect(button).to_be_visible()
    button.focus()
    with page.expect_download() as waited:
        page.keyboard.press("Enter")
    return waited.value.suggested_filename, Path(waited.value.path()).read_bytes()


def image(content: bytes) -> np.ndarray:
    """The colors of an image, [H, W, 3], which must not be transparent anywhere."""
    with Image.open(io.BytesIO(content)) as opened:
        assert opened.format == "PNG"
        pixels = np.asarray(opened.convert("RGBA"))
    assert pixels[..., 3].min() == 255
    return pixels[..., :3]


def rows(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "without the mark Excel misreads Korean"
    return list(csv.reader(io.StringIO(content[3:].decode())))


def test_a_png_is_sharp_and_dark_on_white_in_a_dark_page(dark: BrowserContext, site: str) -> None:
    page = opened(dark.new_page(), site, "flat", 2)
    name, content = taken(page, "png")
    assert name == "flat-room-curves-1.png"
    pixels = image(content)
    wide, high = page.evaluate(
        "(({width, height}) => [width, height])(document.querySelector('.mlplot-figure')._fullLayout)"
    )
    assert pixels.shape[1] >= WIDTH
    assert pixels.shape[1] / pixels.shape[0] == pytest.approx(wide / high, rel=0.01)
    for row, column in product((2, -3), (2, -3)):
        assert pixels[row, column].tolist() == [255, 255, 255], "its ground is white to the corner"
    assert (pixels.sum(2) > 740).mean() > 0.8
    assert pixels.sum(2).min() < 120, "its text is dark"


def test_an_svg_says_what_it_shows(dark: BrowserContext, site: str) -> None:
    page = opened(dark.new_page(), site, "flat", 2, "ko")
    legend = page.locator(".mlplot-figure").first.locator(".legendtoggle").nth(1)
    legend.click()
    page.wait_for_function("document.querySelector('.mlplot-figure')._fullData[1].visible === 'legendonly'")
    before = page.evaluate("JSON.stringify(document.querySelector('.mlplot-figure').layout.xaxis.range)")
    name, content = taken(page, "svg", lang="ko")
    assert name == "flat-room-curves-1.svg"
    root = ElementTree.fromstring(content)
    assert [root[0].tag, root[0].text] == [f"{SVG}title", "한글 title"]
    assert root[1].tag == f"{SVG}desc"
    assert str(root[1].text).startswith("Five <points>.")
    texts = ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]
    assert {"한글 title", "step", "a curve", "gaps"} <= set(texts)
    assert len([node for node in root.iter(f"{SVG}g") if "scatter" in node.get("class", "").split()]) == 1
    inks = re.findall(
        r"fill: rgb\((\d+), (\d+), (\d+)\)", "".join(n.get("style", "") for n in root.iter(f"{SVG}text"))
    )
    assert inks
    assert all(max(map(int, ink)) < 90 for ink in inks), "dark letters"
    assert ("18", "52", "86") in inks, "also those in a color of their own"
    assert "Source Sans" not in content.decode(), "an image brings no fonts along"
    assert (
        page.evaluate("JSON.stringify(document.querySelector('.mlplot-figure').layout.xaxis.range)") == before
    )
    assert page.locator(".mlplot-figure .main-svg").first.evaluate(
        "svg => getComputedStyle(svg.querySelector('text') ?? svg).fill !== 'rgb(22, 24, 29)'"
    ), "the page keeps its own look"


def test_numbers_are_those_of_the_figure_and_harmless(page: Page, site: str) -> None:
    opened(page, site, "flat", 2)
    name, content = taken(page, "csv")
    assert name == "flat-room-curves-1.csv"
    header, *told = rows(content)
    assert header == ["trace", "x: step", "y", "text"]
    expected = ["'=1+1", "plain", "-3", "'＠x", 'a "b", c']
    assert told[:5] == [["a curve", str(i), ("0" if i == 0 else f"0.{i}"), expected[i]] for i in range(5)]
    assert [row[:3] for row in told[5:]] == [
        ["gaps", str(i), v] for i, v in enumerate(["1", "", "3", "4", "5"])
    ]
    written = to_csv(pd.DataFrame({"text": NAMES})).splitlines()[1:]
    assert [line.rsplit(",", 1)[-1] for line in content.decode().splitlines()[1:5]] == written[:4], (
        "as tables are"
    )
    page.locator(".mlplot-figure").first.locator(".legendtoggle").nth(0).click()
    page.wait_for_function("document.querySelector('.mlplot-figure')._fullData[0].visible === 'legendonly'")
    assert {row[0] for row in rows(taken(page, "csv")[1])[1:]} == {"gaps"}, "hidden ones stay out"
    header, *told = rows(taken(page, "csv", 1)[1])
    assert header == ["trace", "x", "y", "z"]
    grid = np.linspace(-1, 1, 5)
    cells = [["ground", f"{grid[j]:g}", f"{grid[i]:g}", str(5 * i + j)] for i in range(3) for j in range(5)]
    assert told == cells


def test_a_scene_is_taken_as_it_is_turned(dark: BrowserContext, site: str) -> None:
    page = opened(dark.new_page(), site, "scene", 1)
    first = image(taken(page, "png")[1])
    assert first.shape[1] >= WIDTH
    assert first[2, 2].tolist() == [255, 255, 255]
    colored = (first.max(2).astype(int) - first.min(2)) > 60
    assert colored.mean() > 0.02, "the surface is there"
    page.evaluate("""() => { const gd = document.querySelector('.mlplot-figure'), {scene} = gd._fullLayout;
        scene._scene.setViewport({...scene, camera: {eye: {x: 0.1, y: 0.1, z: 2.4}, up: {x: 0, y: 1, z: 0},
          center: {x: 0, y: 0, z: 0}, projection: {type: 'perspective'}}}); }""")
    page.evaluate(DRAW, 4)
    turned = image(taken(page, "png")[1])
    assert turned.shape == first.shape
    assert np.abs(turned.astype(int) - first).mean() > 1, "seen from above"
    name, content = taken(page, "svg")
    assert name == "scene-bowl.svg"
    assert next(ElementTree.fromstring(content).iter(f"{SVG}desc")).text.startswith("A bowl.")
    header, *told = rows(taken(page, "csv")[1])
    assert header == ["trace", "x", "y", "z"]
    assert len(told) == 25
    assert [float(value) for value in told[7][1:]] == [0.0, -0.5, -0.5]


def test_what_plays_is_taken_at_its_step(page: Page, site: str) -> None:
    opened(page, site, "played", 2)
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")  # from the last of four
    page.wait_for_function("Math.abs(document.querySelector('.mlplot-figure').data[0].z[0][1] - 0.51) < 1e-6")
    name, content = taken(page, "csv")
    assert name == "played-run-1-at-20.csv"
    assert [row[3] for row in rows(content)[1:]] == [f"{v:g}" for v in np.arange(50, 75) / 100]
    name, content = taken(page, "svg", 1)
    assert name == "played-run-2-at-20.svg"
    lines = [
        n
        for n in ElementTree.fromstring(content).iter(f"{SVG}path")
        if "stroke-dasharray" in n.get("style", "")
    ]
    assert lines, "the line at the step is part of the picture"


def test_a_phone_has_the_button_without_hovering(phone: Page, site: str) -> None:
    opened(phone, site, "flat", 2, "ko")
    opener = phone.get_by_role("button", name=KO["frame.take.open"]).first
    expect(opener).to_have_css("pointer-events", "auto")
    assert opener.evaluate("node => getComputedStyle(node.parentElement).opacity") == "1"
    box = opener.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 24
    opener.tap()
    with phone.expect_download() as waited:
        phone.get_by_role("button", name=KO["frame.take.png"]).first.tap()
    pixels = image(Path(waited.value.path()).read_bytes())
    assert pixels.shape[1] >= WIDTH
    assert phone.evaluate("() => document.documentElement.scrollWidth") <= 390
    phone.keyboard.press("Escape")
    expect(opener).to_have_attribute("aria-expanded", "false")


def test_a_file_that_cannot_be_made_is_a_sentence(page: Page, site: str) -> None:
    opened(page, site, "flat", 2)
    page.evaluate("() => { window.Plotly.toImage = () => Promise.reject(new Error('no')); }")
    frame = page.locator(".mlplot-frame").first
    frame.hover()
    frame.get_by_role("button", name=EN["frame.take.open"]).click()
    frame.get_by_role("button", name=EN["frame.take.png"]).click()
    expect(frame.get_by_role("alert")).to_have_text(EN["frame.take.failed"])
