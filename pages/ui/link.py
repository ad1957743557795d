"""The link of a page: the codes that it says, who wrote them, and how they are written.

In a lesson, the link says only what differs from the step: a code that is not there is as the step sets it,
and BEGIN stands for what the room itself begins with.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import streamlit as st

from pages.ui import lessons
from pages.ui.text import language

BEGIN = "*"
LATEST = 8  # links of this session that are remembered


def base() -> str:
    """The address of the laboratory as this browser has it, without a page: right behind any proxy."""
    here = urlsplit(st.context.url or "")
    return f"{here.scheme}://{here.netloc}{here.path.rpartition('/')[0]}"


class Link:
    """What the link says as a run begins. `codes` are those of a spec; the codes `keep` are not.

    `usual` are codes that stand where the link says nothing.
    """

    def __init__(self, page: str, keep: Iterable[str] = (), usual: Mapping[str, str] | None = None) -> None:
        self.page, self.keep = page, frozenset({"lang", *lessons.CODES, *keep})
        self.usual = dict(usual or {})
        given = {code: st.query_params.get_all(code) for code in st.query_params}
        self.repeated = [code for code, values in given.items() if len(values) > 1]
        own = {code: values[-1] for code, values in given.items() if values and code not in self.keep}
        whole = {**self.usual, **own}
        self.codes = {code: value for code, value in whole.items() if not (self.usual and value == BEGIN)}
        touched = st.session_state.pop(f"_{page}_touched", False)
        ours = st.session_state.get(f"_{page}_link")
        # A browser that is quicker than the link that we wrote sends an older one along with what a hand did.
        self.foreign = self.codes != ours and not (touched and self.codes in self._written)

    @property
    def _written(self) -> deque[dict[str, str]]:
        written: deque[dict[str, str]]
        written = st.session_state.setdefault(f"_{self.page}_written", deque(maxlen=LATEST))
        return written

    def touch(self) -> None:
        """From a callback: the next run begins because a hand changed a control."""
        st.session_state[f"_{self.page}_touched"] = True

    def write(self, codes: dict[str, str], anew: bool = False) -> None:
        """Say these codes from now on; the link is written if it says anything else, or `anew`."""
        st.session_state[f"_{self.page}_link"] = codes
        if codes not in self._written:
            self._written.append(codes)
        wanted = {"lang": language(), **self.kept(), **self._said(codes)}
        if anew or wanted != st.query_params.to_dict():
            st.query_params.from_dict(wanted)

    def take(self, codes: Mapping[str, str]) -> None:
        """From a callback: the next run opens these codes as a link from outside."""
        st.query_params.from_dict({**self.kept(), **self._said(codes)})

    def kept(self) -> dict[str, str]:
        return {c: st.query_params.get_all(c)[-1] for c in self.keep if c in st.query_params}

    def _said(self, codes: Mapping[str, str]) -> dict[str, str]:
        changed = {code: value for code, value in codes.items() if self.usual.get(code) != value}
        return changed | {code: BEGIN for code in self.usual if code not in codes}
