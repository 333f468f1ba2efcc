"""Roles of columns: from names, from values, by the person."""

import pandas as pd
import pytest

from core.errors import MappingError
from core.read import detect, require_text, with_mapping
from core.schema import Mapping, Role


def frame(**columns):
    return pd.DataFrame(columns, dtype="str")


def test_usual_chinese_names_are_recognised():
    sample = frame(
        订单号=["1", "2"],
        商品名称=["手机", "耳机"],
        用户昵称=["甲", "乙"],
        评论内容=["很好用", "音质太差了"],
        评分=["5", "1"],
        评论时间=["2024-01-02", "2024/1/3 8:00"],
        来源平台=["微博", "抖音"],
    )
    mapping = detect(list(sample.columns), sample).mapping
    assert mapping == Mapping(("评论内容",), "评论时间", "来源平台", "商品名称", "评分", "用户昵称", "订单号")


def test_usual_english_names_are_recognised():
    sample = frame(
        review_id=["a", "b"],
        Review_Text=["很好用", "音质太差了"],
        Rating=["5", "1"],
        created_at=["1700000000", "1700000001"],
        user_name=["x", "y"],
        platform=["weibo", "jd"],
        product=["p", "q"],
    )
    mapping = detect(list(sample.columns), sample).mapping
    assert mapping == Mapping(("Review_Text",), "created_at", "platform", "product", "Rating", "user_name", "review_id")


@pytest.mark.parametrize("name", ["评论数", "评论时间", "评论ID", "评论人", "评论等级", "评论链接"])
def test_names_that_only_begin_like_comments_are_not_taken_for_them(name):
    sample = frame(**{name: ["12", "7"], "x": ["用了三天就坏了", "客服一直不回复我"]})
    assert detect([name, "x"], sample).mapping.text == ("x",)


def test_a_column_called_comment_but_full_of_numbers_is_not_the_text():
    sample = frame(评论=["12", "7"], 内容=["用了三天就坏了", "客服不回复"])
    assert detect(["评论", "内容"], sample).mapping.text == ("内容",)


def test_without_helpful_names_the_values_decide():
    sample = frame(a=["1", "2"], b=["用了三天就坏了,很失望", "物流快,包装也好"], c=["2024-01-01", "2024-01-02"])
    found = detect(["a", "b", "c"], sample)
    assert (found.mapping.text, found.mapping.time) == (("b",), "c")
    assert "按内容判断" in found.evidence[Role.TEXT]


def test_numbers_links_and_dates_are_never_the_text():
    sample = frame(a=["1", "2"], b=["https://a.example/1", "https://a.example/2"], c=["2024-01-01", "2024-01-02"])
    assert detect(["a", "b", "c"], sample).mapping.text == ()


def test_each_choice_has_its_reason_in_a_sentence():
    sample = frame(评论内容=["很好用", "太差了"], 时间=["2024-01-02", "昨天 12:30"])
    evidence = detect(["评论内容", "时间"], sample).evidence
    assert evidence[Role.TEXT].startswith("列名「评论内容」是评论列的常用名")
    assert "100% 的值像日期或时间" in evidence[Role.TIME]


def test_an_empty_table_is_told_by_names_alone():
    assert detect(["评论内容", "时间"], frame(评论内容=[], 时间=[])).mapping == Mapping(("评论内容",), "时间")


def test_chinese_relative_times_look_like_times():
    sample = frame(评论=["好的吧", "差的吧"], 日期=["刚刚", "3分钟前"])
    assert detect(["评论", "日期"], sample).mapping.time == "日期"


def test_a_person_joins_text_columns_and_drops_a_role(write, only):
    source = only(write("标题,正文,时间\n好,很好用,2024-01-01\n差,很难用,2024-01-02\n"))
    changed = with_mapping(source, text=["标题", "正文"], time=None)
    assert (changed.mapping.text, changed.mapping.time) == (("标题", "正文"), None)
    assert changed.evidence[Role.TEXT] == "由你指定。"


def test_roles_that_are_not_named_stay_as_detected(write, only):
    source = only(write("评论,时间\n好,2024-01-01\n差,2024-01-02\n"))
    assert with_mapping(source, text="评论").mapping.time == "时间"


def test_a_column_that_is_not_there_is_refused_with_those_that_are(write, only):
    source = only(write("订单号,日期\n1,2024-01-01\n2,2024-01-02\n"))
    with pytest.raises(MappingError, match=r"\[R04\].*「正文」.*文件里的列有:订单号、日期。"):
        with_mapping(source, text="正文")


def test_a_table_without_comments_says_which_columns_it_has(write, only):
    source = only(write("订单号,日期\n1,2024-01-01\n2,2024-01-02\n"))
    with pytest.raises(MappingError, match=r"\[R03\].*订单号、日期.*--text"):
        require_text(source)


def test_the_only_column_is_the_text_however_short(write, only):
    assert only(write("很好用\n差\n还行\n")).mapping.text == ("列1",)


def test_the_only_column_is_not_the_text_if_it_holds_numbers(write, only):
    assert only(write("12\n15\n17\n")).mapping.text == ()
