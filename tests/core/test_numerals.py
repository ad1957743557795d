"""Numbers as people read them."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.base.numerals import numeral


@pytest.mark.parametrize(
    ("value", "digits", "told"),
    [
        (0.0, 3, "0"),
        (-0.0, 3, "0"),
        (-1.5, 4, "−1.5"),
        (1234.5, 6, "1,234.5"),
        (12345.0, 4, "1.234e+04"),
        (-2.9991e-20, 4, "−2.999e−20"),
        (math.inf, 4, "∞"),
        (-math.inf, 4, "−∞"),
        (math.nan, 4, "–"),
    ],
)
def test_a_number_by_hand(value: float, digits: int, told: str) -> None:
    assert numeral(value, digits) == told


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 12))
def test_a_number_reads_back_to_its_digits(value: float, digits: int) -> None:
    back = Decimal(numeral(value, digits).replace("−", "-").replace(",", ""))
    off = abs(back - Decimal(value))
    assert off <= abs(Decimal(value)) * Decimal(10) ** (1 - digits) / 2 * Decimal("1.000001")
