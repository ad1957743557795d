"""A number as a person reads it."""

from __future__ import annotations

import math


def numeral(value: float, digits: int = 4) -> str:
    """So many significant digits; a dash for what has no value."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞" if value > 0 else "−∞"
    return f"{value + 0.0:,.{digits}g}".replace("-", "−")  # + 0.0: a zero has no sign
