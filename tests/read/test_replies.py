"""Replies below a comment: rows of their own."""

from __future__ import annotations

import json

import pytest

from core.read import count, read

REPLY = {"id": 11, "content": "我的也是", "user": {"name": "乙"}}
COMMENT = {"id": 1, "content": "屏幕有亮点", "user": {"name": "甲"}, "time": "2026-11-03", "replies": [REPLY]}
PLAIN = {"id": 2, "content": "音质不错", "user": {"name": "丙"}, "time": "2026-11-04", "replies": []}


def lines(*values):
    return "\n".join(json.dumps(value, ensure_ascii=False) for value in values)


def array(*values):
    return json.dumps(values)


def texts(source, cells):
    return [row[source.columns.index("content")] for row in cells(source)]


@pytest.mark.parametrize("form", [lines, array])
def test_replies_are_rows_behind_their_comment_and_the_user_is_told(write, only, cells, form):
    source = only(write(form(COMMENT, PLAIN)))
    assert texts(source, cells) == ["屏幕有亮点", "我的也是", "音质不错"]
    assert count(source) == 3
    assert any("回复也读了" in note and "replies(1 条)" in note for note in source.notes)
    assert json.loads(cells(source)[0][source.columns.index("replies")]) == [REPLY]


@pytest.mark.parametrize("form", [lines, array])
def test_replies_to_replies_are_rows_too(write, only, cells, form):
    deep = {**COMMENT, "replies": [{**REPLY, "replies": [{**REPLY, "content": "换货了"}]}, REPLY]}
    source = only(write(form(deep, PLAIN)))
    assert texts(source, cells) == ["屏幕有亮点", "我的也是", "换货了", "我的也是", "音质不错"]


@pytest.mark.parametrize(("form", "numbers"), [(lines, [1, 1, 2]), (array, [1, 2, 3])])
def test_replies_bear_the_number_of_their_line_or_their_own_in_an_array(write, only, form, numbers):
    chunks = read(only(write(form(COMMENT, PLAIN))), chunk_rows=10)
    assert [number for chunk in chunks for number in chunk.row_numbers.tolist()] == numbers


@pytest.mark.parametrize(
    "below",
    [
        {"pictures": [{"content": "图一", "id": 3}]},  # not called like comments
        {"replies": [{"tag": "官方", "id": 3}]},  # without the text of a comment
        {"replies": [{"content": "好", "a": 1, "b": 2, "c": 3}]},  # hardly a key in common
        {"replies": ["我也是"]},
        {"replies": [REPLY, None]},
        {"comments": [{"role": "客服", "content": "在的"}, {"role": "客户", "content": "好"}]},  # a dialogue
    ],
)
@pytest.mark.parametrize("form", [lines, array])
def test_lists_that_hold_something_else_stay_in_their_row(write, only, cells, form, below):
    comment = {name: value for name, value in COMMENT.items() if name != "replies"}
    source = only(write(form({**comment, **below}, PLAIN)))
    assert texts(source, cells) == ["屏幕有亮点", "音质不错"]
    assert count(source) == 2
    assert not any("回复" in note for note in source.notes)


def test_replies_in_one_of_several_lists_bear_its_name(write, only, cells):
    answer = {"hot": [COMMENT, PLAIN], "new": [{**PLAIN, "content": "一般"}]}
    source = only(write(json.dumps(answer)))
    place = source.columns.index("所在列表")
    assert [row[place] for row in cells(source)] == ["hot", "hot", "hot", "new"]
