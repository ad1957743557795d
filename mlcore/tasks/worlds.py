"""A grid world as numbers: from each state and action to which states, and for what reward.

A state is a cell in which one can stand. An action moves a step up, right, down or left; the wind of the
cell that is left then pushes on. Walls and the edge stop both. A step costs 1; the goal ends the episode; a
pit costs more and leads back to the start (Sutton and Barto 2018, examples 6.5 and 6.6). With the probability
`slip` the action is drawn anew, each of the four as likely.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mlcore.base.grids import FREE, GOAL, PIT, START, WALL, WINDS, Grid, read

FLOATS = NDArray[np.float64]
INTS = NDArray[np.int64]
ACTIONS = ((-1, 0), (0, 1), (1, 0), (0, -1))  # up, right, down, left
ARROWS = "↑→↓←"
COST = -1.0  # the reward of a step

PRESETS = {
    "small": "......p-.www.w.-s..w..d-.u...wg-p......",
    "cliff": "............-............-............-sppppppppppg",  # Sutton and Barto, example 6.6
    "windy": (  # example 6.5
        "...uuuUUu.-...uuuUUu.-...uuuUUu.-s..uuuUgu.-...uuuUUu.-...uuuUUu.-...uuuUUu."
    ),
    "maze": ".......wg-..w....w.-s.w....w.-..w......-.....w...-.........",  # example 8.1
    "open": "........-........-........-........-s......g",
}


@dataclass(frozen=True, eq=False)
class World:
    """S states, 4 actions each. A goal is a state without a way out and without reward."""

    rows: Grid
    cell: INTS  # [S, 2] row and column
    number: INTS  # [rows, columns] the state, -1 for a wall
    after: INTS  # [S, 4] where the action leads when it is not another one
    reward: FLOATS  # [S, 4] of that move
    end: NDArray[np.bool_]  # [S] goals
    start: int
    fell: NDArray[np.bool_]  # [S, 4] whether that move ends in a pit
    slip: float

    @property
    def mixed(self) -> FLOATS:
        """[4, 4] with what probability each action is which."""
        return (1 - self.slip) * np.eye(4) + self.slip / 4

    def gains(self, value: FLOATS, discount: float) -> FLOATS:
        """q [S, 4]: the expected reward of an action and the discounted value [S] of where it leads."""
        found: FLOATS = (self.reward + discount * value[self.after]) @ self.mixed.T
        return found

    def expected(self, policy: FLOATS) -> tuple[FLOATS, FLOATS]:
        """P [..., S, S] and r [..., S] under the probabilities of actions policy [..., S, 4]."""
        chance = policy @ self.mixed  # of each move
        S = len(self.cell)
        move = np.zeros((S, 4, S))
        np.put_along_axis(move, self.after[..., None], 1.0, -1)
        move[self.end] = 0.0  # nothing comes after a goal
        return np.einsum("...sa,sat->...st", chance, move), (chance * self.reward).sum(-1)

    @property
    def solvable(self) -> bool:
        """Whether some way leads from the start to a goal."""
        seen, fresh = {self.start}, [self.start]
        while fresh:
            ahead = {int(s) for s in self.after[fresh].ravel()} - seen
            seen |= ahead
            fresh = sorted(ahead)
        return bool(self.end[sorted(seen)].any())


@lru_cache(maxsize=64)
def world(text: str, slip: float = 0.0, pit: float = -100.0) -> World:
    """The world of a link's text. All who ask share it: do not write. Raises `GridError`."""
    rows = read(text)
    number = np.full((len(rows), len(rows[0])), -1)
    # A pit is no state: whoever falls stands at the start again.
    cells = [(i, j) for i, row in enumerate(rows) for j, sign in enumerate(row) if sign not in (WALL, PIT)]
    for s, (i, j) in enumerate(cells):
        number[i, j] = s
    signs = [rows[i][j] for i, j in cells]
    start = signs.index(START)
    after, reward = np.zeros((len(cells), 4), np.int64), np.full((len(cells), 4), COST)
    fell = np.zeros((len(cells), 4), bool)
    for s, cell in enumerate(cells):
        for a in range(4):
            i, j = _move(rows, cell, a)
            fell[s, a] = rows[i][j] == PIT
            after[s, a] = start if fell[s, a] else number[i, j]
    reward[fell] = pit
    end = np.array([sign == GOAL for sign in signs])
    after[end], reward[end], fell[end] = np.flatnonzero(end)[:, None], 0.0, False
    return World(rows, np.array(cells), number, after, reward, end, start, fell, slip)


def _move(rows: Grid, cell: tuple[int, int], action: int) -> tuple[int, int]:
    """Where a step and the wind lead, one cell after the other."""
    pushes = [ACTIONS[action]]
    if wind := WINDS.get(rows[cell[0]][cell[1]]):
        strength = max(map(abs, wind))
        pushes += [(wind[0] // strength, wind[1] // strength)] * strength
    i, j = cell
    for down, right in pushes:
        a, b = i + down, j + right
        if 0 <= a < len(rows) and 0 <= b < len(rows[0]) and rows[a][b] != WALL:
            i, j = a, b
    return i, j


def earning(reward: FLOATS) -> World:
    """A world without walls or an end in which entering a cell of reward [rows, columns] earns that."""
    height, width = reward.shape
    rows: Grid = (FREE * width,) * height
    cells = [(i, j) for i in range(height) for j in range(width)]
    number = np.arange(height * width).reshape(height, width)
    after = np.array([[number[_move(rows, cell, a)] for a in range(4)] for cell in cells])
    earned, end, fell = reward.ravel()[after], np.zeros(len(cells), bool), np.zeros(after.shape, bool)
    return World(rows, np.array(cells), number, after, earned, end, 0, fell, 0.0)
