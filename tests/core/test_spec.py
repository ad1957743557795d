"""Specs: what can be written in a link or a file comes back, and nothing that stands there can raise."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import textwrap
from dataclasses import FrozenInstanceError, dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcore.base import spec as specs
from mlcore.base.registry import Knob, Registry
from mlcore.base.spec import Problem, SpecError, check, from_json, from_query, key, to_json, to_query
from mlcore.families.models import ModelSpec

ROOT = Path(__file__).parents[2]
# Huge ids and deep files make slow examples; the machine may be slow too.
quietly = partial(settings, derandomize=True, database=None, suppress_health_check=list(HealthCheck))

TOYS: Registry[Any] = Registry("toy")
TOYS.add(title="Plain", name="plain")(lambda: None)
TUNED = {"gain": Knob(1.0, 0.1, 10.0, log=True), "bins": Knob(4, 1, 64, integer=True)}
TOYS.add(title="Tuned", name="tuned", knobs=TUNED)(lambda gain, bins: None)
TOYS.add(title="Shifted", name="shifted", knobs={"gain": Knob(0.0, -5.0, 5.0)})(lambda gain: None)


@dataclass(frozen=True)
class Inner:
    kind: str = specs.choice("a", ("a", "b c", "한글", "&=?#%"), "kind")
    count: int = specs.number(Knob(10, 0, 9999, integer=True), "n")
    upload: str = specs.digest("file")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Outer:
    """Every kind of field that there is."""

    inner: Inner = specs.part(Inner)
    toy: str = specs.choice("tuned", TOYS, "toy")
    knobs: specs.Knobs = specs.knobs("toy", TOYS, prefix="t_")
    rate: float = specs.number(Knob(0.01, 1e-5, 100.0, log=True), "lr")
    shift: float = specs.number(Knob(0.0, -1e50, 1e50), "shift")
    widths: tuple[int, ...] = specs.sizes((16, 16), "h", most=6, low=1, high=128)
    loud: bool = specs.flag(False, "loud")
    places: tuple[float, ...] = specs.numbers((1.0, 2.5), Knob(0.0, -1e9, 1e9), "p", most=5)
    team: tuple[Inner, ...] = specs.several(Inner, (Inner(), Inner("b c", 3)), "in", most=4)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Twin:
    """The same fields as Inner under another name: another experiment."""

    kind: str = specs.choice("a", ("a", "b c", "한글", "&=?#%"), "kind")
    count: int = specs.number(Knob(10, 0, 9999, integer=True), "n")
    upload: str = specs.digest("file")


@dataclass(frozen=True)
class Interval:
    """Two fields that are fine alone and may be impossible together."""

    low: float = specs.number(Knob(0.0, 0.0, 1.0), "from")
    high: float = specs.number(Knob(1.0, 0.0, 1.0), "to")

    def __post_init__(self) -> None:
        check(self)
        if self.low > self.high:
            raise SpecError([Problem("from", str(self.low), "no more than the upper end")])


def brief(value: object) -> str:
    """A test's name of a value, however long."""
    return str(value)[:20]


# ---------------------------------------------------------------- specs drawn from their declarations


def numbers(knob: Knob) -> st.SearchStrategy[float]:
    if knob.integer:
        return st.integers(int(knob.low), int(knob.high))
    return st.floats(knob.low, knob.high)


@st.composite
def instances(draw: st.DrawFn, kind: type) -> Any:
    values: dict[str, Any] = {}
    for f in fields(kind):
        meta = f.metadata
        if meta["kind"] == "number":
            values[f.name] = draw(numbers(meta["knob"]))
        elif meta["kind"] == "choice":
            values[f.name] = draw(st.sampled_from(list(meta["options"])))
        elif meta["kind"] == "flag":
            values[f.name] = draw(st.booleans())
        elif meta["kind"] == "sizes":
            each = st.integers(meta["low"], meta["high"])
            values[f.name] = tuple(draw(st.lists(each, max_size=meta["most"])))
        elif meta["kind"] == "numbers":
            some = st.lists(numbers(meta["knob"]), min_size=meta["least"], max_size=meta["most"])
            values[f.name] = tuple(draw(some))
        elif meta["kind"] == "several":
            values[f.name] = tuple(draw(st.lists(instances(meta["type"]), max_size=meta["most"])))
        elif meta["kind"] == "digest":
            values[f.name] = draw(st.just("") | st.text("0123456789abcdef", min_size=64, max_size=64))
        elif meta["kind"] == "knobs":
            every = meta["registry"][values[meta["of"]]].knobs.items()
            values[f.name] = tuple((name, draw(numbers(knob))) for name, knob in every if draw(st.booleans()))
        else:
            values[f.name] = draw(instances(meta["type"]))
    return kind(**values)


def codes(kind: Any) -> list[str]:
    """The codes of all fields but the knobs, which depend on a choice."""
    found: list[str] = []
    for f in fields(kind):
        found += codes(f.metadata["type"]) if f.metadata["kind"] == "part" else [f.metadata.get("code", "")]
    return [code for code in found if code]


KINDS = [Inner, Outer, ModelSpec]
CODES = [*codes(Outer), "t_gain", "t_bins"]


@pytest.mark.parametrize("kind", KINDS)
@quietly()
@given(data=st.data())
def test_a_link_brings_the_spec_back(kind: type, data: st.DataObject) -> None:
    spec = data.draw(instances(kind))
    query = to_query(spec)
    assert all(isinstance(text, str) for pair in query.items() for text in pair)
    assert from_query(kind, query) == (spec, [])
    assert key(from_query(kind, query)[0]) == key(spec)


@pytest.mark.parametrize("kind", KINDS)
@quietly()
@given(data=st.data())
def test_a_file_brings_the_spec_back(kind: type, data: st.DataObject) -> None:
    spec = data.draw(instances(kind))
    assert from_json(kind, to_json(spec)) == (spec, [])


@pytest.mark.parametrize("kind", KINDS)
def test_the_defaults_need_no_link(kind: type) -> None:
    assert to_query(kind()) == {}
    assert from_query(kind, {}) == (kind(), [])


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_fields_share_a_code(kind: type) -> None:
    assert len(set(codes(kind))) == len(codes(kind))


def test_a_link_names_only_what_differs() -> None:
    spec = Outer(Inner(count=11), knobs=(("gain", 2.0),), widths=(), loud=True, shift=-0.1)
    assert to_query(spec) == {"n": "11", "t_gain": "2", "shift": "-0.1", "h": "0", "loud": "1"}


def test_a_file_holds_every_field_readably() -> None:
    loaded = json.loads(to_json(Outer(Inner(kind="한글"))))
    assert set(loaded) == {f.name for f in fields(Outer)}
    assert set(loaded["inner"]) == {f.name for f in fields(Inner)}
    assert loaded["knobs"] == {"gain": 1.0, "bins": 4.0}
    assert loaded["widths"] == [16, 16]
    assert "한글" in to_json(Outer(Inner(kind="한글")))


def test_codes_that_no_field_has_are_ignored() -> None:
    assert from_query(Outer, {"utm_source": "mail", "lang": "ko", "lr": "0.5"}) == (Outer(rate=0.5), [])


# ---------------------------------------------------------------- a link typed by people and by nobody

NONSENSE = {
    "a space": " ",
    "a word": "many",
    "NaN": "nan",
    "infinity": "inf",
    "minus infinity": "-inf",
    "too large for a float": "1e309",
    "too large for any": "9" * 100,
    "10^400": "1" + "0" * 400,
    "negative": "-3e301",
    "hexadecimal": "0x10",
    "decimal comma": "1,5",
    "Arabic digit": "٣",
    "full-width digit": "３",
    "superscript": "²",
    "underscore of a program": "1_0",
    "dashes": "--",
    "half a list": "16-",
    "a null byte": "\0",
    "half a surrogate": "\ud800",
    "very long": "💥" * 100_000,
    "markup": "<script>alert(1)</script>",
    "code": "__import__('os')",
}


@pytest.mark.parametrize("text", NONSENSE.values(), ids=NONSENSE)
@pytest.mark.parametrize("code", CODES)
def test_nonsense_is_reported_and_the_default_stays(code: str, text: str) -> None:
    others = {} if code in ("toy", "loud") else {"loud": "1"}
    spec, problems = from_query(Outer, {code: text} | others)
    assert spec == Outer(loud=bool(others))  # the field keeps its default, the others are read
    assert [problem.code for problem in problems] == [code]
    assert len(problems[0].given) <= 40
    assert len(str(problems[0])) < 300


@pytest.mark.parametrize("code", [code for code in CODES if code != "file"])  # "" is the digest of no file
def test_an_empty_value_is_reported_too(code: str) -> None:
    spec, problems = from_query(Outer, {code: ""})
    assert spec == Outer()
    assert [problem.code for problem in problems] == [code]


@quietly(max_examples=150)
@given(st.dictionaries(st.sampled_from(CODES), st.text() | st.integers().map(str) | st.floats().map(repr)))
def test_no_link_raises_and_what_comes_out_is_possible(query: dict[str, str]) -> None:
    spec, problems = from_query(Outer, query)
    assert replace(spec) == spec  # built anew, hence checked anew
    assert {problem.code for problem in problems} <= set(query)
    again, none = from_query(Outer, to_query(spec))
    assert (again, none) == (spec, [])


def test_a_value_just_outside_is_refused_and_the_ends_are_not() -> None:
    ends = Outer(Inner(count=0), rate=1e-5, widths=(1, 128))
    assert from_query(Outer, {"n": "0", "lr": "1e-5", "h": "1-128"}) == (ends, [])
    for query in (
        {"n": "-1"},
        {"n": "10000"},
        {"n": "2.5"},
        {"lr": "100.00000000000001"},
        {"lr": "0.5" + "0" * 400},  # longer than any number needs to be
        {"h": "0-1"},
        {"h": "129"},
        {"p": ""},
        {"p": "1~"},
        {"p": "1~2~3~4~5~6"},
        {"p": "1~1e10"},
        {"in": "5"},
        {"in": "-1"},
    ):
        spec, problems = from_query(Outer, query)
        assert spec == Outer()
        assert [problem.code for problem in problems] == list(query)


def test_a_problem_says_what_was_given_and_what_is_allowed() -> None:
    link = {"lr": "-1", "n": "x", "toy": "tund", "kind": "z", "h": "200", "loud": "yes", "file": "abc"}
    _, problems = from_query(Outer, link)
    assert {p.code: str(p) for p in problems} == {
        "lr": "lr='-1' is not possible: a number from 1e-05 to 100.",
        "n": "n='x' is not possible: a whole number from 0 to 9999.",
        "toy": "toy='tund' is not possible: no toy is named 'tund'. Did you mean 'tuned'?.",
        "kind": "kind='z' is not possible: one of a, b c, 한글, &=?#%.",
        "h": "h='200' is not possible: at most 6 whole numbers from 1 to 128, as 16-16.",
        "loud": "loud='yes' is not possible: 0 or 1.",
        "file": "file='abc' is not possible: the SHA-256 of a file in 64 hexadecimal digits.",
    }


def test_knobs_belong_to_the_chosen_variant() -> None:
    assert from_query(Outer, {"toy": "shifted", "t_gain": "-5"})[0].knobs == (("gain", -5.0),)
    assert from_query(Outer, {"toy": "plain", "t_gain": "-5"}) == (Outer(toy="plain"), [])
    spec, problems = from_query(Outer, {"toy": "tuned", "t_gain": "-5"})
    assert spec.knobs == (("gain", 1.0), ("bins", 4.0))
    assert [problem.code for problem in problems] == ["t_gain"]


def test_fields_that_are_impossible_together_are_reported() -> None:
    spec, problems = from_query(Interval, {"from": "0.9", "to": "0.1"})
    assert spec == Interval()
    assert [problem.code for problem in problems] == ["from"]


# ---------------------------------------------------------------- a file from anywhere

BROKEN = {
    "nothing": "",
    "half an object": "{",
    "another kind of file": "\x89PNG",
    "a list": "[]",
    "null": "null",
    "a number": "NaN",
    "as deep as can be": "[" * 90_000,
    "too long": '{"rate": 1}' + " " * 200_000,
    "a number of 5000 digits": '{"rate": ' + "9" * 5000 + "}",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_one_problem(text: str) -> None:
    spec, problems = from_json(Outer, text)
    assert spec == Outer()
    assert len(problems) == 1
    assert len(str(problems[0])) < 300


WRONG = [
    *(("rate", "lr", value) for value in (True, "x", "", [1], {}, 1e400, -1, math.nan, 10**300)),
    *(("widths", "h", value) for value in (True, 5.5, {}, [[1]], [1.5], [True], [-1], [10**30], [1] * 7)),
    *(("loud", "loud", value) for value in ("yes", 2, 0.5, [], {})),
    *(("toy", "toy", value) for value in (1, True, [], {}, "", "tund")),
]


@pytest.mark.parametrize(("field", "code", "value"), WRONG, ids=brief)
def test_a_value_of_the_wrong_type_in_a_file_is_reported(field: str, code: str, value: Any) -> None:
    spec, problems = from_json(Outer, json.dumps({field: value, "inner": {"count": 11}}))
    assert spec == Outer(Inner(count=11))
    assert [problem.code for problem in problems] == [code]


@pytest.mark.parametrize("loaded", [{"inner": 5}, {"inner": "a"}, {"knobs": [1]}, {"knobs": "x"}], ids=str)
def test_a_part_that_is_no_object_is_reported(loaded: dict[str, Any]) -> None:
    spec, problems = from_json(Outer, json.dumps(loaded))
    assert spec == Outer()
    assert problems


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@quietly(max_examples=150)
@given(st.dictionaries(st.sampled_from([f.name for f in fields(Outer)]), JSON))
def test_no_file_raises_and_what_comes_out_is_possible(loaded: dict[str, Any]) -> None:
    spec, _ = from_json(Outer, json.dumps(loaded))
    assert replace(spec) == spec


def test_no_depth_of_a_file_raises() -> None:
    limit = sys.getrecursionlimit()
    for depth in [10, *range(limit - 200, limit + 5), 40_000]:
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            value = opening * depth + "1" + closing * depth
            spec, problems = from_json(Outer, '{"rate": ' + value + "}")
            assert spec == Outer()
            assert problems


# ---------------------------------------------------------------- an impossible spec cannot exist


def test_all_broken_fields_are_named_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        Outer(toy="tuned", knobs=(("gain", 99.0), ("bins", 2.5)), rate=-1, widths=(0,), loud="yes")  # type: ignore[arg-type]
    assert {p.code for p in caught.value.problems} == {"t_gain", "t_bins", "lr", "h", "loud"}
    for code in ("t_gain", "t_bins", "lr", "h", "loud"):
        assert f"{code}=" in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("rate", v) for v in (0.0, 101, -1, math.nan, math.inf, 10**400, True, "0.1", None, [])),
        *(("widths", v) for v in ([16], "16", None, 16, (0,), (129,), (1.5,), ("1",), (True,), (1,) * 7)),
        *(("loud", v) for v in (0, 1, "1", None)),
        *(("toy", v) for v in ("", "tund", None, 1, [])),
        *(("inner", v) for v in (None, "a", Twin(), {})),
        *(("knobs", (("gain", v),)) for v in (0.0, 10.1, math.nan, math.inf, 10**400, "x")),
    ],
    ids=brief,
)
def test_a_value_that_is_not_allowed_is_refused_by_the_constructor(field: str, value: Any) -> None:
    with pytest.raises(SpecError):
        Outer(**{field: value})


@pytest.mark.parametrize("count", [-1, 10_000, 2.5, math.nan, math.inf, 10**400, True, "3", None], ids=brief)
def test_a_whole_number_must_be_one(count: Any) -> None:
    with pytest.raises(SpecError, match="a whole number from 0 to 9999"):
        Inner(count=count)


@pytest.mark.parametrize("upload", ["0" * 63, "0" * 65, "g" * 64, "A" * 64, None, 0])
def test_a_digest_has_64_lower_hexadecimal_digits(upload: Any) -> None:
    assert Inner(upload="0f" * 32).upload == "0f" * 32
    with pytest.raises(SpecError):
        Inner(upload=upload)


def test_knobs_are_completed_in_the_order_of_their_declaration() -> None:
    assert Outer().knobs == (("gain", 1.0), ("bins", 4.0))
    assert Outer(knobs=(("bins", 8), ("gain", 2.0))).knobs == (("gain", 2.0), ("bins", 8.0))
    assert Outer(knobs=(("bins", 8),)) == Outer(knobs=(("gain", 1), ("bins", 8.0)))


def test_specs_are_frozen_and_can_be_keys_of_a_dictionary() -> None:
    with pytest.raises(FrozenInstanceError):
        Outer().rate = 1.0  # type: ignore[misc]
    assert {Outer(): 1}[Outer()] == 1


# ---------------------------------------------------------------- the key


@quietly()
@given(instances(Outer), instances(Outer))
def test_keys_are_equal_exactly_where_specs_are(one: Outer, other: Outer) -> None:
    assert (key(one) == key(other)) == (one == other)
    assert key(one) == key(replace(one))


@quietly()
@given(instances(Outer), instances(Outer))
def test_changing_any_single_field_changes_the_key(one: Outer, other: Outer) -> None:
    for f in fields(Outer):
        if f.name not in ("toy", "knobs"):
            changed = replace(one, **{f.name: getattr(other, f.name)})
            assert (key(one) == key(changed)) == (one == changed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Outer(rate=1), Outer(rate=1.0)),
        (Outer(shift=0.0), Outer(shift=-0.0)),
        (Inner(count=3), Inner(count=3.0)),  # type: ignore[arg-type]
        (Outer(knobs=(("gain", 1),)), Outer(knobs=(("gain", 1.0),))),
        (Outer(toy="shifted"), Outer(toy="shifted", knobs=(("gain", -0.0),))),
    ],
    ids=["whole float", "negative zero", "float for int", "whole knob", "knob of negative zero"],
)
def test_equal_numbers_written_otherwise_have_one_key(one: Any, other: Any) -> None:
    assert one == other
    assert key(one) == key(other)


def test_types_with_equal_fields_have_different_keys() -> None:
    assert to_json(Inner()) == to_json(Twin())
    assert key(Inner()) != key(Twin())


def test_a_key_is_the_same_in_every_process() -> None:
    script = """
        from dataclasses import dataclass
        from mlcore.base import spec as specs
        from mlcore.base.registry import Knob

        @dataclass(frozen=True)
        class Inner:
            kind: str = specs.choice("a", ("a", "b c", "한글", "&=?#%"), "kind")
            count: int = specs.number(Knob(10, 0, 9999, integer=True), "n")
            upload: str = specs.digest("file")

        print(specs.key(Inner(kind="한글", count=7)))
    """
    specs.code_version.cache_clear()
    for seed in ("0", "1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
        command = [sys.executable, "-c", textwrap.dedent(script)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == key(Inner(kind="한글", count=7))


def test_another_version_of_the_code_is_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key(Outer())
    monkeypatch.setattr(specs, "code_version", lambda: "another")
    assert key(Outer()) != before


def test_the_version_is_of_what_computes_and_not_of_what_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(specs, "__file__", str(tmp_path / "spec.py"))
    version = specs.code_version.__wrapped__  # without its cache
    (tmp_path / "figures").mkdir()
    (tmp_path / "spec.py").write_text("a = 1")
    first = version()
    (tmp_path / "figures" / "theme.py").write_text("red = 1")
    assert version() == first
    (tmp_path / "more.py").write_text("b = 2")
    second = version()
    (tmp_path / "more.py").write_text("b = 3")
    third = version()
    (tmp_path / "more.py").rename(tmp_path / "less.py")
    assert len({first, second, third, version()}) == 4


def test_several_specs_stand_in_a_link_one_by_one() -> None:
    usual = Outer().team
    assert to_query(Outer(team=usual)) == {}
    assert to_query(Outer(team=(usual[0], Inner("b c", 4)))) == {
        "in2.n": "4"
    }  # relative to the second default
    assert to_query(Outer(team=usual[:1])) == {"in": "1"}
    assert to_query(Outer(team=(*usual, Inner(count=7)))) == {"in": "3", "in3.n": "7"}
    assert from_query(Outer, {"in2.kind": "a"})[0].team == (usual[0], Inner("a", 3))
    assert from_query(Outer, {"in": "0", "in1.n": "5"})[0].team == ()
    spec, problems = from_query(Outer, {"in2.n": "-4", "in1.n": "6"})
    assert spec.team == (Inner(count=6), usual[1])
    assert [problem.code for problem in problems] == ["in2.n"]


@pytest.mark.parametrize("team", [None, 3, [3], [{"count": -1}, 5], [{}] * 9, {"0": {}}])
def test_several_specs_in_a_file_are_read_or_reported(team: Any) -> None:
    spec, problems = from_json(Outer, json.dumps({"team": team}))
    assert len(spec.team) <= 4
    assert (team is None) == (not problems)


# ---------------------------------------------------------------- what a person typed


@dataclass(frozen=True)
class Typed:
    """A line of text: any, for others to read."""

    note: str = specs.text("sin(x) + 1", "note", most=40)

    def __post_init__(self) -> None:
        check(self)


@quietly(max_examples=100)
@given(st.text(max_size=40).filter(str.isprintable))
def test_what_was_typed_comes_back_from_links_and_files(note: str) -> None:
    spec = Typed(note)
    assert from_query(Typed, to_query(spec)) == (spec, [])
    assert from_json(Typed, to_json(spec)) == (spec, [])


@pytest.mark.parametrize("note", ["x" * 41, "x\ny", "\x00", "\u202ex", "\ud800"])
def test_text_is_one_line_that_can_be_seen(note: str) -> None:
    with pytest.raises(SpecError):
        Typed(note)
    spec, problems = from_query(Typed, {"note": note})
    assert (spec, problems[0].reason) == (Typed(), "text")
