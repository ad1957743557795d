"""The files of deploy/ say what the code says: versions, settings, figures, names."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from mlcore.base.limits import limits
from mlcore.engine.job import Load
from mlcore.engine.workers import SETTINGS
from pages.ui import metrics
from tests.pages.browser import ROOT

DEPLOY = ROOT / "deploy"
GUIDE = (DEPLOY / "README.md").read_text("utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


def test_community_cloud_gets_the_same_versions(tmp_path: Path) -> None:
    """By the command of the guide, on a copy."""
    own, copied = ROOT / "requirements.txt", tmp_path / "requirements.txt"
    copied.write_text(own.read_text("utf-8"), "utf-8")
    (command,) = re.findall(r"^    (sed .+ requirements\.txt)$", GUIDE, re.M)
    subprocess.run(shlex.split(command), cwd=tmp_path, check=True)
    first, *lines = copied.read_text("utf-8").splitlines()
    assert first == "--extra-index-url https://download.pytorch.org/whl/cpu"
    (torch,) = (line for line in lines if line.startswith("torch=="))
    assert [line.removesuffix("+cpu") for line in lines] == own.read_text("utf-8").splitlines()
    assert torch.endswith("+cpu")


def flat(tree: dict[str, object], prefix: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in tree.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found


def test_a_cluster_elsewhere_is_set_as_the_one_here() -> None:
    there = flat(yaml.safe_load((DEPLOY / "dask.yaml").read_text("utf-8")))
    own = "distributed.worker.multiprocessing-method"  # this machine loads a fork server
    assert {name: there[name] for name in SETTINGS if name != own} == {
        name: value for name, value in SETTINGS.items() if name != own
    }


def test_all_processes_of_the_composition_share_image_and_settings() -> None:
    services = COMPOSE["services"]
    lab = {name: service for name, service in services.items() if service["image"] == "laboratory"}
    assert set(lab) == {"web1", "web2", "scheduler", "worker"}
    one, two = (dict(lab[name]["environment"]) for name in ("web1", "web2"))
    assert {one.pop("STREAMLIT_SERVER_PORT"), two.pop("STREAMLIT_SERVER_PORT")} == {8501, 8502}
    assert one == two
    assert one["MLCORE_DATABASE"] == lab["worker"]["environment"]["MLCORE_DATABASE"]
    filled = set(re.findall(r"\$\{([A-Z0-9]+)\}", (DEPLOY / "nginx.conf.template").read_text("utf-8")))
    assert filled - {"BRACES"} == set(services["nginx"]["environment"])


def test_values_of_the_composition_are_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPOSE["services"]["web1"]["environment"].items():
        if name.startswith("MLCORE_"):
            default = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", str(value))
            monkeypatch.setenv(name, re.sub(r"\$\{\w+:\?.*?\}", "secret", default))
    assert limits().database.startswith("postgresql://")


def test_the_guide_names_the_figures_and_the_files_that_there_are() -> None:
    registry = metrics.registry(SimpleNamespace(load=lambda: Load(0, 0, 0, 0.0, 0, "")))
    counters = {f"{name}_total" for name in ("mlcore_asked", "mlcore_refused")}
    there = {family.name for family in registry.collect()} - {"mlcore_asked", "mlcore_refused"} | counters
    assert set(re.findall(r"mlcore_\w+", GUIDE)) == there
    files = re.findall(r"`([\w.-]+\.(?:yaml|template|service|env))`|deploy/([\w./-]+)", GUIDE)
    named = {one or two.rstrip(".`") for one, two in files} - {".env"}
    assert len(named) > 5
    assert [name for name in named if not (DEPLOY / name).exists()] == []
