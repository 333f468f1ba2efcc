"""The ladder of encodings and the person's word against it."""

import codecs

import pytest

from core.errors import ReadError

TABLE = "评论内容,平台\n这个真的很好用,微博\n物流太慢了,抖音\n"
TRADITIONAL = "評論內容,平台\n這個東西真的很好用,我們都喜歡,微博\n" * 4


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
    ],
)
def test_the_encoding_is_told_and_the_text_comes_back(write, only, cells, encoding, codec):
    source = only(write(TABLE, encoding=encoding))
    assert source.encoding == codec
    assert source.columns == ("评论内容", "平台")
    assert cells(source) == [["这个真的很好用", "微博"], ["物流太慢了", "抖音"]]


def test_traditional_text_in_big5_is_not_taken_for_gb18030(write, only):
    source = only(write(TRADITIONAL, encoding="big5"), delimiter=",")
    assert source.encoding == "big5hkscs"
    assert "評論內容" in source.columns


def test_a_few_traditional_words_in_big5_are_not_taken_for_gb18030(write, only, cells):
    source = only(write("評論\n好\n差\n", encoding="big5"))
    assert (source.encoding, cells(source)) == ("big5hkscs", [["好"], ["差"]])


def test_utf_8_is_judged_by_the_whole_file_not_its_beginning(write, only):
    assert only(write(b"id,name\n" + b"1,abc\n" * 200_000 + "2,尾巴\n".encode("gb18030"))).encoding == "gb18030"


def test_a_last_character_cut_off_leaves_the_file_utf_8(write, only, cells):
    source = only(write(TABLE.encode()[:-2]))
    assert source.encoding == "utf-8"
    assert any("不完整" in note for note in source.notes)
    assert cells(source)[0] == ["这个真的很好用", "微博"]


def test_a_last_character_cut_off_leaves_the_file_gb18030(write, only, cells):
    source = only(write("评论,分\n很好,5\n不好".encode("gb18030")[:-1]))
    assert source.encoding == "gb18030"
    assert any("不完整" in note for note in source.notes)
    assert cells(source)[0] == ["很好", "5"]


def test_bytes_of_no_encoding_ask_the_person(write, only):
    with pytest.raises(ReadError, match=r"\[R06\].*--encoding"):
        only(write("评论,分\n".encode() + b"\xff\xff\x80\xff,1\n" * 3))


def test_a_named_encoding_wins_and_what_does_not_fit_is_noted(write, only, cells):
    source = only(write("评论,分\n好".encode() + b"\xff" + b",1\n"), encoding="utf-8")
    assert cells(source) == [["好�", "1"]]
    assert any("�" in note for note in source.notes)


def test_a_named_utf_8_does_not_leave_the_byte_order_mark_in_the_header(write, only):
    assert only(write(TABLE, encoding="utf-8-sig"), encoding="utf-8").columns[0] == "评论内容"


def test_a_named_utf_16_le_does_not_leave_the_byte_order_mark_in_the_header(write, only):
    content = codecs.BOM_UTF16_LE + TABLE.encode("utf-16-le")
    assert only(write(content), encoding="utf-16-le").columns[0] == "评论内容"


@pytest.mark.parametrize("name", ["klingonisch", "rot13", "zip", "idna", ""])
def test_a_name_that_is_no_text_encoding_is_refused(write, only, name):
    with pytest.raises(ReadError, match=r"\[R06\]"):
        only(write(TABLE), encoding=name)


def test_an_encoding_error_never_tells_the_text(write, only):
    with pytest.raises(ReadError) as caught:
        only(write("机密评论,分\n".encode() + b"\xff\x80\xff,1\n"))
    assert "机密" not in str(caught.value)


def test_a_broken_byte_in_utf_8_costs_its_character_and_says_where(write, only, cells):
    body = "".join(f"{i},物流很快包装完好\n" for i in range(300)).encode()
    source = only(write("编号,评论\n".encode() + body + "300,好\n".encode() + b"301,\xe5\xa5\n" + body))
    assert source.encoding == "utf-8"
    assert any("有 1 处字节不合 UTF-8" in note and "第 303 行" in note for note in source.notes)
    assert cells(source)[300:302] == [["300", "好"], ["301", "�"]]


def test_half_an_emoji_does_not_turn_a_small_utf_8_file_into_gb18030(write, only, cells):
    text = "评论\n前台态度热情早餐丰富👍\n会回购的推荐👍\n".encode().replace("👍".encode(), b"\xf0\x9f", 1)
    text.decode("gb18030")  # what makes it a trap
    source = only(write(text))
    assert (source.encoding, cells(source)) == ("utf-8", [["前台态度热情早餐丰富�"], ["会回购的推荐👍"]])


@pytest.mark.parametrize(("codec", "table"), [("gb18030", TABLE), ("big5hkscs", TRADITIONAL)])
def test_a_broken_byte_in_another_encoding_leaves_the_other_lines(write, only, cells, codec, table):
    lines = (table * 3).encode(codec).split(b"\n")
    lines[2] = lines[2][:-1]
    source = only(write(b"\n".join(lines)))
    assert source.encoding == codec
    assert any("有 1 处字节不合" in note and "第 3 行" in note for note in source.notes)
    assert cells(source)[0] == table.split("\n")[1].split(",")


def test_big5_without_a_common_word_is_not_taken_for_gb18030_with_characters_that_mean_nothing(write, only):
    assert only(write("id,text\n櫃檯態度熱情早餐豐富\n", encoding="big5")).columns == ("id", "text")
    assert only(write("櫃檯態度熱情早餐豐富\n", encoding="big5")).encoding == "big5hkscs"


def test_an_unknown_encoding_names_the_likely_one_and_how_much_does_not_fit(write, only):
    with pytest.raises(ReadError, match=r"\[R06\].*最像 UTF-8,但至少有 \d+ 处不合.*--encoding utf-8"):
        only(write("评论,分\n太差了\n".encode() + b"\xff,1\n" * 5))


def test_many_broken_lines_are_counted_and_the_first_ones_named(write, only):
    source = only(write("评论\n".encode() + ("这家店的东西真的很好用".encode() + b"\xff\n") * 15))
    (note,) = [note for note in source.notes if "�" in note]
    assert "有 15 处" in note
    assert "第 2、3、4、5、6、7、8、9、10、11 等 行" in note


@pytest.mark.parametrize("name", ["utf-8", "utf-7", "gbk", "big5", "cp1252", "ascii", "shift_jis"])
def test_a_named_encoding_that_does_not_fit_is_read_with_a_remark(write, only, name):
    source = only(write("评论,分\n好,1\n".encode() + b"\x81\xff,2\n"), encoding=name, delimiter=",", header_row=0)
    assert any("已显示为 �" in note for note in source.notes)


def test_a_named_encoding_that_cannot_be_begun_with_is_refused(write, only):
    with pytest.raises(ReadError, match=r"\[R06\] 表.dat 不是 utf-32 编码"):
        only(write(TABLE), encoding="utf-32")
