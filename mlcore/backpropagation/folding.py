"""A long and narrow drawing in several lines, one below the other, as text is set."""

from __future__ import annotations

import math
from itertools import pairwise

from mlcore.backpropagation.layout import Layout, Point

LONGEST, EACH, MOST_CUT = 12, 10, 3  # layers that stay one line, and of each of several; what may be cut
LANE, EXIT = 0.25, 0.5  # room for each of these between two lines, and beside them


def folded(layout: Layout) -> Layout:
    """The same drawing in lines of about equal length; as it is where it is short, or too wide to be cut."""
    count = 1 if layout.layers <= LONGEST else math.ceil(layout.layers / EACH)
    each = math.ceil(layout.layers / count)
    cuts = [_cut(layout, line * each) for line in range(1, count)]
    if not cuts or max(map(len, cuts)) > MOST_CUT:
        return layout
    lines: list[list[tuple[float, float]]] = [[] for _ in range(count)]  # heights, and the room around them
    for points, room in ((layout.places, 0.5), *((way, 0.1) for way in layout.routes.values())):
        for x, y in points:
            lines[round(x) // each].append((y, room))
    highs = [max(y + room for y, room in line) for line in lines]
    lows = [min(y - room for y, room in line) for line in lines]
    tops = [0.0]  # of each line, in the new drawing; they go down
    for line, cut in enumerate(cuts):
        tops.append(tops[-1] - (highs[line] - lows[line]) - LANE * len(cut))

    def at(point: Point) -> Point:
        line = round(point[0]) // each
        return point[0] - line * each, tops[line] + point[1] - highs[line]

    def route(way: tuple[Point, ...]) -> tuple[Point, ...]:
        found = [at(way[0])]
        for before, after in pairwise(way):
            line = round(after[0]) // each
            if line > round(before[0]) // each:
                rank = cuts[line - 1].index(before)
                lane = tops[line] + LANE * (rank + 0.5)
                beside = EXIT + 0.08 * (len(cuts[line - 1]) - rank)
                (_, start), (_, end) = found[-1], at(after)
                right, left = each - 1 + beside, -EXIT - 0.08 * (rank + 1)
                found += [(right, start), (right, lane), (left, lane), (left, end)]
            found.append(at(after))
        return tuple(found)

    return Layout(tuple(map(at, layout.places)), {edge: route(way) for edge, way in layout.routes.items()})


def _cut(layout: Layout, before: int) -> list[Point]:
    """Where the lines start that reach the layer `before` from an earlier one, from the top; edges may share
    a line."""
    legs = {leg for way in layout.routes.values() for leg in pairwise(way)}
    starts = {start for start, end in legs if round(start[0]) < before <= round(end[0])}
    return sorted(starts, key=lambda start: -start[1])
