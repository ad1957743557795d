"""What a policy is worth, and the best one, in a world that is known: Bellman's equations, solved and swept.

    v_pi = r_pi + gamma P_pi v_pi                  a linear system
    v*(s) = max_a sum_s' p(s' | s, a) (r + gamma v*(s'))

A sweep puts the right side into the left one, at all states at once. It multiplies the largest distance from
the solution by gamma at most (Sutton and Barto 2018, 4.1 and 4.4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.tasks.worlds import FLOATS, INTS, World

TIE = 1e-9  # of the largest value: actions whose values differ by less are as good
RESIDUAL = 1e-11  # of Bellman's equation, times the largest value: from there on it is solved
MOST_SWEEPS = 20_000


def evaluate(world: World, policy: FLOATS, discount: float) -> FLOATS:
    """v [..., S] of policies [..., S, 4], by solving (I - gamma P) v = r."""
    P, r = world.expected(policy)
    found = np.linalg.solve(np.eye(P.shape[-1]) - discount * P, r[..., None])[..., 0]
    return found.astype(np.float64)


def even(world: World) -> FLOATS:
    """The policy that takes all actions alike."""
    return np.full((len(world.cell), 4), 0.25)


def greedy(gains: FLOATS) -> FLOATS:
    """The policy [..., S, 4] that takes the first of the best actions."""
    found: FLOATS = np.eye(4)[gains.argmax(-1)]
    return found


def best_actions(gains: FLOATS) -> NDArray[np.bool_]:
    """Whether no action is better, beyond rounding: [S, 4] -> [S, 4]."""
    found: NDArray[np.bool_] = gains >= gains.max(1, keepdims=True) - TIE * np.abs(gains).max()
    return found


@dataclass(frozen=True, eq=False)
class Sweeps:
    """Values sweep after sweep from 0, and what they come to."""

    discount: float
    values: FLOATS  # [T, S]
    limit: FLOATS  # [S] of the evaluation by a linear system: of the given policy, or of the best
    gains: FLOATS  # [S, 4] by the limit
    best: bool  # value iteration, not the evaluation of the even policy
    settled: int  # the first sweep from which on the greedy actions are the best

    @property
    def gap(self) -> FLOATS:
        """[T] the largest distance from the limit."""
        found: FLOATS = np.abs(self.values - self.limit).max(1)
        return found

    @property
    def good(self) -> NDArray[np.bool_]:
        """[S, 4] whether no action is better."""
        return best_actions(self.gains)


def sweep(world: World, discount: float, best: bool) -> Sweeps:
    """Value iteration, or the evaluation of the even policy, until nothing but rounding changes."""
    values = [np.zeros(len(world.cell))]
    chosen: list[INTS] = []
    for _ in range(MOST_SWEEPS):
        gains = world.gains(values[-1], discount)
        chosen.append(gains.argmax(1))
        values.append(gains.max(1) if best else gains.mean(1))
        if np.abs(values[-1] - values[-2]).max() <= RESIDUAL * max(1.0, np.abs(values[-1]).max()):
            break
    chosen.append(world.gains(values[-1], discount).argmax(1))
    policy = greedy(world.gains(values[-1], discount)) if best else even(world)
    limit = evaluate(world, policy, discount)
    gains = world.gains(limit, discount)
    fine = best_actions(gains)
    right = [bool(np.take_along_axis(fine, one[:, None], 1).all()) for one in chosen]
    settled = len(right) - next((i for i, ok in enumerate(reversed(right)) if not ok), len(right))
    return Sweeps(discount, np.stack(values), limit, gains, best, settled)


def residual(world: World, value: FLOATS, discount: float) -> float:
    """By how much v misses Bellman's equation of the best policy, at most."""
    return float(np.abs(world.gains(value, discount).max(1) - value).max())


def path(world: World, policy: FLOATS, most: int = 500) -> INTS:
    """The states from the start on, where no action is another one: to a goal, or until one comes again."""
    s, seen = world.start, [world.start]
    for _ in range(most):
        if world.end[s]:
            break
        s = int(world.after[s, policy[s].argmax()])
        seen.append(s)
        if s in seen[:-1]:
            break
    return np.array(seen)
