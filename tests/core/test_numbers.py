"""Numbers as people write them: the value of every way of writing, and what decides where two would do."""

from __future__ import annotations

import datetime
import io
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.files import numbers
from mlcore.files.table_problems import TableError
from mlcore.files.tables import Table, read


def told(table: Table) -> list[str]:
    assert all(str(note) and note.markdown() for note in table.notes)
    return [note.code for note in table.notes]


def column(cells: list[str], separator: str = ",") -> Table:
    return read("\n".join([f"a{separator}b", *(f'"{cell}"{separator}1' for cell in cells)]).encode())


def values(cells: list[str], separator: str = ",") -> list[Any]:
    return list(column(cells, separator).frame["a"])


WRITTEN = [
    (["1,234", "12"], [1234, 12], ["thousands"]),
    (["1,234,567.25", "-2,000"], [1234567.25, -2000], ["thousands"]),
    (["1.234,5", "2.000"], [1234.5, 2000], ["decimal_comma", "thousands"]),
    (["1.234.567", "1.000"], [1234567, 1000], ["thousands"]),
    (["1,234", "1,5"], [1.234, 1.5], ["decimal_comma"]),
    (["0,125"], [0.125], ["decimal_comma"]),
    (["1 234", "12 345 678.5"], [1234, 12345678.5], ["thousands"]),
    (["1\u202f234,5", "7"], [1234.5, 7], ["decimal_comma", "thousands"]),
    (["1'234", "1’000"], [1234, 1000], ["thousands"]),
    (["12%", "7.5 %", "-3％"], [12, 7.5, -3], ["percent"]),
    (["₩1,000", "￦ 20", "3,000원"], [1000, 20, 3000], ["thousands", "currency"]),
    (["$5", "-$1.50", "$-2", "7"], [5, -1.5, -2, 7], ["currency"]),
    (["5 €", "1,50 €", "-2€"], [5, 1.5, -2], ["decimal_comma", "currency"]),
    (["£3", "¥4".replace("¥", "£")], [3, 4], ["currency"]),
    (["−3.5", "+2", "1e−3"], [-3.5, 2, 0.001], []),
    (["１２", "－３．５", "１，０００"], [12, -3.5, 1000], ["thousands"]),
    (["2026-01-05", "1969-12-31", "2024-02-29"], [20458, -1, 19782], ["dates"]),
    (["2026-01-05 06:00", "2026-01-05T12:00:00"], [20458.25, 20458.5], ["dates"]),
]


@pytest.mark.parametrize(("cells", "expected", "notes"), WRITTEN)
def test_every_way_of_writing_has_its_value_and_its_note(
    cells: list[str], expected: list[float], notes: list[str]
) -> None:
    table = column(cells)
    assert table.columns[0].kind == "number"
    assert table.frame["a"].tolist() == expected
    assert told(table) == notes


def test_a_note_says_how_a_cell_was_read() -> None:
    assert [str(note) for note in column(["1,234", "₩5"]).notes] == [
        "The digits in 'a' were read as grouped by thousands: '1,234' is 1234.",
        "The currency signs in 'a' were dropped: '₩5' is 5.",
    ]
    assert str(column(["12%"]).notes[0]) == "The percent signs in 'a' were dropped: '12%' is 12."
    dated = str(column(["2026-01-05"]).notes[0])
    assert dated == "The dates in 'a' were read as days since 1970-01-01: '2026-01-05' is 20458."


@pytest.mark.parametrize(("separator", "expected"), [(",", 1234), (";", 1.234), ("\t", 1.234), ("|", 1.234)])
def test_where_two_readings_fit_the_separator_decides(separator: str, expected: float) -> None:
    assert values(["1,234", "5"], separator) == [expected, 5]


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1,234", "1,234,567"], [1234, 1234567]),
        (["1,234", "0.5"], [1234, 0.5]),
        (["1,234", "2,5"], [1.234, 2.5]),
    ],
)
def test_what_fits_one_reading_decides_for_its_column(
    cells: list[str], expected: list[float], separator: str
) -> None:
    assert values(cells, separator) == expected


@pytest.mark.parametrize(
    "cells",
    [["1,5", "1.5"], ["1,234.5", "1.234,5"], ["12%", "0.12"], ["$5", "₩5"], ["12%", "$12"]],
)
def test_numbers_that_do_not_compare_stay_text_with_a_sentence(cells: list[str]) -> None:
    table = column([*cells, *cells])
    assert (table.columns[0].kind, told(table)) == ("text", ["differently"])
    assert table.notes[0].values == {"name": "a", "cell": cells[0], "other": cells[1]}


def test_a_day_that_is_none_makes_dates_text_and_is_named() -> None:
    days = [f"2026-01-{day:02}" for day in range(1, 20)]
    table = column([*days, "2026-02-30"])
    assert table.columns[0].kind == "text"
    assert [(note.code, note.values) for note in table.notes] == [
        ("mixed_dates", {"name": "a", "cell": "2026-02-30", "numbers": 19, "others": 1})
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "1,23",
        "12,34,567",
        "1,2345",
        "0,123,456",
        "1,234 567",
        "--1",
        "$-",
        "%",
        "12%%",
        "1,",
        "2026-13-01",
        "20260105",
        "2026-1-5",
        "1 23",
        "$$5",
        "-$-5",
        "1²",
        "①",
        "5㎏",
        "1e5e",
        "0x1F",
        "1_000",
        "원",
        "5원짜리",
    ],
)
def test_what_is_no_number_or_date(cell: str) -> None:
    """`1,23` and `1,` are decimal commas, `20260105` is a whole number; none of them is anything else."""
    expected = {"1,23": 1.23, "1,": 1.0, "20260105": 20260105.0, "1,2345": 1.2345}
    found = column([cell, cell])
    assert found.columns[0].kind == ("number" if cell in expected else "text")
    assert found.columns[0].low == expected.get(cell)


def test_a_line_of_numbers_as_people_write_them_is_no_header() -> None:
    table = read(b'"1,000",12%,2026-01-05\n"2,000",13%,2026-01-06\n')
    assert table.rows == 2
    assert told(table) == ["no_header", "thousands", "percent", "dates"]


finite = st.floats(-1e15, 1e15)


@given(st.lists(finite, min_size=1, max_size=6), st.sampled_from(["", "$", "₩", "€"]), st.booleans())
def test_pandas_reads_the_same_thousands(found: list[float], sign: str, wide: bool) -> None:
    """The oracle is read_csv(thousands=","), which knows no units; Python wrote the cells."""
    cells = [f"{value:,.3f}" for value in found]
    text = "a,b\n" + "".join(f'"{cell}",1\n' for cell in cells)
    oracle = pd.read_csv(io.StringIO(text), thousands=",")["a"].to_numpy()
    shown = [cell.replace("-", "−" + sign) if cell.startswith("-") else sign + cell for cell in cells]
    if wide:
        shown = ["".join(chr(ord(c) + 0xFEE0) if c in "0123456789.," else c for c in cell) for cell in shown]
    np.testing.assert_allclose(values(shown), oracle, rtol=1e-15)


@given(st.lists(finite, min_size=1, max_size=6))
def test_pandas_reads_the_same_decimal_commas(found: list[float]) -> None:
    swap = str.maketrans(",.", ".,")
    cells = [f"{value:,.2f}".translate(swap) for value in found]
    text = "a;b\n" + "".join(f"{cell};1\n" for cell in cells)
    oracle = pd.read_csv(io.StringIO(text), sep=";", thousands=".", decimal=",")["a"].to_numpy(float)
    np.testing.assert_allclose(read(text.encode()).frame["a"], oracle, rtol=1e-15)


@given(
    st.lists(
        st.datetimes(datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31)), min_size=1, max_size=6
    )
)
def test_pandas_counts_the_same_days(found: list[datetime.datetime]) -> None:
    cells = [moment.isoformat("T", "seconds") for moment in found]
    oracle = np.array(cells, dtype="datetime64[s]").astype("int64") / 86_400
    np.testing.assert_allclose(values(cells), oracle, rtol=1e-15)


@given(st.text(st.sampled_from("0123456789,.−-+eE$₩%원 '\u202f０９，．")))
def test_the_two_readers_take_whatever_their_patterns_let_through(cell: str) -> None:
    for read_as in ("point", "comma"):
        if numbers.reading([cell], ";" if read_as == "comma" else ",") in ("point", "comma"):
            found = numbers.reading([cell], ",")
            assert found is not None
            assert isinstance(numbers.reader(found)(cell), float)


@pytest.mark.parametrize(
    "cell", ["1,234" * 3000, "1 " * 9000, "$" * 19_000, "1,000" + ",000" * 4000, "9" * 19_000]
)
def test_time_is_linear_in_the_length_of_a_cell(cell: str) -> None:
    start = time.perf_counter()
    numbers.shows_number(cell)
    numbers.shows_date(cell)
    assert time.perf_counter() - start < 0.1


# --- what stands before a table, and between its columns --------------------------------------------------


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_separator_that_excel_declares_is_obeyed(first: str) -> None:
    table = read(f"{first}\na,x;b\n1,5;2\n".encode())
    assert [c.name for c in table.columns] == ["a,x", "b"]
    assert table.frame["a,x"].tolist() == [1.5]


def test_a_declared_separator_may_be_any_sign() -> None:
    assert read(b"sep=^\na^b\n1^2\n").frame["b"].tolist() == [2]
    assert read(b"sep=\t\na\tb\n1\t2\n").frame["b"].tolist() == [2]
    assert read(b"sep= \na  b\n1  2\n").frame["b"].tolist() == [2]
    with pytest.raises(TableError) as caught:
        read(b"sep=;\na;b\n1;2\n3;4;5\n")
    assert caught.value.values["line"] == 4


def test_comments_before_the_table_are_skipped_and_said() -> None:
    table = read(b'# from the lab\n\n# it\'s "raw", really, or so\na,b\n1,2\n3,4\n')
    assert [c.name for c in table.columns] == ["a", "b"]
    assert [(note.code, note.values["count"]) for note in table.notes] == [("comments", 2)]
    with pytest.raises(TableError) as caught:
        read(b"# one\n# two\na,b\n1,2\n3\n")
    assert caught.value.values["line"] == 5


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("#,a,b\n1,2,3\n", ["#", "a", "b"]),
        ("# x,y\n1,2\n", ["# x", "y"]),
        ("# saved again by a spreadsheet,\na,b\n1,2\n", ["a", "b"]),
        ("# made by hand\n#,a\n1,2\n", ["#", "a"]),
        ("# of mice, of men\na,b\n1,2\n", ["a", "b"]),
        ("color,n\n#ff0000,1\n#00ff00,2\n", ["color", "n"]),
        ("#ff0000,1\n#00ff00,2\n", ["#ff0000", "1"]),
    ],
)
def test_a_line_that_may_be_the_header_is_no_comment(text: str, names: list[str]) -> None:
    assert [c.name for c in read(text.encode()).columns] == names


def test_columns_may_be_separated_by_runs_of_spaces() -> None:
    table = read(b'  x   y  place\n 1  2.5   "New York"\n10     3  Seoul   \n')
    assert [c.name for c in table.columns] == ["x", "y", "place"]
    assert table.frame.to_numpy().tolist() == [[1, 2.5, "New York"], [10, 3, "Seoul"]]


def test_spaces_separate_nothing_where_something_else_does() -> None:
    table = read(b"first name,last name\nA B,C D\nE F,G H\n")
    assert [c.name for c in table.columns] == ["first name", "last name"]
    for ragged in (b"a b\n1 2\n3 4 5\n", b"a b,c\n1 2,3\n4 5,6,7\n"):
        with pytest.raises(TableError):
            read(ragged)
