"""Parquet: types as text, every row a row."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import ReadError
from core.read import count, inspect, read


@pytest.fixture
def write_parquet(tmp_path):
    def make(columns, **options):
        path = tmp_path / "表.parquet"
        pq.write_table(pa.table(columns), path, **options)
        return path

    return make


def test_values_of_all_types_come_as_text(write_parquet, only, cells):
    path = write_parquet(
        {
            "评论": ["好"],
            "整": pa.array([12345678901234567], pa.int64()),
            "浮": [5.0],
            "时": [dt.datetime(2024, 1, 2, 3, 4)],
            "日": [dt.date(2024, 1, 2)],
            "真": [False],
            "表": [["a", "b"]],
            "结": [{"名": "甲"}],
            "十": [Decimal("1.50")],
            "字": pa.array([b"\xe5\xa5\xbd"], pa.binary()),
            "典": pa.array(["x"]).dictionary_encode(),
            "无": pa.nulls(1),
        }
    )
    expected = [
        "好",
        "12345678901234567",
        "5",
        "2024-01-02 03:04:00",
        "2024-01-02",
        "FALSE",
        '["a", "b"]',
        '{"名": "甲"}',
    ]
    assert cells(only(path)) == [[*expected, "1.50", "好", "x", ""]]


def test_times_keep_their_zone(write_parquet, only, cells):
    path = write_parquet({"评论": ["好"], "时": pa.array([0], pa.timestamp("ns", "Asia/Shanghai"))})
    assert cells(only(path))[0][1] == "1970-01-01 08:00:00+08:00"


def test_times_beyond_the_calendar_are_still_text(write_parquet, only, cells):
    path = write_parquet({"评论": ["好"], "时": pa.array([2**62], pa.timestamp("us"))})
    assert cells(only(path))[0][1]


def test_blank_rows_are_rows_wherever_they_stand(write_parquet, only):
    source = only(write_parquet({"评论": ["好", None, "差", None]}))
    (chunk,) = read(source, chunk_rows=10)
    assert chunk.frame["评论"].tolist() == ["好", "", "差", ""]
    assert chunk.row_numbers.tolist() == [1, 2, 3, 4]
    assert count(source) == 4


def test_chunks_do_not_depend_on_row_groups(write_parquet, only):
    source = only(write_parquet({"评论": [f"第{i}条" for i in range(25)]}, row_group_size=7))
    assert [len(chunk.frame) for chunk in read(source, chunk_rows=10)] == [10, 10, 5]


def test_a_damaged_file_is_refused(write_parquet, write):
    content = write_parquet({"评论": ["好"] * 100}).read_bytes()
    with pytest.raises(ReadError, match=r"\[R08\]"):
        inspect([write(content[:-20], "坏.parquet")])
