"""The figures of problem types: what is drawn is what was computed."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.figures import clusters as cluster_figures
from mlcore.figures import words
from mlcore.figures import worlds as figures
from mlcore.tasks import clusters, planning, three
from mlcore.tasks.worlds import PRESETS, world
from tests.core.task_cases import RULES, SPEC, learned, mixed, moved, points, walk


def test_points_have_color_and_symbol_of_their_cluster_and_means_end_where_they_are() -> None:
    found = moved()
    marks, means, ways = cluster_figures.moves(points().x, found).data
    assert list(marks.marker.color) == found.labels[-1].tolist()
    assert len({(c, s) for c, s in zip(marks.marker.color, marks.marker.symbol, strict=True)}) == 4
    np.testing.assert_allclose(np.stack([means.x, means.y], 1), found.means[-1], rtol=1e-6)
    way = np.stack([ways.x, ways.y], 1).reshape(4, -1, 2)
    np.testing.assert_allclose(way[:, 0], found.means[0], rtol=1e-6)
    np.testing.assert_allclose(way[:, -2], found.means[-1], rtol=1e-6)
    assert np.isnan(way[:, -1]).all()


def test_the_numbers_of_symbols_are_plotlys() -> None:
    """Numbers travel in a byte; names would not."""
    from plotly.validator_cache import ValidatorCache

    known = ValidatorCache.get_validator("scatter.marker", "symbol").values
    names = dict(zip(known[::3], known[2::3], strict=True)) if isinstance(known[0], int) else {}
    for number, name in zip(cluster_figures.SYMBOLS, cluster_figures.theme.SYMBOLS, strict=True):
        assert names.get(number, name) == name


def test_rings_lie_around_the_means() -> None:
    found = mixed()
    rings = cluster_figures.rings(found)[-1].reshape(4, -1, 2)
    np.testing.assert_allclose(np.nanmean(rings[:, 1:], axis=1), found.mean[-1], atol=1e-12)


def test_curves_of_starts_say_which_share_came_how_low() -> None:
    found = [clusters.restarts(points().x, 5, way, 0, 40) for way in clusters.STARTS]
    picture = cluster_figures.ends(found, RULES[:2])
    least = min(one.batch.inertia.min() for one in found)
    for line, one in zip(picture.data, found, strict=True):
        over = 100 * (one.batch.inertia / least - 1)
        for x, y in zip(line.x[1:], line.y[1:], strict=True):
            assert 100 * (over <= x * (1 + 1e-6) + 1e-6).mean() >= y - 1e-3


def test_the_cells_of_a_world_hold_its_values_and_best_actions() -> None:
    place = world(PRESETS["small"])
    found = planning.sweep(place, 0.95, True)
    (heat,) = figures.swept(place, found).data
    for s, (i, j) in enumerate(place.cell.tolist()):
        assert heat.z[i, j] == pytest.approx(found.limit[s], rel=1e-6)
        if not place.end[s] and not found.good[s].all():
            told = heat.text[i][j].partition("<br>")[0]
            arrows = [a for a in figures.ARROWS if a in told]
            assert arrows == [a for a, ok in zip(figures.ARROWS, found.good[s], strict=True) if ok]
    walls = [(i, j) for i, row in enumerate(place.rows) for j, sign in enumerate(row) if sign in "wp"]
    assert all(np.isnan(heat.z[i, j]) for i, j in walls)
    assert heat.text[2][0].startswith("S")
    assert heat.text[3][1].startswith("⇡")
    assert (
        figures.swept(place, found).layout.yaxis.range[0] > figures.swept(place, found).layout.yaxis.range[1]
    )


def test_an_evaluation_of_all_actions_alike_shows_no_arrows() -> None:
    place = world(PRESETS["maze"])
    (heat,) = figures.swept(place, planning.sweep(place, 0.9, False)).data
    assert not any(arrow in text for row in heat.text for text in row for arrow in figures.ARROWS)


def test_arrows_of_the_world_of_points_lead_up_the_screen_to_more_reward() -> None:
    """Its rows go up with x2, while those of other worlds go down."""
    found = three.reinforcement(points())
    (heat,) = figures.earned(found, 2).data
    value = found.value.reshape(three.CELLS, three.CELLS)
    steps = {"↑": (1, 0), "→": (0, 1), "↓": (-1, 0), "←": (0, -1)}
    for i, row in enumerate(heat.text):
        for j, text in enumerate(row):
            worth = {}
            for arrow, (up, right) in steps.items():
                a, b = i + up, j + right
                a, b = (a, b) if 0 <= a < three.CELLS and 0 <= b < three.CELLS else (i, j)
                worth[arrow] = found.reward[a, b] + three.DISCOUNT * value[a, b]
            assert all(worth[arrow] > max(worth.values()) - 1e-8 for arrow in text)


def test_the_gap_lies_below_its_bound() -> None:
    place = world(PRESETS["windy"])
    found = planning.sweep(place, 0.9, True)
    gap, bound = figures.gap(found).data
    seen = np.isfinite(gap.y)
    assert (np.asarray(gap.y)[seen] <= np.asarray(bound.y)[seen] * (1 + 1e-6)).all()


def test_curves_are_means_of_agents_smoothed_and_shares_have_their_interval() -> None:
    found = learned()
    picture = figures.curves(found, RULES)
    mean = np.asarray(picture.data[1].y)
    raw = found[0].reward.astype(float)
    assert mean[0] == pytest.approx(raw[:, 0].mean(), rel=1e-6)
    assert mean[-1] == pytest.approx(raw[:, -figures.SMOOTH :].mean(), rel=1e-6)
    start, everywhere = figures.optimal(found, RULES).data
    for k, one in enumerate(found):
        low, high = one.from_start.interval
        assert start.x[k] + start.error_x.array[k] == pytest.approx(100 * high, abs=1e-4)
        assert start.x[k] - start.error_x.arrayminus[k] == pytest.approx(100 * low, abs=1e-4)
        assert everywhere.x[k] == pytest.approx(100 * one.everywhere.value)


def test_the_agent_stands_at_the_end_of_its_way() -> None:
    _, agent, line = walk(words.english).data
    way = learned()[0].way[0, 0]
    row, column = SPEC.world.cell[way[way >= 0][-1]]
    assert (agent.x[0], agent.y[0]) == (column, row)
    assert len(line.x) == (way >= 0).sum()
