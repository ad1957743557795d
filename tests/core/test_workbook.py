"""Workbooks: the first sheet as every reader sees it; what is too large, locked or broken gets a sentence."""

from __future__ import annotations

import csv
import datetime
import io
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from mlcore.files import records, sheet, workbook
from mlcore.files.table_problems import PROBLEMS, TableError
from mlcore.files.tables import Table, read

HEAD = ["when", "at", "pay", "share", "name"]
ROWS = [
    [datetime.date(2026, 1, 5), datetime.datetime(2026, 1, 5, 18), 1234.5, 0.12, "김철수"],
    [datetime.date(1969, 12, 31), datetime.datetime(2026, 1, 6), -2, 0.5, "a,b;c\nd"],
]


def saved(*sheets: list[list[Any]], names: tuple[str, ...] = ("Sheet A", "B", "C")) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in zip(names, sheets, strict=False):
        made = book.create_sheet(name)
        for row in rows:
            made.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def changed(raw: bytes, change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    """The archive with other parts; None leaves one out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if (part := change(name, old.read(name))) is not None:
                new.writestr(name, part)
        for name, part in more.items():
            new.writestr(name, part)
    return file.getvalue()


def kept(_: str, part: bytes) -> bytes:
    return part


def cells(xml: str) -> bytes:
    """A workbook whose sheet says this."""
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    body = f"{head}{xml}</sheetData></worksheet>".encode()
    return changed(saved([[1]]), lambda name, part: body if name.endswith("sheet1.xml") else part)


def table(*sheets: list[list[Any]], **more: Any) -> Table:
    return read(workbook.as_csv(saved(*sheets, **more)))


def refused(raw: bytes) -> TableError:
    with pytest.raises(TableError) as caught:
        read(workbook.as_csv(raw))
    assert str(caught.value) == PROBLEMS[caught.value.code].format(**caught.value.values)
    return caught.value


def test_the_first_sheet_is_read_and_named() -> None:
    found = table([HEAD, *ROWS], [["x", "y"], [1, 2]], [["z"]])
    assert [column.name for column in found.columns] == HEAD
    assert found.frame["when"].tolist() == [20458, -1]
    assert found.frame["at"].tolist() == [20458.75, 20459]
    assert found.frame["pay"].tolist() == [1234.5, -2]
    assert found.frame["share"].tolist() == [0.12, 0.5]
    assert found.frame["name"].tolist() == ["김철수", "a,b;c\nd"]
    note = found.notes[0]
    assert (note.code, note.values) == ("sheet", {"name": "Sheet A", "sheets": 3})
    assert [note.code for note in found.notes[1:]] == ["dates", "dates"]


def test_it_is_the_first_that_can_be_seen() -> None:
    book = openpyxl.load_workbook(io.BytesIO(saved([["x", "y"], [1, 2]], [["a", "b"], [3, 4]])))
    book["Sheet A"].sheet_state = "hidden"
    book.active = 1
    file = io.BytesIO()
    book.save(file)
    found = read(workbook.as_csv(file.getvalue()))
    assert [column.name for column in found.columns] == ["a", "b"]
    assert found.notes[0].values == {"name": "B", "sheets": 1}


def test_a_name_of_a_sheet_is_one_line_and_no_column() -> None:
    found = table([["a", "b"], [1, 2]], names=("x,y;z",))
    assert [column.name for column in found.columns] == ["a", "b"]
    assert found.notes[0].values["name"] == "x,y;z"


def test_formulas_count_as_the_values_stored_with_them_and_errors_as_missing() -> None:
    line = '<row><c t="inlineStr"><is><t>{}</t></is></c><c t="inlineStr"><is><t>{}</t></is></c></row>'
    numbers = "<row><c><f>1+1</f><v>2</v></c><c><v>5</v></c></row>"
    error = '<row><c t="e"><f>1/0</f><v>#DIV/0!</v></c><c><v>6</v></c></row>'
    found = read(workbook.as_csv(cells(line.format("a", "b") + numbers + error)))
    assert found.frame["a"].tolist()[0] == 2
    assert found.columns[0].missing == 1
    assert found.frame["b"].tolist() == [5, 6]


def test_text_that_shows_numbers_is_read_as_in_a_csv_file() -> None:
    found = table([["pay", "y"], ["₩1,000", 1], ["-₩2,500", 2]])
    assert found.frame["pay"].tolist() == [1000, -2500]
    assert [note.code for note in found.notes] == ["sheet", "thousands", "currency"]


def test_what_a_link_lets_others_download_runs_nothing() -> None:
    raw = workbook.as_csv(saved([["a", "b"], ["x", 1], ['@SUM(1;"x")', 2], ["+82-10", 3], ["-", 4]]))
    shown = list(csv.reader(io.StringIO(raw.decode())))[2:]
    assert [row[0] for row in shown] == ["x", '\'@SUM(1;"x")', "'+82-10", "-"]


def test_blank_rows_and_columns_are_no_part_of_a_table() -> None:
    found = table([[], [None, None, None], [None, "a", "b"], [None, 1, 2], [], [None, 3, 4]])
    assert [column.name for column in found.columns] == ["a", "b"]
    assert found.frame["b"].tolist() == [2, 4]


values = (
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(-1e15, 1e15).map(lambda value: float(f"{value:.12g}"))
    | st.dates(datetime.date(1970, 1, 1), datetime.date(2100, 1, 1))
    | st.text(st.sampled_from("ab,;|\"' 가é"), min_size=1, max_size=6).map(lambda text: f"w{text}w")
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(values, min_size=3, max_size=3), min_size=1, max_size=6))
def test_pandas_and_another_reader_see_the_same_cells(rows: list[list[Any]]) -> None:
    """The oracle is openpyxl through pandas: it shares no code with calamine."""
    raw = saved([["x", "y", "z"], *rows])
    oracle = pd.read_excel(io.BytesIO(raw), engine="openpyxl", header=None, dtype=object)
    told = list(csv.reader(io.StringIO(sheet.first_sheet(raw)[2].decode())))
    blank = [row for row in oracle.to_numpy().tolist() if not all(map(pd.isna, row))]
    for ours, theirs in zip(told, blank, strict=True):
        for text, value in zip(ours, theirs, strict=True):
            if pd.isna(value):
                assert text == ""
            elif isinstance(value, bool):
                assert text == str(value).upper()
            elif isinstance(value, datetime.datetime):
                assert text == value.date().isoformat()
            elif isinstance(value, str):
                assert text == value
            else:
                assert float(text) == float(value)


# --- what is not read --------------------------------------------------------------------------------------


def test_limits_are_those_of_every_table() -> None:
    assert refused(saved([["a", "b"], *([i, i] for i in range(20_001))])).code == "too_many_rows"
    assert refused(saved([list(map(str, range(65))), list(range(65))])).code == "too_many_columns"
    assert refused(b"PK\x03\x04" + b"x" * records.MAX_BYTES).code == "too_large"
    assert (
        refused(saved([["a", "b"], *(["x" * 1000 + str(i), i] for i in range(4200))])).code == "sheet_large"
    )
    long = "가" * 3_000
    assert refused(saved([["a", "b"], *([long, i] for i in range(500))])).code == "sheet_large", "in bytes"


REFUSED = {
    "other archive": (changed(saved([[1]]), lambda n, p: None if n == "xl/workbook.xml" else p), "workbook"),
    "macros": (changed(saved([[1]]), kept, **{"xl/vbaProject.bin": b"x"}), "macros"),
    "cut off": (saved([["a", "b"], [1, 2]])[:-300], "damaged"),
    "no archive": (b"PK\x03\x04\x14\x00\x06\x00", "damaged"),
    "no sheet": (changed(saved([[1]]), lambda n, p: None if "sheet1" in n else p), "damaged"),
    "no XML": (changed(saved([[1]]), lambda n, p: b"<a" if "sheet1" in n else p), "damaged"),
    "empty sheet": (saved([], [["a", "b"], [1, 2]]), "sheet_empty"),
    "old xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"Workbook".ljust(600), "old_workbook"),
    "password": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "locked"),
    "corner": (cells('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>2</v></c></row>'), "heavy"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_a_sentence(name: str) -> None:
    raw, code = REFUSED[name]
    assert refused(raw).code == code


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = changed(saved([[1]]), lambda n, p: b" " * (80 << 20) if "sheet1" in n else p)
    assert len(bomb) < 200_000
    problem = refused(bomb)
    assert problem.code == "unpacked"
    assert "80.0 MB; at most 64" in str(problem)


def test_no_more_is_unpacked_than_an_archive_declares() -> None:
    """80 MB follow what its directory tells of, checksum included: they are never made."""
    honest = saved([["a", "b"], [1, 2]])
    bomb = changed(honest, lambda n, p: p + b" " * (80 << 20) if "sheet1" in n else p)
    lie = bomb
    with zipfile.ZipFile(io.BytesIO(honest)) as small, zipfile.ZipFile(io.BytesIO(bomb)) as large:
        for field in ("CRC", "file_size"):
            old, new = (
                getattr(archive.getinfo("xl/worksheets/sheet1.xml"), field).to_bytes(4, "little")
                for archive in (large, small)
            )
            assert old in lie
            lie = lie.replace(old, new)
    assert len(sheet.unpacked(lie)) < 100_000
    assert read(workbook.as_csv(lie)).frame["b"].tolist() == [2]


def test_entities_of_xml_are_not_expanded() -> None:
    """Ten to the ninth times 'lol', in 1 kB."""
    entities = '<!ENTITY e0 "lol">' + "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    body = cells('<row><c t="inlineStr"><is><t>&e9;</t></is></c><c><v>1</v></c></row>')
    bomb = changed(
        body, lambda n, p: f"<!DOCTYPE worksheet [{entities}]>".encode() + p if "sheet1" in n else p
    )
    start = time.monotonic()
    refused(bomb)
    assert time.monotonic() - start < 10


@pytest.mark.skipif(sys.platform == "win32", reason="no such bounds there")
def test_a_reader_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(*_: Any, **__: Any) -> subprocess.CompletedProcess[bytes]:
        code = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass"
        return run([sys.executable, "-c", code], capture_output=True)

    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", ends)
    assert refused(saved([[1]])).code == "heavy"

    def late(*_: Any, **__: Any) -> None:
        raise subprocess.TimeoutExpired("sheet", 1)

    monkeypatch.setattr(subprocess, "run", late)
    assert refused(saved([[1]])).code == "heavy"


WHOLE = saved([HEAD, *ROWS])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(4, len(WHOLE) - 20), st.integers(0, 255)), min_size=1, max_size=8))
def test_broken_workbooks_are_a_table_or_a_sentence(changes: list[tuple[int, int]]) -> None:
    raw = bytearray(WHOLE)
    for place, byte in changes:
        raw[place] = byte
    with suppress(TableError):
        read(workbook.as_csv(bytes(raw)))


def test_what_is_no_workbook_is_left_as_it_is() -> None:
    for raw in (b"a,b\n1,2\n", b"", "가,나".encode("cp949")):
        assert workbook.as_csv(raw) is raw


def test_control_characters_do_not_make_a_table_binary() -> None:
    assert ILLEGAL_CHARACTERS_RE.search("\x07")
    body = '<row><c t="inlineStr"><is><t>a_x0007_</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row>'
    found = read(workbook.as_csv(cells(body + "<row><c><v>1</v></c><c><v>2</v></c></row>")))
    assert [column.name for column in found.columns] == ["a", "b"]
