"""A table of one's own: the upload, what was read, which column is the target, and what to note about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st

from mlcore.base import spec as specs
from mlcore.base.limits import limits
from mlcore.files import records, store, tables, workbook
from mlcore.files.escape import line
from mlcore.files.tables import Table
from mlcore.training.data import DataSpec
from pages.ui import uploads
from pages.ui.controls import Controls
from pages.ui.text import t
from pages.ui.text.problems import REFUSALS, note, refusal

MOST = 5000  # examples of one data set
PREVIEW = 8  # rows
UPLOAD, PROBLEM, LAST = "_upload", "_upload_problem", "_table"  # of the session


def upload(controls: Controls[DataSpec]) -> Table | None:
    """The field for a file, and the table in use, if there is one."""

    def take() -> None:
        """A file that can be read becomes the table; any other leaves everything as it was."""
        st.session_state[PROBLEM] = None
        if (file := st.session_state[UPLOAD]) is None:
            return  # taken out of the field: the table in use stays
        try:
            table = tables.read(raw := workbook.as_csv(file.getvalue()))
            chosen = DataSpec("csv", examples=min(MOST, max(20, table.rows)), table=store.put(raw))
        except REFUSALS as error:
            st.session_state[PROBLEM] = error
            return
        kept = controls.current()
        controls.load(
            replace(chosen, test_share=kept.test_share, standardize=kept.standardize, seed=kept.seed)
        )

    bounds = {"mb": limits().upload, "rows": records.MAX_ROWS, "columns": records.MAX_COLUMNS}
    told = t("data.upload_help", **bounds)
    uploads.field(t("data.upload"), ["csv", "txt", "tsv", "xlsx"], UPLOAD, take, bounds["mb"], told)
    table = _current(controls)
    if (problem := st.session_state.get(PROBLEM)) is not None:
        st.error(f"{refusal(problem)} {t('data.kept') if table else ''}")
    if table is not None:
        _target(controls, table)
        _what_was_read(table)
    return table


def _current(controls: Controls[DataSpec]) -> Table | None:
    """The table of the link, else the last one of this session."""
    digest = controls.state.get("table") or st.session_state.get(LAST, "")
    if not digest:
        return None
    controls.state["table"] = digest
    try:
        table = opened(digest)
    except REFUSALS:
        return None  # loading the data says why
    st.session_state[LAST] = digest
    return table


@st.cache_resource(max_entries=8, show_spinner=False)
def opened(digest: str) -> Table:
    """The table of this digest. Raises a refusal."""
    return tables.read(store.get(digest))


def _target(controls: Controls[DataSpec], table: Table) -> None:
    """Which column is predicted (a link names it by its number, the last one by -1), and as what."""
    last = len(table.columns) - 1
    names = {str(i): line(column.name) for i, column in enumerate(table.columns[:-1])}
    names["-1"] = line(table.columns[-1].name)
    given = controls.state.get("target", "-1")
    if given not in names:
        if given != str(last):
            limits = {"low": -1, "high": last}
            controls.problems.append(specs.Problem("target", given, "", "whole", limits))
        controls.state["target"] = "-1"
    column, task, _ = st.columns([2, 2, 3])
    with column:
        controls.select("target", names, owner=table.digest)
    with task:
        controls.choice("task", "task", owner=table.digest)


def _what_was_read(table: Table) -> None:
    """The first rows and a line for every column."""
    with st.expander(t("data.read", rows=table.rows, columns=len(table.columns))):
        rows, columns = st.tabs([t("data.first_rows"), t("data.columns")])
        first = table.frame.head(PREVIEW)
        first.columns = [line(name) for name in first.columns]
        rows.dataframe(first.map(lambda cell: line(cell) if isinstance(cell, str) else cell), hide_index=True)
        columns.dataframe(_columns(table), hide_index=True)
        if any(told.code == "sheet" for told in table.notes):  # what links and scripts read of a workbook
            st.download_button(
                t("data.sheet_csv"), lambda: store.get(table.digest), "data.csv", "text/csv",
                key="_sheet_csv", on_click="ignore",
            )  # fmt: skip


def _columns(table: Table) -> pd.DataFrame:
    fields = {
        "column": [line(column.name) for column in table.columns],
        "kind": [t(f"data.column.{column.kind}") for column in table.columns],
        "missing": [column.missing for column in table.columns],
        "distinct": [column.distinct for column in table.columns],
        "low": [column.low for column in table.columns],
        "high": [column.high for column in table.columns],
    }
    return pd.DataFrame({t(f"data.column.{name}"): values for name, values in fields.items()})


def notes(told: Iterable[tuple[str, Mapping[str, object]]]) -> None:
    """What was done to the data unasked, as a list."""
    if lines := [note(code, values) for code, values in told]:
        st.caption("\n".join(f"- {text}" for text in lines))


def unused(name: str, taken: Iterable[str]) -> str:
    """The name, with strokes where a column of this page has the same."""
    return name if name not in taken else unused(name + "′", taken)
