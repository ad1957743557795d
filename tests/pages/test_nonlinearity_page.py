"""The nonlinearity room without a browser: layers, bends, regions, activations, links to other rooms."""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import parse_qsl

import numpy as np
import pytest

from mlcore.components import symmetry
from mlcore.components.untrained import draw
from mlcore.depth import bending, regions
from mlcore.depth.pieces import counts, pieces
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.networks import Network
from pages.rooms.nonlinearity.room import BENT, NETWORKS, VIEWS, RoomSpec
from pages.ui.text import LANGUAGES, catalog, tiny
from tests.pages import rooms
from tests.pages.rooms import link_of, pictures, rerun, said, widget

pytestmark = pytest.mark.usefixtures("patient")
opened = partial(rooms.opened, "nonlinearity")
asked = partial(rooms.asked, RoomSpec)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"nonlinearity.{view}.claim"] in said(page)
    assert not page.error
    assert len(pictures(page)) == {"layers": 1, "line": 2, "plane": 1, "activations": 3}[view]
    told = (found.value for kind in ("markdown", "caption") for found in getattr(page, kind))
    assert not any("{" in text.replace("^{", "") for text in told)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("space", ["line", "plane"])
def test_the_one_layer_on_the_page_is_that_of_the_model_room(space: str, lang: str) -> None:
    page = opened(kspace=space, kdepth="5", kwidth="3", kseed="2", lang=lang)
    spec = asked(kspace=space, kdepth="5", kwidth="3", kseed="2")
    found = symmetry.collapse(spec.stacked, "he", 2)
    assert f"**{tiny(found.residual)}**" in said(page)
    assert found.rank == {"line": 1, "plane": 2}[space]
    assert f"**{found.rank}**" in said(page)
    matrix = symmetry.affine(
        Network(spec.stacked, "identity"), draw(Network(spec.stacked, "identity"), "he", [2], bias=1.0)
    )[0][0].numpy()
    told = re.findall(r"pmatrix\} ([^\\]+)", "".join(one.value for one in page.latex))[0].split("&")
    np.testing.assert_allclose([float(v) for v in told], matrix[0], rtol=5e-3)
    figures = pictures(page)["layers"]["figures"]
    assert len(figures) == {"line": 1, "plane": 2}[space]


def test_a_narrow_layer_shows_in_the_rank() -> None:
    page = opened(kspace="plane", kdepth="4", kwidth="1")
    assert "W has rank **1**; the narrowest layer is 1 wide" in said(page)


def test_one_layer_alone_and_layers_without_activation_say_so() -> None:
    text = catalog("en")["nonlinearity.layers.alone"]
    assert text in said(opened(kdepth="1"))
    for activation, share in (("identity", "**100%**"), ("relu", "%**")):
        told = said(opened(kact=activation))
        assert text not in told
        assert share in told
        assert ("is an affine map here as well" in told) == (activation == "identity")


@pytest.mark.parametrize("bent", BENT)
@pytest.mark.parametrize(("layers", "units", "bound"), [(1, 8, 9), (2, 5, 36), (4, 8, 6561)])
def test_the_pieces_on_the_page_are_those_of_the_network(
    bent: str, layers: int, units: int, bound: int
) -> None:
    page = opened(view="line", kbent=bent, klayers=str(layers), kunits=str(units), kseed="3")
    network = Network((1, *(units,) * layers, 1), bent)
    found = pieces(network, draw(network, "he", [3], bias=1.0)[0])
    assert f"**{found.count}** straight pieces (bends: {found.count - 1})" in said(page)
    assert f"= **{bound:,}**" in said(page)
    if layers == 1:
        assert found.count == bound
    inside = int((np.abs(found.bends) < 4).sum())
    assert f"between −4 and 4 there are **{inside}** of the bends" in said(page)
    grid = int(re.findall(r"points finds \*\*(\d+)\*\* \(two", said(page))[0])
    assert grid <= inside
    many = counts(network, draw(network, "he", range(3, 3 + NETWORKS), bias=1.0))
    assert f"median **{np.median(many):g}** pieces, {many.min()} to {many.max()}" in said(page)
    figure, bars = (pictures(page)[key]["figures"][0] for key in ("line", "counts"))
    assert len(figure["data"]) == 2 + layers
    assert len(bars["data"]) == 1


def test_without_biases_everything_bends_at_0() -> None:
    page = opened(view="line", kspread="0.0")
    assert catalog("en")["nonlinearity.line.no_bias"] in said(page)
    assert catalog("en")["nonlinearity.line.no_bias"] not in said(opened(view="line"))


@pytest.mark.parametrize(("lines", "most"), [(3, 7), (5, 16), (8, 37)])
def test_zaslavskys_numbers_stand_on_the_page(lines: int, most: int) -> None:
    page = opened(view="plane", klines=str(lines))
    network = Network((2, lines, 1), "relu")
    row = draw(network, "he", [0], bias=1.0)[0]
    inside = len(regions.divide(network, row, 3.0).regions)
    assert f"exactly **{most}** regions" in said(page)
    assert f"= **{most}** are possible. Within the square from −3 to 3: **{inside}**" in said(page)
    figure = pictures(page)["plane"]["figures"][0]
    assert len(figure["data"]) == inside + 1


def test_fewer_regions_have_a_reason() -> None:
    page = opened(view="plane", kspread="0.0", klines="6")
    assert "exactly **12** regions" in said(page)
    assert "points where more than two lines meet: 1." in said(page)
    assert "more than two lines meet" not in said(opened(view="plane"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_deep_networks_are_counted_in_the_plane_and_in_the_square(lang: str) -> None:
    page = opened(view="plane", kcuts="2", klines="4", kreach="10", lang=lang)
    network = Network((2, 4, 4, 1), "relu")
    row = draw(network, "he", [0], bias=1.0)[0]
    whole, inside = regions.in_the_plane(network, row), len(regions.divide(network, row, 10.0).regions)
    told = [int(number) for number in re.findall(r"\*\*(\d+)", said(page).split("2017)")[0])[-2:]]
    assert told == [whole, 121]
    assert f"**{inside}" in said(page).split("2017)")[1]
    assert re.search(r"(add up to 400\b|넓이의 합은 400)", said(page))


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_the_square_is_a_polynomial_whose_degree_is_told(layers: int) -> None:
    page = opened(view="activations", klayers=str(layers))
    assert f"$2^L = 2^{{{layers}}} = {2**layers}$" in said(page)
    table = page.dataframe[0].value
    assert table["polynomial of degree"].tolist()[-2:] == ["1", str(2**layers)]
    assert set(table["polynomial of degree"][:-2]) == {"–"}
    assert len(table) == len(bending.NAMES)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("activation", bending.NAMES)
def test_every_activation_is_told_by_its_kind(activation: str, lang: str) -> None:
    page = opened(view="activations", kshow=activation, lang=lang)
    found = bending.nature((8, 8), activation, "he", 1.0, 0)
    kind = (
        "square" if activation == bending.SQUARE
        else "polynomial" if found.degree is not None
        else "pieces" if found.pieces is not None
        else "smooth"
    )  # fmt: skip
    head = catalog(lang)[f"nonlinearity.activations.{kind}"].split("}", 1)[1].split("{")[0]
    assert head.replace("**", "").strip() in said(page).replace("**", "")
    assert not page.error


def test_zeros_are_a_constant_with_every_activation() -> None:
    for activation in ("square", "relu", "tanh"):
        page = opened(view="activations", kshow=activation, kinit="zeros")
        assert "is a polynomial of degree **0**" in said(page)
        assert set(page.dataframe[0].value["polynomial of degree"]) == {"0"}


def test_errors_over_widths_are_those_of_the_core() -> None:
    page = opened(view="activations", ktarget="bump")
    figure = pictures(page)["widths"]["figures"][0]
    assert len(figure["data"]) == len(ACTIVATIONS) + 1
    assert "exp" in said(page)


@pytest.mark.parametrize(
    ("view", "room", "link"),
    [
        ("layers", "model", {"kdepth": "8", "kwidth": "16", "kseed": "5"}),
        ("layers", "model", {"kdepth": "2", "kwidth": "1", "kinit": "xavier"}),
        ("line", "depth", {"klayers": "4"}),
        ("activations", "approximation", {}),
    ],
)
def test_links_to_other_rooms_open_there(view: str, room: str, link: dict[str, str]) -> None:
    page = opened(view=view, **link)
    (found,) = (one.proto for one in page.get("page_link") if ":primary[" in one.proto.label)
    assert found.page == room
    query = dict(parse_qsl(found.query_string))
    there = rooms.opened(room, **query)
    assert not there.warning
    assert not there.error
    assert link_of(there).get("view") == query["view"]
    assert link_of(there).get("seed", "0") == link.get("kseed", "0")


def test_one_layer_has_no_link() -> None:
    assert not any(":primary[" in one.proto.label for one in opened(kdepth="1").get("page_link"))


def test_a_control_moves_the_picture_and_the_link() -> None:
    page = opened(view="line")
    widget(page, "nonlinearity", "klayers").set_value(1)
    rerun(page)
    assert link_of(page)["klayers"] == "1"
    assert "at most N + 1 = **9**" in said(page)


def test_a_link_with_nonsense_opens_with_defaults_and_says_so() -> None:
    page = opened(kact="everything", klayers="99", kspread="x", view="line")
    assert len(page.warning) == 3
    assert not page.error
