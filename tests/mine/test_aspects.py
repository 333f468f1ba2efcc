"""Which aspects a comment speaks of, in which piece, and which way."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import InputError
from core.mine.aspects import (
    PACKS,
    Aspect,
    Pack,
    choose,
    discover,
    judge,
    matcher,
    mentions,
    opinion_words,
    pack_from_rows,
    parse,
    rows_of,
    shipped,
    verdict,
    write,
)

SMALL = Pack(
    "小",
    (
        Aspect("价格", ("价格",), ("便宜",), ("贵", "等了…天"), ("低",), ("高",), ("贵州", "贵宾")),
        Aspect("物流", ("物流", "快递"), (), (), ("快",), ("慢",)),
        Aspect("质量", ("质量",), ("结实",), ("坏了",), (), ()),
    ),
)


def said(text: str, pack: Pack = SMALL) -> list[tuple[str, str]]:
    return [(pack.aspects[one.aspect].name, text[one.start : one.end]) for one in mentions(text, matcher(pack))]


def hints(text: str, pack: Pack = SMALL) -> dict[str, float]:
    return {pack.aspects[one.aspect].name: one.hint for one in mentions(text, matcher(pack))}


def test_each_clause_goes_to_the_aspect_it_speaks_of() -> None:
    assert said("物流很快,但是质量差") == [("物流", "物流很快"), ("质量", "但是质量差")]


def test_an_aspect_is_known_by_what_is_said_without_its_name() -> None:
    assert said("太贵了") == [("价格", "太贵了")]
    assert hints("太贵了") == {"价格": -1}


def test_a_longer_word_that_means_something_else_is_no_mention() -> None:
    assert said("贵州的朋友推荐的") == []
    assert said("贵宾厅在二楼,有点贵") == [("价格", "有点贵")]


def test_a_word_with_a_gap_is_found_with_anything_short_in_it_and_not_over_a_comma() -> None:
    assert said("等了整整五天") == [("价格", "等了整整五天")]
    assert said("等了很久,三天") == []


def test_a_denied_word_says_the_contrary() -> None:
    assert hints("物流不快") == {"物流": -1}
    assert hints("一点也不便宜") == {"价格": -1}
    assert hints("不太结实") == {"质量": -1}


def test_a_clause_that_only_names_waits_for_the_opinion_of_the_next() -> None:
    assert said("物流,质量都不错") == [("物流", "物流,质量都不错"), ("质量", "质量都不错")]


def test_a_clause_that_only_judges_belongs_to_the_aspect_before_it() -> None:
    assert said("物流很慢,非常失望。今天晴") == [("物流", "物流很慢,非常失望")]


def test_a_judgement_after_a_turn_or_in_a_new_sentence_is_not_taken_over() -> None:
    assert said("物流很快,但是很失望") == [("物流", "物流很快")]
    assert said("物流很快。很失望") == [("物流", "物流很快")]


def test_aspects_with_an_opinion_each_share_a_clause_without_punctuation() -> None:
    assert said("物流快质量差价格高") == [("物流", "物流快"), ("质量", "质量差"), ("价格", "价格高")]


def test_what_is_set_apart_without_an_opinion_is_the_contrary_of_the_rest() -> None:
    (one,) = mentions("除了价格,其他都很满意", matcher(SMALL))
    assert one.contrary
    even = np.full((1, 3), 1 / 3, np.float32)
    good = np.array([[0.05, 0.05, 0.9]], np.float32)
    assert judge([one], ["价格"], good, even)[0].argmax() == 0


@pytest.mark.parametrize(
    "comment",
    [
        "除了停车不方便,其他都好",
        "除了停车难,别的都很满意",
        "除了停车麻烦没毛病",
        "除了停车不方便都挺好",
        "除了停车难挑不出毛病",
    ],
)
def test_what_is_set_apart_and_blamed_is_not_praised_with_the_rest(comment: str) -> None:
    (one,) = mentions(comment, matcher(shipped("餐饮")))
    assert comment[one.start : one.end].startswith("除了停车")
    assert "都" not in comment[one.start : one.end]
    assert one.hint == -1
    assert not one.contrary
    praise = np.array([[0.03, 0.02, 0.95]], np.float32)
    assert judge([one], [comment[one.start : one.end]], praise, praise)[0].argmax() == 0


def test_what_is_set_apart_and_praised_is_not_blamed_with_the_rest() -> None:
    (one,) = mentions("除了质量结实一无是处", matcher(SMALL))
    blame = np.array([[0.95, 0.02, 0.03]], np.float32)
    assert judge([one], ["除了质量结实"], blame, blame)[0].argmax() == 2


def test_a_clause_about_all_the_rest_belongs_to_no_aspect_before_it() -> None:
    assert said("物流很慢,其他满意") == [("物流", "物流很慢")]


def test_what_fits_all_is_cut_off_only_where_something_is_set_apart() -> None:
    assert said("质量没毛病") == [("质量", "质量没毛病")]
    assert said("除了质量没毛病") == [("质量", "除了质量没毛病")]


@pytest.mark.parametrize("comment", ["希望物流能快一点", "物流要是再快一些就好了", "建议物流可以快点"])
def test_a_wish_for_better_is_no_praise(comment: str) -> None:
    (one,) = mentions(comment, matcher(SMALL))
    praise = np.array([[0.3, 0.1, 0.6]], np.float32)
    assert judge([one], [comment], praise, praise)[0].argmax() == 0


def test_a_wish_that_all_stays_as_it_is_may_be_praise() -> None:
    (one,) = mentions("希望物流一直这么快", matcher(SMALL))
    praise = np.array([[0.05, 0.05, 0.9]], np.float32)
    assert judge([one], ["希望物流一直这么快"], praise, praise)[0].argmax() == 2


@pytest.mark.parametrize("comment", ["价格不高", "价格也不高", "价格不算高"])
def test_a_word_of_blame_that_is_denied_is_no_blame(comment: str) -> None:
    (one,) = mentions(comment, matcher(SMALL))
    blame = np.array([[0.6, 0.1, 0.3]], np.float32)
    assert judge([one], [comment], blame, blame)[0].argmax() == 2


def test_a_comment_without_punctuation_is_read_around_the_word() -> None:
    text = "今天和家人一起出门逛了很久" * 4 + "物流很慢" + "然后又去了公园看花看树看湖" * 4
    (one,) = mentions(text, matcher(SMALL))
    assert one.end - one.start < 40
    assert "物流很慢" in text[one.start : one.end]


def test_a_word_that_fits_many_things_is_said_of_the_name_beside_it() -> None:
    phone = shipped("手机数码")
    assert [name for name, _ in said("音质清晰", phone)] == ["音质"]
    assert [name for name, _ in said("屏幕清晰", phone)] == ["屏幕"]
    parcel = shipped("快递")
    assert "时效" not in [name for name, _ in said("客服回复太慢", parcel)]


@pytest.mark.parametrize(
    ("title", "comment", "wanted"),
    [
        ("餐饮", "上菜太慢,菜都凉了", {"上菜速度", "温度"}),
        ("餐饮", "停车方便,人均八十不算贵", {"停车", "价格"}),
        ("电商", "一直不发货,问客服也不回复", {"物流", "客服与售后"}),
        ("电商", "偏大一码,颜色很正", {"尺码与大小", "外观颜色"}),
        ("酒店", "隔音太差,早餐倒是丰富", {"床与睡眠", "餐饮早餐"}),
        ("汽车", "油耗高,后排宽敞", {"油耗与续航", "空间"}),
        ("手机数码", "充电快,拍照模糊", {"电池续航", "拍照"}),
        ("快递", "没打电话就放驿站,箱子压扁了", {"派送与上门", "包裹完好"}),
        ("客服", "排队半小时,接通后态度恶劣,问题也没解决", {"响应速度", "服务态度", "解决问题"}),
        ("银行", "验证码迟迟收不到,客服全是机器人", {"登录与验证", "客服"}),
        ("银行", "跨行转账秒到,只是还收手续费", {"转账与支付", "手续费与收费"}),
        ("银行", "信用卡被降额,贷款利率倒是低", {"信用卡", "贷款"}),
        ("医院", "等了三个小时,医生几句话就打发了,报告还没出", {"候诊与排队", "医生与医术", "检查与报告"}),
        ("医院", "挂号太难,停车也没地方停,护士倒是很温柔", {"挂号与预约", "停车与位置", "护士与护理"}),
        ("政务", "物业不作为,电梯三天两头停运,多次反映无果", {"物业与小区", "诉求处理"}),
        ("政务", "拖欠农民工工资,窗口让我跑了几趟", {"劳动与欠薪", "办事与窗口"}),
    ],
)
def test_the_packs_know_their_trades(title: str, comment: str, wanted: set[str]) -> None:
    assert wanted <= {name for name, _ in said(comment, shipped(title))}


@pytest.mark.parametrize(
    ("title", "comment", "not_said"),
    [
        ("电商", "枕头味道刺鼻,皱了,还有折痕", "图书内容"),
        ("电商", "耳机没意思,说明书太啰嗦,字太小", "图书内容"),
        ("电商", "充一次电时间太短,坐高铁刚好用完", "尺码与大小"),
        ("电商", "不管怎样都支持国货", "客服与售后"),
        ("餐饮", "除了空调坏了,其他都还行", "食材新鲜"),
        ("酒店", "非常值得,周围什么都没有", "餐饮早餐"),
        ("手机数码", "充电发热,妈妈很喜欢", "质量"),
        ("银行", "信用卡刷卡方便", "稳定与流畅"),
        ("医院", "宝贵的时间,心脏没有问题", "费用与医保"),
        ("医院", "心脏没有问题", "环境卫生"),
        ("医院", "退费要跑三个窗口", "候诊与排队"),
        ("政务", "来电人反映路灯不亮", "水电气暖"),
        ("客服", "建议中午不要休息", "专业程度"),
    ],
)
def test_a_word_that_fits_other_things_too_is_no_aspect_by_itself(title: str, comment: str, not_said: str) -> None:
    assert not_said not in {name for name, _ in said(comment, shipped(title))}


@pytest.mark.parametrize(
    ("title", "comment", "aspect", "sign"),
    [
        ("银行", "利率也比别家低", "贷款", 1),
        ("银行", "贷款利率高", "贷款", -1),
        ("银行", "验证码迟迟收不到", "登录与验证", -1),
        ("医院", "没有开大处方", "医生与医术", 1),
        ("医院", "护士打针不疼", "护士与护理", 1),
        ("医院", "检查重复做", "检查与报告", -1),
        ("政务", "水压严重不足,水质发黄", "水电气暖", -1),
        ("政务", "一次办结", "办事与窗口", 1),
    ],
)
def test_what_is_said_of_banks_hospitals_and_offices_goes_the_right_way(
    title: str, comment: str, aspect: str, sign: int
) -> None:
    assert hints(comment, shipped(title))[aspect] == sign


def test_such_a_word_still_judges_beside_the_name_of_the_aspect() -> None:
    assert hints("这本书内容空洞,很无聊", shipped("电商"))["图书内容"] == -1
    assert hints("裤子尺码刚好", shipped("电商"))["尺码与大小"] == 1


@pytest.mark.parametrize("title", PACKS)
def test_a_pack_reads_back_as_it_was_written_and_edited(title: str) -> None:
    pack = shipped(title)
    assert parse(write(pack), title) == pack
    assert pack_from_rows(rows_of(pack), title) == pack


@pytest.mark.parametrize("title", PACKS)
def test_no_word_of_a_pack_is_both_good_and_bad(title: str) -> None:
    for one in shipped(title).aspects:
        assert not set(one.good) & set(one.bad), one.name
        assert not set(one.good + one.bad) & set(one.excepted), one.name


@pytest.mark.parametrize(
    "rows",
    [
        [{"name": "", "terms": "价格"}],
        [{"name": "价格"}],
        [{"name": "价格", "terms": "价"}, {"name": "价格", "terms": "钱"}],
        [{"name": f"方面{i}", "terms": "词"} for i in range(201)],
    ],
)
def test_rows_that_make_no_pack_are_refused(rows: list[dict[str, str]]) -> None:
    with pytest.raises(InputError, match=r"\[N21\]"):
        pack_from_rows(rows, "电商")


@pytest.mark.parametrize("text", ["[[aspects", "aspects = 3", "x = 1", "aspects = [3]"])
def test_a_text_that_is_no_pack_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"\[N21\]"):
        parse(text, "电商")


def test_a_pack_that_does_not_ship_is_said_with_those_that_do() -> None:
    with pytest.raises(InputError, match=r"\[N20\].*餐饮"):
        shipped("火星")


@pytest.mark.parametrize(
    ("title", "comments"),
    [
        ("餐饮", ["味道不错,上菜慢", "服务员热情,环境好", "团购很划算,菜量足"]),
        ("酒店", ["房间很小,隔音差", "前台热情,早餐丰富", "离地铁近,床很舒服"]),
        ("汽车", ["油耗高,动力弱", "底盘扎实,胎噪大", "4S店态度差"]),
        ("手机数码", ["屏幕清晰,续航长", "拍照模糊,发热严重", "系统流畅,充电快"]),
        ("快递", ["没打电话就放驿站", "快递员态度差,丢件不赔", "派送太慢,快递柜放不下"]),
        ("银行", ["一打开就闪退,转账失败", "信用卡被降额,年费还贵", "人脸识别失败,登录不上"]),
        ("医院", ["挂号难,候诊时间太长", "医生耐心,护士打针不疼", "检查重复做,报告等了五天"]),
        ("政务", ["物业不作为,电梯停运", "工地夜间施工,噪音扰民", "多次反映无果,承办单位互相推诿"]),
    ],
)
def test_the_comments_choose_their_pack(title: str, comments: list[str]) -> None:
    fit = choose(comments, [shipped(name) for name in PACKS])
    assert fit.pack.title == title
    assert 0.5 < fit.sure <= 1
    assert fit.covered == 1


def test_comments_without_a_word_of_any_pack_choose_with_no_certainty() -> None:
    fit = choose(["今天天气晴", ""], [SMALL])
    assert (fit.sure, fit.covered) == (0, 0)


def test_nouns_that_people_judge_are_found_and_named_by_the_most_frequent() -> None:
    texts = [f"榴莲很好很新鲜,买了{i}斤" for i in range(12)] + [f"泳池很大很干净,游了{i}圈" for i in range(8)]
    texts += [f"我们去了公园,走了{i}步" for i in range(12)]
    found = discover(texts, matcher(SMALL))
    assert [one.name for one in found] == ["榴莲", "泳池"]


def test_what_the_pack_knows_and_what_is_no_aspect_is_not_found_again() -> None:
    texts = [f"{i}号物流很慢,东西很好,朋友很喜欢" for i in range(12)]
    assert discover(texts, matcher(SMALL)) == ()


def test_names_of_one_thing_become_one_aspect() -> None:
    texts = [f"泳池很大很干净,游了{i}圈" for i in range(9)] + ["儿童泳池很好", "我们在儿童泳池非常开心"] * 3
    texts = [f"{text}。{i}" for i, text in enumerate(texts)]
    texts += [f"今天去公园散步,走了{i}步,后来坐车回家,路上下雨" for i in range(40)]
    (one,) = discover(texts, matcher(SMALL))
    assert one.name == "泳池"
    assert any(word != "泳池" and "泳池" in word for word in one.terms)


def test_a_word_of_the_users_dictionary_is_kept_whole_and_found() -> None:
    texts = [f"禾雀小方很清楚很好,用了{i}天" for i in range(9)]
    assert [one.name for one in discover(texts, matcher(SMALL), user_words=["禾雀小方"])] == ["禾雀小方"]


def test_words_of_opinion_keep_what_denies_them() -> None:
    finder, text = matcher(SMALL), "物流不快,质量差"
    assert [opinion_words(text, one, finder) for one in mentions(text, finder)] == [["不快"], ["差"]]


def test_lukewarm_words_make_a_mention_neutral() -> None:
    text = "物流一般"
    (one,) = mentions(text, matcher(SMALL))
    p = judge([one], [text], np.array([[0.6, 0.2, 0.2]], np.float32), np.array([[0.5, 0.2, 0.3]], np.float32))
    assert p[0].argmax() == 1
    assert p.sum() == pytest.approx(1)


def test_a_comment_that_praises_and_blames_an_aspect_alike_is_neutral_about_it() -> None:
    p = np.array([[0.45, 0.1, 0.45], [0.7, 0.2, 0.1], [0.1, 0.2, 0.7]])
    assert verdict(p).tolist() == [1, 0, 2]


def test_nothing_to_judge_gives_nothing() -> None:
    assert judge([], [], np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32)).shape == (0, 3)
