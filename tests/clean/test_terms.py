from __future__ import annotations

import jieba
import pytest
import rjieba
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clean import clean_text, segment

#: Written for this test: several domains, unknown words, names, slang, dialect, traditional characters.
SENTENCES = (
    "物流太慢了等了整整一个星期才收到货包装还破了",
    "客服态度恶劣问了三遍都不回答最后直接把对话关闭",
    "这家火锅店的毛肚又脆又嫩就是排队时间太长服务员也不够",
    "酒店隔音很差半夜能听到隔壁打呼噜前台还不给换房间",
    "续航缩水严重充满电开暖风只能跑两百公里和宣传完全不符",
    "张小北导演的新片剧情拖沓演员尬演后半段强行煽情",
    "退款申请提交十几天了还在审核中打电话永远是机器人",
    "孩子特别喜欢这个绘本纸张厚实颜色也很柔和没有异味",
    "奶茶甜到齁珍珠硬得像石子下次绝对不会再点",
    "主播说是纯棉的拿到手一摸就是化纤洗一次缩水两个码",
    "地铁口走过去五分钟早餐种类丰富阿姨打扫得干干净净",
    "系统更新以后闪退发热卡顿手机烫得可以煎鸡蛋",
    "咖啡師傅很用心拉花漂亮環境安靜適合看書",
    "俺们那疙瘩都用这牌子杠杠滴",
    "栓Q这个优惠券凑单凑到怀疑人生薅羊毛薅秃了",
)


@pytest.fixture(scope="module")
def reference_cut(tmp_path_factory: pytest.TempPathFactory) -> jieba.Tokenizer:
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(tmp_path_factory.mktemp("jieba"))
    jieba.setLogLevel(60)
    return tokenizer


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_fast_segmenter_cuts_hanzi_like_jieba(reference_cut: jieba.Tokenizer, sentence: str) -> None:
    hanzi = "".join(c for c in sentence if "\u4e00" <= c <= "\u9fff")
    assert rjieba.Jieba().cut(hanzi) == reference_cut.lcut(hanzi)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("这个真的不好用", "不好用"),
        ("不太好用啊", "不太好用"),
        ("以后不会再买了", "不会再买"),
        ("千万别买", "千万别买"),
        ("快递从不迟到", "从不迟到"),
        ("一周了还没收到", "没收到"),
        ("我并不推荐", "不推荐"),
        ("没什么味道", "没什么味道"),
        ("没那么好吃", "没那么好吃"),
        ("完全用不了", "用不了"),
        ("坚决不给退", "不给退"),
        ("毫无质量可言", "毫无质量"),
        ("不是很满意", "不是很满意"),
        ("不满意", "不满意"),
    ],
)
def test_a_negation_is_kept_whole(text: str, term: str) -> None:
    assert term in segment([text])[0]


@pytest.mark.parametrize("trouble", ["断连", "撒漏", "掉帧", "电流声", "搓泥"])
def test_a_trouble_that_the_dictionary_lacks_is_one_term(trouble: str) -> None:
    assert trouble in segment([f"用了两天老{trouble},不想要了"])[0]


@pytest.mark.parametrize("text", ["会不会坏", "好不好吃", "是不是假货"])
def test_a_question_is_no_negation(text: str) -> None:
    assert not any("不" in term for term in segment([text])[0])


@pytest.mark.parametrize("texts", [["退款不", "好用"], ["这个真的没", "味道"], ["天天断", "连不上"], ["好", "不好"]])
def test_a_comment_is_cut_without_regard_to_the_next_one(texts: list[str]) -> None:
    assert segment(texts) == [segment([text])[0] for text in texts]


@given(st.lists(st.text("不没好用吗断连太慢|/,。 \n[]怒aB1😡〔〕", max_size=12), max_size=70))
@settings(max_examples=80, deadline=None)
def test_comments_of_all_signs_are_cut_together_as_each_alone(texts: list[str]) -> None:
    words = ("/", "a|b")
    assert segment(texts, words) == [segment([text], words)[0] for text in texts]


def test_terms_of_other_characters_keep_their_place_among_hanzi() -> None:
    terms = segment(["屏幕OLED亮😍不卡iPhone", "物流慢[怒]"])
    assert terms == [["屏幕", "oled", "😍", "不卡", "iphone"], ["物流", "慢", "[怒]"]]


def test_a_negation_stops_at_punctuation() -> None:
    assert segment(["不,好用"])[0] == ["好用"]


def test_terms_repeat_in_reading_order() -> None:
    assert segment(["服务好,服务快"])[0] == ["服务", "好", "服务", "快"]


def test_equal_texts_get_lists_of_their_own() -> None:
    first, second = segment(["服务好", "服务好"])
    first.append("x")
    assert second == ["服务", "好"]


def test_user_words_do_not_leak_into_later_calls() -> None:
    assert segment(["小米碗真香"], ("小米碗",))[0][0] == "小米碗"
    assert segment(["小米碗真香"])[0][0] != "小米碗"


def test_a_user_word_with_signs_of_expressions_is_taken_literally() -> None:
    assert segment(["C++很难"], ("C++", " "))[0][0] == "C++"


def test_no_texts_give_no_lists() -> None:
    assert segment([]) == []


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_every_term_stands_in_the_text(raw: str) -> None:
    clean = clean_text(raw)
    assert all(term in clean.lower() or term in clean for term in segment([clean])[0])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("沒有用", ["沒有用"]),
        ("客服沒回覆", ["客服", "沒回覆"]),
        ("不會推薦", ["不會推薦"]),
        ("店員唔耐煩", ["店員", "唔耐煩"]),
        ("無法使用", ["無法使用"]),
    ],
)
def test_negations_in_traditional_characters_stay_with_what_they_deny(text: str, wanted: list[str]) -> None:
    assert segment([text]) == [wanted]
