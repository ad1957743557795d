"""Families of named variants: declared once, found by name, refused with a sentence that helps."""

from __future__ import annotations

import inspect
import math
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.base.registry import Knob, Registry, UnknownVariant, Variant
from mlcore.families.activations import ACTIVATIONS
from mlcore.families.datasets import DATASETS
from mlcore.families.initializers import INITIALIZERS
from mlcore.families.losses import LOSSES
from mlcore.families.optimizers import OPTIMIZERS
from mlcore.families.schedules import SCHEDULES

FAMILIES = [ACTIVATIONS, DATASETS, INITIALIZERS, LOSSES, OPTIMIZERS, SCHEDULES]
ids = [registry.family for registry in FAMILIES]
VARIANTS = [pytest.param(v, id=f"{r.family}-{v.name}") for r in FAMILIES for v in r.variants()]


def two_tools() -> Registry:
    tools = Registry("tool")

    @tools.add(title="Hammer", formula="F = m a", source="Newton 1687", knobs={"mass": Knob(1.0, 0.5, 2.0)})
    def hammer(mass: float) -> float:
        return 2 * mass

    @tools.add(title="Saw", teeth=24)
    def saw() -> int:
        return 7

    return tools


# ---------------------------------------------------------------- knobs


@pytest.mark.parametrize("default", [-0.1, 1.1, math.nan, math.inf, -math.inf])
def test_a_default_outside_its_range_is_refused(default: float) -> None:
    with pytest.raises(ValueError, match="lies outside"):
        Knob(default, 0.0, 1.0)


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_a_logarithmic_knob_needs_a_positive_low_end(low: float) -> None:
    with pytest.raises(ValueError, match="positive low end"):
        Knob(1.0, low, 2.0, log=True)


def test_the_range_of_a_knob_is_closed() -> None:
    knob = Knob(0.5, 0.0, 1.0)
    assert knob.accepts(0.0)
    assert knob.accepts(1.0)
    assert not knob.accepts(math.nextafter(0.0, -1.0))
    assert not knob.accepts(math.nextafter(1.0, 2.0))


@settings(derandomize=True, database=None)
@given(st.floats(allow_nan=True, allow_infinity=True) | st.integers())
def test_a_knob_accepts_exactly_the_numbers_of_its_range(value: float) -> None:
    assert Knob(1.0, -3.0, 8.0).accepts(value) == (value in (-3, 8) or -3 < value < 8)
    whole = value in range(-3, 9)
    assert Knob(1, -3, 8, integer=True).accepts(value) == whole


@pytest.mark.parametrize("integer", [False, True])
@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, 10**400, -(10**400)], ids=["nan", "inf", "-inf", "huge", "-huge"]
)
def test_what_no_range_holds_is_refused_and_not_an_error(value: float, integer: bool) -> None:
    assert not Knob(1, 0, 5, integer=integer).accepts(value)


# ---------------------------------------------------------------- declaring and finding


def test_declaring_leaves_the_function_as_it_is() -> None:
    tools = Registry("tool")

    def axe() -> str:
        return "chop"

    assert tools.add(title="Axe")(axe) is axe
    assert tools["axe"]() == "chop"


def test_variants_stand_in_the_order_of_their_declaration() -> None:
    tools = two_tools()
    assert list(tools) == ["hammer", "saw"] == [v.name for v in tools.variants()]
    assert len(tools) == 2
    assert "saw" in tools
    assert "drill" not in tools
    assert None not in tools


def test_a_name_can_be_given_where_the_functions_own_would_not_do() -> None:
    tools = two_tools()
    tools.add(title="Lambda", name="lambda")(lambda: 1)
    assert tools["lambda"]() == 1


def test_declaring_a_name_twice_is_refused_and_changes_nothing() -> None:
    tools = two_tools()
    with pytest.raises(ValueError, match="tool 'saw' is declared twice"):
        tools.add(title="Another saw", name="saw")(lambda: 8)
    assert tools["saw"]() == 7


def test_the_nearest_name_is_suggested() -> None:
    with pytest.raises(UnknownVariant) as caught:
        OPTIMIZERS["adm"]
    assert str(caught.value) == "no optimizer is named 'adm'. Did you mean 'adam'?"
    assert isinstance(caught.value, KeyError)  # what callers of a mapping expect


@pytest.mark.parametrize("registry", FAMILIES, ids=ids)
def test_every_name_is_suggested_to_those_who_type_a_letter_too_many(registry: Registry) -> None:
    for name in registry:
        with pytest.raises(UnknownVariant, match=f"Did you mean '{name}'"):
            registry[name + "x"]


@pytest.mark.parametrize("nonsense", ["", "☃", 5, None, 1.5, "12345678"])
def test_where_nothing_is_near_all_names_are_listed(nonsense: object) -> None:
    with pytest.raises(UnknownVariant, match=r"There are: hammer, saw\."):
        two_tools()[nonsense]  # type: ignore[index]


def test_a_very_long_name_does_not_fill_the_page() -> None:
    with pytest.raises(UnknownVariant) as caught:
        two_tools()["x" * 100_000]
    assert len(str(caught.value)) < 120


# ---------------------------------------------------------------- one variant


def test_a_variant_is_called_like_its_function_and_tells_its_facts() -> None:
    tools = two_tools()
    assert tools["hammer"](mass=2.0) == 4.0
    assert tools["saw"].teeth == 24


def test_a_missing_fact_is_an_attribute_error_with_both_names() -> None:
    with pytest.raises(AttributeError, match="hammer declares no 'teeth'"):
        _ = two_tools()["hammer"].teeth


def test_a_variant_cannot_be_changed() -> None:
    variant = two_tools()["hammer"]
    with pytest.raises(FrozenInstanceError):
        variant.title = "Mallet"  # type: ignore[misc]
    with pytest.raises(TypeError):
        variant.knobs["mass"] = Knob(0, 0, 1)  # type: ignore[index]
    with pytest.raises(TypeError):
        variant.facts["teeth"] = 3  # type: ignore[index]


def test_settings_are_the_chosen_values_over_the_defaults_and_nothing_else() -> None:
    hammer = two_tools()["hammer"]
    assert hammer.settings({}) == {"mass": 1.0}
    assert hammer.settings({"mass": 1.5, "teeth": 9}) == {"mass": 1.5}


# ---------------------------------------------------------------- what every variant of every family owes


@pytest.mark.parametrize("registry", FAMILIES, ids=ids)
def test_titles_within_a_family_differ(registry: Registry) -> None:
    titles = [variant.title for variant in registry.variants()]
    assert len(set(titles)) == len(titles) > 0
    assert all(titles)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_knob_is_a_parameter_of_its_function(variant: Variant) -> None:
    parameters = inspect.signature(variant.function).parameters
    assert set(variant.knobs) <= set(parameters)


@pytest.mark.parametrize("variant", VARIANTS)
def test_names_can_stand_in_a_link(variant: Variant) -> None:
    for name in (variant.name, *variant.knobs):
        assert name.isascii()
        assert name.isidentifier()


@pytest.mark.parametrize("variant", VARIANTS)
def test_defaults_and_ends_of_every_knob_are_accepted_by_itself(variant: Variant) -> None:
    for knob in variant.knobs.values():
        assert all(knob.accepts(value) for value in (knob.low, knob.default, knob.high))
        assert knob.help
