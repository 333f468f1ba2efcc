"""Reading as a whole: streaming, counting, previewing."""

import tracemalloc

import pytest

from core.errors import ReadError
from core.read import count, inspect, preview, read
from core.schema import ReadOptions, Reason

FILES = {
    "csv": "评论,分\n好,1\n\n差,2\n\n",
    "jsonl": '{"评论":"好"}\n{坏\n\n{"评论":"差"}\n',
    "json": '[{"评论":"好"}, 1, {"评论":"差"}]',
}


@pytest.mark.parametrize("kind", FILES)
def test_count_says_exactly_what_read_yields(write, only, kind):
    source = only(write(FILES[kind]))
    assert count(source) == sum(len(chunk.frame) for chunk in read(source, chunk_rows=2)) == 3


def test_a_preview_shows_the_first_rows(write, only):
    source = only(write("评论\n" + "".join(f"第{i}条\n" for i in range(50))))
    assert preview(source, rows=3)["评论"].tolist() == ["第0条", "第1条", "第2条"]


def test_a_preview_of_an_empty_table_has_its_columns(write, only):
    assert preview(only(write("评论,时间\n"))).columns.tolist() == ["评论", "时间"]


def test_every_cell_is_text_and_every_array_has_a_row_for_each(write, only):
    (chunk,) = read(only(write(FILES["jsonl"])), chunk_rows=10)
    assert {str(kind) for kind in chunk.frame.dtypes} == {"str"}
    assert len(chunk.frame) == len(chunk.row_numbers) == len(chunk.reasons)


@pytest.mark.parametrize(
    "again",
    ["评论,分,时间\n", "\ufeff评论,分,时间\n", '"评论","分","时间"\n', '\ufeff"评论","分","时间"\n'],
    ids=["plain", "bom", "quoted", "quoted bom"],
)
def test_a_header_repeated_within_the_table_is_rejected_and_keeps_its_cells(write, only, again):
    source = only(write("评论,分,时间\n好,1,2024-01-01\n" + again + "差,2,2024-01-02\n"))
    (chunk,) = read(source, chunk_rows=10)
    assert chunk.reasons.tolist() == ["", Reason.HEADER_AGAIN, ""]
    assert chunk.row_numbers.tolist() == [2, 3, 4]
    assert chunk.frame.iloc[1].str.strip('\ufeff"').tolist() == ["评论", "分", "时间"]
    assert count(source) == 3


def test_a_header_repeated_in_a_workbook_below_a_title_is_rejected(write_xlsx, only):
    rows = [["九月的评论"], ["评论", "分"], ["好", 1], ["评论", "分"], ["差", 2]]
    (chunk,) = read(only(write_xlsx({"表": rows})), chunk_rows=10)
    assert chunk.reasons.tolist() == ["", Reason.HEADER_AGAIN, ""]
    assert chunk.row_numbers.tolist() == [3, 4, 5]


def test_a_row_that_shares_some_cells_with_the_header_is_a_row(write, only):
    (chunk,) = read(only(write("评论,分,时间\n评论,分,2024-01-01\n好,分,时间\n评论,分\n")), chunk_rows=10)
    assert not any(chunk.reasons)


def test_without_a_header_no_row_is_one_again(write, only):
    (chunk,) = read(only(write("评论,分\n评论,分\n"), header_row=0), chunk_rows=10)
    assert not any(chunk.reasons)


def test_memory_does_not_grow_with_the_file(write, only):
    source = only(write("号,评论,时间\n" + "".join(f"{i},这是第{i}条评论吧,2024-01-01\n" for i in range(120_000))))
    tracemalloc.start()
    try:
        rows = sum(len(chunk.frame) for chunk in read(source, chunk_rows=2000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert rows == 120_000
    assert peak < 12 << 20


def test_inspection_looks_at_the_beginning_of_a_long_file_only(write):
    path = write("评论,时间\n" + "很好,2024-01-01\n" * 100_000)
    tracemalloc.start()
    try:
        inspect([path])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12 << 20


def test_separators_by_the_hundred_thousand_are_no_columns(write):
    path = write("编号,评论\n" + "1,很好\n" * 3000 + "2,一般" + "," * 300_000 + "\n" + "," * 300_000 + "\n3,差\n")
    (source,) = inspect([path])
    (chunk,) = read(source, chunk_rows=5000)
    assert chunk.frame.shape == (3003, 2)
    assert chunk.frame.iloc[3000].tolist() == ["2", "一般"]
    assert not any(chunk.reasons)


def test_a_row_of_far_more_cells_than_columns_is_rejected_with_its_line(write):
    path = write("编号,评论\n1,很好\n2" + ",又" * 5_000 + "\n3,差\n")
    (source,) = inspect([path])
    (chunk,) = read(source, chunk_rows=10)
    assert chunk.reasons.tolist() == ["", Reason.TOO_MANY_CELLS, ""]
    assert chunk.frame.iloc[1].tolist() == ["2" + ",又" * 5_000, ""]


def test_a_header_of_more_columns_than_any_sheet_is_refused(write):
    path = write(",".join(f"c{i}" for i in range(20_000)) + "\n好\n")
    with pytest.raises(ReadError, match=r"\[R07\].*20,000 列"):
        inspect([path], ReadOptions(delimiter=",", header_row=1))
