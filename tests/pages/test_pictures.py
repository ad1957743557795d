"""A picture of one's own on a page: right ones, bad ones, and that it reaches nobody else."""

from __future__ import annotations

import io
from base64 import b64decode
from functools import partial
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from mlcore.files.picture import read
from mlcore.tasks import flow
from mlcore.tasks.flow import FlowSpec
from pages.rooms.regression_tasks import flow as view
from pages.ui.text import LANGUAGES, catalog, number
from tests.pages import rooms
from tests.pages.rooms import box, link_of, pictures, rerun, said

pytestmark = pytest.mark.usefixtures("alone")
opened = partial(rooms.opened, "regression_tasks", view="flow", otexture="own")


def photo(seed: int = 0, kind: str = "PNG", **more: Any) -> bytes:
    """Large soft blobs, others for each seed."""
    small = np.random.default_rng(seed).uniform(0, 255, (9, 12)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(small).resize((120, 90), Image.Resampling.BICUBIC).save(file, kind, **more)
    return file.getvalue()


def upload(page: AppTest, raw: bytes, name: str = "mine.png") -> AppTest:
    page.file_uploader[0].set_value((name, raw, "image/png"))
    return rerun(page)


def frames(page: AppTest) -> np.ndarray:
    """The texture on its way, from the first frame to the second, as a browser gets it."""
    update = pictures(page)["frames"]["frames"]["updates"][0]
    return np.frombuffer(b64decode(update["values"]["bdata"]), np.uint8).reshape(
        view.FRAMES, flow.SIZE, flow.SIZE
    )


def wanted(raw: bytes) -> np.ndarray:
    own = flow.square(read(raw).gray)
    low, high = view.figures.SHADES
    return np.clip((own - low) / (high - low), 0, 1) * 255


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_link_with_a_picture_of_somebody_else_says_so(lang: str) -> None:
    page = opened(lang=lang)
    assert catalog(lang)["frame.picture.none"] in said(page)
    assert len(page.file_uploader) == 1
    assert link_of(page)["otexture"] == "own"
    np.testing.assert_array_equal(frames(page), frames(opened(lang=lang, otexture="waves")))


def test_a_picture_becomes_the_first_frame_and_moves() -> None:
    raw = photo()
    page = upload(opened(), raw)
    assert np.abs(frames(page)[0] - wanted(raw)).max() <= 1.5
    found = flow.estimate(FlowSpec(texture="own"), flow.square(read(raw).gray))
    assert f"end-point error **{number(found.end_point())}** pixels" in said(page)
    assert "PNG, 120 × 90 pixels" in said(page)
    assert catalog("en")["regression_tasks.flow.own"] in said(page)
    assert not page.file_uploader
    assert set(link_of(page)) == {"view", "otexture"}


def test_a_picture_may_be_removed_and_another_taken() -> None:
    page = upload(opened(), photo())
    box(page, "button", catalog("en")["frame.picture.remove"]).click()
    rerun(page)
    assert catalog("en")["frame.picture.none"] in said(page)
    np.testing.assert_array_equal(frames(page), frames(opened(otexture="waves")))
    other = photo(5, "JPEG")
    page = upload(page, other, "photo.jpg")
    assert np.abs(frames(page)[0] - wanted(other)).max() <= 1.5
    assert "_picture" in page.session_state
    box(page, "button", catalog("en")["frame.picture.remove"]).click()
    rerun(page)
    assert "_picture" not in page.session_state


def test_a_picture_stays_while_its_session_looks_elsewhere() -> None:
    raw = photo()
    page = upload(opened(), raw)
    page.switch_page("pages/data.py")
    rerun(page)
    page.switch_page("pages/regression_tasks.py")
    for code, value in {"lang": "en", "view": "flow", "otexture": "own"}.items():
        page.query_params[code] = value
    rerun(page)
    assert np.abs(frames(page)[0] - wanted(raw)).max() <= 1.5


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("raw", "code", "values"),
    [
        (b"", "empty", {}),
        (b"GIF89a...", "format", {"found": "GIF"}),
        (photo()[:-60], "damaged", {}),
        (b"<html><script>alert(1)</script>", "unknown", {}),
    ],
)
def test_a_bad_file_is_a_sentence_and_the_made_picture_stands(
    raw: bytes, code: str, values: dict[str, str], lang: str
) -> None:
    page = upload(opened(lang=lang), raw)
    assert page.error[0].value == catalog(lang)[f"problems.picture.{code}"].format(**values)
    np.testing.assert_array_equal(frames(page), frames(opened(otexture="waves")))
    upload(page, photo())
    assert not page.error
    assert not page.file_uploader


def test_an_animation_is_said_to_be_one() -> None:
    first, second = Image.new("L", (80, 80), 9), Image.new("L", (80, 80), 250)
    file = io.BytesIO()
    first.save(file, "PNG", save_all=True, append_images=[second])
    page = upload(opened(), file.getvalue())
    assert catalog("en")["frame.picture.first"].format(count=2) in said(page)
    assert "Even areas:" in said(page)
    assert frames(page).max() < 15


@pytest.fixture
def strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every `AppTest` has a session of its own for the caches, as browsers have."""
    begin = LocalScriptRunner.__init__

    def apart(self: LocalScriptRunner, script_path: str, session_state: Any, *rest: Any, **more: Any) -> None:
        begin(self, script_path, session_state, *rest, **more)
        self._session_id = f"session {id(session_state)}"

    monkeypatch.setattr(LocalScriptRunner, "__init__", apart)


@pytest.mark.usefixtures("strangers")
def test_nothing_of_a_picture_reaches_another_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what it looks like nor what came of it: the same file is computed anew for somebody else."""
    asked: list[bool] = []
    estimate = flow.estimate

    def counting(spec: FlowSpec, own: np.ndarray | None = None) -> flow.Flow:
        asked.append(own is not None)
        return estimate(spec, own)

    monkeypatch.setattr(flow, "estimate", counting)
    raw = photo(11)
    one = upload(opened(), raw)
    assert asked.count(True) > 1
    asked.clear()
    rerun(one)
    assert True not in asked  # kept for its own session
    other = opened()
    assert True not in asked
    np.testing.assert_array_equal(frames(other), frames(opened(otexture="waves")))
    upload(other, raw)
    assert asked.count(True) > 1
    np.testing.assert_array_equal(frames(other), frames(one))
    different = upload(opened(), photo(12))
    assert (frames(different) != frames(one)).any()
