"""The view of real networks in the room on local minima: trained in workers, read without a browser."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.escapes.success_rates import SolveSpec, solve
from tests.pages.rooms import opened, pictures, said

pytestmark = pytest.mark.usefixtures("patient")
SMALL = {"sn": "40", "ssteps": "50", "sr": "20"}


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("along", ["width", "batch"])
def test_networks_are_counted_in_both_languages(along: str, lang: str) -> None:
    at = opened("escape", view="width", along=along, lang=lang, **SMALL)
    found = solve(SolveSpec(along=along, examples=40, steps=50, replicas=20))
    (figure,) = pictures(at)["solving"]["figures"]
    assert len(figure["data"]) == 2
    text = said(at)
    shares = [part.solved.value for part in found.parts]
    if along == "width":
        assert f"**{100 * shares[1]:.0f}%**" in text or f"**{100 * shares[1]:.1f}%**" in text
    else:
        best = found.parts[int(np.argmax(shares))]
        assert f"**{best.place}**" in text


def test_equal_examples_are_said() -> None:
    at = opened("escape", view="width", along="batch", equal="examples", **SMALL)
    assert "Every batch size sees 800 examples" in said(at)
