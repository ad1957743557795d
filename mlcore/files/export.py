"""Tables out of the laboratory: CSV that a spreadsheet opens without running any of it."""

from __future__ import annotations

import csv
from typing import Any

import pandas as pd

from mlcore.files.numbers import is_number


def to_csv(frame: pd.DataFrame) -> str:
    """The frame, without its index, as CSV that a spreadsheet does not take for formulas.

    Text and names that start with `= + - @`, a tab or a line end get a leading apostrophe unless they are
    numbers. Every text is quoted, so that a spreadsheet that separates by semicolons cannot split one.
    Encode as utf-8-sig: without the mark, Excel misreads Korean.
    """
    inert = frame.map(_inert)
    inert.columns = [_inert(str(name)) for name in frame.columns]
    return str(inert.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n"))


def _inert(cell: Any) -> Any:
    if not isinstance(cell, str) or not cell.startswith(tuple("=+-@\t\r\n＝＋－＠")):
        return cell
    return cell if is_number(cell) else "'" + cell
