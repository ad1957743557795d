"""A pin: one run as it stood on screen. In the tray it is an item; its pictures are the item's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

SENTENCES, SENTENCE = 12, 600  # of one pin; characters of each
NOTE = 500  # characters
VALUE = 2_000  # characters of one setting
KIND = "tray"  # of document


@dataclass(frozen=True)
class Pin:
    room: str  # its code
    view: str  # its code, empty where the room has none
    link: Mapping[str, str]  # what opens it again
    settings: Mapping[str, str]  # code -> what a link would say, defaults included
    families: Mapping[str, str] = field(default_factory=dict)  # code -> of which family its value is a name
    said: Sequence[str] = ()  # sentences about this run, as plain text
    alts: Sequence[str] = ()  # what each kept picture shows
    left_out: int = 0  # pictures that found no room
    note: str = ""
    at: float = 0.0  # seconds since 1970


def body(pin: Pin) -> dict[str, Any]:
    """What the store keeps; everything in it is bounded."""
    plain = asdict(pin)
    for name in ("link", "settings"):
        plain[name] = {str(code)[:40]: str(value)[:VALUE] for code, value in plain[name].items()}
    plain["said"] = [str(sentence)[:SENTENCE] for sentence in pin.said[:SENTENCES]]
    plain["alts"] = [str(alt)[:SENTENCE] for alt in pin.alts]
    plain["note"] = pin.note[:NOTE]
    return plain


def pin_of(kept: Mapping[str, Any]) -> Pin:
    """The pin in a body that some version of the laboratory has written."""
    known = {f.name for f in fields(Pin)}
    usual = {"room": "", "view": "", "link": {}, "settings": {}}
    return Pin(**(usual | {name: value for name, value in kept.items() if name in known}))


def ordered(numbers: Sequence[int], order: Sequence[int]) -> list[int]:
    """The pins' numbers as somebody has ordered them; those that are in no order come last, oldest first."""
    placed = [number for number in order if number in numbers]
    return placed + [number for number in numbers if number not in placed]


def differing(pins: Sequence[Pin]) -> list[str]:
    """The codes of the settings in which pins of one room differ, in the order of its controls."""
    codes: list[str] = []
    for room in dict.fromkeys(pin.room for pin in pins):
        same = [pin for pin in pins if pin.room == room]
        every = dict.fromkeys(code for pin in same for code in pin.settings)
        codes += [
            code for code in every
            if code not in codes and len({pin.settings.get(code, "") for pin in same}) > 1
        ]  # fmt: skip
    return codes
