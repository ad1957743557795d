"""How well one color is told from another, as WCAG 2.2 counts it, and colors deep enough for white words.

Marks and lines that carry meaning need 3:1 against the page (1.4.11), words 4.5:1 (1.4.3). No color of words
has 4.5:1 on both grounds of the page: colored words are brought nearer to its ink in the browser (plot.js).
"""

from __future__ import annotations

from functools import cache

PAPER = ("#ffffff", "#171614")  # the page by day and by night
MARKS, WORDS = 3.0, 4.5  # the least contrast
WEIGHTS = (0.2126, 0.7152, 0.0722)  # of red, green and blue


def channels(color: str) -> list[int]:
    """Red, green and blue of "#rrggbb", 0 to 255."""
    return [int(color[i : i + 2], 16) for i in (1, 3, 5)]


def luminance(color: str) -> float:
    """The relative luminance of "#rrggbb" as sRGB, 0 for black to 1 for white."""
    shares = [c / 255 for c in channels(color)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return sum(weight * c for weight, c in zip(WEIGHTS, linear, strict=True))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colors, 1 to 21, in either order."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@cache
def deep(color: str) -> str:
    """The color as a ground for white words: as dark as it must be for them, and no darker."""
    shades = (
        "#" + "".join(f"{c * share // 100:02X}" for c in channels(color)) for share in range(100, -1, -1)
    )
    return next(shade for shade in shades if contrast("#ffffff", shade) >= WORDS)
