"""The script of a network that segments scenes, run by itself: it prints the numbers of the page."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from mlcore.script import masks as script
from mlcore.tasks.mask_scenes import mask_scenes
from mlcore.tasks.masks import NAMES
from tests.core.mask_cases import SMALL, segmented

RUNNER = """
import contextlib, io, pathlib, runpy, sys, torch
torch.set_num_threads(1)
for path in pathlib.Path(sys.argv[-1]).glob("*.py"):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        said = runpy.run_path(str(path), run_name="__main__")
    path.with_suffix(".json").write_text(printed.getvalue().splitlines()[-1])
    tensors = [said[part + what] for part in ("", "test_") for what in ("images", "masks")]
    torch.save(tensors, path.with_suffix(".pt"))
assert "mlcore" not in sys.modules
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of all losses, run in one process that knows nothing of this package."""
    folder = tmp_path_factory.mktemp("scripts")
    for name in NAMES:
        (folder / f"{name}.py").write_text(script.write(SMALL, name), encoding="utf-8")
    subprocess.run([sys.executable, "-I", "-c", RUNNER, str(folder)], check=True, cwd=folder)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_it_prints_the_numbers_of_the_page(name: str, ran: Path) -> None:
    printed, last, k = json.loads((ran / f"{name}.json").read_text()), segmented().last, NAMES.index(name)
    assert printed["accuracy"] == pytest.approx(last.accuracy[k, 0], abs=1e-3)  # 58 of 57600 pixels
    assert printed["iou"] == pytest.approx(last.iou[k, 0], abs=5e-3)
    others = np.delete(last.accuracy[:, 0], k)
    assert np.abs(others - printed["accuracy"]).min() > 1e-3, "another loss would be noticed"


@pytest.mark.parametrize("name", NAMES)
def test_it_trains_on_the_same_scenes(name: str, ran: Path) -> None:
    own = [*mask_scenes(SMALL.examples, SMALL.noise, SMALL.seed, "train")]
    own += mask_scenes(100, SMALL.noise, SMALL.seed, "test")
    for found, page in zip(torch.load(ran / f"{name}.pt"), own, strict=True):
        assert torch.equal(found, page)


def test_it_is_well_written_and_short(ran: Path) -> None:
    """No unused name or import, no line too long, blank lines as a formatter sets them."""
    for command in (["check", "--select=E,F,I"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length=110", str(ran)]
        done = subprocess.run(ruff, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    for path in ran.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "mlcore" not in text
        assert len(text.splitlines()) < 180  # half of them the scenes


def test_only_what_the_loss_needs_is_in_it() -> None:
    words = {"weighted": "STRENGTH", "focal": "GAMMA", "dice": "sigmoid(z)", "cross_entropy": "BCEWithLogits"}
    for name, word in words.items():
        assert [other for other in NAMES if word in script.write(SMALL, other)] == [name]
