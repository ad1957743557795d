"""Where the nodes of a graph stand: layers from left to right, few crossings, long edges around the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from fast_sugiyama import from_edges

Point = tuple[float, float]
APART = 72  # units of the library between neighbors


@dataclass(frozen=True)
class Layout:
    """x counts layers from the left, y places within one; neighbors are 1 apart."""

    places: tuple[Point, ...]  # [n]
    routes: dict[tuple[int, int], tuple[Point, ...]]  # (tail, head) -> its line, both ends included

    @property
    def layers(self) -> int:
        return 1 + round(max(x for x, _ in self.places))

    @property
    def rows(self) -> float:
        """How much room the widest part takes, in distances of neighbors."""
        heights = [y for route in (self.places, *self.routes.values()) for _, y in route]
        return 1 + max(heights) - min(heights)


def layered(nodes: int, pairs: Iterable[tuple[int, int]]) -> Layout:
    """The layered drawing of a connected graph without cycles (Sugiyama, Tagawa and Toda 1981).

    `pairs` (tail, head) has tail < head. The long edges of a node that has several share one line as far as
    they go together, so that an input which every operation uses is one line beside them, not sixty.
    """
    edges = sorted(set(pairs))
    if not edges:
        return Layout(((0.0, 0.0),) * nodes, {})
    shared = _shared(nodes, edges)
    legs = sorted({leg for way in shared.values() for leg in pairwise(way)})
    count = 1 + max(max(leg) for leg in legs)
    ((positions, _, _, parts),) = from_edges(legs, vertex_spacing=APART, dummy_vertices=True)
    spots = {int(node): spot for node, spot in positions}
    pieces = [(int(tail), int(head)) for tail, head in parts or legs]
    top = max(y for _, y in spots.values())
    at = {node: ((top - y) / APART, x / APART) for node, (x, y) in spots.items()}
    after = {tail: head for tail, head in pieces if tail >= count}  # of a bend, which has one way on
    bends = {}
    for tail, head in pieces:
        if tail < count:
            way = [tail, head]
            while way[-1] >= count:
                way.append(after[way[-1]])
            bends[tail, way[-1]] = way[1:]
    routes = {}
    for edge, stops in shared.items():
        way = [stops[0], *(n for leg in pairwise(stops) for n in bends[leg])]
        routes[edge] = tuple(at[node] for node in way)
    return Layout(tuple(at[node] for node in range(nodes)), routes)


def _shared(nodes: int, edges: list[tuple[int, int]]) -> dict[tuple[int, int], list[int]]:
    """Every edge as the nodes it passes: those from `nodes` on are stops on a line that several share."""
    layer = [0] * nodes
    for tail, head in edges:  # by tail, and every tail is done when its turn comes
        layer[head] = max(layer[head], layer[tail] + 1)
    reached = {head for _, head in edges}
    for node in set(range(nodes)) - reached:  # an input stands just before its first use
        layer[node] = min(layer[head] for tail, head in edges if tail == node) - 1
    ways, count = dict[tuple[int, int], list[int]](), nodes
    for node in range(nodes):
        heads = [head for tail, head in edges if tail == node]
        far = [head for head in heads if layer[head] > layer[node] + 1]
        line = [node]
        if len(far) > 1:
            length = max(layer[head] for head in far) - layer[node] - 1
            line += range(count, count + length)
            count += length
        for head in heads:
            ways[node, head] = [*line[: layer[head] - layer[node]], head]
    return ways
