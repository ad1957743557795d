"""Figures of the race room as data: medians, halves, rings, basins."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.descents.basins import FATES, Fate
from mlcore.descents.races import Entrant
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.figures import basin_maps as map_figures
from mlcore.figures import races as figures
from mlcore.figures import theme
from mlcore.figures.words import english
from tests.core.race_cases import CALM, CASES, VALLEY, WELLS, WILD, codes, mapped, raced


@pytest.mark.parametrize(("case", "spec"), [("sweep rates", CALM), ("sweep rates diverged", WILD)])
def test_a_sweep_shows_the_medians_and_rings_the_chosen_rates(case: str, spec: object) -> None:
    found, figure = raced(spec), CASES[case](english)  # type: ignore[arg-type]
    rules = len(found.spec.rules)
    rings = figure.data[rules + 1]
    for e, line in enumerate(figure.data[1 : rules + 1]):
        rest = np.sort(found.gap[e, :, found.spec.tuning :], axis=-1)
        middle = rest[:, (rest.shape[1] - 1) // 2]
        np.testing.assert_allclose(line.x, found.rate[e], rtol=1e-6)
        np.testing.assert_allclose(line.y, np.minimum(middle, 5000.0), rtol=1e-6)
        np.testing.assert_allclose(line.customdata, np.isinf(rest).mean(1))
        assert rings.x[e] == np.float32(found.rate[e, found.best[e]])
        assert rings.y[e] == line.y[found.best[e]]
    high = figure.layout.yaxis.range[1]
    assert 10**high < 5000 / 10  # what diverged is seen to leave


def test_a_course_ends_where_its_sweep_has_the_ring() -> None:
    sweep, course = CASES["sweep rates"](english), CASES["course"](english)
    ends = [line.y[-1] for line in course.data[1 : len(CALM.rules) + 1]]
    np.testing.assert_allclose(ends, sweep.data[len(CALM.rules) + 1].y, rtol=1e-6)


def test_a_swarm_shows_every_row_that_is_compared() -> None:
    found, figure = raced(CALM), CASES["swarm"](english)
    for e, rows in enumerate(figure.data[1 : len(CALM.rules) + 1]):
        np.testing.assert_allclose(np.stack([rows.x, rows.y], axis=1), found.track[e, -1], rtol=1e-6)
        assert len(rows.x) == CALM.starts - CALM.tuning


def test_a_rule_looks_the_same_whoever_races_beside_it() -> None:
    both = figures.looks((Entrant("adam"), Entrant("sgd")))
    assert figures.looks((Entrant("sgd"), Entrant("lion"), Entrant("adam")))[2] == both[0]
    assert len(set(figures.looks(tuple(map(Entrant, OPTIMIZERS))))) == len(OPTIMIZERS)


@pytest.mark.parametrize(
    ("case", "spec", "which"), [("basins wells", WELLS, 0), ("basins valley", VALLEY, 0)]
)
def test_a_map_has_a_color_for_every_end(case: str, spec: object, which: int) -> None:
    found, figure = mapped(spec)[which], CASES[case](english)  # type: ignore[arg-type]
    z, gray = codes(figure).ravel(), np.asarray(figure.data[1].z).ravel()
    reached, caught = found.ends.which >= 0, np.isfinite(found.gap)
    np.testing.assert_array_equal(np.floor(z[reached]), found.ends.which[reached])
    assert np.isnan(z[~reached]).all()
    np.testing.assert_allclose(gray[caught], found.gap[caught], rtol=1e-6)
    assert np.isnan(gray[~caught]).all()
    soon, late = found.since[reached].argmin(), found.since[reached].argmax()
    assert z[reached][soon] < z[reached][late]
    for fate, marks in zip((Fate.HELD, Fate.DIVERGED, Fate.UNDERWAY), figure.data[2:5], strict=True):
        its = (found.ends.fate == FATES.index(fate)).reshape(len(found.y), len(found.x))
        for x, y in zip(marks.x, marks.y, strict=True):
            assert its[np.abs(found.y - y).argmin(), np.abs(found.x - x).argmin()]
        assert len(marks.x) >= its.sum() // 16


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_basin_fades_within_its_own_color(count: int) -> None:
    stops = map_figures.scale(count)
    places = [place for place, _ in stops]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0.0, 1.0)
    for k in range(count):
        within = [color for place, color in stops if k <= place * count < k + 0.99]
        strong, pale = (float(color.rstrip(")").split(",")[-1]) for color in within)
        assert strong > pale > 0
        assert {color.rsplit(",", 1)[0] for color in within} == {
            theme.rgba(theme.COLORS[k], 1).rsplit(",", 1)[0]
        }
