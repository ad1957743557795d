"""The room on encoding and decoding without a browser: its views, other data, links."""

from __future__ import annotations

import io
from base64 import b64decode
from functools import partial

import numpy as np
import pytest
from PIL import Image

from mlcore.base import points
from mlcore.base.experiment import run
from mlcore.embeddings import codes
from mlcore.embeddings.autoencoder import centered
from mlcore.files.picture import read
from mlcore.tasks.own_digit import digit
from pages.rooms.embedding.room import VIEWS, RoomSpec
from pages.ui.text import LANGUAGES, catalog, number, percent
from tests.core.test_own_digit import rendered
from tests.pages import rooms
from tests.pages.rooms import link_of, pictures, rerun, said, widget

pytestmark = pytest.mark.usefixtures("patient")
SMALL = {"n": "200", "aesteps": "100", "aeunits": "8"}
opened = partial(rooms.opened, "embedding", **SMALL)
asked = partial(rooms.asked, RoomSpec, **SMALL)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(view: str, lang: str) -> None:
    page = opened(view=view, lang=lang)
    assert catalog(lang)[f"embedding.{view}.claim"] in said(page)
    assert not page.error
    assert not page.warning
    assert len(pictures(page)) == (2 if view == "walk" else 1)
    assert not any("{" in found.value for kind in ("markdown", "caption") for found in getattr(page, kind))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("data", ["iris", "moons", "sine", "diabetes", "drawn_plane"])
def test_every_view_takes_other_data(view: str, data: str) -> None:
    page = opened(view=view, data=data, aecode="1" if data == "sine" else "2")
    assert not page.error
    assert link_of(page)["data"] == data


def test_the_numbers_on_the_page_are_those_of_the_training() -> None:
    page = opened(aecode="4")
    found = run(asked(aecode="4").own)
    assert f"lose **{percent(float(found.test[-1]))}** of their variance" in said(page)
    pca = codes.pca(centered(found.spec.data)).left_out(4)
    assert f"can lose less than {percent(pca)} of the training" in said(page)
    frames = pictures(page)["learn"]["frames"]
    assert frames["steps"] == found.step.tolist()
    assert frames["readout"][catalog("en")["figure.test"]][-1] == percent(float(found.test[-1]))


def test_noise_is_shown_beside_the_original() -> None:
    rows = pictures(opened(aenoise="0.5"))["learn"]["figures"][0]["layout"]["yaxis"]["ticktext"]
    assert rows == ["original", "with noise", "given back"]


@pytest.mark.parametrize("source", ["autoencoder", "pca", "classifier"])
def test_classes_are_measured_in_every_space(source: str) -> None:
    page = opened(view="plane", aesrc=source)
    table = page.dataframe[0].value
    assert len(table) == (2 if source == "pca" else 3)
    seen = centered(asked().own.data)
    y, y_test = seen.data.y.numpy(), seen.data.y_test.numpy()
    raw = codes.separation(codes.Codes(seen.train.numpy(), seen.test.numpy()), y, y_test)
    assert table.iloc[0, 1:].tolist() == [percent(raw.accuracy), number(raw.silhouette, 3)]


def test_a_number_as_target_has_no_classifier() -> None:
    page = opened(view="plane", data="diabetes", aesrc="classifier")
    assert "there are no classes" in page.warning[0].value


def test_the_ring_starts_on_the_way_and_comes_back_to_it() -> None:
    page = opened(view="walk", aeat="0.5~-0.25")
    figure = pictures(page)["walk"]["figures"][0]["data"]
    spec = asked(view="walk")
    found = codes.of_autoencoder(run(spec.own))
    middle = found.test[[spec.first, spec.second]].mean(0)
    mark = [np.frombuffer(b64decode(figure[-1][axis]["bdata"]), np.float32)[0] for axis in "xy"]
    assert mark == pytest.approx([middle[0] + 0.5, middle[1] - 0.25], abs=1e-3)
    next(button for button in page.button if button.label == catalog("en")["embedding.walk.back"]).click()
    rerun(page)
    assert "aeat" not in link_of(page)


def test_a_digit_of_ones_own_is_asked_about() -> None:
    page = opened(view="neighbors", aeown="1")
    assert catalog("en")["frame.picture.none"] in said(page)
    before = page.dataframe[0].value
    seen = centered(asked().own.data)
    image = seen.data.raw(seen.data.x)[7].numpy().reshape(8, 8)
    page.file_uploader[0].set_value(("seven.png", photo_of(image), "image/png"))
    rerun(page)
    own = digit(read(photo_of(image)))
    found = codes.neighbors(seen, 0, own)
    shown = page.dataframe[0].value
    assert shown.iloc[0, 2].startswith(f"{number(found.cosine[found.nearest('distance', 1)[0]], 4)} · ")
    assert found.nearest("distance", 1)[0] == 7  # it is nearest to the one that it was rendered from
    assert not shown.equals(before)
    blank = opened(view="neighbors", aeown="1")
    blank.file_uploader[0].set_value(("blank.png", photo_of(np.zeros((8, 8))), "image/png"))
    rerun(blank)
    assert blank.error[0].value == catalog("en")["problems.digit.no_ink"]
    assert blank.dataframe[0].value.equals(before)


def photo_of(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray((255 * rendered(image)).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def test_a_link_with_nonsense_opens_with_defaults_and_says_so() -> None:
    page = opened(aekind="wide", aecode="99", aeat="nan~1", view="learn")
    assert len(page.warning) == 3
    assert not {"aekind", "aecode", "aeat"} & set(link_of(page))
    page = opened(data="drawn_plane", pts=points.EMPTY)
    assert catalog("en")["problems.data.nothing_drawn"] in said(page)


def test_a_control_moves_the_link() -> None:
    page = opened(view="neighbors")
    before = page.dataframe[0].value
    widget(page, "embedding", "aenear").set_value(3)
    rerun(page)
    assert link_of(page)["aenear"] == "3"
    assert not page.dataframe[0].value.equals(before)
