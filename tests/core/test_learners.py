"""Agents that learn: rows that do not depend on each other, the updates by hand, the cliff of the book."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from mlcore.base.experiment import Stopped, run
from mlcore.tasks import learners, planning
from mlcore.tasks.learners import RULES, WATCHED, Agents, Learned, LearnError, LearnSpec
from mlcore.tasks.worlds import PRESETS

SHORT = LearnSpec(episodes=30, agents=12)
CLIFF = LearnSpec(PRESETS["cliff"], discount=0.99, episodes=500, agents=100)
BY_VALUES = RULES[:2]


@cache
def learned(spec: LearnSpec) -> dict[str, Learned]:
    return {one.rule: one for one in run(spec)}


@cache
def on_the_cliff() -> dict[str, Learned]:
    found = {}
    for rule in BY_VALUES:
        agents = Agents(CLIFF, rule)
        learners.by_values(agents, lambda share, part: None)
        found[rule] = agents.learned()
    return found


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("change", [{}, {"slip": 0.2}, {"anywhere": True}], ids=str)
def test_an_agent_does_not_depend_on_who_learns_beside_it(rule: str, change: dict[str, Any]) -> None:
    many = learned(replace(SHORT, **change))[rule]
    few = learned(replace(SHORT, agents=10, seed=2, **change))[rule]
    for name in ("reward", "falls", "length", "policy", "way", "right"):
        assert (getattr(many, name)[2:12] == getattr(few, name)).all(), name


@pytest.mark.parametrize("rule", RULES)
def test_what_is_kept_of_an_episode_fits_together(rule: str) -> None:
    spec = replace(SHORT, pit=-50.0)
    found, place = learned(spec)[rule], spec.world
    assert (found.reward == -found.length - 49 * found.falls).all()
    assert (found.length <= learners.CAP * len(place.cell)).all()
    for m, episode in enumerate(e for e in WATCHED if e <= spec.episodes):
        for r in range(spec.agents):
            way = found.way[r, m].astype(int)
            way, steps = way[way >= 0], int(found.length[r, episode - 1])
            assert way[0] == place.start
            assert len(way) == min(steps + 1, learners.SHOWN)
            assert all(after in place.after[s] for s, after in pairwise(way))
            if steps < min(learners.SHOWN, learners.CAP * len(place.cell)):
                assert place.end[way[-1]]


def by_hand(spec: LearnSpec, rule: str) -> np.ndarray:
    """q of one agent, step by step in plain Python, on the numbers that it draws."""
    place, g = spec.world, np.random.default_rng([spec.seed, RULES.index(rule)])
    q = g.random((len(place.cell), 4)) * learners.NUDGE
    q[place.end] = 0
    drawn = iter(u for _ in range(1000) for u in g.random((learners.BLOCK, 3)))

    def act(s: int, u: float) -> int:
        return int(4 * u / spec.explore) if u < spec.explore else int(np.argmax(q[s]))

    u = next(drawn)
    s, steps = place.start, 0
    a, episode = act(s, u[0]), 0
    while episode < spec.episodes:
        u = next(drawn)
        move = int(4 * u[1] / spec.slip) if u[1] < spec.slip else a
        after, reward = int(place.after[s, move]), place.reward[s, move]
        then = act(after, u[0])
        worth = q[after, then] if rule == "sarsa" else q[after].max()
        q[s, a] += spec.rate * (reward + spec.discount * worth - q[s, a])
        s, steps = after, steps + 1
        over = place.end[s] or steps >= learners.CAP * len(place.cell)
        if over:
            s, steps, episode = place.start, 0, episode + 1
        a = then if rule == "sarsa" and not over else act(s, u[0])
    return q


@pytest.mark.parametrize("rule", BY_VALUES)
def test_the_updates_are_those_of_the_book(rule: str) -> None:
    spec = replace(SHORT, slip=0.1, seed=5)
    agents = Agents(spec, rule)
    learners.by_values(agents, lambda share, part: None)
    np.testing.assert_allclose(agents.table[0], by_hand(spec, rule), rtol=1e-12)


def episode_by_hand(
    spec: LearnSpec, theta: np.ndarray, drawn: Iterator[np.ndarray]
) -> list[tuple[int, int, float]]:
    """States, actions and rewards of a softmax policy, on the numbers that the agent draws."""
    place, steps = spec.world, []
    next(drawn)  # where it would begin
    s = place.start
    while not place.end[s] and len(steps) < learners.CAP * len(place.cell):
        u = next(drawn)
        chance = np.exp(theta[s]) / np.exp(theta[s]).sum()
        a = min(3, int(np.searchsorted(chance.cumsum(), u[0], side="right")))
        move = int(4 * u[1] / spec.slip) if u[1] < spec.slip else a
        steps.append((s, a, float(place.reward[s, move])))
        s = int(place.after[s, move])
    return steps


def test_the_policy_gradient_is_that_of_autograd() -> None:
    """Episode after episode: theta moves by rate * sum_t A_t grad log pi(a_t | s_t)."""
    spec = replace(SHORT, slip=0.1, seed=3, policy_rate=0.1, episodes=20)
    agents = Agents(spec, "reinforce")
    learners.by_policy(agents, lambda share, part: None)
    g = np.random.default_rng([spec.seed, RULES.index("reinforce")])
    theta = torch.from_numpy(g.random((len(spec.world.cell), 4)) * learners.NUDGE)
    theta[spec.world.end] = 0
    drawn = iter(u for _ in range(1000) for u in g.random((learners.BLOCK, 3)))
    baseline: dict[int, float] = {}
    for episode in range(spec.episodes):
        states, actions, rewards = zip(*episode_by_hand(spec, theta.numpy(), drawn), strict=True)
        assert len(states) == agents.length[0, episode]
        returns, back = [], 0.0
        for reward in reversed(rewards):
            back = reward + spec.discount * back
            returns.insert(0, back)
        mean = {
            s: np.mean([g for g, at in zip(returns, states, strict=True) if at == s]) for s in set(states)
        }
        better = np.array([g - baseline.get(s, mean[s]) for g, s in zip(returns, states, strict=True)])
        leaf = theta.clone().requires_grad_()
        log = torch.log_softmax(leaf, 1)[list(states), list(actions)]
        scale = np.sqrt((better**2).mean())
        if scale > learners.TINY:
            (torch.from_numpy(better / scale) * log).sum().backward()
            theta = theta + spec.policy_rate * leaf.grad
        for s, value in mean.items():
            old = baseline.get(s, value)
            baseline[s] = old + learners.BASELINE * (value - old)
    np.testing.assert_allclose(agents.table[0], theta.numpy(), rtol=1e-9, atol=1e-9)


def test_q_learning_finds_the_best_policy_in_nine_of_ten_seeds_in_five_seconds() -> None:
    for name, grid in PRESETS.items():
        agents = Agents(replace(SHORT, grid=grid, episodes=300, agents=10), "q")
        begun = time.perf_counter()
        learners.by_values(agents, lambda share, part: None)
        assert agents.learned().from_start.hits >= 9, name
        assert time.perf_counter() - begun < 5, name


def test_from_anywhere_with_much_exploring_the_policy_is_best_at_every_state() -> None:
    agents = Agents(replace(SHORT, anywhere=True, explore=0.5, episodes=1000, agents=10), "q")
    learners.by_values(agents, lambda share, part: None)
    found, place = agents.learned(), SHORT.world
    assert found.everywhere.hits >= 9
    best = planning.sweep(place, SHORT.discount, True)
    row = int(np.flatnonzero(found.right)[0])
    good = best.good[np.arange(len(place.cell)), found.policy[row]]
    assert good[~place.end].mean() > 0.95


def test_the_cliff_is_as_in_the_book() -> None:
    """Sutton and Barto 2018, example 6.6: Q-learning learns the edge and earns about -50, SARSA about -25."""
    q, sarsa = (on_the_cliff()[rule] for rule in BY_VALUES)
    late = slice(-100, None)
    assert q.from_start.value > 0.9
    assert sarsa.from_start.value < 0.1
    assert q.reward[:, late].mean() == pytest.approx(-50, abs=6)
    assert sarsa.reward[:, late].mean() == pytest.approx(-26, abs=5)
    assert q.falls[:, late].mean() > 3 * sarsa.falls[:, late].mean()
    place = CLIFF.world
    for found, steps in ((q, {13}), (sarsa, {15, 17})):
        lengths = []
        for policy in found.policy:
            way = planning.path(place, np.eye(4)[policy.astype(int)])
            if place.end[way[-1]]:
                lengths.append(len(way) - 1)
        assert len(lengths) > 75  # a few of SARSA's go in circles where they do not explore
        assert int(np.median(lengths)) in steps


def test_shares_count_policies_whose_value_is_the_best() -> None:
    found, place = learned(SHORT)["q"], SHORT.world
    best = planning.sweep(place, SHORT.discount, True).limit
    right = []
    for policy in found.policy:
        value = planning.evaluate(place, np.eye(4)[policy.astype(int)], SHORT.discount)
        right.append(abs(value[place.start] - best[place.start]) < 1e-6 * abs(best).max())
    assert found.right.tolist() == right
    assert found.from_start.hits == sum(right)
    assert found.everywhere.hits <= found.from_start.hits


def test_a_world_without_a_way_is_refused_and_a_stop_is_heard() -> None:
    with pytest.raises(LearnError, match="No way leads"):
        run(LearnSpec("sw.-ww.-..g"))
    told = []

    def report(share: float, part: Any) -> None:
        told.append(share)
        if len(told) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        run(SHORT, report)
    assert told == sorted(told)


def test_progress_grows_to_one_and_brings_each_rule() -> None:
    told: list[tuple[float, Any]] = []
    run(SHORT, lambda share, part: told.append((share, part)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert [part.rule for _, part in told if part is not None] == list(RULES)
