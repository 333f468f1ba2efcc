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


COMPLAINTS = [
    ["咨询", "热线", "请问什么时候可以发货啊等了很久"],
    ["建议", "商品", "希望搜索能按价格排序方便一点"],
    ["投诉", "网点", "排队两个小时没有人管真是气人"],
]


@pytest.mark.parametrize("names", [["诉求类型", "诉求渠道", "诉求内容"], ["类型", "归属", "诉求"]])
def test_a_row_of_data_with_words_that_are_names_elsewhere_is_not_the_header(names):
    header = find_header(numbered(names, *COMPLAINTS))
    assert (header.row, header.title_rows, header.columns) == (1, 0, tuple(names))


def test_a_header_below_titles_as_wide_as_the_table_is_found_all_the_same():
    assert find_header(numbered(["店铺", "某某店"], ["评论内容", "姓名"], ["不错", "钱四"], ["还行", "孙三"])).row == 2
    for titles in (["店铺", "某某店"], ["导出日期", "2024-01-01"]):
        assert find_header(numbered(titles, ["评论", "评分"], ["好", "5"], ["差", "1"])).row == 2
    names = ["商品", "评论", "补充"]
    assert find_header(numbered(["报表", "某店", "2024"], names, ["锅", "好", "无"], ["碗", "差", "无"])).row == 2


def test_names_of_groups_that_each_column_repeats_are_titles():
    groups = ["订单信息", "订单信息", "评价信息", "评价信息"]
    rows = numbered(groups, ["订单号", "到货门店所在", "评论", "评分"], ["1", "北京", "好", "5"])
    assert (find_header(rows).row, find_header(rows).title_rows) == (2, 1)


@pytest.mark.parametrize(
    "rows",
    [
        [["甲店", "不错"], ["乙店", "老板态度恶劣菜里有头发再也不会来了"], ["丙店", "环境优雅服务周到适合家庭聚餐"]],
        [["手机", "电池不耐用"], ["手机", "屏幕很清晰拍照也非常好看我很满意"], ["耳机", "音质一般戴着夹耳朵听久会疼"]],
        [
            ["张三", "很好", "北京"],
            ["李四", "等了一个星期才到货非常失望", "上海"],
            ["王五", "做工精细值得推荐", "广州"],
        ],
        [["建议", "多开几个窗口"], ["投诉", "排队太久"], ["建议", "延长营业时间"], ["投诉", "没人接电话"]],
    ],
)
def test_a_first_row_that_looks_like_the_rows_below_is_data(rows):
    assert find_header(numbered(*rows)).row == 0


def test_a_header_without_a_usual_name_is_said_to_be_a_guess(write, only):
    source = only(write("部门,心得体会\n销售部,培训内容很实用老师讲得好\n财务部,时间太长了中间没有休息\n"))
    assert source.header_row == 1
    assert any("第 1 行当作表头" in note for note in source.notes)
    assert not any("当作表头" in note for note in only(write("编号,评论\n1,好\n")).notes)


def test_names_below_merged_cells_belong_to_the_header(write_xlsx, only, cells):
    rows = [["编号", "评价", None], [None, "评论内容", "评分"], [1, "很好用", 5], [2, "太差了", 1]]
    source = only(write_xlsx({"表": rows}))
    assert (source.header_row, source.columns) == (2, ("编号", "评论内容", "评分"))
    assert cells(source) == [["1", "很好用", "5"], ["2", "太差了", "1"]]
    assert any("第 1 和 2 行都是列名" in note for note in source.notes)


def test_names_once_more_in_another_language_are_no_comment():
    rows = numbered(["月报"], ["编号", "评论内容", "评分"], ["id", "content", "score"], ["1", "好", "5"])
    header = find_header(rows)
    assert (header.row, header.upper_row, header.title_rows) == (3, 2, 1)
    assert header.columns == ("id", "content", "score")


def test_a_short_comment_that_is_a_name_elsewhere_stays_a_comment():
    assert find_header(numbered(["编号", "评论"], ["1", "建议"], ["2", "好"])).row == 1
    assert find_header(numbered(["来源", "评论"], ["", "建议"], ["微博", "好"])).row == 1
    assert find_header(numbered(["评论", "渠道"], ["建议", "网站"], ["很好", "微博"])).row == 1


def test_a_header_above_numbers_stands_whatever_words_the_columns_repeat():
    rows = [["内容", f"2024-03-{day:02d}", "投诉"] for day in range(1, 9)]
    assert find_header(numbered(["内容", "日期", "诉求类型"], *rows)).row == 1
    assert find_header(numbered(["报表", "某店", "2024"], ["说法", "编号", "评分"], ["好", "1", "5"])).row == 2


def test_names_merged_over_three_rows_are_one_header():
    rows = [
        (1, ["工单编号", "客户反馈", "", "", ""]),
        (2, ["", "客户姓名", "反馈", "", "反馈时间"]),
        (3, ["", "", "反馈内容", "评分", ""]),
        (4, ["101", "王女士", "热水器不出水", "1", "2024-05-01"]),
        (5, ["102", "李先生", "安装师傅很准时", "5", "2024-05-02"]),
    ]
    header = find_header(rows)
    assert header.columns == ("工单编号", "客户姓名", "反馈内容", "评分", "反馈时间")
    assert (header.row, header.upper_row, header.title_rows) == (3, 1, 0)


def test_a_name_merged_down_from_the_row_of_groups_fills_the_gap():
    rows = [
        (1, ["基本信息", "", "评价", "", "时间"]),
        (2, ["编号", "姓名", "内容", "星级", ""]),
        (3, ["1", "王女士", "热水器不出水", "1", "2024-05-01"]),
    ]
    assert find_header(rows).columns == ("编号", "姓名", "内容", "星级", "时间")


def test_a_title_above_a_column_without_a_name_is_none():
    rows = [(1, ["五月客户评价"]), (2, ["", "评价内容", "评分"]), (3, ["1", "热水器不出水", "1"])]
    assert find_header(rows).columns == ("列1", "评价内容", "评分")
