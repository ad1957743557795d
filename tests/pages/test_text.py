"""Two languages, nothing missing: every text has its twin, and what the core declares has its Korean."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from mlcore.base.experiment import discover
from mlcore.base.refusal import Refusal
from mlcore.base.registry import Variant
from mlcore.base.spec import ALLOWED, Problem, from_query
from mlcore.engine.jobs import Jobs, Snapshot, State
from mlcore.figures import words
from mlcore.files.store import DataError
from mlcore.files.table_problems import NOTES, PROBLEMS, TableError
from mlcore.training.data import DataSpec
from mlcore.training.tasks import TrainingError, TrainSpec
from pages.ui import text
from pages.ui.frame import CONTENTS, Room
from pages.ui.text import LANGUAGES, catalog, problems
from pages.ui.text.declared import REGISTRIES

ROOT = Path(__file__).parents[2]
ENGLISH, KOREAN = catalog("en"), catalog("ko")
ROOMS = [room for _, rooms in CONTENTS for room in rooms]
VARIANTS = [(registry.family, variant) for registry in REGISTRIES for variant in registry.variants()]

# Korean texts without a Korean letter: names and signs that are the same everywhere.
LATIN = {
    "figure.cost", "figure.probability", "figure.r2", "training.r2", "contents.components",
    "variants.activation.relu", "variants.activation.tanh", "variants.activation.leaky_relu",
    "variants.activation.elu", "variants.activation.gelu", "variants.activation.silu",
    "variants.activation.softplus", "variants.optimizer.adagrad", "variants.optimizer.rmsprop",
    "variants.optimizer.adam", "variants.optimizer.adamw", "variants.optimizer.lion",
    "variants.optimizer.adopt", "variants.quantity.cost",
    "problem_types.rule.q", "problem_types.rule.sarsa", "problem_types.start.plus",
}  # fmt: skip


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(text._run, "language", request.param, raising=False)
    return str(request.param)


@pytest.fixture
def korean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text._run, "language", "ko", raising=False)


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def is_korean(sentence: str) -> bool:
    return re.search("[가-힣]", sentence) is not None


# --- the catalogs ------------------------------------------------------------------------------------------


def test_both_languages_have_the_same_keys() -> None:
    assert sorted(ENGLISH.keys() - KOREAN.keys()) == [], "these have no Korean"
    assert sorted(KOREAN.keys() - ENGLISH.keys()) == [], "these have no English"


@pytest.mark.parametrize("key", sorted(ENGLISH.keys() & KOREAN.keys()))
def test_twins_have_the_same_placeholders_and_say_something(key: str) -> None:
    assert placeholders(ENGLISH[key]) == placeholders(KOREAN[key])
    numbers = dict.fromkeys(placeholders(KOREAN[key]), 7)
    for sentence in (ENGLISH[key], KOREAN[key]):
        assert sentence.format(**numbers).strip(), "a text that can be filled, and is not empty"


def test_korean_is_korean() -> None:
    latin = {
        key for key, sentence in KOREAN.items() if not is_korean(sentence) and re.search("[A-Za-z]", sentence)
    }
    assert latin == LATIN


def test_no_particle_depends_on_what_fills_a_placeholder() -> None:
    """이/가, 을/를, 은/는, 과/와, (으)로 depend on the last sound before them; a value may end in any."""
    particle = re.compile(r"\}['”\"*`)]*(이|가|을|를|은|는|과|와|로|으로|이라|라)(?![가-힣])")
    wrong = {key: sentence for key, sentence in KOREAN.items() if particle.search(sentence)}
    assert wrong == {}
    assert particle.search("'{name}'를 지웠습니다.")


def test_percent_is_written_as_pictures_write_it() -> None:
    """Plotly's formats have no space before the sign."""
    texts = [*ENGLISH.items(), *KOREAN.items(), *words.ENGLISH.items()]
    assert [key for key, sentence in texts if re.search(r"[\d}*] %", sentence)] == []
    assert [text.percent(share) for share in (0.0, 0.0001, 0.0123, 0.5, 299 / 300, 0.9999, 1.0)] == [
        "0%", "< 0.1%", "1.2%", "50%", "99.7%", "> 99.9%", "100%"
    ]  # fmt: skip


def test_emphasis_ends_where_it_should() -> None:
    """Between a sign and a letter, as in *왜?*는, Markdown takes a * for a beginning."""

    def literal(sentence: str) -> bool:
        marks = list(re.finditer(r"(?<![\\*])\*{1,2}(?!\*)", sentence))
        ends = [m for i, m in enumerate(marks) if [n[0] for n in marks[:i]].count(m[0]) % 2]
        around = ((sentence[: m.start()], sentence[m.end() :]) for m in ends)
        return any(
            re.search(r"[^\w\s}\u2060]$", before) and re.match(r"\w", after) for before, after in around
        )

    assert literal("*왜?*는")
    assert literal("**3%**입니다")
    assert not literal("(**왜**는 *왜*.)")
    assert [key for texts in (ENGLISH, KOREAN) for key, sentence in texts.items() if literal(sentence)] == []
    for filled in ("**37%**입니다", "**모멘텀 (Momentum)**입니다", "a **b**(c) **d!**e"):
        assert literal(filled)
        assert not literal(text.close(filled))
    assert text.close("**3**입니다 (x) **4**개") == "**3**입니다 (x) **4**개"


# --- what the core declares --------------------------------------------------------------------------------


@pytest.mark.parametrize(("family", "variant"), VARIANTS, ids=lambda v: getattr(v, "name", v))
def test_variants_and_knobs_have_names_and_help(family: str, variant: Variant, language: str) -> None:
    assert text.title(variant, family)
    for name, knob in variant.knobs.items():
        assert text.knob_name(name, variant)
        told = text.knob_help(name, variant)
        assert told == knob.help if language == "en" else is_korean(told)


def test_a_knob_that_means_something_else_says_so(korean: None) -> None:
    adam, lion = (next(v for _, v in VARIANTS if v.name == name) for name in ("adam", "lion"))
    assert adam.knobs["beta2"].help != lion.knobs["beta2"].help
    assert text.knob_help("beta2", adam) != text.knob_help("beta2", lion)


def test_every_problem_and_note_of_the_core_has_both_languages() -> None:
    for part, table in (("table", PROBLEMS), ("note", NOTES), ("data", DataError.SENTENCES),
                        ("training", TrainingError.SENTENCES), ("spec", ALLOWED)):  # fmt: skip
        for code, sentence in table.items():
            assert ENGLISH[f"problems.{part}.{code}"] == sentence
            assert is_korean(KOREAN[f"problems.{part}.{code}"])
    for state in State:
        assert is_korean(KOREAN[f"problems.state.{state.name}"])


def test_every_note_that_data_may_carry_has_a_sentence() -> None:
    source = "".join((ROOT / f"mlcore/training/{name}.py").read_text("utf-8") for name in ("data", "draws"))
    codes = set(re.findall(r'\(\(?"(\w+)", \{', source))
    assert codes >= {"subset", "class_untrained", "classes_only"}, "the codes that these modules tell"
    assert {code for code in codes if f"problems.note.{code}" not in KOREAN} == set()


# --- sentences with values ---------------------------------------------------------------------------------


def test_a_refusal_speaks_the_language_of_the_page(korean: None) -> None:
    ragged = problems.refusal(TableError("ragged", line=1234, cells=3, expected=2))
    assert ragged.startswith("1,234번째 줄은 3칸인데")
    loss = problems.refusal(TrainingError("loss", loss="Huber", task="classification", classes=3))
    assert "분류" in loss
    assert "classification" in loss, "the word that students search for"
    table, data = (error("too_large", megabytes=9.0, bytes=9, limit=4) for error in (TableError, DataError))
    assert problems.refusal(table) != problems.refusal(data), "one code, two meanings"


def test_names_in_a_sentence_are_escaped_once(language: str) -> None:
    told = problems.refusal(TableError("constant_target", name="![t](http://x.y/z)"))
    assert "![" not in told
    assert "\\!\\[t\\]" in told
    assert told in text.t("frame.unavailable", problem=told), "a sentence inside another is not escaped again"


NONSENSE = {
    "data": "mooons",
    "n": "1e9",
    "test": "x",
    "std": "yes",
    "table": "../x",
    "h": "0-9999",
    "opt": "a`b",
}


@pytest.mark.parametrize("code", NONSENSE)
def test_a_wrong_value_in_a_link_is_answered_with_what_is_allowed(code: str, korean: None) -> None:
    _, found = from_query(TrainSpec, {code: NONSENSE[code]})
    told = problems.not_taken(found[0])
    assert found[0].reason in ALLOWED
    assert "`" not in told.replace("\\`", ""), "no code span that a value could end"
    allowed = told.split(":")[-1]
    assert is_korean(allowed), "not the core's English"
    assert re.search("[0-9a-z]", allowed)


def test_a_choice_lists_all_names(language: str) -> None:
    _, found = from_query(DataSpec, {"data": "mooons"})
    told = problems.not_taken(found[0])
    assert "diabetes" in told
    assert "…" not in told


def test_a_problem_without_a_reason_keeps_its_own_words(language: str) -> None:
    assert "below 10" in problems.not_taken(Problem("k", "12", "below 10"))


def test_the_sentences_of_the_engine_are_found_by_their_english(korean: None) -> None:
    english = [sentence for key, sentence in ENGLISH.items() if key.startswith("problems.engine.")]
    assert len(english) >= 12
    for sentence in english:
        assert is_korean(problems.retold(sentence.format(mine=8, places=64, seconds=600)))


def kinds_of(refusal: type[Refusal]) -> list[type[Refusal]]:
    below = [kind for child in refusal.__subclasses__() for kind in kinds_of(child)]
    return [refusal, *below] if refusal.SENTENCES else below


def test_every_refusal_of_an_experiment_is_said_in_korean(korean: None) -> None:
    """As it comes from a worker: `discover` has imported every experiment."""
    discover()
    ours = [kind for kind in kinds_of(Refusal) if kind.__module__.startswith("mlcore.")]
    assert len(ours) >= 6
    for kind in ours:
        for code, sentence in kind.SENTENCES.items():
            values = dict.fromkeys(re.findall(r"{(\w+)", sentence), 1)
            error = kind(code, **values)
            view = Snapshot("", State.FAILED, problem=str(error), refusal=error)
            assert is_korean(problems.unavailable(view)), (kind, code)


@pytest.mark.parametrize(("queue", "per_session"), [(0, 1), (9, 0)])
def test_what_the_queue_says_when_it_refuses_is_found(queue: int, per_session: int, korean: None) -> None:
    jobs = Jobs(queue, per_session, 0, 1.0)
    view = jobs.ask(TrainSpec(), "somebody")
    assert view.state is State.REFUSED
    told = problems.retold(view.problem)
    assert is_korean(told)
    assert "0" in told


def test_an_unknown_sentence_of_the_engine_is_shown_escaped(korean: None) -> None:
    assert problems.retold("No *such* thing").replace("\\", "") == "No *such* thing"


# --- pages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.code)
def test_a_room_has_a_title_a_page_and_a_lesson(room: Room, language: str) -> None:
    keys = [f"contents.{room.code}.title", f"contents.{room.code}.about"]
    keys += [f"{room.code}.{part}" for part in ("claim", "try", "notice", "why")]
    assert (ROOT / room.script).is_file()
    assert [key for key in keys if not catalog(language).get(key)] == []


def asked_keys() -> list[tuple[str, str]]:
    """(where, key as a pattern) of every call of `t`: an f-string matches any key that may come out of it."""
    found = []
    for path in [*ROOT.glob("pages/**/*.py"), ROOT / "cover.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "t" and node.args:
                match node.args[0]:
                    case ast.Constant(value=str(key)):
                        found.append((f"{path.name}:{node.lineno}", re.escape(key)))
                    case ast.JoinedStr(values=values):
                        parts = (
                            re.escape(str(v.value)) if isinstance(v, ast.Constant) else r"[\w.]+"
                            for v in values
                        )
                        found.append((f"{path.name}:{node.lineno}", "".join(parts)))
    return found


def test_every_key_that_a_page_asks_for_exists() -> None:
    asked = asked_keys()
    assert len(asked) > 50
    missing = [(where, key) for where, key in asked if not any(re.fullmatch(key, known) for known in ENGLISH)]
    assert missing == []
