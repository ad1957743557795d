"""The laboratory as a server: what ends its start, how many it takes in, what it tells who watches it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, expect
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from mlcore.base import meter
from mlcore.engine.job import Load
from mlcore.files.store import DataError
from pages.ui import metrics, server, visitors
from pages.ui.text.problems import refusal
from pages.ui.visitors import Visitors
from tests.pages.browser import ROOT, free_port, serve
from tests.pages.rooms import opened, rerun, said

IDLE = Load(workers=2, waiting=0, computing=0, longest=0.0, kept=0, trouble="")
TYPED = "sin(zebra)"  # no formula, so that it comes back in a sentence


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


# ---------------------------------------------------------------- the start


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("MLCORE_SESSIONS", "lots", "it must be a whole number from 1 to 100000"),
        ("MLCORE_DEVICE", "mps" if sys.platform != "darwin" else "cuda", "is not on this machine"),
    ],
)
def test_a_wrong_setting_ends_the_start_with_a_sentence(name: str, given: str, told: str) -> None:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={free_port()}"]
    ended = subprocess.run(
        command, env=os.environ | {name: given}, cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode != 0
    assert "The laboratory cannot start." in ended.stderr
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


# ---------------------------------------------------------------- how many


def test_as_many_as_there_is_room_for_and_who_is_in_stays_in() -> None:
    house = Visitors()
    assert [house.enter(name, 2) for name in ("a", "b", "c", "a")] == [True, True, False, True]
    assert (len(house), house.outside) == (2, 1)
    house.leave("b")
    assert house.enter("c", 2)
    assert (len(house), house.outside) == (2, 0)


@pytest.mark.parametrize(("lang", "told"), [("en", "The laboratory is full: 1"), ("ko", "브라우저 탭 1개가")])
def test_a_full_laboratory_says_so_and_draws_no_room(
    lab: object, monkeypatch: pytest.MonkeyPatch, lang: str, told: str
) -> None:
    house = Visitors()
    monkeypatch.setattr(visitors, "VISITORS", house)
    monkeypatch.setenv("MLCORE_SESSIONS", "1")
    house.enter("somebody", 1)
    at = opened("data", lang=lang)
    assert told in said(at)
    assert not at.sidebar.children
    assert not at.get("bidi_component")
    house.leave("somebody")
    rerun(at)
    assert told not in said(at)
    assert len(house) == 1


# ---------------------------------------------------------------- figures


def figures(registry: CollectorRegistry) -> dict[str, float]:
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {
        " ".join([sample.name, *(sample.labels[label] for label in sorted(sample.labels))]): sample.value
        for family in families
        for sample in family.samples
    }


def test_what_is_told_to_the_meter_is_found_in_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "_listeners", [])
    load = Load(workers=3, waiting=5, computing=2, longest=1.5, kept=700, trouble="")
    registry = metrics.registry(SimpleNamespace(load=lambda: load))
    meter.tell("asked", answer="kept")
    meter.tell("waited", 0.2)
    meter.tell("computed", 2.0, spec="TrainSpec", end="done", where="worker")
    refusal(DataError("lost"))
    found = figures(registry)
    assert found["mlcore_workers"] == 3
    assert found["mlcore_queue_length"] == 5
    assert found["mlcore_queue_longest_seconds"] == 1.5
    assert found["mlcore_computing"] == 2
    assert found["mlcore_cache_bytes"] == 700
    assert found["mlcore_asked_total kept"] == 1
    assert found["mlcore_queue_seconds_sum"] == 0.2
    assert found["mlcore_refused_total DataError.lost"] == 1
    assert found["mlcore_experiment_seconds_count done TrainSpec worker"] == 1
    assert found["mlcore_experiment_seconds_sum done TrainSpec worker"] == 2.0


@pytest.mark.parametrize(
    ("load", "status", "problems"),
    [
        (IDLE, 200, []),
        (Load(0, 1, 0, 3.0, 0, "Nobody answers."), 503, ["Nobody answers."]),
        (Load(0, 0, 0, 0.0, 0, ""), 503, ["The workers are starting."]),
    ],
)
def test_health_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, load: Load, status: int, problems: list[str]
) -> None:
    monkeypatch.setenv("MLCORE_STORE", str(tmp_path))
    monkeypatch.setattr(server, "begin", lambda: SimpleNamespace(load=lambda: load))
    answer = server.health(None)
    assert answer.status_code == status
    assert json.loads(answer.body)["problems"] == problems


def test_a_folder_that_cannot_be_read_is_no_health(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MLCORE_STORE", str(tmp_path / "file"))
    monkeypatch.setattr(server, "begin", lambda: SimpleNamespace(load=lambda: IDLE))
    answer = server.health(None)
    assert answer.status_code == 503
    assert "The folder of the store" in answer.body.decode()


# ---------------------------------------------------------------- all of it


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[str, str, Path]]:
    """Addresses of a server for one visitor and of its figures, and its log."""
    port, log = free_port(), tmp_path / "log"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLCORE_SESSIONS", "1")
        patch.setenv("MLCORE_METRICS", str(port))
        with serve(ROOT / "app.py", log=log) as url:
            yield url, f"http://127.0.0.1:{port}/metrics", log


@pytest.mark.browser
def test_a_server_that_is_watched(watched: tuple[str, str, Path], browser: Browser) -> None:
    url, figures_at, log = watched
    first, second = browser.new_page(), browser.new_page()
    for page in first, second:
        page.set_default_timeout(120_000)
    first.goto(f"{url}/data?lang=en&data=formula&d.target={TYPED}&n=300")
    expect(first.locator("h1")).to_have_text("Data", timeout=120_000)
    second.goto(f"{url}/data?lang=en")
    expect(second.get_by_text("The laboratory is full")).to_be_visible(timeout=120_000)
    assert "mlcore_sessions 1.0" in read(figures_at)
    assert "mlcore_sessions_waiting 1.0" in read(figures_at)
    first.goto(f"{url}/training?lang=en&steps=50")  # the same tab: it stays in
    first.wait_for_function("document.querySelector('.mlplot-figure')?._fullData?.length")
    first.close()
    expect(second.locator("h1")).to_have_text("Data", timeout=120_000)  # by itself
    second.close()
    told = read(figures_at)
    assert 'mlcore_experiment_seconds_count{end="done",spec="TrainSpec",where="worker"} 1.0' in told
    assert 'mlcore_refused_total{kind="sessions"}' in told
    assert json.loads(read(f"{url}/health"))["problems"] == []
    written = log.read_text()
    assert "computed TrainSpec in" in written
    for private in "zebra", "127.0.0.1:5", "lang=en", "/data", "?":
        assert private not in written + (told if private != "?" else "")
