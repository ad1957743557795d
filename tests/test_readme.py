"""What the README says of the code is true: its paths exist, and its walk finds what it quotes."""

from __future__ import annotations

import re

import pytest

from mlcore.descents.minibatch import BatchSpec, distances
from pages.rooms.gradient_descent.minibatch import verdict
from tests.pages.browser import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def quotes(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("title", ["The map", "How to add a thing"])
def test_every_path_exists(title: str) -> None:
    paths = [quote for quote in quotes(section(title)) if re.fullmatch(r"[\w/.]+/[\w/.]*", quote)]
    assert len(paths) > 3
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_each_step_of_the_walk_finds_what_it_quotes() -> None:
    walk = section("From a number on screen to the line that computed it")
    steps = re.findall(r"^\d\. (.+?)(?=^\d\. |\n\n)", walk, re.M | re.S)
    assert len(steps) == 3
    for step in steps:
        (file,) = (ROOT / quote for quote in quotes(step) if (ROOT / quote).is_file())
        content = file.read_text("utf-8")
        assert [quote for quote in quotes(step) if quote not in content and not file.match(quote)] == []


def test_the_number_of_the_walk_is_on_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.ui.text.language", lambda: "en")
    (quoted,) = re.findall(r'"(is off by [^"]+)"', README)
    assert quoted in verdict(BatchSpec(), distances(BatchSpec()))
