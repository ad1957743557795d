"""Uploaded tables: what is read is exact; what cannot be used gets a code and a sentence before it costs."""

import codecs
import csv
import hashlib
import io
import pickle
import unicodedata
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcore.files import records, tables
from mlcore.files.examples import Prepared, fill, prepare
from mlcore.files.export import to_csv
from mlcore.files.table_problems import PROBLEMS, TableError
from mlcore.files.tables import Table, read
from tests.core.test_workbook import REFUSED as WORKBOOKS

patient = settings(suppress_health_check=[HealthCheck.too_slow])  # busy machines


def refused(raw: bytes) -> TableError:
    with pytest.raises(TableError) as caught:
        prepare(read(raw))
    assert str(caught.value).endswith(".")
    assert str(caught.value) == PROBLEMS[caught.value.code].format(**caught.value.values)
    return caught.value


def codes(item: Table | Prepared) -> list[str]:
    assert all(str(note) for note in item.notes)
    return [note.code for note in item.notes]


def column(table: Table, name: str) -> list[Any]:
    return table.frame[name].tolist()


def rows(*lines: str, header: str = "a,b") -> bytes:
    return "\n".join([header, *lines]).encode()


def counted(count: int, cell: str = "{}") -> bytes:
    """Rows i², cell(i): the last column is the target."""
    return rows(*(f"{i * i},{cell.format(i)}" for i in range(count)))


# --- refusals ----------------------------------------------------------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
REFUSED = {
    "empty file": (b"", "empty"),
    "white space": (b" \r\n\t \n\n", "empty"),
    "byte order mark alone": (codecs.BOM_UTF8, "empty"),
    "separators alone": (b",,\n,,\n", "empty"),
    "header alone": (b"a,b\n", "header_only"),
    "picture": (PNG, "binary"),
    "workbook that nobody unpacked": (b"PK\x03\x04\x14\x00\x06\x00", "workbook"),
    "old xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
    "NUL bytes": (b"a,b\n1,2\n3,\x004\n", "binary"),
    "NUL in UTF-16": ("a,b\n1,\x002\n".encode("utf-16"), "binary"),
    "UTF-16 without a mark": ("a,b\n1,2\n".encode("utf-16-le"), "binary"),
    "half a character": (codecs.BOM_UTF8 + b"a,b\n1,\xea\xb0\n", "encoding"),
    "no encoding at all": (b"a,b\n1,\x81\x20\n", "encoding"),
    "one column": (b"a\n1\n2\n", "one_column"),
    "one column with a trailing comma": (b"a,\n1,\n2,\n", "one_column"),
    "separated by spaces, and ragged": (b"a b\n1 2\n3 4 5\n", "one_column"),
    "a million columns": (b",".join([b"a"] * 10**6) + b"\n" + b",".join([b"1"] * 10**6), "long_line"),
    "65 columns": (b",".join([b"a"] * 65) + b"\n" + b",".join([b"1"] * 65), "too_many_columns"),
    "one enormous line": (b"a,b\n1," + b"x" * 3_000_000, "long_line"),
    "20,001 rows": (b"a,b\n" + b"1,2\n" * 20_001, "too_many_rows"),
    "20,001 rows without a header": (b"1,2\n" * 20_001, "too_many_rows"),
    "a million rows": (b"a,b\n" + b"1,2\n" * 900_000, "too_many_rows"),
    "row too long": (b"a,b\n1,2\n1,2,3\n", "ragged"),
    "row too short": (b"a,b,c\n1,2,3\n1,2\n", "ragged"),
    "unclosed quote": (b'a,b\n1,2\n3,"4\n5,6\n', "unclosed_quote"),
    "text behind a quote": (b'a,b\n1,2\n"3"x,4\n', "unclosed_quote"),
    "quote in the header": (b'"a,b\n1,2\n', "unclosed_quote"),
    "quoted cell longer than csv takes": (
        b'a,b\n1,"' + b"x" * 19_000 + b"\n" + (b"y" * 19_000 + b"\n") * 8,
        "unclosed_quote",
    ),
    "nine rows": (counted(9), "too_few_rows"),
    "no target": (rows(*["1,"] * 20), "too_few_rows"),
    "NaN and infinity everywhere": (rows(*["nan,inf", "-Inf,NaN", "NA,-inf"] * 10), "too_few_rows"),
    "one class": (rows(*(f"{i},yes" for i in range(20))), "constant_target"),
    "10,000 classes": (counted(10_000, "name {}"), "too_many_classes"),
    "21 classes": (counted(21, "name {}"), "too_many_classes"),
    "all text": (rows(*(f"name {i},{i % 2}" for i in range(20))), "no_features"),
    "constant feature": (rows(*(f"7,{i}" for i in range(20))), "no_features"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_files_are_refused(name: str) -> None:
    raw, code = REFUSED[name]
    assert refused(raw).code == code


def test_a_huge_file_is_not_even_looked_at() -> None:
    class Huge(bytes):
        def __len__(self) -> int:
            return 200 * 2**20

        def untouchable(self, *_: object) -> NoReturn:
            raise AssertionError("the file was read")

        startswith = rstrip = decode = __getitem__ = __iter__ = untouchable  # type: ignore[assignment]

    problem = refused(Huge())
    assert problem.code == "too_large"
    assert problem.values == {"megabytes": 200.0, "limit": 4.0}
    assert "200.0 MB" in str(problem)


@pytest.mark.parametrize("name", ["a million columns", "one enormous line", "a million rows", "picture"])
def test_what_would_be_slow_is_refused_before_it_is_parsed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("the file was parsed")

    monkeypatch.setattr(csv, "reader", parse)
    monkeypatch.setattr(pd, "read_csv", parse)
    assert refused(REFUSED[name][0]).code == REFUSED[name][1]


def test_the_limits_themselves_are_allowed() -> None:
    assert read(b"a,b\n" + b"1,2\n" * records.MAX_ROWS).rows == records.MAX_ROWS
    widest = read(b",".join(b"c%d" % i for i in range(64)) + b"\n" + b",".join([b"1"] * 64))
    assert len(widest.columns) == 64
    assert prepare(read(counted(10))).x.shape == (10, 1)
    assert len(prepare(read(counted(20, "name {}"))).class_names) == 20


def test_ragged_rows_and_quotes_are_named_by_their_line() -> None:
    problem = refused(b'a,b\n"one\ntwo",1\n\n3,4,5\n')
    assert problem.values == {"line": 5, "cells": 3, "expected": 2}
    assert "Line 5 has 3 cells" in str(problem)
    assert refused(REFUSED["unclosed quote"][0]).values == {"line": 3}


def test_control_characters_are_named_by_their_byte() -> None:
    assert refused(REFUSED["NUL bytes"][0]).values == {"position": 11}
    assert refused(REFUSED["NUL in UTF-16"][0]).values == {"position": 2 + 2 * 6 + 1}


def test_counts_stand_in_the_sentence() -> None:
    assert "10,000 classes; at most 20" in str(refused(counted(10_000, "name {}")))
    assert "65 columns; at most 64" in str(refused(REFUSED["65 columns"][0]))


def test_every_code_is_met() -> None:
    met = {code for _, code in REFUSED.values()}
    met |= {code for _, code in WORKBOOKS.values()} | {"unpacked", "sheet_large"}
    assert met | {"too_large", "unknown_column", "unknown_task", "text_target"} == set(PROBLEMS)


def test_a_problem_survives_the_way_between_processes() -> None:
    problem = refused(b"a,b\n1,2,3\n")
    again = pickle.loads(pickle.dumps(problem))
    assert type(again) is TableError
    assert (again.code, again.values, str(again)) == (problem.code, problem.values, str(problem))


# --- reading -----------------------------------------------------------------------------------------------

KOREAN = "이름,키\n김철수,170.5\n이영희,160\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949", "euc-kr"])
def test_korean_in_every_usual_encoding(encoding: str) -> None:
    table = read(KOREAN.encode(encoding))
    assert column(table, "이름") == ["김철수", "이영희"]
    assert column(table, "키") == [170.5, 160.0]
    assert codes(table) == (["encoding_guessed"] if encoding in ("cp949", "euc-kr") else [])


def test_korean_from_a_mac_is_composed() -> None:
    table = read(unicodedata.normalize("NFD", KOREAN).encode())
    assert column(table, "이름") == ["김철수", "이영희"]


def test_the_end_mark_of_dos_is_no_control_character() -> None:
    assert read(b"a,b\r\n1,2\r\n\x1a").rows == 1


def test_utf_16_of_either_byte_order() -> None:
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        assert column(read(mark + KOREAN.encode(encoding)), "키") == [170.5, 160.0]


def test_western_letters_and_the_euro_sign() -> None:
    table = read("naïve;Preis €\nétage;1\n".encode("cp1252"))
    assert [c.name for c in table.columns] == ["naïve", "Preis €"]
    assert codes(table) == ["encoding_guessed"]


@pytest.mark.parametrize("separator", list(",;\t|"))
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(separator: str, end: str) -> None:
    table = read(end.join(["a,b,c", "1,-2.5,x y", "3e2,.5,z", ""]).replace(",", separator).encode())
    assert column(table, "a") == [1.0, 300.0]
    assert column(table, "b") == [-2.5, 0.5]
    assert column(table, "c") == ["x y", "z"]
    assert codes(table) == []


@pytest.mark.parametrize("separator", list(";\t|"))
def test_decimal_commas(separator: str) -> None:
    table = read("a;b;c\n1,5;2,5;1\n-0,25;3;2\n1e1;,5;3\n".replace(";", separator).encode())
    assert column(table, "a") == [1.5, -0.25, 10.0]
    assert column(table, "b") == [2.5, 3.0, 0.5]
    assert column(table, "c") == [1.0, 2.0, 3.0]
    assert [(note.code, note.values["name"]) for note in table.notes] == [
        ("decimal_comma", "a"),
        ("decimal_comma", "b"),
    ]


def test_decimal_commas_without_a_header() -> None:
    table = read(b"1,5;2,5\n3,5;4,5\n")
    assert codes(table) == ["no_header", "decimal_comma", "decimal_comma"]
    assert [column(table, f"column {i}") for i in (1, 2)] == [[1.5, 3.5], [2.5, 4.5]]


def test_a_first_line_of_numbers_with_a_gap_is_no_header() -> None:
    table = read(b"1,,2\n3,4,5\n")
    assert codes(table) == ["no_header"]
    assert column(table, "column 1") == [1.0, 3.0]


def test_quoted_decimal_commas_in_a_file_of_commas() -> None:
    assert column(read(b'a,b\n"1,5",1\n"2,25",2\n'), "a") == [1.5, 2.25]


def test_quoted_separators_quotes_and_newlines() -> None:
    table = read(b'a,b\n"x, ""y"" ; z",1\r\n"two\r\nlines", "2"\n')
    assert column(table, "a") == ['x, "y" ; z', "two\nlines"]
    assert column(table, "b") == [1.0, 2.0]


def test_missing_cells() -> None:
    table = read(b"a,b\n1,x\nNaN,\n,y\n inf ,N/A\n-Infinity,null\n1e999,?\n2,x\n")
    number, text = table.columns
    assert (number.kind, number.missing, number.distinct, number.low, number.high) == (
        "number",
        5,
        2,
        1.0,
        2.0,
    )
    assert (text.kind, text.missing, text.distinct, text.low) == ("text", 4, 2, None)
    np.testing.assert_array_equal(table.cells[0], [1, *[np.nan] * 5, 2])
    assert table.cells[1].tolist() == ["x", None, "y", None, None, None, "x"]
    assert [(note.code, note.values["count"]) for note in table.notes] == [("huge", 1)]


def test_nearly_a_number_column_is_noted() -> None:
    table = read(rows(*[f"{i},1" for i in range(19)], "twenty,1"))
    assert table.columns[0].kind == "text"
    (note,) = table.notes
    assert (note.code, note.values) == ("mixed", {"name": "a", "cell": "twenty", "numbers": 19, "others": 1})


@pytest.mark.parametrize(
    "cell", ["1_000", "0x10", "1²", "①", "٣", "1e", "e5", "--1", "1 2", "True", "1d5", "."]
)
def test_what_is_no_number(cell: str) -> None:
    assert read(f"a,b\n{cell},1\n2,1\n".encode()).columns[0].kind == "text"


def test_headers_are_made_different_and_visible() -> None:
    table = read("a,a,,a (2), a ,\u202e,{}\n1,2,3,4,5,6,7\n".format("n" * 200).encode())
    names = [c.name for c in table.columns]
    assert names[:6] == ["a", "a (2)", "column 3", "a (2) (2)", "a (3)", "column 6"]
    assert len(names[6]) == tables.MAX_NAME
    assert len(set(names)) == 7
    assert [note.values["column"] for note in table.notes] == [2, 3, 4, 5, 6, 7]
    assert set(codes(table)) == {"renamed"}


def test_a_header_over_two_lines_is_not_said_to_be_renamed() -> None:
    table = read(b'"a\nb",c\n1,2\n3,4\n')
    assert [c.name for c in table.columns] == ["a b", "c"]
    assert table.notes == ()


def test_headers_keep_their_markup_but_no_sentence_shows_it() -> None:
    image = "![t](http://x/y.png)"
    raw = rows(*(f"{i},name {i}" for i in range(30)), header=f"<b>a</b>,{image}")
    assert [c.name for c in read(raw).columns] == ["<b>a</b>", image]
    problem = refused(raw)
    assert problem.values["name"] == image
    assert r"\!\[t\]" in problem.markdown()
    assert image not in problem.markdown()
    assert problem.markdown({"too_many_classes": "{name}: 클래스 {classes:,}개"}).endswith(": 클래스 30개")
    (note,) = read(f"{image},{image}\n1,2\n".encode()).notes
    assert image in str(note)
    assert image not in note.markdown()


def test_blank_lines_and_nameless_empty_columns_are_skipped() -> None:
    table = read(b"\n , ,\na,b,,\n1,2,,\n\n,,,\n3,4,,,\n")
    assert [c.name for c in table.columns] == ["a", "b"]
    assert (table.rows, codes(table)) == (2, [])


def test_a_table_is_frozen_and_known_by_its_bytes() -> None:
    raw = counted(12)
    table = read(raw)
    assert table.digest == hashlib.sha256(raw).hexdigest()
    assert table == read(raw)
    assert hash(table) == hash(read(raw))
    assert table != read(counted(13))
    for cells in read(b"a,b\n1,x\n").cells:
        with pytest.raises(ValueError, match="read-only"):
            cells[0] = 7
    frame = table.frame
    frame.loc[0, "a"] = 7.0
    assert column(table, "a")[0] == 0.0


finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30)
words = st.text(st.sampled_from("ab,;|\t\" '\n가é=-1."), min_size=1, max_size=6)


@patient
@given(
    st.lists(st.tuples(finite, words, finite), min_size=1, max_size=8),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_is_read_to_the_last_bit(
    cells: list[tuple[float, str, float]], separator: str, encoding: str, end: str
) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator, lineterminator=end)
    writer.writerow(["first", "word", "last"])
    writer.writerows([repr(a), f"w{word}w", repr(b)] for a, word, b in cells)
    table = read(file.getvalue().encode(encoding))
    assert column(table, "first") == [a for a, _, _ in cells]
    assert column(table, "word") == [f"w{word}w" for _, word, _ in cells]
    assert column(table, "last") == [b for _, _, b in cells]


csv_like = st.lists(
    st.sampled_from(
        ["a", "b", "1", "2.5", "1,5", "1,234", ",", ",", ";", "\t", "|", "\n", "\n", '"', "'", " ", "nan"]
    ),
    max_size=120,
).map("".join)
grids = st.lists(
    st.lists(st.sampled_from(["1", "2", "3.5", "x", "y", "", "=1"]), min_size=3, max_size=3), max_size=25
)
files = (
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.text(max_size=100).map(lambda text: text.encode("utf-16", "surrogatepass"))
    | st.text(st.sampled_from("가나é,;\n1")).map(lambda text: text.encode("cp949", "ignore"))
    | csv_like.map(str.encode)
    | grids.map(lambda grid: "\n".join(map(",".join, [["a", "b", "c"], *grid])).encode())
)


@settings(patient, max_examples=500)
@given(files, st.sampled_from(["auto", "classification", "regression"]))
def test_any_bytes_give_a_table_or_a_sentence(raw: bytes, task: str) -> None:
    try:
        table = read(raw)
        made = prepare(table, task=task)
    except TableError as problem:
        sentence = problem.markdown()
    else:
        sentence = "".join(note.markdown() for note in (*table.notes, *made.notes)) or "fine"
        assert {len(cells) for cells in table.cells} == {table.rows}
        assert made.x.shape == (len(made.rows), len(made.feature_names))
        assert made.y.shape == (len(made.rows),)
        assert np.isfinite(fill(made.x, np.arange(3))).all()
        assert np.isfinite(made.y).all()
    assert sentence


# --- preparing ---------------------------------------------------------------------------------------------


def test_the_last_column_is_the_target_unless_another_is_named() -> None:
    table = read(counted(12))
    assert prepare(table).target == "b"
    named = prepare(table, "a")
    assert (named.target, named.feature_names) == ("a", ("b",))
    np.testing.assert_array_equal(named.y, np.arange(12.0) ** 2)
    with pytest.raises(TableError, match="no column named 'c'") as caught:
        prepare(table, "c")
    assert caught.value.code == "unknown_column"


@pytest.mark.parametrize(
    ("target", "task"),
    [
        (["x", "y"] * 10, "classification"),
        ([str(i % 10) for i in range(20)], "classification"),
        ([str(i % 11) for i in range(22)], "regression"),  # eleven values are too many
        ([str(i % 10) for i in range(19)], "regression"),  # not twice each on average
        (["0.5", "1.5"] * 10, "regression"),  # not whole
    ],
)
def test_the_automatic_task(target: list[str], task: str) -> None:
    assert prepare(read(rows(*(f"{i * i},{cell}" for i, cell in enumerate(target))))).task == task


def test_classes_are_numbered_in_sorted_order() -> None:
    cells = ["10", "9", "10", "-1"] * 5
    made = prepare(read(rows(*(f"{i * i},{cell}" for i, cell in enumerate(cells)))))
    assert made.class_names == ("-1", "9", "10")
    assert made.y.dtype == np.int64
    assert made.y.tolist() == [2, 1, 2, 0] * 5
    halves = prepare(read(rows(*(f"{i * i},{i % 2 / 2}" for i in range(20)))), task="classification")
    assert halves.class_names == ("0", "0.5")


def test_a_class_with_one_example_is_noted() -> None:
    made = prepare(read(rows(*(f"{i * i},{'rare' if i == 7 else 'common'}" for i in range(20)))))
    assert [(note.code, note.values) for note in made.notes] == [("rare_class", {"label": "rare"})]


def test_regression_needs_numbers_that_differ() -> None:
    table = read(rows(*(f"{i * i},{'xy'[i % 2]},5" for i in range(20)), header="a,b,c"))
    for target, code in (("b", "text_target"), ("c", "constant_target")):
        with pytest.raises(TableError) as caught:
            prepare(table, target, "regression")
        assert caught.value.code == code
    with pytest.raises(TableError) as caught:
        prepare(table, "a", "clustering")
    assert caught.value.code == "unknown_task"


def test_text_features_become_columns_of_zero_and_one() -> None:
    cells = ["red", "green", "", "red"] * 5
    made = prepare(read(rows(*(f"{cell},{i * i},{i}" for i, cell in enumerate(cells)), header="color,n,y")))
    assert made.feature_names == ("color=green", "color=red", "n")
    np.testing.assert_array_equal(made.x[:4, :2], [[0, 1], [1, 0], [0, 0], [0, 1]])
    np.testing.assert_array_equal(made.x[:, 2], np.arange(20.0) ** 2)
    assert codes(made) == ["one_hot"]


@pytest.mark.parametrize(("levels", "expected"), [(8, ["one_hot"]), (9, ["too_many_levels"])])
def test_text_with_too_many_values_is_left_out(levels: int, expected: list[str]) -> None:
    made = prepare(read(rows(*(f"{i * i},name {i % levels},{i}" for i in range(36)), header="a,b,c")))
    assert codes(made) == expected
    assert made.x.shape[1] == (1 if levels > 8 else 9)


def test_feature_names_stay_different() -> None:
    lines = [f"{'xy'[i % 2]},{i * i},{i}" for i in range(20)]
    assert prepare(read(rows(*lines, header="a,a=x,t"))).feature_names == ("a=x", "a=y", "a=x (2)")


def test_rows_without_a_target_and_constant_columns_go() -> None:
    lines = [f"{i * i},5,{'only' if i else ''},{'' if i % 4 == 0 else i}" for i in range(20)]
    made = prepare(read(rows(*lines, header="a,b,c,d")))
    assert made.rows.tolist() == [i for i in range(20) if i % 4]
    assert made.y.tolist() == [float(i) for i in range(20) if i % 4]
    assert made.feature_names == ("a",)
    assert codes(made) == ["rows_dropped", "constant", "constant"]


def test_a_column_that_counts_the_rows_is_noted() -> None:
    for start in (0, 1):
        made = prepare(read(rows(*(f"{i + start},{i * i}" for i in range(12)))))
        assert codes(made) == ["row_number"]
    assert codes(prepare(read(rows(*(f"{i + 2},{i * i}" for i in range(12)))))) == []


def test_filling_looks_at_the_training_rows_alone() -> None:
    lines = [f"{'' if i % 5 == 0 else i * i},{i}" for i in range(20)]
    made = prepare(read(rows(*lines)))
    train = np.arange(20) < 8
    x = fill(made.x, train)
    assert codes(made) == ["filled"]
    assert x[[0, 5, 10, 15], 0].tolist() == [np.median([1, 4, 9, 16, 36, 49])] * 4
    other = made.x.copy()
    other[~train] = 1e9
    np.testing.assert_array_equal(fill(other, train)[train], x[train])
    np.testing.assert_array_equal(fill(made.x, np.flatnonzero(train)), x)
    assert np.isnan(made.x).any()


def test_a_column_without_training_values_is_filled_with_zero() -> None:
    x = np.array([[np.nan, 1.0], [np.nan, 2.0], [5.0, np.nan]])
    np.testing.assert_array_equal(fill(x, [0, 1]), [[0, 1], [0, 2], [5, 1.5]])


# --- exporting ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+82-10-1234",
        "-x",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        '=HYPERLINK("http://x")',
        "-",
        "+",
    ],
)
def test_formulas_are_made_inert(cell: str) -> None:
    written = list(csv.reader(io.StringIO(to_csv(pd.DataFrame({cell: [cell, "b"]})), newline="")))
    assert written == [["'" + cell], ["'" + cell], ["b"]]


@pytest.mark.parametrize("cell", ["-1", "+1.5", "-1e-3", "-1,5", "a=b", "'quoted", "", "가"])
def test_numbers_and_harmless_text_are_left_alone(cell: str) -> None:
    written = list(csv.reader(io.StringIO(to_csv(pd.DataFrame({"a": [cell], "b": [-2.5]})), newline="")))
    assert written == [["a", "b"], [cell, "-2.5"]]


def test_a_semicolon_does_not_split_a_cell_elsewhere() -> None:
    assert '"a;=1+1"' in to_csv(pd.DataFrame({"a": ["a;=1+1"]}))


@patient
@given(st.lists(st.tuples(finite, words), min_size=1, max_size=6))
def test_what_is_exported_can_be_read_again(cells: list[tuple[float, str]]) -> None:
    frame = pd.DataFrame({"number": [a for a, _ in cells], "word": [f"w{word}w" for _, word in cells]})
    again = read(to_csv(frame).encode("utf-8-sig")).frame
    assert again["number"].tolist() == frame["number"].tolist()
    assert again["word"].tolist() == frame["word"].tolist()
