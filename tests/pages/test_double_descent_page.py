"""The room on double descent: every section in both languages, its link, clicks, and networks that arrive."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlcore.base import spec as specs
from mlcore.complexity.double_descent import GaussianSpec, measure, theory
from mlcore.complexity.generalization import BiasVarianceSpec, bias_variance
from mlcore.complexity.line_fits import LineSpec
from mlcore.complexity.random_features import FeatureSpec
from mlcore.complexity.selection import ValidationSpec, validate
from mlcore.complexity.training_sets import SetsSpec
from mlcore.complexity.widths import Width, WidthSpec, ladder
from mlcore.engine.engine import Engine
from pages.rooms.double_descent import complexity, networks
from pages.rooms.double_descent.room import VIEWS, RoomSpec, nearest
from pages.ui import text
from pages.ui.text import LANGUAGES, catalog
from tests.pages import rooms
from tests.pages.rooms import link_of, pictures, rerun

visit = partial(rooms.opened, "double_descent")
SHOWN = {"gaussian": {"risks", "gaussian"}, "relu": {"relu", "relu_more"}, "curve": {"curve"}}
QUICK = {"gn": "12", "gsets": "10", "fn": "20", "fsets": "5", "cn": "8", "csets": "3"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", SHOWN)
def test_a_section_draws_itself_alone_and_says_what_to_see(view: str, language: str) -> None:
    at = visit(view=view, lang=language, **QUICK)
    texts = [found.value for found in at.markdown]
    claims = [name for name in VIEWS if catalog(language)[f"double_descent.{name}.claim"] in texts]
    assert claims == [view]
    shown = pictures(at)
    assert set(shown) == SHOWN[view]
    assert all(len(sent["alt"]) == len(sent["figures"]) for sent in shown.values())
    assert any("def " in found.value for found in at.code), "the code that ran"


def test_the_link_holds_every_number_of_the_room() -> None:
    changed = RoomSpec(
        view="relu", gaussian=GaussianSpec(examples=20, truth="even", noise=1, ridge=0.1, sets=20, seed=3),
        gaussian_p=30, features=FeatureSpec(task="linear", inputs=9, noise=0.1, ridge=1e-4, seed=4),
        line=LineSpec(kind="relu", examples=9, noise=0.5, ridge=0.03, sets=4, seed=1), line_p=5,
        widths=WidthSpec(task="diabetes", examples=50, noise=0.4, l2=0.01, lr=0.02, steps=500, sets=4),
        width_p=77,
    )  # fmt: skip
    query = specs.to_query(changed)
    assert specs.from_query(RoomSpec, query) == (changed, [])
    for view in ("gaussian", "relu", "curve"):  # each section shows its own and keeps the others'
        at = visit(**{**query, "view": view})
        wanted = {code: value for code, value in {**query, "view": view}.items() if value != "gaussian"}
        assert link_of(at) == wanted
    parts = [f.metadata["type"] for f in fields(RoomSpec) if f.metadata["kind"] == "part"]
    codes = [f.metadata["code"] for kind in (RoomSpec, *parts) for f in fields(kind) if "code" in f.metadata]
    assert len(codes) == len(set(codes)), "no code stands for two fields"


def test_the_usual_link_is_empty() -> None:
    for view in SHOWN:
        link = link_of(visit(view=view))
        assert set(link) <= {"lang", "view"}


def test_numbers_stand_beside_the_theory() -> None:
    spec = GaussianSpec(examples=12, sets=10)
    at = visit(gn="12", gsets="10", gp="60")
    found, known = measure(spec), theory(spec)
    place = found.p.tolist().index(nearest(found.p.tolist(), 60, 12))
    shown = [metric.value for metric in at.metric]
    assert shown[0] == str(found.p[place])
    assert float(shown[3]) == pytest.approx(known.risk[found.p[place] - 1], rel=0.01)
    assert float(shown[2].split(" ")[0]) == pytest.approx(found.risk[place].mean(), rel=0.01)
    assert [metric.value for metric in visit(gn="12", gsets="10").metric][3] == "∞"


def test_fewer_examples_move_the_number_of_features_along() -> None:
    at = visit(gp="400")
    slider = next(found for found in at.slider if re.match(r"double_descent\.gn\.", found.key or ""))
    slider.set_value(10)
    rerun(at)
    assert at.metric[0].value == "100"  # the most there are
    assert link_of(rerun(at)).get("gn") == "10"


def test_a_ridge_of_ones_own_stays_in_the_link() -> None:
    assert link_of(visit(glam="0.05"))["glam"] == "0.05"
    assert "large n and p" in " ".join(found.value for found in visit(glam="0.05", gn="12").caption)


def test_a_peak_is_told_where_there_is_one_and_not_where_there_is_none() -> None:
    peak = next(iter(re.findall(r"peaks at \*\*p = (\d+)", told(visit(view="relu", **QUICK)))))
    assert abs(int(peak) - 20) <= 2
    assert "there is no peak" in told(visit(view="relu", flam="1", ftask="linear", **QUICK))


def told(at: AppTest) -> str:
    return " ".join(found.value for found in at.markdown)


def test_a_player_has_a_frame_for_every_number_of_features() -> None:
    sent: dict[str, Any] = pictures(visit(view="curve", cp="30", **QUICK))["curve"]
    frames = sent["frames"]
    steps = frames["steps"]
    assert steps[frames["start"]] == nearest(steps, 30, 8)
    assert all(update["values"]["shape"][0] == len(steps) for update in frames["updates"])


def test_networks_arrive_one_by_one(lab: Engine) -> None:
    link = {"view": "mlp", "mtask": "network", "mn": "20", "msteps": "100", "msets": "2"}
    at = visit(**link)
    for _ in range(60):
        if "There is a peak" in told(at) or "No clear peak" in told(at):
            break
        rerun(at)
    spec = WidthSpec(task="network", examples=20, steps=100, sets=2)
    drawn = pictures(at)["widths"]["figures"][0]["data"][3]["x"]["bdata"]
    sizes = np.frombuffer(b64decode(drawn), np.float32)
    assert sizes.tolist() == [size for _, size in ladder(spec)]
    assert len(pictures(at)["widths_more"]["figures"]) == 1, "no classes, so no share of wrong ones"


def test_no_peak_is_claimed_that_is_not_seen() -> None:
    spec = WidthSpec(task="network", examples=20, sets=2)

    def widths(*costs: float) -> list[Width]:
        return [
            Width(units, size, np.array([0]), *(np.full((1, 2), cost, np.float32),) * 2, None, 1.0)
            for (units, size), cost in zip(ladder(spec), costs, strict=False)
        ]

    assert "There is a peak" in networks.told(spec, widths(1, 2, 3, 1))
    for costs in ((3, 2, 1), (1, 2, 3), (1, 1.1, 1)):
        assert "No clear peak" in networks.told(spec, widths(*costs))


def test_complexity_and_its_choice_are_drawn_and_told(lab: Engine) -> None:
    at = visit(view="complexity", size="20", sets="8", folds="4")
    for _ in range(60):
        if "Cross-validation with 4 folds" in told(at):
            break
        rerun(at)
    assert "mean test cost is least" in told(at)
    assert len(pictures(at)["complexity"]["figures"][0]["data"]) == 9


@pytest.mark.parametrize(("lang", "said"), [("en", "with 5 folds"), ("ko", "5-폴드")])
def test_more_folds_than_examples_are_told_as_they_are(
    lang: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text._run, "language", lang, raising=False)
    own = BiasVarianceSpec(SetsSpec(size=5, sets=4))
    seen, asked = bias_variance(own), [validate(ValidationSpec(own, folds)) for folds in (5, 10)]
    five, ten = (str(complexity.told(seen, done)) for done in asked)
    assert said in five
    assert ten == f"{five} {text.t('double_descent.complexity.fewer', folds=5)}"


def test_learning_curves_are_drawn_and_what_cannot_be_learned_is_said(lab: Engine) -> None:
    at = visit(view="learning", size="20", sets="8", most="50", c="2")
    for _ in range(60):
        if "learning" in pictures(at):
            break
        rerun(at)
    assert "With 50 it is" in told(at)
    assert any("8 fresh training sets of 50" in found.value for found in at.caption)
    refused = visit(view="learning", size="20", sets="8", most="10", c="13")
    assert any("10 examples do not determine" in found.value for found in refused.warning)
