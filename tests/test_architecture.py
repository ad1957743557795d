"""Who may import whom, what nobody may do, and how long a module may be: read from the source by `ast`."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [*ROOT.glob("mlcore/**/*.py"), *ROOT.glob("pages/**/*.py"), *ROOT.glob("*.py")]
# A module may import from its own line and from the lines above it. What stands nowhere is an experiment.
LAYERS = [
    "base",
    "engine store",
    "files lessons",
    "families formulas",
    "training",
    "(experiments)",
    "figures",
    "pages.ui",
    "pages.rooms",
    "pages app cover",
]
UNSAFE: dict[str, str] = {}  # file -> why its unsafe_allow_html is no risk


def name_of(path: Path) -> str:
    """mlcore/figures/theme.py -> mlcore.figures.theme"""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): ast.parse(path.read_text("utf-8"), str(path)) for path in FILES}


def imports(module: str) -> set[str]:
    """Every module that the source names in an import, wherever it stands in the file."""
    found: set[str] = set()
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: write imports in full"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name if name in MODULES or not ours(name) else name.rpartition(".")[0] for name in found}


def ours(name: str) -> bool:
    return name.split(".")[0] in ("mlcore", "pages", "app", "cover")


def layer(name: str) -> int:
    parts = name.removeprefix("mlcore.").split(".")
    short = ".".join(parts[:2]) if parts[:2] in (["pages", "ui"], ["pages", "rooms"]) else parts[0]
    return next((i for i, line in enumerate(LAYERS) if short in line.split()), LAYERS.index("(experiments)"))


def tops(module: str) -> set[str]:
    return {name.split(".")[0] for name in imports(module)}


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_up_the_table(module: str) -> None:
    below = {
        name for name in imports(module) if ours(name) and name != "mlcore" and layer(name) > layer(module)
    }
    assert not below, f"{module} may not import {', '.join(sorted(below))}"


@pytest.mark.parametrize("module", MODULES)
def test_the_engine_knows_what_a_spec_is_and_no_experiment(module: str) -> None:
    """And no other part of the core knows the engine: an experiment is a function, wherever it runs."""
    inside = [name for name in imports(module) if name.startswith("mlcore.")]
    if module.startswith("mlcore.engine"):
        assert all(name.startswith(("mlcore.engine", "mlcore.base")) for name in inside)
    elif module.startswith("mlcore"):
        assert not any(name.startswith("mlcore.engine") for name in inside)


@pytest.mark.parametrize("module", MODULES)
def test_a_room_takes_nothing_from_another(module: str) -> None:
    if module.startswith("pages.rooms."):
        own = ".".join(module.split(".")[:3])
        others = {name for name in imports(module) if name.startswith("pages.rooms.")}
        assert all((name + ".").startswith(own + ".") for name in others), others


def test_no_imports_go_in_circles() -> None:
    TopologicalSorter({module: imports(module) - {module} for module in MODULES}).prepare()


@pytest.mark.parametrize("module", MODULES)
def test_the_core_knows_no_streamlit_and_plotly_only_draws(module: str) -> None:
    if module.startswith("mlcore"):
        assert "streamlit" not in tops(module)
        assert "plotly" not in tops(module) or module.startswith("mlcore.figures")


@pytest.mark.parametrize("module", MODULES)
def test_no_text_is_run_as_code_and_none_is_shown_as_html(module: str) -> None:
    for call in (node for node in ast.walk(MODULES[module]) if isinstance(node, ast.Call)):
        assert getattr(call.func, "id", "") not in ("eval", "exec"), f"{module}:{call.lineno}"
        if module not in UNSAFE:
            assert all(keyword.arg != "unsafe_allow_html" for keyword in call.keywords), (
                f"{module}:{call.lineno}"
            )


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_module_is_short_enough_to_be_read(path: Path) -> None:
    lines, families = (
        len(path.read_text("utf-8").splitlines()),
        ("datasets.py", "optimizers.py", "surfaces.py", "words.py"),
    )
    # A family and a dictionary grow by a declaration for each member, which one reads one at a time.
    assert lines <= (110 if path.parent == ROOT / "pages" else 400 if path.name in families else 280)
