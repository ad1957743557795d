"""The link of a page: the codes that it says, who wrote them, and how they are written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import streamlit as st

from pages.ui.text import language

LATEST = 8  # links of this session that are remembered


class Link:
    """What the link says as a run begins. `codes` are those of a spec; the codes `keep` are not."""

    def __init__(self, page: str, keep: Iterable[str] = ()) -> None:
        self.page, self.keep = page, frozenset({"lang", *keep})
        given = {code: st.query_params.get_all(code) for code in st.query_params}
        self.repeated = [code for code, values in given.items() if len(values) > 1]
        self.codes = {code: values[-1] for code, values in given.items() if values and code not in self.keep}
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
        kept = {c: st.query_params.get_all(c)[-1] for c in self.keep if c in st.query_params}
        wanted = {**kept, "lang": language(), **codes}
        if anew or wanted != st.query_params.to_dict():
            st.query_params.from_dict(wanted)
