"""A picture of one's own, which stays with whoever brought it: in no link, no store and no shared cache."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from mlcore.base.limits import limits
from mlcore.files import picture
from mlcore.files.picture import Picture, PictureError
from pages.ui import uploads
from pages.ui.text import Text, t
from pages.ui.text.problems import refusal

T = TypeVar("T")

OWN, PROBLEM, FIELD = "_picture", "_picture_problem", "_picture_field"  # of the session
FEW = 8  # results of each kind that a session keeps


def own() -> Picture | None:
    """The picture of this session, if there is one."""
    found: Picture | None = st.session_state.get(OWN)
    return found


def choose(none: Text | None = None) -> Picture | None:
    """The field for a picture, a sentence for what is none; or what is in use, and a way to be rid of it.

    `none` is said where there is no picture yet. On a phone such a field offers the camera. After every file
    it is a new one, and the bytes are gone.
    """
    if (found := own()) is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            said = t("frame.picture.yours", kind=found.kind, width=found.width, height=found.height)
            st.caption(f"{said} {t('frame.picture.first', count=found.frames) if found.frames > 1 else ''}")
            st.button(t("frame.picture.remove"), on_click=_forget, key="_picture_remove")
        return found
    count = st.session_state.setdefault(FIELD, 0)
    key = f"{FIELD}{count}"

    def take() -> None:
        if (file := st.session_state[key]) is None:
            return
        _forget()
        st.session_state[FIELD] = count + 1
        try:
            st.session_state[OWN] = picture.read(file.getvalue())
        except PictureError as error:
            st.session_state[PROBLEM] = error
        finally:
            _drop(file)

    megabytes = limits().upload
    told = t("frame.picture.help", mb=megabytes)
    uploads.field(t("frame.picture.upload"), picture.KINDS, key, take, megabytes, told)
    if (problem := st.session_state.get(PROBLEM)) is not None:
        st.error(refusal(problem))
    st.info(none or t("frame.picture.none"))
    return None


def _forget() -> None:
    for name in (OWN, PROBLEM):
        st.session_state.pop(name, None)


def cached(most: int) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """`st.cache_resource` for functions of a key first and a picture, or None, last.

    Without a picture `most` results are kept for everybody; what a picture is in, for its session alone.
    """

    def keep(compute: Callable[..., T]) -> Callable[..., T]:
        everybody = st.cache_resource(max_entries=most, show_spinner=False)(compute)
        alone = st.cache_resource(max_entries=FEW, show_spinner=False, scope="session")(compute)

        @wraps(compute)
        def found(key: str, *rest: Any) -> T:
            picture: Picture | None = rest[-1]
            return everybody(key, *rest) if picture is None else alone(f"{key}/{picture.digest}", *rest)

        return found

    return keep


def _drop(file: UploadedFile) -> None:
    """Streamlit would keep the bytes until the session ends, as many as there were files."""
    run = get_script_run_ctx()
    if run and isinstance(run.uploaded_file_mgr, MemoryUploadedFileManager):
        run.uploaded_file_mgr.remove_file(run.session_id, file.file_id)
