"""Rows within and below a table that are no records, and other headers below it."""

import pytest

from core.read import count, read
from core.schema import Reason

HEADER = ["评价内容", "评分", "评价时间"]
ROWS = [["水壶很轻便", 5, "2024-05-01"], ["倒水的时候会漏", 2, "2024-05-02"], ["没什么异味", 4, "2024-05-03"]]


def reasons(source):
    return [str(reason) for chunk in read(source, chunk_rows=50) for reason in chunk.reasons]


def text_of(rows):
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


@pytest.mark.parametrize("total", [["合计", 11, ""], ["小计:", 11], ["总计", "共3条", ""], ["Total", "11", "-"]])
def test_totals_are_no_comments_wherever_they_stand(write, only, total):
    source = only(write(text_of([HEADER, *ROWS, total, *ROWS, total])))
    assert reasons(source) == ["", "", "", "aside"] * 2
    assert count(source) == 8


@pytest.mark.parametrize("start", ["共", "备注", "第1页", "导出时间"])
def test_a_note_of_spaces_takes_linear_time(write, only, start):
    # a quadratic rule would need minutes
    note = [start + "　" * 100_000 + "!", "", ""]
    assert reasons(only(write(text_of([HEADER, *ROWS, note]))))[:3] == ["", "", ""]


@pytest.mark.parametrize(
    "note",
    [
        "数据来源:店铺后台",
        "导出时间：2024-06-01 10:00",
        "共3条记录",
        "备注:仅供内部使用",
        "以上数据由系统自动生成",
        "制表人:小王",
    ],
)
def test_notes_below_a_table_are_no_comments(write_xlsx, only, note):
    source = only(write_xlsx({"评价": [HEADER, *ROWS, [], [note], ["说明:数据有延迟"]]}))
    assert reasons(source) == ["", "", "", "", "aside", "aside"]


def test_a_total_among_the_notes_leaves_them_notes(write, only):
    rows = [HEADER, *ROWS, ["导出时间:2024-06-01", "", ""], ["合计", 11, ""], ["备注:仅供内部使用", "", ""]]
    assert reasons(only(write(text_of(rows)))) == ["", "", "", "aside", "aside", "aside"]


@pytest.mark.parametrize("said", ["备注:发货太慢", "共3条记录", "数据来源:听朋友说的"])
def test_a_comment_that_begins_like_a_note_stays_one_among_others(write, only, said):
    assert reasons(only(write(text_of([HEADER, [said, "", ""], *ROWS])))) == [""] * 4
    assert reasons(only(write(text_of([HEADER, *ROWS, [said, 5, "2024-05-04"]])))) == [""] * 4


def test_a_list_of_comments_may_end_in_a_remark(write, only):
    assert reasons(only(write("评论\n很好用\n备注:发货太慢\n"))) == ["", ""]
    assert reasons(only(write("评论\n很好用\n数据来源:店铺后台\n"))) == ["", "aside"]


def test_the_ends_of_printed_pages_are_no_comments(write, only):
    rows = [HEADER, *ROWS, ["第1页 / 共2页", "", ""], *ROWS, ["(第 2 页,共 2 页)".replace(",", "，"), "", ""]]
    assert reasons(only(write(text_of(rows)))) == ["", "", "", "aside"] * 2


def test_a_comment_that_says_total_stays_one(write, only):
    assert reasons(only(write(text_of([HEADER, ["合计花了三百,不值", 2, "2024-05-04"], *ROWS])))) == [""] * 4


def test_hints_below_the_header_are_no_comment(write_xlsx, only):
    hints = ["必填,不超过500字", "1-5", "yyyy-mm-dd"]
    assert reasons(only(write_xlsx({"评价": [HEADER, hints, *ROWS]}))) == ["aside", "", "", ""]


def test_a_caption_merged_over_all_columns_is_no_comment(write_xlsx, only):
    def caption(book):
        book.worksheets()[0].merge_range(1, 0, 1, 2, "一、厨房用品")
        book.worksheets()[0].merge_range(5, 0, 5, 2, "二、卫浴用品")

    rows = [HEADER, [], *ROWS, [], *ROWS, *ROWS]
    assert reasons(only(write_xlsx({"评价": rows}, caption))) == ["aside", "", "", "", "aside", *[""] * 6]


def test_comments_merged_over_the_width_of_the_page_stay_comments(write_xlsx, only):
    def merge(book):
        for row in range(1, 4):
            book.worksheets()[0].merge_range(row, 0, row, 2, f"第{row}次买了,还是好用")

    assert reasons(only(write_xlsx({"评价": [["评价内容", "", "备用"], [], [], []]}, merge))) == ["", "", ""]


def test_rows_below_a_header_in_another_order_stand_under_their_names(write, only, cells):
    turned = [HEADER[::-1], *[row[::-1] for row in ROWS]]
    source = only(write(text_of([HEADER, *ROWS, *turned, HEADER, *ROWS])))
    assert [row for row, why in zip(cells(source), reasons(source), strict=True) if not why] == [
        list(map(str, row)) for row in ROWS * 3
    ]
    assert reasons(source).count(Reason.HEADER_AGAIN) == 2


def test_columns_of_a_later_header_that_the_table_lacks_are_kept_beyond_it(write, only):
    later = [["评价时间", "评价内容", "用户昵称"], ["2024-05-04", "壶嘴太小", "小鱼"]]
    (chunk,) = read(only(write(text_of([HEADER, *ROWS, *later]))), chunk_rows=50)
    assert chunk.frame.iloc[-1].tolist() == ["壶嘴太小", "", "2024-05-04", "小鱼"]


def test_another_table_below_the_comments_is_not_taken_for_comments(write_xlsx, only, cells):
    other = [[], ["客服回访登记"], ["回访时间", "回访人", "回访内容"], ["2024-05-09", "小王", "用户不接电话"]]
    source = only(write_xlsx({"评价": [["评价时间", "评分", "评价内容"], *[row[::-1] for row in ROWS], *other]}))
    assert reasons(source) == ["", "", "", "", "", "other_table", "other_table"]
    assert any("第 7 行起是另一个表格" in note for note in source.notes)


@pytest.mark.parametrize("gap", [[], [[]]])
def test_a_comment_in_words_that_are_names_elsewhere_is_no_header(write_xlsx, only, gap):
    rows = [
        ["商品", "优点", "评价内容"],
        ["手机", "屏幕", "很亮"],
        ["平板", "音响", "不响"],
        *gap,
        ["品牌", "商品", "评价"],
        ["耳机", "降噪", "好"],
    ]
    assert set(reasons(only(write_xlsx({"评价": rows})))) == {""}
