"""Headers: found, missing, chosen, and names that are unique."""

import pytest

from core.errors import ReadError
from core.read.header import find_header, unique_names


def numbered(*rows):
    return list(enumerate(rows, 1))


def test_the_first_row_with_known_names_is_the_header():
    header = find_header(numbered(["评论内容", "评论时间"], ["好", "2024-01-01"]))
    assert (header.row, header.columns, header.title_rows) == (1, ("评论内容", "评论时间"), 0)


def test_titles_and_blank_rows_above_are_passed_over():
    header = find_header(
        numbered(["月报"], [], ["单位", "某部"], ["用户", "评论", "评分", "时间"], ["甲", "好", "5", "2024-01-01"])
    )
    assert (header.row, header.title_rows) == (4, 2)


def test_unknown_names_above_numbers_are_a_header():
    assert find_header(numbered(["甲栏", "乙栏"], ["1", "2"], ["3", "4"])).row == 1


def test_data_in_the_first_row_means_no_header():
    header = find_header(numbered(["1", "很好用", "2024-01-01"], ["2", "不好用", "2024-01-02"]))
    assert (header.row, header.columns) == (0, ("列1", "列2", "列3"))


def test_a_list_of_comments_has_no_header():
    assert find_header(numbered(["很好用"], ["太差了"], ["还行"])).row == 0


def test_a_list_of_comments_under_a_known_name_has_one():
    assert find_header(numbered(["评论"], ["很好用"], ["太差了"])).row == 1


def test_a_comment_that_is_a_long_sentence_is_no_header():
    assert (
        find_header(
            numbered(["1", "这件商品我用了一个月之后才来评价,总的来说还是非常满意的,推荐大家购买,下次还会再来"])
        ).row
        == 0
    )


def test_a_person_s_choice_wins():
    rows = numbered(["评论", "时间"], ["正文", "日期"], ["好", "2024"])
    assert find_header(rows, 2).columns == ("正文", "日期")
    assert find_header(rows, 0).columns == ("列1", "列2")


def test_an_empty_row_cannot_be_chosen():
    with pytest.raises(ReadError, match=r"\[R12\] 第 2 行"):
        find_header(numbered(["评论"], [], ["好"]), 2)


def test_columns_beyond_the_header_that_most_rows_fill_get_names():
    assert find_header(numbered(["评论", "时间"], ["好", "2024", "x"], ["差", "2024", "y"])).columns == (
        "评论",
        "时间",
        "列3",
    )


def test_a_stray_cell_in_one_row_is_no_column():
    rows = numbered(["评论", "时间"], ["好", "2024"], ["差", "2024", "", "注"], ["中", "2024"])
    assert find_header(rows).columns == ("评论", "时间")


def test_names_are_unique_even_against_made_up_ones():
    assert unique_names(["a", "a", "a_2", "", "列4", "a"]) == ("a", "a_3", "a_2", "列4_2", "列4", "a_4")


def test_line_breaks_in_names_become_spaces():
    assert unique_names(["评论\n内容"]) == ("评论 内容",)


def test_a_long_question_of_a_survey_is_a_name():
    question = "5、您对我们的产品和服务有什么意见或建议？请尽可能详细地描述您的使用体验，谢谢您的配合[填空题]"
    assert find_header(numbered(["序号", "来源", question], ["1", "微信", "发货快一些"])).row == 1
    assert find_header(numbered([question], ["发货快一些"], ["无"])).row == 1
