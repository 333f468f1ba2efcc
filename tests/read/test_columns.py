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


@pytest.mark.parametrize("name", ["应用市场", "下载渠道", "来源平台"])
def test_the_market_an_app_was_rated_in_is_the_source(name):
    sample = frame(**{name: ["小米", "华为"], "评论内容": ["很好用", "太差了"]})
    assert detect([name, "评论内容"], sample).mapping.source == name


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


ANSWER = ["非常感谢您对本店的支持,期待您的再次光临", "很抱歉给您带来不便,我们会努力改进服务"]


@pytest.mark.parametrize("name", ["商家回复", "商家回复内容", "卖家解释", "商户答复", "Seller Response", "owner_reply"])
def test_what_the_shop_answers_is_never_the_comment(name):
    sample = frame(**{name: ANSWER, "心声": ["太慢了等了五天", "还不错吧挺好"]})
    assert detect([name, "心声"], sample).mapping.text == ("心声",)
    assert detect([name], sample[[name]]).mapping.text == ()


def test_a_first_comment_is_preferred_to_what_was_added_later():
    names = ["追评内容", "初评内容", "追评时间", "初评时间"]
    sample = frame(
        追评内容=["用了一个月之后感觉还是非常不错", "过了半年就坏掉了,真是非常失望"],
        初评内容=["还不错", "太慢了"],
        追评时间=["2024-02-02", "2024-02-03"],
        初评时间=["2024-01-02", "2024-01-03"],
    )
    assert detect(names, sample).mapping == Mapping(("初评内容",), "初评时间")


def test_what_was_added_later_is_the_comment_where_it_stands_alone():
    sample = frame(追评=["用了一个月还不错", "半年就坏了"], 追评时间=["2024-02-02", "2024-02-03"])
    assert detect(["追评", "追评时间"], sample).mapping == Mapping(("追评",), "追评时间")


def test_usual_names_in_traditional_characters_are_recognised():
    sample = frame(
        訂單編號=["1", "2"],
        商品名稱=["手機", "耳機"],
        用戶暱稱=["甲", "乙"],
        評論內容=["很好用", "音質太差了"],
        評分=["5", "1"],
        評論時間=["2024-01-02", "2024/1/3 8:00"],
        來源平臺=["微博", "抖音"],
    )
    assert detect(list(sample.columns), sample).mapping == Mapping(
        ("評論內容",), "評論時間", "來源平臺", "商品名稱", "評分", "用戶暱稱", "訂單編號"
    )


def test_a_comment_is_preferred_to_the_post_it_is_about_however_short():
    sample = frame(
        微博内容=["官方发布新品,转发抽奖送手机一台,快来参加吧", "新品发布会直播预告,今晚八点不见不散"],
        评论内容=["垃圾", "还行"],
    )
    assert detect(["微博内容", "评论内容"], sample).mapping.text == ("评论内容",)


def test_good_and_bad_are_ratings_beside_a_column_of_sentences():
    sample = frame(评价=["好评", "差评", "中评"], 内容=["很好用", "太差了", "一般吧"])
    assert detect(["评价", "内容"], sample).mapping.text == ("内容",)


def test_a_question_that_asks_for_suggestions_holds_comments():
    sample = frame(**{"5、您还有什么意见或建议？[填空题]": ["发货快一些", "客服太慢"], "来源": ["微信", "链接"]})
    assert detect(list(sample.columns), sample).mapping.text == ("5、您还有什么意见或建议？[填空题]",)


def test_json_within_cells_is_never_the_text():
    sample = frame(_id=["a", "b"], _source=['{"content": "很好用,下次再买"}', '{"content": "太差了,再也不来"}'])
    assert detect(["_id", "_source"], sample).mapping.text == ()


def test_one_of_two_long_ids_that_ends_in_zeros_is_told_and_a_round_one_among_many_is_not():
    ids = ["4900000123456780000", "4900000123456789123"]
    assert any("改成了 0" in note for note in detect(["id"], frame(id=ids)).notes)
    many = [f"490000012345678{number:04d}" for number in range(100, 200)]
    assert detect(["id"], frame(id=many)).notes == ()


def test_other_columns_of_sentences_are_named_and_answers_of_the_shop_are_not():
    said = [
        "等了半个小时才有人来接待我",
        "前台的小伙子很热情地帮我搬行李",
        "希望早餐再多几个热菜的品种",
        "房间的窗户关不严,夜里很冷",
    ]
    frame = pd.DataFrame(
        {
            "1、您最满意的地方是?": said,
            "2、您的意见或建议": said[::-1],
            "商家回复": [f"{text}的事我们会改进" for text in said],
            "处理结果": [f"已就{text}联系客户" for text in said],
            "所在门店地址": [f"人民路第{i}号大楼的一层东侧商铺" for i in range(4)],
        }
    )
    found = detect(list(frame), frame)
    (note,) = [note for note in found.notes if "成句的文字" in note]
    assert found.mapping.text == ("2、您的意见或建议",)
    assert "「1、您最满意的地方是?」" in note


def test_a_column_of_labels_or_posts_beside_the_comment_needs_no_remark():
    frame = pd.DataFrame(
        {"评论内容": ["窗户关不严", "早餐很好"] * 4, "笔记内容": ["五一出行住宿避坑指南,建议收藏起来慢慢看"] * 8}
    )
    assert not any("成句" in note for note in detect(list(frame), frame).notes)


def test_lines_that_begin_with_their_day_are_comments():
    frame = pd.DataFrame({"列1": ["2024-05-01 窗户关不严,夜里冷得睡不着", "2024-05-02 早餐很好吃,品种也比上次多"]})
    assert detect(["列1"], frame).mapping.text == ("列1",)
    days = pd.DataFrame({"列1": ["2024-05-01 星期三 下午3点", "5月2日 10:20 来自微博轻享版的网页客户端"]})
    assert detect(["列1"], days).mapping.text == ()


def test_the_first_level_of_comments_is_preferred_to_the_post():
    post = "今天分享一下装修避坑的经验,希望对大家有帮助,记得收藏点赞哦"
    frame = pd.DataFrame(
        {"笔记内容": [post] * 3, "一级评论": ["太有用了", "踩过同样的坑", "收藏了"], "二级评论": ["", "", ""]}
    )
    assert detect(list(frame), frame).mapping.text == ("一级评论",)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["(" * 500_000, "(" * 500_000 + "\n)", "【(" * 200_000])
def test_a_column_name_of_brackets_that_do_not_close_takes_linear_time(name):
    assert detect([name, "评论内容"], frame(**{name: ["1"], "评论内容": ["很好用"]})).mapping.text == ("评论内容",)


def test_the_day_of_a_review_is_preferred_to_the_day_of_the_stay():
    sample = frame(
        酒店名称=["听涛酒店", "听涛酒店"],
        房型=["大床房", "双床房"],
        入住日期=["2024-05-01", "2024-05-03"],
        点评日期=["2024-05-04", "2024-05-09"],
        总分=["4.8分", "2.5分"],
        点评内容=["位置很好,早餐也不错", "隔音太差,一夜没睡"],
    )
    found = detect(list(sample.columns), sample).mapping
    assert (found.time, found.rating, found.product) == ("点评日期", "总分", "酒店名称")


def test_who_sells_is_not_who_wrote_and_the_after_sales_order_is_the_comment_id():
    sample = frame(
        售后单号=["7101", "7102"],
        订单编号=["6901", "6901"],
        商品名称=["面膜", "面膜"],
        达人昵称=["小鹿姐姐", "老丁严选"],
        买家留言=["联系客服一直不回", "希望尽快退款"],
    )
    found = detect(list(sample.columns), sample).mapping
    assert (found.author, found.comment_id) == (None, "售后单号")


def test_an_app_s_versions_are_compared_and_not_the_phones_it_runs_on():
    names = ["应用市场", "版本号", "机型", "评论详情"]
    sample = frame(
        应用市场=["App Store", "应用宝"],
        版本号=["V8.1", "V8.2"],
        机型=["小米14", "iPhone 15"],
        评论详情=["一打开就闪退", "转账很方便"],
    )
    assert detect(names, sample).mapping.product == "版本号"
    assert detect(["机型", "评论详情"], sample[["机型", "评论详情"]]).mapping.product == "机型"


def test_the_roles_of_a_hospital_s_survey_and_its_other_questions_are_found():
    n = 40
    sample = frame(
        **{
            "问卷编号": [f"WJ{i}" for i in range(n)],
            "科室": ["骨科", "儿科"] * (n // 2),
            "Q3.候诊时间(1-5分)": ["5", "2"] * (n // 2),
            "总体满意度": ["非常满意", "不满意"] * (n // 2),
            "Q6.您最不满意的地方是什么?": ["无", "没有", "停车太难", "排队太久", "厕所很脏", "护士态度差", "费用太高"]
            * 5
            + ["无"] * 5,
            "Q7.您的意见和建议": [f"希望增加{i}个停车位" for i in range(n)],
        }
    )
    found = detect(list(sample.columns), sample)
    assert found.mapping.text == ("Q7.您的意见和建议",)
    assert (found.mapping.product, found.mapping.rating, found.mapping.comment_id) == ("科室", "总体满意度", "问卷编号")
    assert any("「Q6.您最不满意的地方是什么?」" in note for note in found.notes)


def test_reasons_chosen_from_a_list_are_named_beside_the_message():
    reasons = ["质量太差", "尺码偏小", "少发一件", "颜色不符", "买贵了", "过敏了", "假货"]
    sample = frame(
        申请原因=reasons * 3,
        买家留言=[f"第{i}次了,麻烦快点处理" for i in range(21)],
        商家备注=["已联系买家,等待退货寄回"] * 21,
    )
    found = detect(list(sample.columns), sample)
    assert found.mapping.text == ("买家留言",)
    (note,) = found.notes
    assert "「申请原因」" in note


def test_the_roles_of_a_hotline_s_table_are_found():
    sample = frame(
        来电时间=["2024-05-01 08:00:00", "2024-05-02 09:00:00"],
        诉求来源=["电话", "微信"],
        诉求内容=["来电人反映小区电梯长期停运,希望尽快维修", "咨询社保缴费的比例和办理流程"],
        办理单位=["市住建局", "市人社局"],
        办结时间=["2024-05-09 08:00:00", "2024-05-10 09:00:00"],
        满意度评价=["满意", "不满意"],
    )
    assert detect(list(sample.columns), sample).mapping == Mapping(
        ("诉求内容",), "来电时间", source="诉求来源", product="办理单位"
    )


def test_names_of_shops_in_taiwan_are_recognised():
    sample = frame(
        賣場=["蝦皮", "momo"], 評價星等=["★★★★☆", "★☆☆☆☆"], 買家帳號=["user_1", "user_2"], 評論內容=["很好", "踩雷"]
    )
    found = detect(list(sample.columns), sample)
    assert found.mapping == Mapping(("評論內容",), source="賣場", rating="評價星等", author="買家帳號")
    assert found.notes == ()
