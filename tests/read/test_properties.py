"""Any table comes back equal, and any bytes are either a table or a ReadError."""

import csv
import io
import json
import random
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ReadError
from core.read import count, inspect, read
from core.schema import ReadOptions

# U+FDD0 is what stands for a carriage return inside the reader; it is a noncharacter and in no real text.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\ufdd0")
HANZI = st.sampled_from("的一是不了在人有我好差贵慢,,\"'\t;|，\n 　😀e\u0301")
CELL = st.text(st.one_of(HANZI, CHARACTERS), max_size=8)
WIDTH = 3
TABLE = st.lists(st.lists(CELL, min_size=WIDTH, max_size=WIDTH), max_size=8)
HEADER = ["评论内容", "平台", "备考"]
relaxed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def trimmed(rows):
    """Rows without the blank ones at the end, which are no rows in text files and workbooks."""
    kept = [list(row) for row in rows]
    while kept and not any(cell.strip() for cell in kept[-1]):
        kept.pop()
    return kept


def read_back(path, **options):
    (source,) = inspect([path], ReadOptions(**options))
    found = [row for chunk in read(source, chunk_rows=3) for row in chunk.frame.to_numpy().tolist()]
    assert count(source) == len(found)
    return source, found


@relaxed
@given(
    rows=TABLE,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "gb18030"]),
    delimiter=st.sampled_from([",", ";", "\t", "|", "，", "\x01"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_any_table_written_as_delimited_text_comes_back_equal(tmp_path, rows, encoding, delimiter, quoting):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows([HEADER, *rows])
    path = tmp_path / "t"
    path.write_bytes(text.getvalue().encode(encoding))
    options = {} if encoding in ("utf-8-sig", "utf-16") else {"encoding": encoding}
    source, found = read_back(path, delimiter=delimiter, header_row=1, **options)
    assert source.columns == tuple(HEADER)
    assert found == trimmed(rows)


@relaxed
@given(rows=TABLE)
def test_any_table_of_unix_lines_with_all_cells_quoted_comes_back_equal(tmp_path, rows):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([HEADER, *rows])
    path = tmp_path / "t"
    path.write_bytes(text.getvalue().encode())
    assert read_back(path, delimiter=",", header_row=1, encoding="utf-8")[1] == trimmed(rows)


@relaxed
@given(text=st.text(st.sampled_from('評論內容的是不了在人有我這個我們喜歡abc,"\n'), max_size=30))
def test_big5_text_comes_back_equal_when_it_is_named(tmp_path, text):
    content = io.StringIO(newline="")
    csv.writer(content).writerows([["評論", "x"], [text, "1"]])
    path = tmp_path / "t"
    path.write_bytes(content.getvalue().encode("big5"))
    assert read_back(path, delimiter=",", header_row=1, encoding="big5")[1] == [[text, "1"]]


# A workbook is XML 1.0: it cannot hold most control characters, and its writer escapes _x000D_ by itself.
XML_CELL = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff_"), max_size=8
) | st.text(HANZI, max_size=8)


@relaxed
@given(rows=st.lists(st.lists(XML_CELL, min_size=WIDTH, max_size=WIDTH), max_size=6))
def test_any_table_of_strings_in_a_workbook_comes_back_equal(tmp_path, rows):
    path = tmp_path / "t"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEADER, *rows]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    assert read_back(path, header_row=1)[1] == trimmed(rows)


@relaxed
@given(rows=TABLE)
def test_any_table_written_as_jsonl_comes_back_equal(tmp_path, rows):
    path = tmp_path / "t"
    lines = [json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) for row in [HEADER, *rows]]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert read_back(path, encoding="utf-8")[1] == [HEADER, *rows]


@relaxed
@given(rows=TABLE, ascii_only=st.booleans())
def test_any_table_written_as_a_json_array_comes_back_equal(tmp_path, rows, ascii_only):
    path = tmp_path / "t"
    objects = [dict(zip(HEADER, row, strict=True)) for row in [HEADER, *rows]]
    path.write_text(json.dumps(objects, ensure_ascii=ascii_only), encoding="utf-8")
    assert read_back(path, encoding="utf-8")[1] == [HEADER, *rows]


@relaxed
@given(rows=TABLE)
def test_any_table_written_as_parquet_comes_back_equal(tmp_path, rows):
    path = tmp_path / "t"
    columns = list(zip(*rows, strict=True)) or [()] * WIDTH
    pq.write_table(
        pa.table({name: pa.array(list(column), pa.string()) for name, column in zip(HEADER, columns, strict=True)}),
        path,
    )
    assert read_back(path)[1] == rows


def readable_or_refused(path):
    try:
        for source in inspect([path]):
            rows = sum(len(chunk.frame) for chunk in read(source, chunk_rows=7))
            assert rows == count(source)
    except ReadError as error:
        assert error.code.startswith("R")
        assert error.hint


MAGIC = st.sampled_from(
    [
        b"",
        b"PK\x03\x04",
        b"PAR1",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\xff\xfe",
        b'[{"a":',
        b'{"a":1}\n',
        b"a,b\n",
        b'"',
    ]
)


@settings(relaxed, max_examples=150)
@given(start=MAGIC, rest=st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_read_error(tmp_path, start, rest):
    path = tmp_path / "t"
    path.write_bytes(start + rest)
    readable_or_refused(path)


@settings(relaxed, max_examples=150)
@given(text=st.text(st.sampled_from('评论,差;"\n\r\t|{}[]: 1234-'), max_size=80))
def test_any_text_is_a_table_or_a_read_error(tmp_path, text):
    path = tmp_path / "t"
    path.write_bytes(text.encode())
    readable_or_refused(path)


@settings(relaxed, max_examples=60)
@given(seed=st.integers(0, 2**32))
@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_a_container_with_some_bytes_changed_is_a_table_or_a_read_error(tmp_path, kind, seed):
    path = tmp_path / "t"
    dice = random.Random(seed)  # noqa: S311 - no secret hangs on it
    if kind == "parquet":
        pq.write_table(pa.table({"评论": ["好", "差"] * 50, "n": [1.5, None] * 50}), path)
        path.write_bytes(changed(path.read_bytes(), dice))
    else:
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet().write_row(0, 0, HEADER)
            book.get_worksheet_by_name("Sheet1").write_row(1, 0, ["好", 1, True])
        change_member(path, dice)
    readable_or_refused(path)


def change_member(path: Path, dice: random.Random) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    chosen = dice.choice(sorted(members))
    members[chosen] = changed(members[chosen], dice)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def changed(content: bytes, dice: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(data))
        data[at : at + dice.randrange(3)] = dice.choice([b"", b"\x00", b"<", b'"', b"99999999", dice.randbytes(2)])
    return bytes(data)
