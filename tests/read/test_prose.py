"""Plain lists whose lines have equally many commas by chance, and tables without header that must still be cut."""

import itertools

import pytest

FIRST = (
    "物流很快",
    "质量不错",
    "味道一般",
    "送餐太慢了",
    "价格便宜",
    "做工真粗糙",
    "客服好有耐心",
    "屏幕挺清晰",
    "不耐用",
)
THEN = ("包装也好", "下次再来", "不推荐给别人", "就是有点贵", "会一直回购的", "再也不买了", "喜欢", "没什么毛病")
WHEN = ("这次", "上回", "昨天", "家里人说", "双十一买的", "第二次来", "总的来说")
HOW = ("吧", "了", "这家店真是", "说实话", "反正", "希望改进", "朋友也说")
LINES = [(WHEN[i % 7] + a, b + HOW[i // 3 % 7]) for i, (a, b) in enumerate(itertools.product(FIRST, THEN))]


def lines_of(comma: str, rows=LINES) -> str:
    return "".join(f"{comma.join(row)}\n" for row in rows)


@pytest.mark.parametrize("comma", [",", ";"])
def test_many_lines_of_text_with_one_comma_each_are_one_comment_a_line(write, only, cells, comma):
    source = only(write(lines_of(comma)))
    assert (source.delimiter, source.mapping.text) == (None, ("列1",))
    assert cells(source) == [[comma.join(row)] for row in LINES]


def test_thousands_of_lines_with_one_full_width_comma_each_are_one_comment_a_line(write, only):
    assert only(write(lines_of("，", LINES * 20))).delimiter is None


def test_lines_of_which_two_thirds_have_one_comma_are_one_comment_a_line(write, only, cells):
    rows = [row if i % 3 else ("".join(row),) for i, row in enumerate(LINES)]
    assert cells(only(write(lines_of(",", rows)))) == [[",".join(row)] for row in rows]


def test_a_list_of_a_few_comments_that_come_again_and_again_is_one_comment_a_line(write, only):
    rows = [(FIRST[i % 9], THEN[i % 8]) for i in range(100)]
    assert only(write(lines_of(",", rows))).delimiter is None


def test_a_first_line_much_shorter_than_the_others_is_no_header_of_a_list(write, only, cells):
    rows = [("不好", "别买"), *((f"{a}等了一个多星期", f"{b}而且还特别麻烦") for a, b in LINES)]
    assert cells(only(write(lines_of(",", rows))))[0] == ["不好,别买"]


def test_how_a_list_was_read_and_how_to_overrule_it_is_said(write, only, cells):
    path = write(lines_of(","))
    (note,) = [note for note in only(path).notes if "--delimiter" in note]
    assert note == (
        "每一行当作一条评论:里面的逗号看起来是句子的标点,不是列的分隔符。"
        '如果它其实是表格,请指定分隔符(命令行用 --delimiter ",")。'
    )
    assert cells(only(path, delimiter=",")) == [list(row) for row in LINES]


def test_of_a_table_nothing_is_said_about_commas(write, only):
    text = lines_of(",", [("评论", "分"), *((a, "5") for a, _ in LINES)])
    assert not any("--delimiter" in note for note in only(write(text)).notes)


TABLES = {
    "numbers": [(str(4000 + i), "".join(row)) for i, row in enumerate(LINES)],
    "dates": [(f"2026-09-{i % 28 + 1:02}", "".join(row)) for i, row in enumerate(LINES)],
    "categories": [("".join(row), ("物流", "质量", "服务")[i % 3]) for i, row in enumerate(LINES)],
    "ratings in words": [("".join(row), ("很满意", "不满意", "一般般吧")[i % 3]) for i, row in enumerate(LINES)],
    "products": [(f"{a}蓝牙耳机{i}代", "".join(LINES[i])) for i, a in enumerate(["禾雀", "青鸟", "云石"] * 20)],
    "nicknames": [
        (f"{a}{b}", "".join(LINES[i])) for i, (a, b) in enumerate(itertools.product("阿小大老", "明鱼猫兔星海月"))
    ],
    "replies": [("".join(row), ("感谢您的支持", "非常抱歉给您带来不便")[i % 2]) for i, row in enumerate(LINES)],
    "ended comments": [("".join(row) + "。", f"不想上班的{row[0]}{i}") for i, row in enumerate(LINES)],
    "other commas": [(f"{a}，{b}", f"再也不买{i}") for i, (a, b) in enumerate(LINES)],
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_without_header_is_still_cut(write, only, cells, kind):
    source = only(write(lines_of(",", TABLES[kind])))
    assert source.delimiter == ","
    assert cells(source) == [list(row) for row in TABLES[kind]]


@pytest.mark.parametrize("quoted", [0, 1])
def test_quotes_as_a_table_has_them_make_columns_of_whatever_stands_in_them(write, only, cells, quoted):
    rows = [[f'"{cell}"' if place == quoted else cell for place, cell in enumerate(row)] for row in LINES]
    source = only(write(lines_of(",", rows)))
    assert cells(source) == [list(row) for row in LINES]


def test_unusual_names_above_texts_stay_a_header(write, only):
    rows = [("满意之处", "还要改进的方面"), *((f"{a}收到就用上了", f"{b}希望下次注意") for a, b in LINES)]
    assert only(write(lines_of(",", rows))).columns == ("满意之处", "还要改进的方面")


@pytest.mark.parametrize("endings", [("下次还来",), ("下次还来", "会推荐给朋友的", "再也不买了")])
def test_lines_that_end_in_the_same_few_clauses_are_one_comment_a_line(write, only, cells, endings):
    rows = [(a, endings[i % len(endings)]) for i, (a, _) in enumerate(LINES)]
    source = only(write(lines_of(",", rows)))
    assert (source.delimiter, source.mapping.text) == (None, ("列1",))
    assert cells(source) == [[",".join(row)] for row in rows]


@pytest.mark.parametrize(
    "labels", [("非常满意", "不满意"), ("好评", "差评"), ("感谢您的支持", "很抱歉,我们会改进".replace(",", ""))]
)
def test_a_column_of_labels_or_answers_beside_comments_is_cut_off(write, only, labels):
    rows = [(a, labels[i % len(labels)]) for i, (a, _) in enumerate(LINES)]
    assert only(write(lines_of(",", rows))).delimiter == ","
