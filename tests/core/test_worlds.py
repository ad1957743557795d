"""Grid worlds: what a link may say, what moves do, Bellman's equations against solves and closed forms."""

from __future__ import annotations

from collections import deque
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from mlcore.base import grids
from mlcore.base import spec as specs
from mlcore.base.grids import COLUMNS, FREE, GOAL, LONGEST, PIT, ROWS, SIGNS, START, WALL, GridError
from mlcore.tasks import planning
from mlcore.tasks.learners import LearnSpec
from mlcore.tasks.worlds import ACTIONS, PRESETS, earning, world

OPTIMAL = {"small": 9, "cliff": 13, "windy": 15, "maze": 14, "open": 7}  # three of them from the book


@st.composite
def any_grid(draw: st.DrawFn) -> grids.Grid:
    rows, columns = draw(st.integers(2, 6)), draw(st.integers(2, 6))
    signs = st.sampled_from([FREE] * 6 + [WALL, WALL, PIT, GOAL, *grids.WINDS])
    cells = draw(st.lists(signs, min_size=rows * columns, max_size=rows * columns))
    start, goal = draw(st.permutations(range(rows * columns)))[:2]
    cells[start], cells[goal] = START, GOAL
    return tuple("".join(cells[i * columns : (i + 1) * columns]) for i in range(rows))


# ---------------------------------------------------------------- links and lines


@given(any_grid())
def test_a_world_comes_back_from_its_link_and_its_lines(rows: grids.Grid) -> None:
    text = grids.write(rows)
    assert grids.read(text) == rows
    assert grids.typed("\n\n".join(" ".join(row) for row in rows)) == rows
    spec, problems = specs.from_query(LearnSpec, {"tworld": text})
    assert problems == []
    assert spec.grid == text


HOSTILE = {
    "nothing": "",
    "one row": "sg",
    "no start": "..-.g",
    "two starts": "ss-.g",
    "no goal": "s.-..",
    "ragged": "s.-.g.",
    "sign": "s<-.g",
    "html": "<b>s</b>-<i>g</i>",
    "digits of another script": "s١-.g",
    "too tall": "-".join(["s." + "." * 3] + ["....g"] * ROWS),
    "too wide": "s" + "." * COLUMNS + "-" + "g" + "." * COLUMNS,
    "too long": "s" * 10_000,
    "line break": "s.\n.g",
    "null": "s.-.g\0",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_world_is_refused_with_a_sentence_and_the_default_stays(name: str) -> None:
    spec, (problem,) = specs.from_query(LearnSpec, {"tworld": HOSTILE[name]})
    assert spec == LearnSpec()
    assert problem.code == "tworld"
    assert "rows of signs" in str(problem)
    with pytest.raises(specs.SpecError):
        LearnSpec(grid=HOSTILE[name])


@given(st.text(max_size=300))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    for read in (grids.read, grids.typed):
        with suppress(GridError):
            rows = read(text)
            assert grids.read(grids.write(rows)) == rows


def test_the_longest_world_fits_into_a_link() -> None:
    rows = ("s" + "." * (COLUMNS - 1), *["." * COLUMNS] * (ROWS - 2), "." * (COLUMNS - 1) + "g")
    assert len(grids.write(rows)) == LONGEST
    assert grids.read(grids.write(rows)) == rows


def test_each_mistake_of_lines_has_its_own_sentence() -> None:
    said = {}
    for name, text in {
        "size": "s",
        "ragged": "s..\n.g",
        "sign": "s?\n.g",
        "start": "..\n.g",
        "goal": "s.\n..",
    }.items():
        with pytest.raises(GridError) as caught:
            grids.typed(text)
        said[name] = caught.value.code
    assert said == {name: name for name in said}


def test_a_cell_is_set_the_start_moves_and_the_last_goal_stays() -> None:
    rows = ("s..", "..g")
    assert grids.put(rows, 0, 1, WALL) == ("sw.", "..g")
    assert grids.put(rows, 1, 1, START) == ("...", ".sg")
    with pytest.raises(GridError, match="no goal"):
        grids.put(rows, 1, 2, WALL)
    with pytest.raises(GridError, match="0 starts"):
        grids.put(rows, 0, 0, WALL)


# ---------------------------------------------------------------- moves


@given(any_grid(), st.sampled_from([0.0, 0.3]))
@settings(max_examples=40, deadline=None)
def test_probabilities_and_rewards_are_what_the_rules_say(rows: grids.Grid, slip: float) -> None:
    place = world(grids.write(rows), slip, -7.0)
    P, r = place.expected(np.eye(4)[np.zeros(len(place.cell), int)])
    np.testing.assert_allclose(P.sum(1), np.where(place.end, 0, 1), atol=1e-12)
    assert ((r >= -7) & (r <= 0)).all()
    for s, (i, j) in enumerate(place.cell.tolist()):
        assert rows[i][j] not in (WALL, PIT)
        for a, (down, right) in enumerate(ACTIONS):
            if place.end[s] or rows[i][j] in grids.WINDS:
                continue
            there = (i + down, j + right)
            inside = 0 <= there[0] < len(rows) and 0 <= there[1] < len(rows[0])
            sign = rows[there[0]][there[1]] if inside else WALL
            wanted = (i, j) if sign == WALL else there
            if sign == PIT:
                wanted = tuple(place.cell[place.start].tolist())
            assert tuple(place.cell[place.after[s, a]].tolist()) == wanted
            assert place.reward[s, a] == (-7 if sign == PIT else -1)
            assert place.fell[s, a] == (sign == PIT)


def test_wind_pushes_on_and_stops_at_walls_and_edges() -> None:
    place = world("..w.g-sUr..-.....")

    def there(cell: tuple[int, int], action: int) -> tuple[int, ...]:
        return tuple(place.cell[place.after[place.number[cell], action]].tolist())

    assert there((1, 1), 3) == (0, 0)  # left, then up; a second push meets the edge
    assert there((1, 1), 2) == (0, 1)  # down, then up twice
    assert there((1, 2), 0) == (1, 3)  # up meets the wall, then right
    assert there((1, 2), 1) == (1, 4)


def steps(rows: grids.Grid) -> int:
    """The shortest way by breadth-first search, with moves of its own."""
    place = world(grids.write(rows))
    seen, queue = {place.start: 0}, deque([place.start])
    while queue:
        s = queue.popleft()
        for a in range(4):
            if not place.fell[s, a] and int(place.after[s, a]) not in seen:
                seen[int(place.after[s, a])] = seen[s] + 1
                queue.append(int(place.after[s, a]))
    return min((d for s, d in seen.items() if place.end[s]), default=-1)


@pytest.mark.parametrize("name", PRESETS)
def test_the_best_ways_of_the_books_worlds_are_as_long_as_it_says(name: str) -> None:
    place = world(PRESETS[name])
    found = planning.sweep(place, 0.95, True)
    way = planning.path(place, planning.greedy(found.gains))
    assert place.end[way[-1]]
    assert len(way) - 1 == steps(place.rows) == OPTIMAL[name]
    closed = -(1 - 0.95 ** OPTIMAL[name]) / 0.05  # a step costs 1
    assert found.limit[place.start] == pytest.approx(closed, rel=1e-12)


# ---------------------------------------------------------------- Bellman


@given(any_grid(), st.sampled_from([0.5, 0.9, 0.99]), st.sampled_from([0.0, 0.2]))
@settings(max_examples=40, deadline=None)
def test_sweeps_contract_by_the_discount_to_the_solution(
    rows: grids.Grid, discount: float, slip: float
) -> None:
    place = world(grids.write(rows), slip)
    for best in (True, False):
        found = planning.sweep(place, discount, best)
        gap, size = found.gap, max(1.0, np.abs(found.limit).max())
        assert (gap[1:] <= discount * gap[:-1] + 1e-13 * size).all()
        bound = discount ** np.arange(len(gap)) * np.abs(place.reward).max() / (1 - discount)
        assert (gap <= bound + 1e-13 * size).all()
        assert gap[-1] <= planning.RESIDUAL * size / (1 - discount)
    assert planning.residual(place, planning.sweep(place, discount, True).limit, discount) < 1e-10


@given(any_grid(), st.sampled_from([0.6, 0.95]), st.sampled_from([0.0, 0.2]))
@settings(max_examples=25, deadline=None)
def test_the_best_values_are_those_of_the_linear_program(
    rows: grids.Grid, discount: float, slip: float
) -> None:
    """The least v that no action exceeds (Puterman 1994, 6.9): another way to the optimum."""
    place = world(grids.write(rows), slip, -20.0)
    S = len(place.cell)
    above, costs = [], []
    for a in range(4):
        P, r = place.expected(np.eye(4)[np.full(S, a)])
        above.append(discount * P - np.eye(S))
        costs.append(-r)
    found = linprog(np.ones(S), np.vstack(above), np.concatenate(costs), bounds=(None, None), method="highs")
    np.testing.assert_allclose(planning.sweep(place, discount, True).limit, found.x, rtol=1e-7, atol=1e-7)


def test_an_evaluation_is_the_mean_of_many_episodes() -> None:
    place, discount = world(PRESETS["small"], 0.1, -10.0), 0.9
    value = planning.evaluate(place, planning.even(place), discount)[place.start]
    g = np.random.default_rng(0)
    state, total, weight = np.full(20_000, place.start), np.zeros(20_000), 1.0
    for _ in range(150):
        action = g.integers(4, size=len(state))
        total += weight * place.reward[state, action]
        state, weight = place.after[state, action], weight * discount
    error = total.std() / np.sqrt(len(total))
    assert total.mean() == pytest.approx(value, abs=4 * error)
    assert error < 0.2


def test_policies_are_evaluated_many_at_a_time() -> None:
    place = world(PRESETS["windy"], 0.1)
    policies = np.random.default_rng(0).dirichlet(np.ones(4), size=(5, len(place.cell)))
    together = planning.evaluate(place, policies, 0.9)
    for one, value in zip(policies, together, strict=True):
        np.testing.assert_allclose(planning.evaluate(place, one, 0.9), value, rtol=1e-12)


@given(any_grid())
@settings(max_examples=40, deadline=None)
def test_the_greedy_policy_is_best_from_where_it_settles_and_not_before(rows: grids.Grid) -> None:
    place, discount = world(grids.write(rows)), 0.9
    found = planning.sweep(place, discount, True)
    for k, fine in ((found.settled, True), (found.settled - 1, False)):
        if k >= 0:
            policy = planning.greedy(place.gains(found.values[k], discount))
            value = planning.evaluate(place, policy, discount)
            assert bool((np.abs(value - found.limit) < 1e-9 * np.abs(found.limit).max()).all()) == fine


def test_a_start_behind_walls_pays_for_ever_and_is_told() -> None:
    place = world("sw.-ww.-..g")
    assert not place.solvable
    found = planning.sweep(place, 0.9, True)
    assert found.limit[place.start] == pytest.approx(-10, rel=1e-9)
    assert not place.end[planning.path(place, planning.greedy(found.gains))[-1]]
    assert world(PRESETS["maze"]).solvable


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_in_a_world_that_pays_for_cells_a_step_earns_what_it_enters(seed: int) -> None:
    reward = np.random.default_rng(seed).uniform(-1, 1, (4, 5))
    place = earning(reward)
    best = planning.sweep(place, 0.9, True).limit
    assume(best.size == 20)
    there = place.cell[place.after]
    np.testing.assert_array_equal(place.reward, reward[there[..., 0], there[..., 1]])
    assert best.max() <= reward.max() / 0.1 + 1e-9
    corner = np.unravel_index(reward.argmax(), reward.shape)
    if corner[0] in (0, 3) or corner[1] in (0, 4):  # at the edge one can stay by bumping into it
        assert best[place.number[corner]] == pytest.approx(reward.max() / 0.1, rel=1e-9)


def test_all_signs_are_ascii_and_different() -> None:
    assert len(set(SIGNS)) == len(SIGNS)
    assert all(sign.isascii() and len(sign) == 1 and sign != grids.BETWEEN for sign in SIGNS)
