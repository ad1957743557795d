"""Learning to act where the world is not known: hundreds of agents, each a row with draws of its own.

    Q-learning   q(s, a) += alpha (r + gamma max_b q(s', b) - q(s, a))
    SARSA        q(s, a) += alpha (r + gamma q(s', a') - q(s, a))
    REINFORCE    theta(s_t, a) += alpha A_t (1[a = a_t] - pi(a | s_t)) for all steps t of an episode

(Sutton and Barto 2018, 6.5, 6.4 and 13.4.) The first two act epsilon-greedily on q; the third has a softmax
of theta for its policy. A_t is the return G_t less a baseline, the mean of the returns seen at that state, in
which late ones count more; over an episode the A_t have the mean square 1, so that one rate suits all worlds.
As is usual, and unlike in the book, they are not weighted by gamma^t. An episode that takes CAP steps a state
is broken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mlcore.base import spec as specs
from mlcore.base.experiment import Report, quiet, run, silent, within
from mlcore.base.refusal import Refusal
from mlcore.base.registry import Knob
from mlcore.base.shares import Share
from mlcore.tasks import planning
from mlcore.tasks.worlds import FLOATS, INTS, PRESETS, World, world

RULES = ("q", "sarsa", "reinforce")
CAP = 10  # steps of an episode, at most, for each state of the world
BASELINE = 0.2  # the rate at which a baseline follows the returns
TINY = 1e-9  # returns that differ by less say nothing of the actions
NUDGE = 1e-6  # first values are drawn below it, so that no action is preferred
BLOCK = 256  # steps for which numbers are drawn at a time
WATCHED = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500)  # episodes of which the way is kept
SHOWN = 150  # steps of it, at most
SAME = 1e-6  # values nearer than this part are the same
REPORTS = 40


class LearnError(Refusal):
    SENTENCES: ClassVar[dict[str, str]] = {
        "closed": "No way leads from the start to a goal, so no episode would end. Open a wall or move the "
        "goal.",
    }


@dataclass(frozen=True)
class LearnSpec:
    """R agents a rule learn for E episodes in one world."""

    grid: str = specs.grid(PRESETS["small"], "tworld")
    discount: float = specs.number(Knob(0.95, 0.5, 0.99, symbol=r"\gamma"), "tgamma")
    slip: float = specs.number(Knob(0.0, 0.0, 0.5), "tslip")
    pit: float = specs.number(Knob(-100.0, -100.0, -1.0), "tpit")
    rate: float = specs.number(Knob(0.5, 0.01, 1.0, symbol=r"\alpha", log=True), "talpha")
    explore: float = specs.number(Knob(0.1, 0.0, 1.0, symbol=r"\varepsilon"), "teps")
    policy_rate: float = specs.number(Knob(0.05, 0.001, 1.0, symbol=r"\alpha_\pi", log=True), "tpi")
    anywhere: bool = specs.flag(False, "tany")
    episodes: int = specs.number(Knob(300, 20, 1000, symbol="E", log=True, integer=True), "tepi")
    agents: int = specs.number(Knob(200, 10, 300, symbol="R", log=True, integer=True), "tr")
    seed: int = specs.number(Knob(0, 0, 9000, integer=True), "tseed")

    def __post_init__(self) -> None:
        specs.check(self)

    @property
    def world(self) -> World:
        return world(self.grid, self.slip, self.pit)


@dataclass(frozen=True, eq=False)
class Learned:
    """What the agents of one rule came to."""

    rule: str
    reward: NDArray[np.float32]  # [R, E] the sum of an episode
    falls: NDArray[np.int32]  # [R, E] into pits
    length: NDArray[np.int32]  # [R, E] steps of an episode
    policy: NDArray[np.int8]  # [R, S] the action that is preferred in the end
    way: NDArray[np.int16]  # [R, M, SHOWN] states of the watched episodes, -1 behind their end
    from_start: Share  # whose policy is as good as the best one at the start
    everywhere: Share  # and at every state
    right: NDArray[np.bool_]  # [R] at the start


@run.register
def learn(spec: LearnSpec, report: Report = silent) -> tuple[Learned, ...]:
    """Rule after rule; `report` gets each when it is done. Raises `LearnError`."""
    if not spec.world.solvable:
        raise LearnError("closed")
    found = []
    for k, rule in enumerate(RULES):
        agents = Agents(spec, rule)
        teach = by_policy if rule == "reinforce" else by_values
        teach(agents, quiet(within(report, k / len(RULES), (k + 1) / len(RULES))))
        found.append(agents.learned())
        report((k + 1) / len(RULES), found[-1])
    return tuple(found)


class Agents:
    """R rows: what they draw, what they know, what is kept of their episodes."""

    def __init__(self, spec: LearnSpec, rule: str) -> None:
        self.spec, self.rule, self.world = spec, rule, spec.world
        R, S, E = spec.agents, len(self.world.cell), spec.episodes
        self.generators = [np.random.default_rng([spec.seed + r, RULES.index(rule)]) for r in range(R)]
        self.table = np.stack([g.random((S, 4)) for g in self.generators]) * NUDGE  # q, or theta
        self.table[:, self.world.end] = 0.0
        self.cap = CAP * S
        self.reward, self.falls = np.zeros((R, E), np.float32), np.zeros((R, E), np.int32)
        self.length = np.zeros((R, E), np.int32)
        self.watched = [e for e in WATCHED if e <= E]
        self.way = np.full((R, len(self.watched), SHOWN), -1, np.int16)
        self.kept = np.full(E + 1, -1)  # episode -> its place among those watched
        self.kept[[e - 1 for e in self.watched]] = range(len(self.watched))
        self.open = np.flatnonzero(~self.world.end)
        self.drawn, self.used = np.zeros((R, BLOCK, 3)), np.full(R, BLOCK)

    def draws(self, rows: INTS) -> FLOATS:
        """Three numbers for each of the rows: its action, whether it slips, where it would begin anew."""
        for r in rows[self.used[rows] == BLOCK]:
            self.drawn[r], self.used[r] = self.generators[r].random((BLOCK, 3)), 0
        self.used[rows] += 1
        found: FLOATS = self.drawn[rows, self.used[rows] - 1]
        return found

    def begin(self, u: FLOATS) -> INTS:
        """The first state of an episode."""
        if self.spec.anywhere:
            return self.open[(u * len(self.open)).astype(np.int64)]
        return np.full(len(u), self.world.start)

    def slipped(self, action: INTS, u: FLOATS) -> INTS:
        """The move that comes of an action."""
        slip = self.spec.slip
        return np.where(u < slip, (4 * u / slip).astype(np.int64), action) if slip else action

    def keep(self, rows: INTS, episode: INTS, at: INTS, state: INTS) -> None:
        """That the rows stand at these states, after `at` steps of their episodes."""
        place = self.kept[episode]
        seen = np.flatnonzero((place >= 0) & (at < SHOWN))
        if len(seen):
            self.way[rows[seen], place[seen], at[seen]] = state[seen]

    def learned(self) -> Learned:
        """The policies in the end, held against the best."""
        spec, world = self.spec, self.world
        best = planning.sweep(world, spec.discount, True).limit
        policy = planning.greedy(self.table)
        value = np.stack([planning.evaluate(world, one, spec.discount) for one in policy])
        near = value >= best - SAME * np.abs(best).max()
        right, every = near[:, world.start], near.all(1)
        at_start, everywhere = (Share(int(one.sum()), len(one)) for one in (right, every))
        action = policy.argmax(-1).astype(np.int8)
        kept = self.reward, self.falls, self.length, action, self.way
        return Learned(self.rule, *kept, at_start, everywhere, right)


def by_values(agents: Agents, report: Report) -> None:
    """Q-learning and SARSA: each row at its own pace, an update after every step."""
    spec, world, q = agents.spec, agents.world, agents.table
    ahead = agents.rule == "sarsa"
    rows, last = np.arange(spec.agents), spec.episodes
    episode, at = np.zeros_like(rows), np.zeros_like(rows)  # of each row: which one, and how many steps
    u = agents.draws(rows)
    state = agents.begin(u[:, 2])
    agents.keep(rows, episode, at, state)
    action = choose(q[rows, state], u[:, 0], spec.explore)
    told = 0
    while len(rows):
        u = agents.draws(rows)
        move = agents.slipped(action, u[:, 1])
        after, reward = world.after[state, move], world.reward[state, move]
        agents.reward[rows, episode] += reward
        agents.falls[rows, episode] += world.fell[state, move]
        agents.length[rows, episode] += 1
        then = choose(q[rows, after], u[:, 0], spec.explore)
        worth = q[rows, after, then] if ahead else q[rows, after].max(1)
        q[rows, state, action] += spec.rate * (reward + spec.discount * worth - q[rows, state, action])
        state, at = after, at + 1
        agents.keep(rows, episode, at, state)
        over = np.flatnonzero(world.end[state] | (at >= agents.cap))
        episode[over] += 1
        at[over] = 0
        state[over] = agents.begin(u[over, 2])
        agents.keep(rows[over], episode[over], at[over], state[over])
        if not ahead or len(over):  # on what was learned by this step, and at new starts
            fresh = np.arange(len(rows)) if not ahead else over
            then[fresh] = choose(q[rows[fresh], state[fresh]], u[fresh, 0], spec.explore)
        action = then
        if len(over) and (episode[over] >= last).any():
            going = episode < last
            rows, episode, at, state, action = (v[going] for v in (rows, episode, at, state, action))
        if len(rows) and REPORTS * (done := int(episode.min())) >= told * last:
            told += 1
            report(done / last, None)


def choose(gains: FLOATS, u: FLOATS, explore: float) -> INTS:
    """epsilon-greedy actions for rows of q [R, 4], by a number u [R] in [0, 1) for each."""
    best = gains.argmax(1)
    return np.where(u < explore, (4 * u / explore).astype(np.int64), best) if explore else best


def by_policy(agents: Agents, report: Report) -> None:
    """REINFORCE: all rows play an episode, then all learn from theirs."""
    spec, world, theta = agents.spec, agents.world, agents.table
    R, S = spec.agents, len(world.cell)
    baseline, met = np.zeros((R, S)), np.zeros((R, S), bool)
    for e in range(spec.episodes):
        chance = softmax(theta)
        states, actions, rewards = play(agents, chance.cumsum(-1), e)
        T = states.shape[1]
        back = np.zeros((R, T + 1))
        for i in reversed(range(T)):
            back[:, i] = rewards[:, i] + spec.discount * back[:, i + 1]
        row, t = np.nonzero(states >= 0)
        s, a, gained = states[row, t], actions[row, t], back[row, t]
        place = row * S + s
        visits = np.bincount(place, minlength=R * S).reshape(R, S)
        mean = np.bincount(place, gained, minlength=R * S).reshape(R, S) / visits.clip(1)
        baseline = np.where(met, baseline, mean)
        better = gained - baseline[row, s]
        size = np.sqrt(np.bincount(row, better**2, minlength=R) / visits.sum(1))
        push = spec.policy_rate * better / size.clip(TINY)[row]
        weight = np.bincount(place, push, minlength=R * S).reshape(R, S)
        taken = np.bincount(place * 4 + a, push, minlength=R * S * 4).reshape(R, S, 4)
        theta += taken - weight[..., None] * chance
        baseline += BASELINE * np.where(visits, mean - baseline, 0.0)
        met |= visits > 0
        if REPORTS * (e + 1) // spec.episodes != REPORTS * e // spec.episodes:
            report((e + 1) / spec.episodes, None)


def softmax(theta: FLOATS) -> FLOATS:
    power = np.exp(theta - theta.max(-1, keepdims=True))
    found: FLOATS = power / power.sum(-1, keepdims=True)
    return found


def play(agents: Agents, upto: FLOATS, e: int) -> tuple[INTS, INTS, FLOATS]:
    """Episode e of all rows: states [R, T] (-1 behind the end), actions and rewards. upto [R, S, 4] are
    probabilities added up."""
    world, rows = agents.world, np.arange(agents.spec.agents)
    states = np.full((len(rows), agents.cap), -1)
    actions, rewards = np.zeros_like(states), np.zeros(states.shape)
    state = agents.begin(agents.draws(rows)[:, 2])
    agents.keep(rows, np.full(len(rows), e), np.zeros_like(rows), state)
    for t in range(agents.cap):
        u = agents.draws(rows)
        action = (u[:, :1] >= upto[rows, state, :3]).sum(1)
        move = agents.slipped(action, u[:, 1])
        states[rows, t], actions[rows, t], rewards[rows, t] = state, action, world.reward[state, move]
        agents.falls[rows, e] += world.fell[state, move]
        state = world.after[state, move]
        agents.keep(rows, np.full(len(rows), e), np.full(len(rows), t + 1), state)
        going = ~world.end[state]
        rows, state = rows[going], state[going]
        if not len(rows):
            break
    agents.reward[:, e], agents.length[:, e] = rewards.sum(1), (states >= 0).sum(1)
    return states[:, : t + 1], actions[:, : t + 1], rewards[:, : t + 1]
