"""Widgets drawn from what the core declares, bound to the link.

The link is the state: a page reads its spec from the link, each widget changes one code of it, and `spec()`
writes the link back without what equals a default. Codes are language-free, so a link made in Korean opens
in English. Nonsense in a link leaves defaults, and a sentence says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any, Generic, TypeVar

import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.fields import not_among
from mlcore.base.registry import Knob, Registry
from mlcore.training.data import DataSpec
from pages.ui import lessons, predict
from pages.ui.codes import declared, label_of
from pages.ui.link import Link
from pages.ui.text import knob_help, knob_name, t, title
from pages.ui.text.problems import not_taken

S = TypeVar("S")
MOST_REPORTED = 5  # a link of a thousand wrong fields gets five sentences


class Controls(Generic[S]):
    """The controls of one page for one kind of spec. Draw some, then ask for `spec()`."""

    def __init__(self, kind: type[S], page: str, keep: Iterable[str] = ()) -> None:
        self.kind, self.page = kind, page
        self.state: dict[str, str] = st.session_state.setdefault(f"_{page}", {})
        set_so = lessons.settings()
        step, wrong = specs.from_query(kind, set_so)
        self.usual = specs.to_query(step) if set_so else {}  # of the lesson's step
        self.link = Link(page, keep, self.usual)
        self.problems = [specs.Problem(code, "", "", "repeated") for code in self.link.repeated]
        self.opened: dict[str, str] = {}  # what a link says that came from outside
        if self.link.foreign:
            self.problems += wrong
            self._adopt(self.link.codes)
        self._hold()
        self._meta = dict(declared(kind))
        st.session_state["_controls"] = self  # for who pins the page

    def _adopt(self, codes: dict[str, str]) -> None:
        """The link came from outside (opened, edited, the back button): its values are the state now."""
        spec, problems = specs.from_query(self.kind, codes)
        self.problems += problems
        self.opened = codes
        self.state.clear()
        self.state.update(specs.to_query(spec))
        st.session_state[f"_{self.page}_round"] = st.session_state.get(f"_{self.page}_round", 0) + 1

    def _hold(self) -> None:
        """What the step of a lesson has locked is as it sets it, whatever a link or a forged message says."""
        for code in filter(lessons.locked, {*self.state, *self.usual}):
            self.state.pop(code, None)
            if code in self.usual:
                self.state[code] = self.usual[code]

    def spec(self) -> S:
        """The spec of the controls as they stand; the link is brought in line with it."""
        self._hold()
        spec, problems = specs.from_query(self.kind, self.state)
        codes = specs.to_query(spec)
        data = getattr(spec, "data", spec)
        if isinstance(data, DataSpec):  # what the rooms share: the data chosen last
            st.session_state["_shared"] = shared = specs.to_query(data)
            st.session_state["_shared_codes"] = st.session_state.get("_shared_codes", frozenset()) | set(
                shared
            )
        self.state.clear()
        self.state.update(codes)
        self.link.write(codes, anew=bool(self.problems))
        self.problems += problems
        return spec

    def report(self) -> None:
        """A sentence for every part of a link or file that could not be taken, until a setting changes.

        Where a lesson asks something first, the page ends here until there is an answer.
        """
        if self.problems:
            self._remember(self.state, self.problems)
        codes, problems = st.session_state.get(f"_{self.page}_problems", ({}, []))
        self._tell(problems if codes == self.state else [])
        predict.first()

    def _tell(self, problems: Sequence[specs.Problem]) -> None:
        for problem in problems[:MOST_REPORTED]:
            st.warning(not_taken(problem))
        if len(problems) > MOST_REPORTED:
            st.warning(t("frame.bad_link_more", count=len(problems) - MOST_REPORTED))

    def load(self, spec: S, problems: Iterable[specs.Problem] = ()) -> None:
        """Set every control to `spec` (a preset, an opened file). For callbacks, before the page runs."""
        self.link.take(specs.to_query(spec))
        self._remember(specs.to_query(spec), problems)

    def _remember(self, codes: Mapping[str, str], problems: Iterable[specs.Problem]) -> None:
        once = list(dict.fromkeys(problems))  # parts of a spec may share a code
        st.session_state[f"_{self.page}_problems"] = dict(codes), once

    def current(self) -> S:
        """The spec so far, for pages that draw a control depending on another; the link stays as it is."""
        return specs.from_query(self.kind, self.state)[0]

    # ------------------------------------------------------------ widgets

    def choice(self, code: str, family: str, options: Iterable[str] | None = None, **kwargs: Any) -> None:
        """A select box over the names that the field allows, or over `options` of them."""
        allowed = self._meta[code]["options"]

        def name(option: str) -> str:
            known = isinstance(allowed, Registry)
            return title(allowed[option], family) if known else t(f"variants.{family}.{option}")

        self.select(code, {option: name(option) for option in options or allowed}, **kwargs)
        self._forget_knobs(code)

    def select(
        self, code: str, names: Mapping[str, str], widget: Any = st.selectbox, label: str = "", **kwargs: Any
    ) -> None:
        """A select box (or pills) over values, as a link writes them, with the names that people read."""
        meta = self._meta[code]
        value = self.state.get(code, _written(meta["default"]))
        if value not in names:
            if value == self.opened.get(code):  # a name, but not of what fits the rest
                self.problems.append(not_among(code, value, names))
            value = self.state[code] = next(iter(names))
        kwargs |= {"options": list(names), "format_func": names.__getitem__}
        self._draw(widget, code, label or label_of(code), value, **kwargs)

    def number(
        self, code: str, knob: Knob | None = None, label: str = "", typed: float = 0.0, **kwargs: Any
    ) -> None:
        """A slider over the knob's range, by magnitudes where it is logarithmic; or typed, with that step."""
        meta = self._meta.get(code, {})
        knob = knob or meta["knob"]
        kind = int if knob.integer else float
        text = label or label_of(code)
        value = kind(
            min(max(float(self.state.get(code, meta.get("default", knob.default))), knob.low), knob.high)
        )
        if knob.log:
            ends = (kind(knob.low), kind(knob.high))
            options = sorted({*magnitudes(knob), *ends, value, kind(knob.default)})
            self._draw(
                st.select_slider, code, text, value, options=options, format_func=lambda v: f"{v:g}", **kwargs
            )
            return
        span = (knob.high - knob.low) / 100
        step = 1 if knob.integer else max(span, 0.01) if span >= 0.005 else span
        limits: dict[str, Any] = {"min_value": kind(knob.low), "max_value": kind(knob.high)}
        limits["step"] = kind(step)
        if typed:
            limits |= {"step": typed, "format": "%.4g"}
        draw = st.number_input if typed or (knob.integer and knob.high > 300) else st.slider
        self._draw(draw, code, text, value, **limits, **kwargs)

    def flag(self, code: str, **kwargs: Any) -> None:
        value = self.state.get(code, str(int(self._meta[code]["default"]))) == "1"
        self._draw(st.toggle, code, label_of(code), value, **kwargs)

    def sizes(self, code: str, **kwargs: Any) -> None:
        """Layer widths as text, 16-16; what cannot be read is said and the last widths stay."""
        default = "-".join(map(str, self._meta[code]["default"]))
        shown = {"0": ""}.get(value := self.state.get(code, default), value)
        before = dict(self.state)
        self._draw(st.text_input, code, label_of(code), shown, placeholder=t("control.no_layers"), **kwargs)
        self.state[code] = "-".join(self.state[code].replace(",", " ").replace("-", " ").split()) or "0"
        _, problems = specs.from_query(self.kind, {code: self.state[code]})
        for problem in problems:
            st.caption(f":red[{not_taken(problem)}]")
            self.state.clear()
            self.state.update(before)

    def text(self, code: str, **kwargs: Any) -> None:
        """A line that a person types, kept as it is: what it means is for the page to say."""
        meta = self._meta[code]
        value = self.state.get(code, meta["default"])
        self._draw(st.text_input, code, label_of(code), value, max_chars=meta["most"], **kwargs)

    def numbers(self, code: str, **kwargs: Any) -> None:
        """A list of numbers as text, 1, 2.5; what cannot be read is said and the last numbers stay."""
        before = dict(self.state)
        default = "~".join(f"{v:g}" for v in self._meta[code]["default"])
        shown = self.state.get(code, default).replace("~", ", ")
        self._draw(st.text_input, code, label_of(code), shown, **kwargs)
        self.state[code] = "~".join(self.state[code].replace(",", " ").replace(";", " ").split())
        _, problems = specs.from_query(self.kind, {code: self.state[code]})
        for problem in problems:
            st.caption(f":red[{not_taken(problem)}]")
            self.state.clear()
            self.state.update(before)

    def put(self, code: str, value: float | Iterable[float]) -> None:
        """Set a number or a list of numbers from a callback (a click, a drag), each kept within the range of
        the field; its widget follows."""
        values, knob = [value] if isinstance(value, int | float) else value, self._meta[code]["knob"]
        self.write(code, "~".join(f"{min(max(v, knob.low), knob.high) + 0.0:.10g}" for v in values))

    def write(self, code: str, text: str) -> None:
        """Set what a link would say of a field, from a callback; its widget follows."""
        self.link.touch()
        self.state[code] = text
        for key in [key for key in st.session_state if str(key).startswith(f"{self.page}.{code}.")]:
            del st.session_state[key]

    def knobs(self, of: str, **kwargs: Any) -> None:
        """One slider for every knob of the variant that the field with the code `of` names."""
        for meta in self._meta.values():
            if meta["kind"] == "knobs" and meta["of_code"] == of:
                variant = meta["registry"][self.state.get(of, self._meta[of]["default"])]
                for name, knob in variant.knobs.items():
                    code = meta["prefix"] + name
                    symbol = f"${knob.symbol}$ " if knob.symbol else ""
                    label = symbol + knob_name(name, variant)
                    told = {"owner": variant.name, "help": knob_help(name, variant)}
                    self.number(code, knob, label, **told, **kwargs)

    def _forget_knobs(self, of: str) -> None:
        """What another variant has left of knobs by the same name, where the range is another."""
        for meta in self._meta.values():
            if meta["kind"] == "knobs" and meta["of_code"] == of:
                variant = meta["registry"][self.state.get(of, self._meta[of]["default"])]
                for name, knob in variant.knobs.items():
                    code = meta["prefix"] + name
                    if not knob.accepts(float(self.state.get(code, knob.default))):
                        del self.state[code]

    def _changed(self, more: Callable[[], None] | None) -> None:
        """What a widget calls when it was changed."""
        self.link.touch()
        if more:
            more()

    def _draw(self, widget: Any, code: str, label: str, value: Any, owner: str = "", **kwargs: Any) -> None:
        """Draw a widget whose state is this code. A link from outside makes new widgets, not stale ones."""
        if lessons.hidden(code):
            self.state[code] = _written(value)
            return
        key = f"{self.page}.{code}.{owner}.{st.session_state.get(f'_{self.page}_round', 0)}"
        kwargs["on_change"] = partial(self._changed, kwargs.get("on_change"))
        options = kwargs.get("options")
        if fixed := lessons.locked(code):
            kwargs["disabled"] = True
        if fixed or key not in st.session_state or (options and st.session_state[key] not in options):
            st.session_state[key] = value
        chosen = widget(label, key=key, **_begin(widget, st.session_state[key], options), **kwargs)
        self.state[code] = _written(value if fixed else chosen)


def _begin(widget: Any, value: Any, options: Any) -> dict[str, Any]:
    """The argument that has a widget begin with its value.

    The browser is told only once of a value put into the session's state: where another run begins before
    that was sent, the widget would show its first option, and the page what belongs to the value.
    """
    if widget == st.selectbox:
        return {"index": options.index(value)}
    return {"default" if widget in (st.pills, st.segmented_control) else "value": value}


def _written(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


@cache
def magnitudes(knob: Knob) -> list[float]:
    """1, 2 and 5 times every power of ten within the knob's range."""
    kind = int if knob.integer else float
    steps = (float(f"{m}e{e}") for e in range(-12, 7) for m in (1, 2, 5))
    return [kind(v) for v in steps if knob.low <= v <= knob.high and (not knob.integer or v >= 1)]
