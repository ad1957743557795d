"""Numbers and dates as people write them: which columns hold some, in which way of writing, and their values.

`1,234` is a thousand to some and little more than one to others, so one cell does not decide: `reading` looks
at all cells of a column. `number`, `comma_number` and `days` find the value of a cell whose way of writing is
known. An exported script runs their code as it stands here (`mlcore.script.table`), so all that they need
stands within them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from mlcore.files.escape import line
from mlcore.files.table_problems import Note

Reading = Literal["plain", "point", "comma", "date"]  # what reads it: float, number, comma_number or days

# No part of a pattern can match where its neighbor does: the time stays linear in the length of a cell.
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d+(,\d*)?|,\d+)([eE][+-]?\d+)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?", re.ASCII)
_UNIT = re.compile("[$€£¥₩원%]")

# Written out, as many characters count as digits that are none here: superscripts, circled and Arabic ones.
_DIGIT, _SIGN, _SPACE = "[0-9０-９]", "[-+−－＋]", "[ \u00a0\u2009\u202f]"
_BEFORE, _AFTER = "[$€£¥₩＄￡￥￦]", "[$€£¥₩＄￡￥￦%％원]"
_POINT_SIGN, _COMMA_SIGN = "[.．]", "[,，]"


def _written(decimal: str, group: str) -> re.Pattern[str]:
    """A sign, a unit, digits in groups of three or none, a fraction, an exponent, a unit."""
    three = f"{_DIGIT}{{3}}"
    grouped = rf"[1-9１-９]{_DIGIT}{{0,2}}(?P<group>{group}|{_SPACE}|['’]){three}(?:(?P=group){three})*"
    digits = (
        rf"(?:(?:{grouped}|{_DIGIT}+)(?:{decimal}{_DIGIT}*)?|{decimal}{_DIGIT}+)(?:[eE]{_SIGN}?{_DIGIT}+)?"
    )
    head = rf"(?:{_SIGN}?(?:{_BEFORE}{_SPACE}?)?|{_BEFORE}{_SPACE}?{_SIGN})"
    return re.compile(rf"{head}{digits}(?:{_SPACE}?{_AFTER})?")


_BY_POINT, _BY_COMMA = _written(_POINT_SIGN, _COMMA_SIGN), _written(_COMMA_SIGN, _POINT_SIGN)


def is_number(cell: str) -> bool:
    """Whether a spreadsheet of any country takes the cell for a number or leaves it as it is."""
    return bool(_PLAIN.fullmatch(cell) or _COMMA.fullmatch(cell))


def shows_number(cell: str) -> bool:
    return bool(_BY_POINT.fullmatch(cell) or _BY_COMMA.fullmatch(cell))


def shows_date(cell: str) -> bool:
    """Whether it is a day of the calendar, the year first: 2026-02-30 is none."""
    try:
        return bool(_DATE.fullmatch(cell)) and days(cell) is not None
    except ValueError:
        return False


def shows_value(cell: str) -> bool:
    """Whether it is a number or a day: no name of a column."""
    return shows_number(cell) or shows_date(cell)


def unit(cell: str) -> str:
    """The percent or currency sign in a number; the won has two."""
    found = _UNIT.search(unicodedata.normalize("NFKC", cell))
    return found[0].replace("원", "₩") if found else ""


def reading(cells: Sequence[str], separator: str) -> Reading | None:
    """How to read a column of these cells, none of them missing, from a file with this separator.

    What fits a single reading decides for all. Where both a decimal point and a decimal comma fit, as with
    `1,234` alone, a comma groups thousands in a file separated by commas and is a decimal comma in others.
    """
    if all(map(_PLAIN.fullmatch, cells)):
        return "plain"
    if all(map(shows_date, cells)):
        return "date"
    units = {unit(cell) for cell in cells}
    if len(units - {""}) > 1 or {"", "%"} <= units:
        return None  # 12% and 0.12, or dollars and won, do not compare
    point, comma = (all(map(form.fullmatch, cells)) for form in (_BY_POINT, _BY_COMMA))
    told = any("," in cell or "，" in cell for cell in cells)  # by a point alone none changes its meaning
    if point and not (comma and told and separator != ","):
        return "point"
    return "comma" if comma else None


def reader(read: Reading) -> Callable[[str], float]:
    readers: dict[str, Callable[[str], float]]
    readers = {"plain": float, "point": number, "comma": comma_number, "date": days}
    return readers[read]


def number(cell: str) -> float:
    """The number that a cell shows with a decimal point, without its unit and what groups its digits."""
    shown = unicodedata.normalize("NFKC", cell).replace("\u2212", "-")
    return float(re.sub("[^0-9.eE+-]", "", shown))


def comma_number(cell: str) -> float:
    """The number that a cell shows with a decimal comma."""
    shown = unicodedata.normalize("NFKC", cell)
    return number(shown.replace(".", "").replace(",", "."))


def days(cell: str) -> float:
    """Days from 1970-01-01 to a date, with the time of day as a fraction."""
    return (datetime.fromisoformat(cell) - datetime(1970, 1, 1)) / timedelta(days=1)


def notes(name: str, cells: Sequence[str], read: Reading) -> list[Note]:
    """What the owner of a column should know about how its cells were read, each with one of them."""
    form = {"point": _BY_POINT, "comma": _BY_COMMA}.get(read)
    if form is None:
        told = [("dates", cell) for cell in cells[:1] if read == "date"]
    else:
        found = [(cell, form.fullmatch(cell)) for cell in cells]
        fractions = [cell for cell in cells if read == "comma" and re.search(_COMMA_SIGN, cell)]
        groups = [cell for cell, match in found if match and match["group"]]
        units = [cell for cell in cells if unit(cell)]
        kind = "percent" if units and unit(units[0]) == "%" else "currency"
        listed = (("decimal_comma", fractions), ("thousands", groups), (kind, units))
        told = [(code, some[0]) for code, some in listed if some]
    return [
        Note(code, {"name": name, "cell": line(cell), "value": f"{reader(read)(cell):.15g}"})
        for code, cell in told
    ]
