"""A spec is plain frozen values: the cache key, the link and the file you download.

A spec's fields are declared with `number`, `choice`, `flag`, `sizes`, `part` and `knobs`. The declaration
says what is allowed and under which short code the field stands in a link, so checking, linking, saving and
drawing controls are written once, here, for all specs there will ever be.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from mlcore.registry import Knob, Registry, UnknownVariant

S = TypeVar("S")
Knobs = tuple[tuple[str, float], ...]
NUMERAL = re.compile(r"[-+.0-9eE]+")  # Python would also read 1_0 and the digits of every script
LONGEST = 200  # characters of one value in a link; the longest honest one is a list of layer widths


ALLOWED: dict[str, str] = {
    "number": "a number from {low:g} to {high:g}",
    "whole": "a whole number from {low:g} to {high:g}",
    "choice": "one of {names}",
    "flag": "0 or 1",
    "sizes": "at most {most} whole numbers from {low} to {high}, as 16-16",
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


def choice(default: str, options: Iterable[str], code: str) -> Any:
    """One of the names in `options`: a Registry or a tuple of strings."""
    return field(default=default, metadata={"code": code, "kind": "choice", "options": options})


def flag(default: bool, code: str) -> Any:
    return field(default=default, metadata={"code": code, "kind": "flag"})


def sizes(default: tuple[int, ...], code: str, most: int, low: int, high: int) -> Any:
    """Up to `most` whole numbers in [low, high], written 16-16 in a link."""
    limits = {"most": most, "low": low, "high": high}
    return field(default=default, metadata={"code": code, "kind": "sizes", **limits})


def digest(code: str) -> Any:
    """The SHA-256 of an uploaded file in hexadecimal, or nothing."""
    return field(default="", metadata={"code": code, "kind": "digest"})


def knobs(of: str, registry: Registry[Any], prefix: str = "") -> Any:
    """The knobs of the variant that the field `of` names; in a link each stands as prefix + its name."""
    return field(default=(), metadata={"kind": "knobs", "of": of, "registry": registry, "prefix": prefix})


def part(kind: type[S]) -> Any:
    """A spec within a spec; its codes stand beside the others in the link."""
    return field(default_factory=kind, metadata={"kind": "part", "type": kind})


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
        elif (refusal := _refusal(f.metadata, value)) is not None:
            problems.append(Problem(f.metadata.get("code", f.name), _short(value), *refusal))
        elif kind == "number":  # 1 and 1.0, 0.0 and -0.0 are one value and so one key
            object.__setattr__(spec, f.name, int(value) if f.metadata["knob"].integer else float(value) + 0.0)
    if problems:
        raise SpecError(problems)


def _complete(spec: Any, f: dataclasses.Field[Any], value: Knobs, problems: list[Problem]) -> Knobs:
    registry, name = f.metadata["registry"], getattr(spec, f.metadata["of"])
    if not isinstance(name, str) or name not in registry:
        return ()  # the choice itself is reported
    variant = registry[name]
    good: dict[str, float] = {}
    for knob_name, chosen in value:
        if knob_name in variant.knobs:
            refusal = _refusal({"kind": "number", "knob": variant.knobs[knob_name]}, chosen)
            if refusal is None:
                good[knob_name] = chosen
            else:
                problems.append(Problem(f.metadata["prefix"] + knob_name, _short(chosen), *refusal))
    return tuple((key, float(v) + 0.0) for key, v in variant.settings(good).items())


def _refusal(meta: Mapping[str, Any], value: Any) -> Refusal | None:
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
        return None if isinstance(value, bool) else _allowed("flag")
    if kind == "sizes":
        good = (
            isinstance(value, tuple)
            and len(value) <= meta["most"]
            and all(type(v) is int and meta["low"] <= v <= meta["high"] for v in value)
        )
        limits = {name: meta[name] for name in ("most", "low", "high")}
        return None if good else _allowed("sizes", **limits)
    if kind == "digest":
        good = isinstance(value, str) and (
            value == "" or (len(value) == 64 and set(value) <= set("0123456789abcdef"))
        )
        return None if good else _allowed("digest")
    return None if isinstance(value, meta["type"]) else (f"a {meta['type'].__name__}", "", {})


def _range(knob: Knob) -> Refusal:
    return _allowed("whole" if knob.integer else "number", low=knob.low, high=knob.high)


def _allowed(reason: str, **values: object) -> Refusal:
    return ALLOWED[reason].format(**values), reason, values


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"


# ---------------------------------------------------------------- spec <-> the short codes of a link


def to_query(spec: Any) -> dict[str, str]:
    """The fields that differ from their defaults, by code, as short strings."""
    query: dict[str, str] = {}
    for f in fields(spec):
        value, kind = getattr(spec, f.name), f.metadata["kind"]
        if kind == "part":
            query |= to_query(value)
        elif kind == "knobs":
            variant = f.metadata["registry"][getattr(spec, f.metadata["of"])]
            changed = ((k, v) for k, v in value if v != variant.knobs[k].default)
            query |= {f.metadata["prefix"] + k: _write("number", v) for k, v in changed}
        elif value != f.default:
            query[f.metadata["code"]] = _write(kind, value)
    return query


def from_query(kind: type[S], query: Mapping[str, str]) -> tuple[S, list[Problem]]:
    """The spec that `query` describes, and the fields of it that could not be taken (they keep defaults).

    Never raises: a link is typed by people and by nobody. Codes that the spec does not know are ignored.
    """
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for f in fields(cast(Any, kind)):
        meta = f.metadata
        if meta["kind"] == "part":
            values[f.name], more = from_query(meta["type"], query)
            problems += more
        elif meta["kind"] == "knobs":
            variant = meta["registry"][values[meta["of"]]]  # declared after the choice it belongs to
            read = {k: _read({"kind": "number", "knob": knob, "code": meta["prefix"] + k}, query, problems)
                    for k, knob in variant.knobs.items()}  # fmt: skip
            values[f.name] = tuple((k, v) for k, v in read.items() if v is not None)
        else:
            value = _read(meta, query, problems)
            values[f.name] = f.default if value is None else value
    try:
        return kind(**values), problems
    except SpecError as error:  # fields that are fine alone and impossible together
        return kind(), problems + list(error.problems)


def _write(kind: str, value: Any) -> str:
    if kind == "flag":
        return str(int(value))
    if kind == "sizes":
        return "-".join(map(str, value)) or "0"
    if kind == "number" and float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)  # repr of a float: reads back as the same bits


def _read(meta: Mapping[str, Any], query: Mapping[str, str], problems: list[Problem]) -> Any:
    """The value of one field in `query`, or None where it is absent or not allowed (then reported)."""
    if meta["code"] not in query:
        return None
    text = str(query[meta["code"]])
    try:
        value = _parse(meta, text) if len(text) <= LONGEST else None
    except (ValueError, OverflowError):
        value = None
    refusal = _refusal(meta, value)
    if refusal is None:
        return value
    problems.append(Problem(meta["code"], _short(text), *refusal))
    return None


def _parse(meta: Mapping[str, Any], text: str) -> Any:
    kind = meta["kind"]
    if kind in ("number", "sizes") and not NUMERAL.fullmatch(text):
        return None
    if kind == "number":
        value = float(text)
        return int(value) if meta["knob"].integer and math.isfinite(value) and value.is_integer() else value
    if kind == "flag":
        return {"0": False, "1": True}.get(text)
    if kind == "sizes":
        return () if text == "0" else tuple(int(t) for t in text.split("-"))
    return text


# ---------------------------------------------------------------- spec <-> file, and the key


def to_json(spec: Any) -> str:
    """The whole spec with every field, nested, readable: the file that a person downloads."""
    return json.dumps(_plain(spec), indent=2, ensure_ascii=False)


def from_json(kind: type[S], text: str) -> tuple[S, list[Problem]]:
    """Read what `to_json` wrote, under the same checks and with the same promise as `from_query`."""
    try:
        loaded = json.loads(text) if len(text) <= 100_000 else None
    except (ValueError, RecursionError):  # no JSON, or a number of more digits than Python reads
        loaded = None
    if not isinstance(loaded, dict):
        return kind(), [Problem("file", _short(text), *_allowed("file"))]
    problems: list[Problem] = []
    spec, more = from_query(kind, _flatten(kind, loaded, problems))
    return spec, problems + more


def _plain(spec: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for f in fields(spec):
        value, kind = getattr(spec, f.name), f.metadata["kind"]
        plain[f.name] = (
            _plain(value) if kind == "part" else dict(value) if kind == "knobs"
            else list(value) if kind == "sizes" else value
        )  # fmt: skip
    return plain


def _flatten(kind: Any, loaded: Mapping[str, Any], problems: list[Problem]) -> dict[str, str]:
    query: dict[str, str] = {}
    for f in fields(kind):
        value = loaded.get(f.name)
        if value is None:
            continue
        if f.metadata["kind"] == "part":
            query |= _flatten(f.metadata["type"], _object(f.name, value, problems), problems)
        elif f.metadata["kind"] == "knobs":
            pairs = _object(f.name, value, problems).items()
            query |= {f.metadata["prefix"] + str(k): str(v) for k, v in pairs}
        elif f.metadata["kind"] == "sizes" and isinstance(value, list):
            query[f.metadata["code"]] = "-".join(map(str, value)) or "0"
        else:
            flag = f.metadata["kind"] == "flag" and isinstance(value, bool)
            query[f.metadata["code"]] = str(int(value)) if flag else str(value)
    return query


def _object(name: str, value: Any, problems: list[Problem]) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    problems.append(Problem(name, _short(value), *_allowed("file")))
    return {}


@lru_cache(maxsize=1)
def code_version() -> str:
    """SHA-256 over the source of this package: another version of the code is another result."""
    root = Path(__file__).parent
    sources = sorted(p for p in root.rglob("*.py") if "figures" not in p.parts)
    seal = hashlib.sha256()
    for path in sources:
        seal.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return seal.hexdigest()


def key(spec: Any) -> str:
    """One name for one result: type, every field and the version of the code, as a SHA-256."""
    canonical = json.dumps([type(spec).__name__, _plain(spec), code_version()], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
