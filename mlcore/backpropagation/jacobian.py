"""All derivatives of several outputs with respect to all inputs, by forward and by reverse mode.

    forward     a sweep for each of the n inputs fills a column of the Jacobian [m, n]
    reverse     a sweep for each of the m outputs fills a row of it

A sweep need multiply only once on every edge of its part of the graph: those that lie on some way from its
input to one of the outputs, or from one of the inputs to its output. (Griewank and Walther 2008, Evaluating
derivatives, chapter 3; Baydin et al. 2018, Automatic differentiation in machine learning, section 3.)
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.backpropagation.graph import Edge, Graph


@dataclass(frozen=True, eq=False)
class Jacobian:
    """d output / d input for m outputs and n inputs, found twice, and how many products each sweep needs."""

    forward: NDArray[np.float64]  # [m, n]
    reverse: NDArray[np.float64]  # [m, n]
    forward_products: tuple[int, ...]  # [n]
    reverse_products: tuple[int, ...]  # [m]

    @property
    def difference(self) -> float:
        """The largest between the two, as a share of the largest entry."""
        known = np.isfinite(self.forward) & np.isfinite(self.reverse)
        if not np.array_equal(self.forward[~known], self.reverse[~known], equal_nan=True):
            return float("inf")
        apart = np.abs(self.forward - self.reverse)[known].max(initial=0)
        return float(apart / np.abs(self.reverse[known]).max(initial=0)) if apart else 0.0


def jacobian(graph: Graph, outputs: Sequence[int]) -> Jacobian:
    """Of the nodes `outputs`, in their order."""
    starts = [graph.at(name) for name in graph.inputs]
    columns = [graph.tangents(name) for name in graph.inputs]
    rows = [graph.gradients(i) for i in outputs]
    return Jacobian(
        np.array([[column[i] for column in columns] for i in outputs]),
        np.array([[row[i] for i in starts] for row in rows]),
        tuple(len(between(graph, {start}, outputs)) for start in starts),
        tuple(len(between(graph, starts, {output})) for output in outputs),
    )


def between(graph: Graph, starts: Collection[int], ends: Collection[int]) -> list[Edge]:
    """The edges on some way from one of `starts` to one of `ends`."""
    after, before = set(starts), set(ends)
    for edge in graph.edges:
        if edge.tail in after:
            after.add(edge.head)
    for edge in reversed(graph.edges):
        if edge.head in before:
            before.add(edge.tail)
    return [edge for edge in graph.edges if edge.tail in after and edge.head in before]
