"""Where the nodes of a graph stand: layers from left to right, few crossings, long edges around the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
    """The layered drawing of a connected graph without cycles (Sugiyama, Tagawa and Toda 1981)."""
    edges = sorted(set(pairs))
    if not edges:
        return Layout(((0.0, 0.0),) * nodes, {})
    ((positions, _, _, parts),) = from_edges(edges, vertex_spacing=APART, dummy_vertices=True)
    spots = {int(node): spot for node, spot in positions}
    pieces = [(int(tail), int(head)) for tail, head in parts or edges]
    top = max(y for _, y in spots.values())
    at = {node: ((top - y) / APART, x / APART) for node, (x, y) in spots.items()}
    after = {tail: head for tail, head in pieces if tail >= nodes}  # of a bend, which has one way on
    routes = {}
    for tail, head in pieces:
        if tail < nodes:
            way = [tail, head]
            while way[-1] >= nodes:
                way.append(after[way[-1]])
            routes[tail, way[-1]] = tuple(at[node] for node in way)
    return Layout(tuple(at[node] for node in range(nodes)), routes)
