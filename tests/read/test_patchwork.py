"""Files put together from pieces of two encodings, and text that was encoded twice."""

import pytest

from core.read import read

HEADER = "编号,评论内容,评论时间\n"
FIRST = "".join(f"{i},第{i}次买这个牌子的雨伞了,2024-05-01\n" for i in range(20))
SECOND = "".join(f"{i},伞骨被风一吹就断,2024-05-02\n" for i in range(20, 30))


@pytest.mark.parametrize(("one", "two"), [("utf-8", "gb18030"), ("gb18030", "utf-8"), ("utf-8-sig", "gb18030")])
def test_lines_of_utf_8_and_of_gbk_in_one_file_are_all_read(write, only, cells, one, two):
    source = only(write((HEADER + FIRST).encode(one) + SECOND.encode(two)))
    assert source.columns == ("编号", "评论内容", "评论时间")
    assert cells(source) == [line.split(",") for line in (FIRST + SECOND).splitlines()]
    assert any("两种编码" in note and "10 行是" in note for note in source.notes)


def test_a_character_is_whole_wherever_such_a_file_is_cut_into_blocks(write, only):
    body = FIRST * 4000
    source = only(write((HEADER + body).encode() + body.encode("gb18030")))
    texts = {text for chunk in read(source, chunk_rows=5000) for text in chunk.frame["评论内容"]}
    assert texts == {line.split(",")[1] for line in FIRST.splitlines()}


@pytest.mark.parametrize("codec", ["gb18030", "utf-8", "big5hkscs"])
def test_a_file_of_one_encoding_is_not_taken_for_two(write, only, codec):
    text = "編號,評論內容\n" + "1,這把傘很好用\n2,風一吹就斷\n" * 50
    assert only(write(text, encoding=codec)).encoding == codec


def test_half_a_character_in_utf_8_is_no_line_of_gbk(write, only):
    lines = (HEADER + FIRST).encode().split(b"\n")
    lines[3] = lines[3].replace("的".encode(), "的".encode()[:2])
    assert only(write(b"\n".join(lines))).encoding == "utf-8"


@pytest.mark.parametrize("taken_for", ["latin-1", "cp1252"])
def test_text_that_was_encoded_twice_is_turned_back_and_the_person_is_told(write, only, cells, taken_for):
    once = (HEADER + FIRST).encode()
    if taken_for == "cp1252":  # which has no characters for five bytes; programs keep these as they are
        twice = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in once).encode()
    else:
        twice = once.decode(taken_for).encode()
    source = only(write(twice))
    assert cells(source) == [line.split(",") for line in FIRST.splitlines()]
    assert any("转换过两次编码" in note for note in source.notes)


def test_french_is_not_taken_for_hanzi_encoded_twice(write, only):
    assert only(write("comment,rating\n" + "Très bien, à côté de l'église,5\n" * 20)).encoding == "utf-8"
