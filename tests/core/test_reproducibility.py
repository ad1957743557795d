"""What makes equal products equal: MKL's switch, whoever imports what first, at every vector length."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import mlcore

ROOT = Path(__file__).parents[2]
HERE = torch.backends.cpu.get_cpu_capability().lower()  # the widest vectors of this machine
LENGTHS = ["default", "avx2", "avx512"]
if HERE not in LENGTHS:
    LENGTHS = ["default", HERE]  # another architecture
PRODUCT = "import torch; torch.ones(3, 3) @ torch.ones(3, 3); "
ASK = "import mlcore; print(mlcore.products_are_reproducible())"
needs_mkl = pytest.mark.skipif(
    not torch.backends.mkl.is_available(), reason="another library multiplies here"
)


def python(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A new process that runs `code`, without MKL_CBWR in its environment but with `variables`."""
    rest = {name: value for name, value in os.environ.items() if name != "MKL_CBWR"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=rest | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_products_are_reproducible_in_this_process() -> None:
    assert mlcore.products_are_reproducible()


BEFORE = ["", "import torch; ", "import streamlit; ", "from pages.ui import frame; "]


@pytest.mark.parametrize(
    ("first", "variables"),
    [*((first, {}) for first in BEFORE), *(("", {"MKL_CBWR": value}) for value in ("", "COMPATIBLE"))],
)
def test_whoever_imports_the_core_before_the_first_product(first: str, variables: dict[str, str]) -> None:
    done = python(first + ASK, **variables)
    assert done.stdout.strip() == "True"
    assert "RuntimeWarning" not in done.stderr


@needs_mkl
def test_who_comes_too_late_is_told_and_what_to_do() -> None:
    done = python(PRODUCT + ASK)
    assert done.stdout.strip() == "False"
    assert "RuntimeWarning" in done.stderr
    assert "Import mlcore first" in done.stderr
    assert "RuntimeWarning" not in python(PRODUCT + ASK, MKL_CBWR="AUTO").stderr


@pytest.mark.parametrize("length", LENGTHS)
def test_same_bits_at_every_vector_length(length: str) -> None:
    if LENGTHS.index(length) > LENGTHS.index(HERE):
        pytest.skip(f"this processor has {HERE} at most")
    code = (
        "import sys, pytest, torch; print(torch.backends.cpu.get_cpu_capability().lower(), flush=True); "
        "sys.exit(pytest.main(['-n', '0', '-p', 'no:cacheprovider', 'tests/core/test_same_bits.py']))"
    )
    done = python(code, ATEN_CPU_CAPABILITY=length)
    assert done.stdout.split("\n")[0] == length
    assert done.returncode == 0, done.stdout[-3000:]
