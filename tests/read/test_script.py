"""JSON within JavaScript: the call or assignment around it is taken off, checked and told of."""

import json

import pytest

from core.errors import ReadError
from core.read import count
from core.read.lines import BLOCK_CHARS

ANSWER = '{"comments":[{"content":"好"},{"content":"差"}]}'


@pytest.mark.parametrize(
    "text",
    [
        f"call_98({ANSWER});",
        f"jQuery.cb_1( {ANSWER} )\n",
        f"/**/ typeof cb === 'function' && cb({ANSWER});\r\n",
        f"var data = {ANSWER};",
        f"window.__STATE__={ANSWER}",
        'const rows = [{"content":"好"},{"content":"差"}];\n\n',
    ],
)
def test_the_json_of_a_script_is_read_and_the_person_is_told(write, only, cells, text):
    source = only(write(text))
    assert cells(source) == [["好"], ["差"]]
    assert any("JSONP" in note and "去掉了开头" in note for note in source.notes)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_a_script_is_read_in_other_encodings_too(write, only, cells, encoding):
    text = 'cb({"comments":[{"content":"很好用的东西"}]});'
    assert cells(only(write(text, encoding=encoding))) == [["很好用的东西"]]


@pytest.mark.parametrize("extra", range(-6, 7))
def test_the_end_of_a_script_is_found_wherever_the_file_is_cut_into_blocks(write, only, cells, extra):
    start, end = 'cb([{"content":"', '"}]);'
    text = "好" * (BLOCK_CHARS - len(start) - len(end) + extra)
    assert cells(only(write(start + text + end))) == [[text]]


def test_a_long_script_is_read_whole(write, only):
    rows = [{"content": f"第{number}条);"} for number in range(20_000)]
    assert count(only(write(f"cb({json.dumps(rows)});"))) == 20_000


@pytest.mark.parametrize(
    "text",
    [
        f"cb({ANSWER}",
        f"cb({ANSWER}, 1);",
        f"var a = {ANSWER}; alert(1)",
        f"cb({ANSWER}));",
        'cb([{"content":"好"}); // ',
    ],
)
def test_a_script_that_goes_on_behind_its_json_is_refused_with_what_to_do(write, only, text):
    with pytest.raises(ReadError, match=r"\[R15\].*网页脚本.*请删去"):
        only(write(text))


@pytest.mark.parametrize(
    "text",
    [
        f"cb({ANSWER});\ncb({ANSWER});\n",
        f"cb({ANSWER})cb({ANSWER})",
        f"/**/cb_1({ANSWER});\n/**/cb_2({ANSWER});",
        f"var a = {ANSWER};\nvar b = {ANSWER};",
    ],
)
def test_several_scripts_in_a_file_are_all_read(write, only, cells, text):
    assert cells(only(write(text))) == [["好"], ["差"]] * 2


def test_a_comment_that_reads_like_the_seam_of_two_scripts_stays_whole(write, only, cells):
    said = '好});\\ncb({ "x": 1 });var a = {"b": 2}'
    text = json.dumps({"comments": [{"content": said}]}, ensure_ascii=False)
    assert cells(only(write(f"cb({text});\ncb({text});"))) == [[said]] * 2


@pytest.mark.parametrize("extra", range(-3, 60, 7))
def test_the_seam_of_two_scripts_is_found_wherever_the_file_is_cut_into_blocks(write, only, extra):
    long = "好" * (BLOCK_CHARS - 60 + extra)
    text = f'cb([{{"content":"{long}"}}]);\ncb([{{"content":"短"}}]);'
    assert count(only(write(text))) == 2
