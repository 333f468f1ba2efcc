"""Objects within objects: columns with dotted names, and which of them is the comment."""

import json

import pytest

from core.errors import ReadError
from core.read import count, read
from core.schema import Reason


def lines(*values):
    return "\n".join(json.dumps(value, ensure_ascii=False) for value in values)


def weibo(number, text, **more):
    user = {"id": 7, "screen_name": f"用户{number}", "description": "热爱生活,热爱工作,热爱旅行"}
    return {"id": number, "created_at": "Fri Nov 27 05:11:54 +0800 2026", "text": text, "user": user, **more}


def roles(source):
    return source.mapping.text, source.mapping.time, source.mapping.author


@pytest.mark.parametrize("form", [lines, lambda *values: json.dumps(values, indent=1)])
def test_objects_in_objects_become_columns_with_dotted_names(write, only, cells, form):
    source = only(write(form({"a": 1, "user": {"name": "甲", "at": {"city": "北京"}}, "content": "好"})))
    assert source.columns == ("a", "user.name", "user.at.city", "content")
    assert cells(source) == [["1", "甲", "北京", "好"]]
    assert any("列名用点连接" in note and "user.name" in note for note in source.notes)


def test_flat_objects_need_no_remark_on_dots(write, only):
    assert only(write(lines({"a.b": 1, "content": "好"}))).notes == ()


def test_nested_keys_that_first_occur_late_are_columns_too(write, only, cells):
    source = only(write(lines(*[{"content": "好", "u": {"n": 1}}] * 3000, {"content": "差", "u": {"late": 2}})))
    assert source.columns == ("content", "u.n", "u.late")
    assert cells(source)[-1] == ["差", "", "2"]


def test_an_object_missing_or_null_in_some_rows_makes_no_column_of_its_own(write, only, cells):
    rows = [{"content": "好", "u": None}, {"content": "差", "u": {"n": 1}}, {"content": "行", "u": {}}]
    source = only(write(lines(*rows)))
    assert (source.columns, cells(source)) == (("content", "u.n"), [["好", ""], ["差", "1"], ["行", ""]])


def test_a_key_with_a_text_in_some_rows_and_an_object_in_others_loses_neither(write, only, cells):
    source = only(write(lines({"u": None}, {"u": "甲", "content": "好"}, {"content": "差", "u": {"n": 1}})))
    assert source.columns == ("u", "content", "u.n")
    assert cells(source) == [["", "", ""], ["甲", "好", ""], ["", "差", "1"]]


def test_a_key_with_a_dot_beside_an_object_of_the_same_name_loses_neither(write, only, cells):
    source = only(write(lines({"u.n": 1, "u": {"n": 2}, "content": "好"}, {"u": {"n": 3}, "content": "差"})))
    assert cells(source) == [["1", '{"n": 2}', "好"], ["3", "", "差"]]


def test_a_map_whose_keys_are_data_stays_one_cell(write, only, cells):
    rows = [{"content": "好", "votes": {f"u{row}_{vote}": 1 for vote in range(2)}} for row in range(30)]
    source = only(write(lines(*rows)))
    assert source.columns == ("content", "votes")
    assert cells(source)[0] == ["好", '{"u0_0": 1, "u0_1": 1}']


def test_an_object_with_numbers_for_keys_stays_one_cell(write, only, cells):
    assert cells(only(write(lines({"content": "好", "by": {"17": 1}})))) == [["好", '{"17": 1}']]


def test_what_lies_very_deep_stays_json_text(write, only, cells):
    value = {"x": 1}
    for key in "gfedcba":
        value = {key: value}
    source = only(write(lines({"content": "好"} | value)))
    assert source.columns == ("content", "a.b.c.d.e.f")
    assert cells(source) == [["好", '{"g": {"x": 1}}']]


def test_too_many_nested_columns_leave_the_deepest_objects_as_they_are(write, only, cells):
    wide = {f"k{number}": {f"m{inner}": 1 for inner in range(40)} for number in range(40)}
    source = only(write(lines({"content": "好", "wide": wide})))
    assert source.columns == ("content", *(f"wide.k{number}" for number in range(40)))
    assert cells(source)[0][1].startswith('{"m0": 1')


def test_more_columns_than_a_spreadsheet_has_leave_objects_as_they_are(write, only):
    rows = [
        {"content": "好", "a": {f"p{part}x{row}": {f"q{inner}": 1 for inner in range(100)} for part in range(5)}}
        for row in range(60)
    ]
    assert only(write(lines(*rows))).columns == ("content", "a")


def test_values_of_mongodb_are_taken_out_of_their_objects(write, only, cells):
    row = {
        "_id": {"$oid": "65f0"},
        "content": "好",
        "at": {"$date": "2026-11-01T08:00:00Z"},
        "u": {"n": {"$numberLong": "12345678901234567"}, "t": {"$date": {"$numberLong": "1700000000000"}}},
    }
    source = only(write(lines(row)))
    assert source.columns == ("_id", "content", "at", "u.n", "u.t")
    assert cells(source) == [["65f0", "好", "2026-11-01T08:00:00Z", "12345678901234567", "1700000000000"]]


def test_a_nested_cell_beyond_the_limit_rejects_its_row(write, only, limits):
    limits(max_cell_chars=50)
    (chunk,) = read(only(write(lines({"m": {"text": "好" * 51}}, {"m": {"text": "差"}}))), chunk_rows=10)
    assert chunk.reasons.tolist() == [Reason.CELL_TOO_LONG, ""]


def test_half_an_emoji_in_a_nested_key_does_not_break_the_table(write, only, cells):
    source = only(write('{"content":"好","u":{"a\\ud83d":1}}\n'))
    assert (source.columns, cells(source)) == (("content", "u.a\ufffd"), [["好", "1"]])


def test_the_text_of_the_comment_beats_that_of_the_one_it_passes_on(write, only):
    rows = [weibo(n, f"短{n}", retweeted_status=weibo(9, f"转发的原微博写得很长很长{n}")) for n in range(5)]
    source = only(write(lines(*[{"retweeted_status": row.pop("retweeted_status"), **row} for row in rows])))
    assert roles(source) == (("text",), "created_at", "user.screen_name")


def test_the_text_of_the_comment_beats_that_of_the_one_it_answers(write, only):
    rows = [{"reply_to": {"content": f"被回复的话{n}"}, "content": f"我觉得不行{n}"} for n in range(5)]
    assert only(write(lines(*rows))).mapping.text == ("content",)


def test_a_name_is_the_author_of_a_user_and_the_product_of_goods(write, only):
    row = {"content": "太慢了", "user": {"name": "小王", "level": 3}, "goods": {"name": "耳机", "desc": "无线耳机降噪"}}
    mapping = only(write(lines(row))).mapping
    assert (mapping.text, mapping.author, mapping.product, mapping.rating) == (
        ("content",),
        "user.name",
        "goods.name",
        None,
    )


def test_what_a_user_says_of_himself_is_never_the_comment(write, only):
    rows = [{"user": {"name": f"甲{n}", "description": f"热爱生活的人,喜欢读书{n}"}, "n": n} for n in range(5)]
    assert only(write(lines(*rows))).mapping.text == ()


def test_dotted_columns_of_a_spreadsheet_have_the_same_roles(write, only):
    source = only(write("mblog.id,mblog.text,mblog.user.screen_name\n1,太慢了,小王\n2,很喜欢,小李\n"))
    assert (source.mapping.text, source.mapping.author) == (("mblog.text",), "mblog.user.screen_name")


HITS = [
    {
        "_index": "c",
        "_id": f"h{n}",
        "_score": 1.0,
        "_source": {"content": f"物流太慢{n}", "pub_time": "2026-11-01 08:00"},
    }
    for n in range(3)
]


@pytest.mark.parametrize("indent", [None, 1])
def test_an_answer_of_elasticsearch_is_its_hits(write, only, cells, indent):
    answer = {"took": 3, "hits": {"total": {"value": 3}, "hits": HITS}}
    source = only(write(json.dumps(answer, indent=indent)))
    assert source.columns == ("_index", "_id", "_score", "_source.content", "_source.pub_time")
    assert (source.mapping.text, source.mapping.time) == (("_source.content",), "_source.pub_time")
    assert (source.mapping.comment_id, source.mapping.rating, count(source)) == ("_id", None, 3)


def test_hits_one_a_line_are_rows_even_with_lists_of_objects_in_them(write, only):
    hits = [{**hit, "_source": {**hit["_source"], "tags": [{"name": "快递"}]}} for hit in HITS]
    source = only(write(lines(*hits)))
    assert (source.format, source.mapping.text, count(source)) == ("jsonl", ("_source.content",), 3)


def test_hits_over_several_lines_one_after_another_are_rows_and_not_the_lists_in_them(write, only):
    hits = [{**hit, "_source": {**hit["_source"], "tags": [{"name": "快递"}]}} for hit in HITS]
    source = only(write("\n".join(json.dumps(hit, indent=1) for hit in hits)))
    assert (source.mapping.text, count(source)) == (("_source.content",), 3)


@pytest.mark.parametrize("indent", [None, 1])
def test_cards_of_weibo_are_read_by_their_mblog(write, only, indent):
    cards = [{"card_type": 9, "scheme": "sinaweibo://x", "mblog": weibo(n, f"客服态度太差{n}")} for n in range(3)]
    answer = {"ok": 1, "data": {"cardlistInfo": {"desc": "微博正文", "total": 3}, "cards": cards}}
    source = only(write(json.dumps(answer, indent=indent)))
    assert roles(source) == (("mblog.text",), "mblog.created_at", "mblog.user.screen_name")
    assert count(source) == 3


def test_a_group_of_cards_in_a_card_without_text_is_read_too_and_told_of(write, only, cells):
    def card(n):
        return {"card_type": 9, "mblog": weibo(n, f"客服态度太差{n}")}

    cards = [{"card_type": 11, "card_group": [card(1), card(2)]}, card(3)]
    source = only(write(json.dumps({"ok": 1, "data": {"cards": cards}})))
    column = source.columns.index("mblog.text")
    texts = [row[column] for row in cells(source)]
    assert texts == ["", "客服态度太差1", "客服态度太差2", "客服态度太差3"]
    assert count(source) == 4
    assert any("data.cards.card_group(2 条)" in note for note in source.notes)


@pytest.mark.parametrize("indent", [None, 1])
def test_comments_of_weibo_are_read(write, only, indent):
    comments = [weibo(n, f"支持一下{n}", reply_text=f"回复的原话{n}") for n in range(3)]
    source = only(write(json.dumps({"ok": 1, "data": {"data": comments, "total_number": 3}}, indent=indent)))
    assert roles(source) == (("text",), "created_at", "user.screen_name")


def bilibili(page):
    replies = [
        {
            "rpid": 100 * page + n,
            "mid": 5,
            "ctime": 1700000000 + n,
            "content": {"message": f"这集剪辑太乱{n}", "emote": {f"[脸{page}{n}]": {"text": "[脸]", "id": n}}},
            "member": {
                "mid": "5",
                "uname": f"用户{n}",
                "sign": "这个人很懒,什么都没有写",
                "vip": {"label": {"text": "年度"}},
            },
            "reply_control": {"time_desc": "3天前发布", "sub_reply_entry_text": "共3条回复"},
            "replies": [{"content": {"message": "同意"}, "member": {"uname": "乙"}, "ctime": 1700000009}],
        }
        for n in range(3)
    ]
    data = {"control": {"root_input_text": "发一条友善的评论"}, "replies": replies}
    return {"code": 0, "message": "0", "ttl": 1, "data": data}


@pytest.mark.parametrize(
    "text",
    [lines(bilibili(1)), json.dumps(bilibili(1), indent=1), lines(bilibili(1), bilibili(2))],
)
def test_comments_of_bilibili_are_read_and_their_replies_too(write, only, text):
    source = only(write(text))
    assert roles(source) == (("content.message",), "ctime", "member.uname")
    assert source.mapping.comment_id == "rpid"
    assert count(source) == (12 if "\n" in text and text[1] == '"' else 6)
    assert "replies" in source.columns


def test_comments_of_xiaohongshu_are_read_and_their_replies_too(write, only, cells):
    below = [{"id": "s", "content": "我也是", "user_info": {"nickname": "乙"}}]
    comments = [
        {
            "id": f"c{n}",
            "content": f"颜色很显白{n}",
            "create_time": 1700000000 + n,
            "user_info": {"user_id": "u", "nickname": f"小红{n}"},
            "target_comment": {"id": "t", "user_info": {"nickname": "别人"}},
            "sub_comments": below,
        }
        for n in range(3)
    ]
    source = only(write(lines({"comments": comments, "cursor": "x", "has_more": True})))
    assert roles(source) == (("content",), "create_time", "user_info.nickname")
    assert source.mapping.comment_id == "id"
    assert json.loads(cells(source)[0][source.columns.index("sub_comments")]) == below
    assert [row[source.columns.index("content")] for row in cells(source)] == [
        "颜色很显白0", "我也是", "颜色很显白1", "我也是", "颜色很显白2", "我也是",
    ]  # fmt: skip


def test_a_nested_text_tells_which_of_several_lists_holds_the_comments(write, only):
    answer = {"tags": [{"n": 1}, {"n": 2}], "users": [{"user": {"name": "甲"}}], "list": [{"m": {"text": "太慢"}}]}
    source = only(write(json.dumps(answer, ensure_ascii=False)))
    assert source.columns == ("m.text",)
    assert any("没有读取:tags(2 条)、users(1 条)" in note for note in source.notes)


def test_a_dialogue_within_an_object_is_a_transcript(write, only, cells):
    turns = [{"speaker": "客户", "text": "还没到"}, {"speaker": "客服", "text": "在查"}]
    source = only(write(lines({"data": {"id": 1, "turns": turns}}, {"data": {"id": 2, "turns": turns}})))
    assert cells(source)[0] == ["1", "客户:还没到\n客服:在查"]


@pytest.mark.parametrize("answer", [{"code": 404, "message": "没有权限"}, {"ok": 0, "data": {"msg": "请先登录"}}])
def test_an_answer_that_only_says_how_the_request_went_is_refused(write, only, answer):
    with pytest.raises(ReadError, match=r"\[R15\].*没有评论对象"):
        only(write(lines(answer)))


@pytest.mark.parametrize("text", ['{"a":{"b":{"c":"d"}}}', '{"a":{"b":1}}\n{"a":{"b":2}}\n', '{"code":{},"data":{}}'])
def test_nests_without_any_comment_are_still_refused(write, only, text):
    with pytest.raises(ReadError, match=r"\[R15\].*每条评论应当形如"):
        only(write(text))
