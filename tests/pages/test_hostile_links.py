"""Links with nonsense in them, five hundred in all: each opens its page and changes nothing that is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.classes import meeting
from mlcore.classes.trainings import TrainingActivity
from mlcore.lessons import own
from mlcore.lessons.lesson import Lesson, Step
from mlcore.lessons.own import Own
from mlcore.lessons.question import Question
from mlcore.store import store
from tests.pages.rooms import TOLD, opened

HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![x](http://x.y/z.png)",
    "[a](javascript:alert(1))", ":material/delete: :red[x] **b** `c` $d$", "$\\href{http://x.y}{z}$",
    "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "/etc/passwd\0.toml", "C:\\Windows\\win.ini",
    "' OR '1'='1", "'; DROP TABLE documents; --", '" UNION SELECT secret FROM documents --', "%' LIKE '%",
    "__import__('os').system('x')", "{0.__class__}", "{{7*7}}", "${jndi:ldap://x.y/z}", "$(touch x)",
    "\r\nSet-Cookie: a=b", "\0", "\u202e\u200b\ufeff", "\U0001f600" * 40, "ㅤ", "１", "A" * 5_000, "[" * 2_000,
    "nan", "-inf", "1e999", "-1", "0", "999999999999999999999", "0x10", "true", "null", "", " ",
)  # fmt: skip
FREE = (
    ("tray", "tray"), ("lessons", "mine"), ("lessons", "key"), ("classroom", "class"), ("classroom", "do"),
    ("join", "class"), ("join", "me"), ("loss", "lesson"), ("loss", "present"),
)  # fmt: skip
BESIDE = (
    ("lessons", "mine", "key"), ("loss", "lesson", "step"), ("loss", "lesson", "said"),
    ("classroom", "class", "key"), ("join", "class", "me"),
)  # fmt: skip  # a good id, and nonsense beside it


class Kept(NamedTuple):
    """What the links must not change."""

    tray: str
    lesson: Own
    code: str

    def all(self) -> Any:
        documents = store().documents
        return (
            documents.read("tray", self.tray), documents.items("tray", self.tray),
            documents.read(own.KIND, self.lesson.id), meeting.find(store(), self.code),
            meeting.answers(store(), meeting.find(store(), self.code)),
        )  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MLCORE_STORE", str(tmp_path_factory.mktemp("kept")))
        patched.delenv("MLCORE_DATABASE", raising=False)
        tray = store().documents.create("tray", {"order": []})
        question = Question("choice", "Which?", ("one", "two"))
        lesson = own.keep(store(), Lesson("Mine", (Step("loss", question=question),)))
        code, _ = meeting.begin(store(), TrainingActivity())
        yield Kept(tray, lesson, code)


def harmless(at: AppTest) -> None:
    """Nothing of a link is shown as a picture, a link, a formula or HTML."""
    for kind in TOLD:
        for found in getattr(at, kind):
            assert not any(active in str(found.value) for active in ("![x](", "](javascript", "$\\href"))
            assert not getattr(found.proto, "allow_html", False) or "alert(1)" not in str(found.value)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(("page", "code"), FREE)
def test_nonsense_in_a_link_opens_the_page(kept: Kept, page: str, code: str) -> None:
    before = kept.all()
    for value in HOSTILE:
        harmless(opened(page, **{code: value}))
    assert kept.all() == before


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(("page", "lead", "code"), BESIDE)
def test_nonsense_beside_a_good_id_changes_nothing(kept: Kept, page: str, lead: str, code: str) -> None:
    good = kept.code if lead == "class" else kept.lesson.id
    before = kept.all()
    for value in HOSTILE:
        at = opened(page, **{lead: good, code: value})
        harmless(at)
        told = [
            button.key
            for button in at.button
            if (button.key or "").startswith(("_go_", "_compose_delete", "_compose_remove"))
        ]
        assert told == [], "no lecturer's and no author's buttons without the key"
    assert kept.all() == before
