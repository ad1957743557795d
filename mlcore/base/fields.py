"""What a spec's fields may hold: declarations, and the check that no spec escapes.

A field is declared with `number`, `choice`, `several` and the other functions below. The declaration
says what is allowed and under which short code the field stands in a link, so checking, linking, saving and
drawing controls are written once for all specs there will ever be.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, cast

from mlcore.base import grids, masks, pixels
from mlcore.base import points as drawn
from mlcore.base.refusal import readable
from mlcore.base.registry import Knob, Registry, UnknownVariant

S = TypeVar("S")
Knobs = tuple[tuple[str, float], ...]

ALLOWED: dict[str, str] = {
    "number": "a number from {low:g} to {high:g}",
    "whole": "a whole number from {low:g} to {high:g}",
    "choice": "one of {names}",
    "flag": "0 or 1",
    "numbers": "{least} to {most} numbers from {low:g} to {high:g}, as 1~2.5",
    "sizes": "at most {most} whole numbers from {low} to {high}, as 16-16",
    "text": "a text of at most {most} characters on one line",
    "points": "at most {most} points as the drawing board writes them",
    "grid": "rows of signs joined by -, {least} to {rows} of them with {least} to {columns} signs each, "
    "one start s and a goal g among them",
    "mask": "a mask as the page writes it: nothing, or {signs} letters, digits, - and _",
    "pixels": "nothing, or {count} signs from {low} to {high}, one for each pixel",
    "digest": "the SHA-256 of a file in 64 hexadecimal digits",
    "file": "a JSON object as this laboratory saves it",
}
Refusal = tuple[str, str, Mapping[str, object]]  # a sentence; its key in ALLOWED and what fills it


@dataclass(frozen=True)
class Problem:
    """One field that could not be taken: its code, what stood there and what is allowed instead.

    Other languages say `allowed` by `reason`, a key of ALLOWED or nothing, and `values`.
    """

    code: str
    given: str
    allowed: str
    reason: str = ""
    values: Mapping[str, object] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return f"{self.code}={self.given!r} is not possible: {self.allowed}."


class SpecError(ValueError):
    """A spec that breaks its own declaration. `problems` names every broken field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(map(str, problems)))
        self.problems = tuple(problems)


def number(knob: Knob, code: str) -> Any:
    """A number within the closed range of `knob`."""
    kind = int if knob.integer else float
    return field(default=kind(knob.default), metadata={"code": code, "kind": "number", "knob": knob})


def numbers(default: tuple[float, ...], knob: Knob, code: str, most: int, least: int = 1) -> Any:
    """From `least` to `most` numbers, each within the range of `knob`, written 1~2.5 in a link."""
    return field(
        default=default,
        metadata={"code": code, "kind": "numbers", "knob": knob, "most": most, "least": least},
    )


def choice(default: str, options: Iterable[str], code: str) -> Any:
    """One of the names in `options`: a Registry or a tuple of strings."""
    return field(default=default, metadata={"code": code, "kind": "choice", "options": options})


def flag(default: bool, code: str) -> Any:
    return field(default=default, metadata={"code": code, "kind": "flag"})


def sizes(default: tuple[int, ...], code: str, most: int, low: int, high: int) -> Any:
    """Up to `most` whole numbers in [low, high], written 16-16 in a link."""
    limits = {"most": most, "low": low, "high": high}
    return field(default=default, metadata={"code": code, "kind": "sizes", **limits})


def text(default: str, code: str, most: int) -> Any:
    """One line of at most `most` characters that a person typed: what it means is for others to say."""
    return field(default=default, metadata={"code": code, "kind": "text", "most": most})


def points(code: str) -> Any:
    """Points that a person drew, as `mlcore.base.points` writes them, or nothing."""
    return field(default="", metadata={"code": code, "kind": "points", "longest": drawn.LONGEST})


def grid(default: str, code: str) -> Any:
    """A grid world, as `mlcore.base.grids` writes it."""
    return field(default=default, metadata={"code": code, "kind": "grid", "longest": grids.LONGEST})


def mask(code: str) -> Any:
    """A mask that a person painted, as `mlcore.base.masks` writes it; at first without any object."""
    return field(default="", metadata={"code": code, "kind": "mask", "longest": masks.LONGEST})


def gray(code: str) -> Any:
    """A small gray image, as `mlcore.base.pixels` writes it, or nothing."""
    return field(default="", metadata={"code": code, "kind": "pixels"})


def digest(code: str) -> Any:
    """The SHA-256 of an uploaded file in hexadecimal, or nothing."""
    return field(default="", metadata={"code": code, "kind": "digest"})


def knobs(of: str, registry: Registry[Any], prefix: str = "") -> Any:
    """The knobs of the variant that the field `of` names; in a link each stands as prefix + its name."""
    return field(default=(), metadata={"kind": "knobs", "of": of, "registry": registry, "prefix": prefix})


def part(kind: type[S], usual: S | None = None) -> Any:
    """A spec within a spec; its codes stand beside the others in the link. Default: `usual` or kind()."""
    return field(
        default_factory=lambda: kind() if usual is None else usual,
        metadata={"kind": "part", "type": kind, "usual": usual},
    )


def several(kind: type[S], default: tuple[S, ...], code: str, most: int) -> Any:
    """Up to `most` specs of one kind. In a link `code` is their number where it is not the usual one, and
    the fields of the second stand as code + "2." + their own code, relative to the second default.
    """
    return field(default=default, metadata={"code": code, "kind": "several", "type": kind, "most": most})


def check(spec: Any) -> None:
    """Complete the knobs of `spec` with their defaults, then raise `SpecError` for any field out of range.

    Call it from `__post_init__`: an invalid spec cannot exist.
    """
    problems: list[Problem] = []
    for f in fields(spec):
        value, kind = getattr(spec, f.name), f.metadata["kind"]
        if kind == "knobs":
            value = _complete(spec, f, value, problems)
            object.__setattr__(spec, f.name, value)
        elif (no := refusal(f.metadata, value)) is not None:
            problems.append(Problem(f.metadata.get("code", f.name), short(value), *no))
        elif kind == "number":  # 1 and 1.0, 0.0 and -0.0 are one value and so one key
            object.__setattr__(spec, f.name, int(value) if f.metadata["knob"].integer else float(value) + 0.0)
        elif kind == "numbers":
            object.__setattr__(spec, f.name, tuple(float(v) + 0.0 for v in value))
    if problems:
        raise SpecError(problems)


def leave(spec: Any, names: Iterable[str]) -> None:
    """Set fields that say nothing here back to their defaults: equal experiments are equal specs.

    Call it from `__post_init__`, after `check`.
    """
    idle = set(names)
    for f in fields(spec):
        if f.name in idle:
            object.__setattr__(spec, f.name, f.default)


def _complete(spec: Any, f: dataclasses.Field[Any], value: Knobs, problems: list[Problem]) -> Knobs:
    registry, name = f.metadata["registry"], getattr(spec, f.metadata["of"])
    if not isinstance(name, str) or name not in registry:
        return ()  # the choice itself is reported
    variant = registry[name]
    good: dict[str, float] = {}
    for knob_name, chosen in value:
        if knob_name in variant.knobs:
            no = refusal({"kind": "number", "knob": variant.knobs[knob_name]}, chosen)
            if no is None:
                good[knob_name] = chosen
            else:
                problems.append(Problem(f.metadata["prefix"] + knob_name, short(chosen), *no))
    return tuple((key, float(v) + 0.0) for key, v in variant.settings(good).items())


def refusal(meta: Mapping[str, Any], value: Any) -> Refusal | None:
    """What is allowed, if `value` is not; None if it is."""
    kind = meta["kind"]
    if kind == "number":
        good = isinstance(value, (int, float)) and not isinstance(value, bool) and meta["knob"].accepts(value)
        return None if good else _range(meta["knob"])
    if kind == "choice":
        if isinstance(value, str) and value in cast(Container[str], meta["options"]):
            return None
        names = tuple(meta["options"])
        allowed = ALLOWED["choice"].format(names=", ".join(names))
        if isinstance(meta["options"], Registry):
            try:
                meta["options"][str(value)]
            except UnknownVariant as unknown:
                allowed = str(unknown).rstrip(".")
        return allowed, "choice", {"names": names}
    if kind == "flag":
        return None if isinstance(value, bool) else allow("flag")
    if kind == "sizes":
        good = (
            isinstance(value, tuple)
            and len(value) <= meta["most"]
            and all(type(v) is int and meta["low"] <= v <= meta["high"] for v in value)
        )
        limits = {name: meta[name] for name in ("most", "low", "high")}
        return None if good else allow("sizes", **limits)
    if kind == "numbers":
        each = {"kind": "number", "knob": meta["knob"]}
        good = (
            isinstance(value, tuple)
            and meta["least"] <= len(value) <= meta["most"]
            and all(refusal(each, v) is None for v in value)
        )
        ends = {"low": meta["knob"].low, "high": meta["knob"].high}
        return None if good else allow("numbers", least=meta["least"], most=meta["most"], **ends)
    if kind == "several":
        good = isinstance(value, tuple) and len(value) <= meta["most"]
        if good and all(isinstance(v, meta["type"]) for v in value):
            return None
        return f"up to {meta['most']} of {meta['type'].__name__}", "", {}
    if kind == "text":
        good = isinstance(value, str) and len(value) <= meta["most"] and value.isprintable()
        return None if good else allow("text", most=meta["most"])
    if kind == "points":
        good = isinstance(value, str) and (value == "" or readable(drawn.read, value))
        return None if good else allow("points", most=drawn.MOST)
    if kind == "grid":
        limits = {"least": grids.LEAST, "rows": grids.ROWS, "columns": grids.COLUMNS}
        good = isinstance(value, str) and readable(grids.read, value)
        return None if good else allow("grid", **limits)
    if kind == "mask":
        good = isinstance(value, str) and readable(masks.read, value)
        return None if good else allow("mask", signs=masks.LONGEST)
    if kind == "pixels":
        good = isinstance(value, str) and (value == "" or readable(pixels.read, value))
        ends = {"low": pixels.SIGNS[0], "high": pixels.SIGNS[-1]}
        return None if good else allow("pixels", count=pixels.LONGEST, **ends)
    if kind == "digest":
        good = isinstance(value, str) and (
            value == "" or (len(value) == 64 and set(value) <= set("0123456789abcdef"))
        )
        return None if good else allow("digest")
    return None if isinstance(value, meta["type"]) else (f"a {meta['type'].__name__}", "", {})


def _range(knob: Knob) -> Refusal:
    return allow("whole" if knob.integer else "number", low=knob.low, high=knob.high)


def allow(reason: str, **values: object) -> Refusal:
    return ALLOWED[reason].format(**values), reason, values


def not_among(code: str, given: str, names: Iterable[str]) -> Problem:
    """A name that is none of those that fit here."""
    allowed, reason, values = allow("choice", names=", ".join(names))
    return Problem(code, short(given), allowed, reason, values)


def short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"
