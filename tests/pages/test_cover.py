"""The cover: the lecture's first slide in a sentence, then its contents as links."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.frame import CONTENTS
from pages.ui.text import LANGUAGES, catalog
from tests.pages.browser import ROOT
from tests.pages.rooms import rerun, said

pytestmark = pytest.mark.usefixtures("alone")
OPENING = {  # in Korean word for word
    "en": ("phenomenon", "recognition and analysis", "trial and error", "perfection"),
    "ko": (
        "현상",
        "인식과 분석",
        "시행착오와 학습",
        "다가갈 수 없는 완전을 향해 다가가는 과정",
    ),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_slide_opens_the_cover(lang: str) -> None:
    page = AppTest.from_file(ROOT / "cover.py", default_timeout=60)
    page.query_params["lang"] = lang
    rerun(page)
    first = next(one.value for one in page.markdown if len(one.value) > 40)
    assert first == catalog(lang)["cover.opening"]
    assert all(part in first for part in OPENING[lang])
    told = said(page)
    for part, rooms in CONTENTS:
        assert catalog(lang)[f"contents.{part}"] in told
        assert all(catalog(lang)[f"contents.{room.code}.about"] in told for room in rooms)
