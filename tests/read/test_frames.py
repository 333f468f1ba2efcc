"""What pandas writes by to_json with and without orient."""

import json

import pytest

from core.errors import ReadError
from core.read import count

COLUMNS = {"评论": {"0": "好", "1": None, "2": "差"}, "分": {"0": 5, "1": 3, "2": 1}}
WHOLE = [["好", "5"], ["", "3"], ["差", "1"]]


@pytest.mark.parametrize("indent", [None, 1])
def test_a_table_column_by_column_becomes_rows(write, only, cells, indent):
    source = only(write(json.dumps(COLUMNS, indent=indent)))
    assert (source.columns, cells(source), count(source)) == (("评论", "分"), WHOLE, 3)
    assert any("pandas" in note and "默认格式" in note for note in source.notes)


@pytest.mark.parametrize("indent", [None, 1])
def test_a_table_in_three_lists_becomes_rows(write, only, cells, indent):
    split = {"columns": ["评论", "分"], "index": [0, 1, 2], "data": [["好", 5], [None, 3], ["差", 1]]}
    source = only(write(json.dumps(split, indent=indent)))
    assert (source.columns, cells(source)) == (("评论", "分"), WHOLE)


def test_an_index_that_does_more_than_count_is_a_column(write, only, cells):
    split = {"columns": ["评论"], "index": ["a7", "b9"], "data": [["好"], ["差"]]}
    source = only(write(json.dumps(split)))
    assert (source.columns, cells(source)) == (("评论", "index"), [["好", "a7"], ["差", "b9"]])


def test_a_table_of_numbered_objects_becomes_rows(write, only, cells):
    source = only(write(json.dumps({"3": {"评论": "好"}, "8": {"评论": "差", "分": 1}})))
    assert (source.columns, cells(source)) == (("评论", "分"), [["好", ""], ["差", "1"]])


def test_columns_with_different_rows_are_refused(write, only):
    with pytest.raises(ReadError, match=r"\[R08\].*对不上.*records"):
        only(write(json.dumps({"评论": {"0": "好", "1": "差"}, "分": {"0": 5}})))


def test_too_many_columns_one_by_one_are_refused_with_the_limit(write, only):
    with pytest.raises(ReadError, match=r"\[R15\].*超过上限 100.*records"):
        only(write(json.dumps({f"列{number}": {"0": "好"} for number in range(101)})))
