"""Search over rooms, views and what can be chosen in them, by the words of both languages.

`index` reads the catalogs and `where.toml` once; `find` compares what was typed with every word there is.
Korean is compared letter by letter (jamo), so that a syllable half typed and a wrong vowel still find their
word; initial consonants alone find it as well. A word counts for as much as the place where it stands.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from pages.ui.contents import CONTENTS
from pages.ui.text import LANGUAGES, catalog

LONGEST = 80  # characters of what is typed
NAME, ABOUT, BODY, AROUND = 1.0, 0.55, 0.35, 0.3  # what a word counts for, by where it stands
WHOLE = 1.25  # all that was typed is all of a name
ALIKE = 0.72  # least similarity of two words that differ by a slip
ENOUGH = 0.55  # of the best score; what has less is left out
GROUPS = ("room", "view", "choice")

WORD = re.compile(r"[^\W_]+")
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_PARTICLE = re.compile(
    r"(?<=[가-힣a-z0-9]{2})(이란|이라는|라는|란|은|는|이|가|을|를|의|에서|에|으로|로|와|과|도|만|이나|하기|하는|하다|이요|요)$"
)


@dataclass(frozen=True)
class Entry:
    """A place that can be found: a room, a view of it, or something that is chosen there."""

    group: str
    room: str
    names: tuple[str, ...]  # keys of the texts that name it, from the room on
    link: tuple[tuple[str, str], ...] = ()  # codes and values


class Index:
    """Every word with the entries in which it stands, and what it counts for there."""

    def __init__(self, entries: Mapping[Entry, Iterable[tuple[str, float]]]) -> None:
        self.entries = list(entries)
        self.names: list[tuple[str, int]] = []  # (a name without spaces, in jamo; number of its entry)
        self.words: dict[str, dict[int, float]] = defaultdict(dict)
        for number, texts in enumerate(entries.values()):
            for text, weight in texts:
                if weight == NAME:
                    self.names.append((jamo(squeezed(text)), number))
                for word in words(text):
                    found = self.words[jamo(word)]
                    found[number] = max(found.get(number, 0.0), weight)
        self.vocabulary = list(self.words)
        self.initials = [initials(unicodedata.normalize("NFC", word)) for word in self.vocabulary]

    def alike(self, word: str) -> dict[int, float]:
        """The entries in which `word` stands, or one like it, with what that counts for."""
        found: dict[int, float] = {}
        for place, likeness in self._likenesses(word).items():
            for number, weight in self.words[self.vocabulary[place]].items():
                found[number] = max(found.get(number, 0.0), weight * likeness)
        return found

    def _likenesses(self, word: str) -> dict[int, float]:
        """By place in the vocabulary: 1 for the same word, less for a part of it or a slip."""
        if is_initials(word):
            return {i: 0.8 for i, own in enumerate(self.initials) if own.startswith(word)}
        found: dict[int, float] = {}
        for form in {jamo(word), jamo(_PARTICLE.sub("", word))}:
            for i, other in enumerate(self.vocabulary):
                if likeness := _part(form, other):
                    found[i] = max(found.get(i, 0.0), likeness)
            if len(form) > 2:  # of fewer letters, every word is a slip of another
                near = process.extract(
                    form, self.vocabulary, scorer=DamerauLevenshtein.normalized_similarity,
                    score_cutoff=ALIKE, limit=30,
                )  # fmt: skip
                for _, similarity, i in near:
                    found[i] = max(found.get(i, 0.0), 0.85 * similarity)
        return found

    def whole(self, typed: str) -> dict[int, float]:
        """The entries one of whose names is, begins with or resembles all that was typed, spaces aside."""
        asked = squeezed(typed)
        found: dict[int, float] = {}
        for form in {jamo(asked), jamo(_PARTICLE.sub("", asked))}:
            for name, number in self.names:
                if form == name:
                    score = WHOLE
                elif name.startswith(form) and len(form) > 1:
                    score = 0.9 + 0.2 * len(form) / len(name)
                elif (
                    len(form) > 4
                    and (similarity := DamerauLevenshtein.normalized_similarity(form, name)) > ALIKE
                ):
                    score = similarity
                else:
                    continue
                found[number] = max(found.get(number, 0.0), score)
        return found


def _part(form: str, other: str) -> float:
    if form == other:
        return 1.0
    if other.startswith(form):
        return 0.7 + 0.25 * len(form) / len(other)
    return 0.55 if len(form) > 3 and form in other else 0.0


def find(typed: str) -> list[Entry]:
    """What fits best what was typed, the best first; nothing for nothing."""
    return list(_find(" ".join(typed[:LONGEST].split())))


@lru_cache(maxsize=512)
def _find(typed: str) -> tuple[Entry, ...]:
    asked = words(typed)
    asked = [word for word in asked if word not in idle()] or asked
    if not asked:
        return ()
    known, hits = index(), [index().alike(word) for word in asked]
    scores = known.whole(" ".join(asked))
    for number in set().union(*hits):
        parts = [hit.get(number, 0.0) for hit in hits]
        share = sum(map(bool, parts)) / len(parts)
        if share >= 0.5:
            scores[number] = max(scores.get(number, 0.0), share**2 * sum(parts) / len(parts))
    rank = {group: 0.02 * (len(GROUPS) - i) for i, group in enumerate(GROUPS)}
    order = sorted(scores, key=lambda n: (-scores[n] - rank[known.entries[n].group], n))
    best = max(scores.values(), default=0.0)
    return tuple(known.entries[n] for n in order if scores[n] >= ENOUGH * best)


# ---------------------------------------------------------------- words


def words(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return WORD.findall(unicodedata.normalize("NFKC", text).lower())


def squeezed(text: str) -> str:
    """A text without spaces and signs: Korean puts spaces in more ways than one."""
    return "".join(words(text))


def jamo(word: str) -> str:
    """Hangul letter by letter, a consonant typed alone as the beginning of a syllable."""
    alone = {ord(letter): chr(0x1100 + i) for i, letter in enumerate(_INITIALS)}
    return unicodedata.normalize("NFD", word).translate(alone)


def is_initials(word: str) -> bool:
    """Whether only consonants were typed (NFKC has made leading ones of them)."""
    return len(word) > 1 and all("\u1100" <= letter <= "\u1112" for letter in word)


def initials(word: str) -> str:
    """The first consonant of every syllable, as `is_initials` knows them."""
    return "".join(chr(0x1100 + (ord(s) - 0xAC00) // 588) if "가" <= s <= "힣" else s for s in word)


@cache
def idle() -> frozenset[str]:
    """Words of questions that name nothing."""
    return frozenset(word for code in LANGUAGES for word in words(catalog(code)["search.idle"]))


# ---------------------------------------------------------------- what there is


@cache
def _where() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("where.toml").read_text(encoding="utf-8"))


def controls(room: str) -> list[str]:
    """The codes of a room's controls, in the order in which they stand."""
    listed = [codes for link, codes in _where()["controls"].items() if link.partition("?")[0] == room]
    return list(dict.fromkeys(" ".join(listed).split()))


@cache
def index() -> Index:
    """All that can be found. Built once for a process, in some hundredths of a second."""
    catalogs = [catalog(code) for code in LANGUAGES]
    where = _where()
    rooms = {room.code: part for part, rooms in CONTENTS for room in rooms}
    entries: dict[Entry, list[tuple[str, float]]] = {}
    for entry, keys in (*_rooms(rooms), *_views(rooms, catalogs[0]), *_choices(where, catalogs[0])):
        said = [(each[key], weight) for each in catalogs for key, weight in keys if key in each]
        entries[entry] = [(name, weight) for text, weight in said for name in _names(text, weight)]
    return Index(entries)


def _names(text: str, weight: float) -> list[str]:
    """A name with its other language in parentheses is two; other words are a list."""
    return [text, *re.split(r"[,()]", text)] if weight == NAME else [text]


Keyed = Iterator[tuple[Entry, list[tuple[str, float]]]]


def _rooms(rooms: Mapping[str, str]) -> Keyed:
    for code, part in rooms.items():
        keys = [(f"contents.{code}.title", NAME), (f"search.also.room.{code}", NAME)]
        keys += [(f"contents.{code}.about", ABOUT), (f"contents.{part}", AROUND)]
        keys += [(f"{code}.{name}", BODY) for name in ("claim", "try", "notice", "why")]
        yield Entry("room", code, (f"contents.{code}.title",)), keys


def _views(rooms: Mapping[str, str], catalog: Mapping[str, str]) -> Keyed:
    for key in catalog:
        found = re.fullmatch(r"(\w+)\.(?:view\.|tab\.)?(\w+?)(_tab)?", key)
        if (
            not found
            or found[1] not in rooms
            or key == f"{found[1]}.{found[2]}"
            or key == "training.script_tab"
        ):
            continue
        room, view = found[1], found[2]
        texts = [(text, BODY) for text in catalog if text.startswith(f"{room}.{view}.")]
        around = [(f"contents.{room}.title", AROUND), (f"search.also.room.{room}", AROUND)]
        keys = [(key, NAME), (f"search.also.{room}.{view}", NAME), (f"{room}.{view}.claim", ABOUT)]
        link = (("view", view),)
        yield Entry("view", room, (f"contents.{room}.title", key), link), keys + texts + around


def _choices(where: Mapping[str, Any], catalog: Mapping[str, str]) -> Keyed:
    members = {f"{f}.{name}": link for f, own in where["member"].items() for name, link in own.items()}
    for family, lead in where["family"].items():
        for key in [key for key in catalog if re.fullmatch(rf"variants\.{family}\.\w+", key)]:
            name = key.rpartition(".")[2]
            link = members.get(f"{family}.{name}", lead + name if lead.endswith("=") else lead)
            keys = [(key, NAME), (f"search.also.member.{name}", NAME)]
            yield _placed(link, key), keys
    seen: set[str] = set()
    for link, codes in where["controls"].items():
        for code in [code for code in codes.split() if code not in seen]:
            seen.add(code)
            key = f"control.{code}"
            room = link.partition("?")[0]
            keys = [(key, NAME), (f"search.also.control.{code}", NAME), (f"contents.{room}.title", AROUND)]
            yield _placed(link, key), keys


def _placed(link: str, key: str) -> Entry:
    room, _, query = link.partition("?")
    codes = tuple(
        (code, value) for code, _, value in (part.partition("=") for part in query.split("&") if part)
    )
    return Entry("choice", room, (f"contents.{room}.title", key), codes)
