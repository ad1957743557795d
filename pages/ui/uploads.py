"""A field for a file, with a sentence for what it does not take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from pages.ui.text import t


def field(
    label: str,
    kinds: Sequence[str] | Mapping[str, str],
    key: str,
    take: Callable[[], None],
    megabytes: int,
    told: str | None = None,
) -> None:
    """Files of these kinds up to so many megabytes: ends of names, or MIME types and what these are called
    (of pictures, as phones then offer the camera). `take` is called when one is there or is taken away.

    Streamlit marks a file that does not fit without a word, and without telling the server: so the sentence
    is always there, and page.css shows it beside such a mark.
    """
    named = ", ".join(kinds.values() if isinstance(kinds, Mapping) else kinds).upper()
    with st.container(key=f"upload{key}"):
        st.file_uploader(label, list(kinds), key=key, on_change=take, max_upload_size=megabytes, help=told)
        with st.container(key=f"unfit{key}"):
            st.markdown(f":red[{t('frame.unfit', kinds=named, mb=megabytes)}]")
