"""Formulas that people type, read into a tree of our own. No text is ever run.

    tokens: numbers, known names and + - * / ^ ( ) ,   nothing else is left for Python's parser
    Python's `ast` -> tree of `operations.Node`: a whitelist, everything else is refused
    tree -> `operations.Program`: values and gradients on tensors

Whatever is typed, `parse` gives a `Formula` or raises `FormulaError`, which says where and what to write
instead. Where a formula has no value (the logarithm of -1, 1/0) it gives NaN or infinity: a hole.
"""

from __future__ import annotations

import ast
import difflib
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from mlcore.base.refusal import Refusal
from mlcore.formulas.operations import FUNCTIONS, OPERATIONS, Node, Program

MOST_CHARACTERS, DEEPEST, MOST_NODES = 300, 40, 150
CONSTANTS = {"pi": math.pi, "e": math.e}
ALIASES = {"ln": "log", "π": "pi", "−": "-", "–": "-", "·": "*", "×": "*", "⋅": "*", "÷": "/", "**": "^"}
SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^", ast.USub: "negative",
}  # fmt: skip
WORD = re.compile(r"(?P<number>(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)|(?P<name>[A-Za-z]+[A-Za-z0-9]*|π)"
                  r"|(?P<sign>\*\*|[-+*/^(),−–·×⋅÷])", re.ASCII)  # fmt: skip


class FormulaError(Refusal):
    """Text that is no formula: `code` and `values` for the page, the sentence for everybody else.

    `position` counts characters from 1.
    """

    SENTENCES: ClassVar[dict[str, str]] = {
        "empty": "There is no formula yet. Write one in {variables}, for example {example}.",
        "long": "The formula has {length} characters; it may have {most}. Write a shorter one.",
        "large": "The formula has more than {most} parts. Write a shorter one.",
        "deep": "At character {position} brackets or operations are nested more than {most} deep. "
        "Write it flatter.",
        "character": "Character {position}, {text}, has no meaning in a formula. There are numbers, "
        "{variables}, + - * / ^, brackets and functions such as sin(x).",
        "name": "At character {position}, {text} is not known. There are {names}.",
        "near": "At character {position}, {text} is not known. Did you mean {near}?",
        "times": "At character {position} a sign is missing: write {near}.",
        "brackets": "At character {position}, {text} needs its argument in brackets: write {text}(x).",
        "arguments": "At character {position}, {text} takes {expected}, not {given}, separated by a comma.",
        "unclosed": "The bracket at character {position} is never closed: write ) where it ends.",
        "unopened": "The bracket at character {position} closes nothing: write ( where it begins, "
        "or leave it out.",
        "missing": "Something is missing before character {position}, {text}: write a number, {variables} "
        "or a function there.",
        "unfinished": "The formula ends too early: after its last sign a number, {variables} or a function "
        "is missing.",
        "comma": "The comma at character {position} stands in no function. Write a point in numbers: 0.5.",
        "number": "The number at character {position} is too large to count with.",
        "grammar": "At character {position} this is no formula in {variables}.",
    }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Formula:
    """A typed formula as something to descend: theta [..., 2] -> value [...], if it has two variables."""

    text: str
    tree: Node
    program: Program

    def __call__(self, theta: Tensor) -> Tensor:
        return self.program(*theta.unbind(-1))

    def gradient(self, theta: Tensor) -> Tensor:
        """[..., P] -> [..., P], backward through the formula."""
        return torch.stack(self.program.gradient(*theta.unbind(-1)), dim=-1)


class Token(NamedTuple):
    kind: str  # "number", "name" or "sign"
    text: str  # as typed
    word: str  # what it means
    position: int  # of its first character, from 1


@lru_cache(maxsize=64)
def parse(text: str, variables: tuple[str, ...] = ("x", "y")) -> Formula:
    """Read a formula. Raises `FormulaError` for everything that is none."""
    if len(text) > MOST_CHARACTERS:  # before anything reads it
        raise FormulaError("long", length=len(text), most=MOST_CHARACTERS)
    words = tokens(text, variables)
    if not words:
        raise FormulaError("empty", variables=", ".join(variables), example=f"{variables[0]}^2")
    check(words, variables)
    source, columns = "", list[int]()
    for word in words:  # with spaces, so that what was apart stays apart
        written = {"^": "**"}.get(word.word, word.word) + " "
        source, columns = source + written, columns + [word.position] * len(written)
    try:
        read = ast.parse(source.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        at = min(getattr(error, "offset", None) or 1, len(columns)) - 1
        raise FormulaError("grammar", position=columns[at], variables=", ".join(variables)) from None
    tree = Reader(columns, variables).node(read.body, 1)
    return Formula(text, tree, Program(tree, variables))


def tokens(text: str, variables: tuple[str, ...]) -> list[Token]:
    """The words of a formula. Raises for a character or a name that has no meaning."""
    found, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = WORD.match(text, at)
        if match is None:
            raise FormulaError("character", position=at + 1, text=text[at], variables=", ".join(variables))
        kind, word = str(match.lastgroup or "number"), match.group()
        word = ALIASES.get(word, word) if kind != "number" else re.sub(r"^0+(?=\d)", "", word)
        if kind == "name" and word not in (*variables, *CONSTANTS, *FUNCTIONS):
            raise unknown(word, at + 1, variables)
        found.append(Token(kind, match.group(), word, at + 1))
        at = match.end()
    return found


def names_in(text: str) -> tuple[str, ...]:
    """The names of a text that mean nothing else, each once, in their order: what may be its variables.

    A name before a bracket is taken for a misspelled function. Raises `FormulaError` as `parse` does.
    """
    if len(text) > MOST_CHARACTERS:
        raise FormulaError("long", length=len(text), most=MOST_CHARACTERS)
    known, found = {*CONSTANTS, *FUNCTIONS, *ALIASES}, dict[str, None]()
    for match in re.finditer(r"(?<![A-Za-z0-9.])[A-Za-z]+[A-Za-z0-9]*(?!\s*\(|[A-Za-z0-9])", text, re.ASCII):
        if match.group() not in known:
            found[match.group()] = None
    return tuple(found)


def unknown(word: str, position: int, variables: tuple[str, ...]) -> FormulaError:
    """What to say of a name: products of known names, names misspelled, or the list of all."""
    names = (*variables, *CONSTANTS, *FUNCTIONS)
    letters = (*variables, *CONSTANTS)
    if len(parts := factors(word, letters)) > 1:
        return FormulaError("times", position=position, near="*".join(parts))
    for function in FUNCTIONS:
        rest = word.removeprefix(function)
        if rest != word and not rest.isdigit() and factors(rest, letters):
            return FormulaError("brackets", position=position, text=function)
    if near := difflib.get_close_matches(word.lower(), names, n=1):
        return FormulaError("near", position=position, text=word, near=near[0])
    return FormulaError("name", position=position, text=word, names=", ".join(names))


def factors(word: str, names: tuple[str, ...]) -> list[str]:
    """The names and numbers that `word` is written of, as x and y in xy; [] if it is not."""
    pattern = "|".join(sorted((re.escape(name) for name in names), key=len, reverse=True))
    found = re.findall(rf"{pattern}|\d+", word)
    return found if "".join(found) == word else []


def check(words: list[Token], variables: tuple[str, ...]) -> None:
    """What can be said better than by Python's parser: missing signs, brackets and operands."""
    opened: list[tuple[Token, bool]] = []  # and whether the bracket is a function's
    before = Token("sign", "", "(", 0)
    for word in words:
        wanting = before.kind == "sign" and before.word != ")"
        called = before.word in FUNCTIONS
        if called and word.word != "(":
            raise FormulaError("brackets", position=before.position, text=before.text)
        if not wanting and not called and (word.kind != "sign" or word.word == "("):
            near = f"{before.text}*{word.text}" + ("...)" if word.word == "(" else "")
            raise FormulaError("times", position=word.position, near=near)
        if wanting and word.word in ("*", "/", "^", ")", ","):
            values = {"position": word.position, "text": word.text, "variables": ", ".join(variables)}
            raise FormulaError("missing", **values)
        if word.word == "," and not (opened and opened[-1][1]):
            raise FormulaError("comma", position=word.position)
        if word.word == "(":
            opened.append((word, called))
        elif word.word == ")":
            if not opened:
                raise FormulaError("unopened", position=word.position)
            opened.pop()
        if len(opened) > DEEPEST:
            raise FormulaError("deep", position=word.position, most=DEEPEST)
        before = word
    if before.word in FUNCTIONS:
        raise FormulaError("brackets", position=before.position, text=before.text)
    if before.kind == "sign" and before.word not in ("(", ")"):
        raise FormulaError("unfinished", variables=", ".join(variables))
    if opened:
        raise FormulaError("unclosed", position=opened[-1][0].position)


class Reader:
    """Builds our tree from Python's, of which it knows a few kinds of nodes and refuses all others."""

    def __init__(self, columns: list[int], variables: tuple[str, ...]) -> None:
        self.columns, self.variables, self.count = columns, variables, 0

    def node(self, read: ast.expr, depth: int) -> Node:
        position = self.columns[min(read.col_offset, len(self.columns) - 1)]
        self.count += 1
        if depth > DEEPEST:
            raise FormulaError("deep", position=position, most=DEEPEST)
        if self.count > MOST_NODES:
            raise FormulaError("large", most=MOST_NODES)
        match read:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return Node(number=self.number(value, position))
            case ast.Name(id=name) if name in self.variables:
                return Node(name)
            case ast.Name(id=name) if name in CONSTANTS:
                return Node(number=CONSTANTS[name])
            case ast.BinOp(left=left, op=op, right=right) if type(op) in SIGNS:
                chained = isinstance(left, ast.BinOp)  # a + b + c is no deeper than a + b
                first = self.node(left, depth if chained else depth + 1)
                return Node(SIGNS[type(op)], (first, self.node(right, depth + 1)))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Node("negative", (self.node(operand, depth + 1),))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.node(operand, depth + 1)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
                expected = OPERATIONS[name].arguments
                if len(args) != expected:
                    values = {"position": position, "text": name, "expected": expected, "given": len(args)}
                    raise FormulaError("arguments", **values)
                return Node(name, tuple(self.node(arg, depth + 1) for arg in args))
        raise FormulaError("grammar", position=position, variables=", ".join(self.variables))

    def number(self, value: float, position: int) -> float:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise FormulaError("number", position=position)
        return number
