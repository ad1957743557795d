"""Work for seconds is done by the workers, with progress and a stop; work for moments by the page itself."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from mlcore.base.experiment import run
from mlcore.complexity.double_descent import GaussianSpec, measure
from mlcore.engine.engine import Engine
from mlcore.escapes.escaping import EscapeSpec
from mlcore.escapes.multimodal import MultimodalSpec
from pages.rooms.escape.room import runs
from pages.ui import compute
from pages.ui.text import LANGUAGES, catalog
from tests.core.test_stopping import NAMES, SPECS, same
from tests.pages.rooms import box, opened, pictures, rerun, said

HEAVY: dict[str, tuple[str, dict[str, str]]] = {
    "escape": ("escape", {"spend": "2000", "runs": "1000"}),
    "restarts": ("escape", {"view": "restarts", "tries": "100000", "ground": "levy13"}),
    "gaussian": ("double_descent", {"gn": "100", "gsets": "200"}),
    "features": ("double_descent", {"view": "relu", "fn": "200", "fsets": "100"}),
    "signal": ("model", {"view": "signal", "depth": "50", "width": "128", "nets": "48"}),
}
LIGHT: dict[str, tuple[str, dict[str, str]]] = {
    "escape": ("escape", {}),
    "gaussian": ("double_descent", {}),
    "features": ("double_descent", {"view": "relu"}),
    "signal": ("model", {"view": "signal", "width": "40"}),
}


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The specs that this process computes by itself from now on."""
    found: list[Any] = []

    def noted(spec: Any) -> Any:
        found.append(spec)
        return run(spec)

    monkeypatch.setattr(compute, "run", noted)
    compute.here.clear()
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", HEAVY)
def test_seconds_of_work_are_left_to_the_workers(
    name: str, lang: str, lab: Engine, computed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute, "INLINE", 0.0)
    monkeypatch.setattr(compute.ask, "__defaults__", (0.0,))
    room, link = HEAVY[name]
    words = catalog(lang)
    at = opened(room, lang=lang, **link)
    assert not pictures(at)
    jobs = dict(lab._jobs)
    assert jobs
    opened(room, lang=lang, **link)
    assert list(lab._jobs) == list(jobs), "a class computes it once"
    assert at.get("progress"), "how far it is"
    box(at, "button", words["training.stop"]).click()
    rerun(at)
    assert words["frame.stopped"] in said(at)
    assert all(len(job.seen) == 1 for job in lab._jobs.values()), "the other one goes on waiting"
    box(at, "button", words["training.again"]).click()
    rerun(at)
    assert at.get("progress")
    assert not computed


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("name", LIGHT)
def test_moments_of_work_need_no_worker(name: str, computed: list[Any]) -> None:
    room, link = LIGHT[name]
    assert pictures(opened(room, **link))
    opened(room, **link)
    assert len(computed) == len(set(computed)), "nothing twice"


@pytest.mark.usefixtures("patient")
def test_the_numbers_arrive_from_the_workers(computed: list[Any]) -> None:
    at = opened("double_descent", gn="70", gsets="100", gp="700")
    assert len(pictures(at)["gaussian"]["figures"]) == 2
    found = measure(GaussianSpec(examples=70, sets=100))
    place = found.p.tolist().index(700)
    assert float(at.metric[2].value.split(" ")[0]) == pytest.approx(found.risk[place].mean(), rel=0.01)
    assert pictures(opened("escape", view="restarts"))
    assert pictures(opened("model", view="signal"))
    assert not computed


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
def test_a_worker_finds_the_same_bits(spec: Any, lab: Engine) -> None:
    asked = lab.ask(spec, "bits")
    found = lab.wait(asked.key, "bits", 60).result
    lab.leave(asked.key, "bits")
    assert found is not None
    assert same(found, run(spec))


def test_kept_runs_are_shown_while_others_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = EscapeSpec(MultimodalSpec("ackley"), steps=20, runs=20, seed=5)
    others = replace(quick, seed=6)
    kept, begun, done = runs(quick, "quick"), threading.Event(), threading.Event()

    def slow(spec: Any) -> Any:
        begun.set()
        assert done.wait(30)
        return run(spec)

    monkeypatch.setattr(compute, "run", slow)
    computing = threading.Thread(target=runs, args=(others, "others"))
    computing.start()
    assert begun.wait(30)
    again: list[Any] = []
    asking = threading.Thread(target=lambda: again.append(runs(quick, "quick")))
    asking.start()
    asking.join(5)
    at_once = bool(again)
    done.set()
    computing.join()
    asking.join()
    assert at_once
    assert kept is not None
    assert all(map(same, again[0], kept))
