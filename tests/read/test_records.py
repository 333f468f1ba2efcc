"""JSON arrays, answers of web services, and objects one a line."""

import json

import pytest

from core.errors import ReadError
from core.read import count, read
from core.read.lines import BLOCK_CHARS
from core.schema import Reason


def test_an_array_of_objects_is_a_table_and_rows_are_numbered_by_item(write, only):
    source = only(write(json.dumps([{"content": "好", "n": 1}, {"content": "差", "n": 2.0}], indent=2)))
    (chunk,) = read(source, chunk_rows=10)
    assert (source.format, source.columns) == ("json", ("content", "n"))
    assert chunk.frame.to_numpy().tolist() == [["好", "1"], ["差", "2"]]
    assert chunk.row_numbers.tolist() == [1, 2]


def test_objects_within_an_answer_are_found(write, only, cells):
    source = only(write(json.dumps({"code": 0, "data": {"list": [{"content": "好"}, {"content": "差"}]}})))
    assert cells(source) == [["好"], ["差"]]


def test_objects_one_a_line_are_a_table_and_rows_are_numbered_by_line(write, only):
    source = only(write('{"content":"好"}\n\n{"content":"差"}\n'))
    (chunk,) = read(source, chunk_rows=10)
    assert source.format == "jsonl"
    assert chunk.row_numbers.tolist() == [1, 3]


def test_objects_written_over_several_lines_one_after_another_are_read(write, only, cells):
    text = "\n".join(json.dumps({"content": word}, indent=1) for word in ("好", "差"))
    assert cells(only(write(text))) == [["好"], ["差"]]


def test_keys_that_first_occur_late_are_columns_too(write, only, cells):
    lines = ['{"content":"好"}'] * 3000 + ['{"content":"差","晚":1}']
    source = only(write("\n".join(lines)))
    assert source.columns == ("content", "晚")
    assert cells(source)[-1] == ["差", "1"]


def test_broken_lines_are_rejected_with_their_text_and_the_rest_is_read(write, only):
    source = only(write('{"content":"好"}\n{"content":"坏\n[1,2]\n"只有文字"\n{"content":"差"}\n'))
    (chunk,) = read(source, chunk_rows=10)
    broken, other = Reason.BAD_JSON, Reason.NOT_AN_OBJECT
    assert chunk.reasons.tolist() == ["", broken, other, other, ""]
    assert chunk.frame["content"].tolist() == ["好", '{"content":"坏', "[1,2]", '"只有文字"', "差"]
    assert count(source) == 5


def test_items_of_an_array_that_are_no_objects_are_rejected(write, only):
    (chunk,) = read(only(write('[{"content":"好"}, 5, "文字", null]')), chunk_rows=10)
    assert chunk.reasons.tolist() == ["", *[Reason.NOT_AN_OBJECT] * 3]


def test_long_ids_and_decimals_keep_every_digit(write, only, cells):
    text = '{"id":12345678901234567890,"content":"好","p":0.10000000000000000001,"q":3.0}\n'
    assert cells(only(write(text))) == [["12345678901234567890", "好", "0.10000000000000000001", "3"]]


def test_lists_come_as_json_text_and_null_as_nothing(write, only, cells):
    source = only(write('{"content":"好","ids":[1,{"n":1.5}],"pics":[],"x":null,"v":true,"w":NaN}\n'))
    assert cells(source) == [["好", '[1, {"n": 1.5}]', "[]", "", "TRUE", ""]]


def test_line_separators_inside_text_do_not_end_a_line(write, only, cells):
    assert cells(only(write('{"content":"好\u2028的\u0085"}\n'))) == [["好\u2028的\u0085"]]


def test_half_an_emoji_does_not_break_the_table(write, only, cells):
    assert cells(only(write('{"content":"好\\ud83d"}\n{"content":"\\ud83d\\ude00"}\n'))) == [["好\ufffd"], ["😀"]]


def test_half_an_emoji_does_not_break_an_array(write, only):
    assert count(only(write('[{"content":"好\\ud83d"},{"content":"差"}]'))) == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_json_is_read_in_other_encodings_too(write, only, cells, encoding):
    assert cells(only(write('[{"content":"很好用的东西"}]', encoding=encoding))) == [["很好用的东西"]]


def test_an_array_that_breaks_off_is_refused_and_says_where(write, only):
    with pytest.raises(ReadError, match=r"\[R08\].*第 2 条之后"):
        only(write('[{"content":"好"},{"content":"差"},{"con'))


@pytest.mark.parametrize("text", ["{}\n", "[]", '{"a": '])
def test_json_without_objects_of_any_content_is_refused(write, only, text):
    with pytest.raises(ReadError, match=r"\[R(15|08)\]"):
        only(write(text))


def test_deep_nesting_is_a_broken_line_and_no_crash(write, only):
    (chunk,) = read(only(write('{"content":"好"}\n{"a":' + "[" * 200_000 + "\n")), chunk_rows=10)
    assert chunk.reasons.tolist() == ["", Reason.BAD_JSON]


def test_numbers_of_absurd_size_do_not_fill_the_memory(write, only, cells):
    assert cells(only(write('{"content":"好","n":1e999999999}\n'))) == [["好", "1E+999999999"]]


def test_text_that_begins_with_a_bracket_is_not_taken_for_json(write, only, cells):
    source = only(write("[怒]太差了\n[赞]真不错\n"), header_row=0)
    assert cells(source) == [["[怒]太差了"], ["[赞]真不错"]]


def test_a_cell_beyond_the_limit_rejects_its_row(write, only, limits):
    limits(max_cell_chars=50)
    (chunk,) = read(only(write('{"content":"' + "好" * 51 + '"}\n{"content":"差"}\n')), chunk_rows=10)
    assert chunk.reasons.tolist() == [Reason.CELL_TOO_LONG, ""]


def test_keys_are_column_names_just_as_they_stand(write, only, cells):
    source = only(write('{"":"空","a\\nb":"行","content":"好"}\n'))
    assert source.columns == ("", "a\nb", "content")
    assert cells(source) == [["空", "行", "好"]]


def test_of_several_lists_in_an_answer_the_one_with_comments_is_read(write, only, cells):
    answer = {"tags": [{"n": 1}], "data": [{"id": 1, "pictures": [{"content": "图"}], "content": "好"}]}
    assert cells(only(write(json.dumps(answer)))) == [["1", '[{"content": "图"}]', "好"]]


def test_a_list_that_begins_with_null_is_read_all_the_same(write, only):
    (chunk,) = read(only(write('[null,{"content":"好"}]')), chunk_rows=10)
    assert chunk.frame.to_numpy().tolist() == [[""], ["好"]]
    assert chunk.reasons.tolist() == [Reason.NOT_AN_OBJECT, ""]


def test_answers_of_a_service_one_a_line_are_taken_apart(write, only, cells):
    lines = [json.dumps({"code": 0, "data": {"list": [{"content": text}]}}) for text in ("好", "差")]
    assert cells(only(write("\n".join(lines)))) == [["好"], ["差"]]


@pytest.mark.parametrize(
    "text",
    [
        '["很好,喜欢","差"]',
        '[\n "很好,喜欢",\n "差"\n]',
        '[["评论","分"],["好","5"]]',
        '["好","5"]\n["差","1"]\n',
        "[1,2,3]",
        '{"columns":["评论"],"data":[["好"]]}',
        '{"a":{"b":"c"},"d":{"e":{"f":1}}}',
        '{"data":[]}',
    ],
)
def test_json_of_other_shapes_is_refused_and_not_taken_for_lines_of_text(write, only, text):
    with pytest.raises(ReadError, match=r'\[R15\].*每条评论应当形如.*orient="records"'):
        only(write(text))


@pytest.mark.parametrize("half", ["\\ud83d", "\\udc00", "\\udc00\\ud83d"])
def test_each_half_of_an_emoji_in_an_array_becomes_one_character(write, only, cells, half):
    expected = "\ufffd" * half.count("u")
    assert cells(only(write(f'[{{"content":"好{half}"}},{{"content":"\\ud83d\\ude00"}}]'))) == [
        [f"好{expected}"],
        ["😀"],
    ]


@pytest.mark.parametrize("shift", range(14))
def test_an_escape_is_whole_wherever_the_file_is_cut_into_blocks(write, only, cells, shift):
    text = "好" * (BLOCK_CHARS - len('[{"content":"') - shift)
    tail = "\\ud83d\\ude00\\\\ud83d\\ud83d"
    (row,) = cells(only(write(f'[{{"content":"{text}{tail}"}}]')))
    assert row == [text + "😀\\ud83d\ufffd"]


def test_lists_of_like_objects_are_all_read_with_the_name_of_their_list(write, only, cells):
    shops = {"店A": [{"评论": "很好用", "评分": 5}], "店B": [{"评论": "太差了", "评分": 1}, None, {"评论": "再也不来"}]}
    source = only(write(json.dumps(shops)))
    assert source.columns == ("评论", "评分", "所在列表")
    assert cells(source) == [["很好用", "5", "店A"], ["太差了", "1", "店B"], ["", "", ""], ["再也不来", "", "店B"]]
    assert count(source) == 4
    assert any("店A(1 条)、店B(2 条)" in note for note in source.notes)


def test_hot_comments_and_the_others_of_an_answer_are_all_read(write, only, cells):
    answer = {"data": {"hot": [{"id": 1, "text": "热门评论"}], "list": [{"id": 2, "text": "其他评论", "n": 1}]}}
    assert cells(only(write(json.dumps(answer)))) == [
        ["1", "热门评论", "data.hot", ""],
        ["2", "其他评论", "data.list", "1"],
    ]


def test_a_list_of_comments_far_down_wins_and_the_other_lists_are_named(write, only):
    users = [{"uid": number, "name": f"用户{number}", "desc": "很懒"} for number in range(9000)]
    source = only(write(json.dumps({"users": users, "comments": [{"uid": 1, "content": "太差了"}]})))
    assert (source.mapping.text, count(source)) == (("content",), 1)
    assert any("没有读取:users(9,000 条)" in note for note in source.notes)


def test_one_list_needs_no_remark_and_no_column_of_its_name(write, only):
    source = only(write(json.dumps({"code": 0, "data": [{"content": "好", "pictures": [{"content": "图"}]}]})))
    assert (source.columns, source.notes) == (("content", "pictures"), ())


def test_a_key_called_like_the_column_of_lists_keeps_its_values(write, only, cells):
    lists = {"甲": [{"content": "好", "所在列表": "原样"}], "乙": [{"content": "差", "所在列表": "原样"}]}
    assert cells(only(write(json.dumps(lists)))) == [["好", "原样", "甲"], ["差", "原样", "乙"]]


def test_a_comment_with_brackets_is_no_script(write, only, cells):
    assert cells(only(write("good([真的])\nok = 好\n"), header_row=0)) == [["good([真的])"], ["ok = 好"]]


def test_dictionaries_as_python_writes_them_are_read_and_the_person_is_told(write, only, cells):
    rows = [
        {"content": "屏幕很亮,看着舒服", "score": 5, "pic": None},
        {"content": "it's broken", "score": 1, "pic": None},
    ]
    source = only(write("\n".join(map(repr, rows)) + "\n{'content': 坏了}\n"))
    (chunk,) = read(source, chunk_rows=10)
    assert chunk.frame["content"][:2].tolist() == ["屏幕很亮,看着舒服", "it's broken"]
    assert chunk.reasons.tolist() == ["", "", Reason.BAD_JSON]
    assert any("Python 的字典" in note for note in source.notes)


@pytest.mark.parametrize("line", ["{'content': __import__('os')}", "{'a': " + "[" * 5000, "{'content': '\\d好'}"])
def test_a_line_in_python_is_never_run(write, only, line):
    source = only(write("{'content': '屏幕很亮'}\n" + line + "\n"))
    assert count(source) == 2


def test_objects_one_a_line_may_end_in_the_comma_of_a_list(write, only, cells):
    lines = '{"content":"屏幕很亮"},\n{"content":"边框[怒],\\n]松动"},\n'
    expected = [["屏幕很亮"], ["边框[怒],\n]松动"]]
    assert cells(only(write(lines))) == expected
    assert cells(only(write(f"[\n{lines}]"))) == expected


@pytest.mark.parametrize("extra", range(-4, 12, 3))
def test_a_needless_comma_is_found_wherever_the_file_is_cut_into_blocks(write, only, extra):
    start, end = '[{"content":"', '"}'
    text = "好" * (BLOCK_CHARS - len(start) - len(end) + extra - 4)
    assert count(only(write(start + text + end + ",\n  \n]"))) == 1


def test_a_text_in_pieces_is_one_text_and_no_list_of_replies(write, only, cells):
    pieces = ["屏幕很亮,", {"type": "bold", "text": "看着舒服"}, {"type": "link", "text": "图"}]
    messages = [{"id": 1, "text": pieces, "from": "小鱼"}, {"id": 2, "text": "边框松动", "from": "大白"}]
    source = only(write(json.dumps({"name": "用户群", "messages": messages})))
    assert cells(source) == [["1", "屏幕很亮,看着舒服图", "小鱼"], ["2", "边框松动", "大白"]]
    assert source.mapping.text == ("text",)


def test_lists_of_typed_comments_within_objects_stay_lists_of_comments(write, only, cells):
    shops = [
        {"name": name, "reviews": [{"type": "review", "text": text}]} for name, text in (("甲", "好"), ("乙", "差"))
    ]
    assert cells(only(write(json.dumps({"shops": shops})))) == [["review", "好"], ["review", "差"]]
