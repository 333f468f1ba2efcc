"""Chats that messengers save as text."""

import pytest

from core.read import count, read
from core.schema import Reason

SAID = ["订单一直没发货", "我帮您查一下", "查到了吗", "仓库说今天发", "行吧,尽快"]
WHO = ["小鱼", "客服01", "小鱼", "客服01", "小鱼"]
DAYS = [f"2024-05-0{i} 10:2{i}:00" for i in range(1, 6)]
TURNS = list(zip(DAYS, WHO, SAID, strict=True))
FORMS = {
    "企业微信": "{1} {0}\n{2}\n\n",
    "QQ": "{0} {1}(10001)\n{2}\n\n",
    "钉钉": "[{0}] {1}: {2}\n",
    "全角冒号": "{0} {1}：{2}\n",
    "WhatsApp": "{0} - {1}: {2}\n",
}


def chat(form, turns=TURNS):
    return "".join(FORMS[form].format(*turn) for turn in turns)


@pytest.mark.parametrize("form", FORMS)
def test_each_message_is_a_row_with_its_time_and_speaker(write, only, cells, form):
    source = only(write(chat(form)))
    assert (source.format, source.columns) == ("chat", ("时间", "发言人", "内容"))
    mapping = source.mapping
    assert (mapping.text, mapping.time, mapping.author) == (("内容",), "时间", "发言人")
    assert [[row[0], row[1].removesuffix("(10001)"), row[2]] for row in cells(source)] == [list(turn) for turn in TURNS]
    assert count(source) == 5
    assert any("聊天记录" in note for note in source.notes)


@pytest.mark.parametrize("line", ["2024-05-01 10:20:00{}", "小鱼{}", "2024-05-01{}", "2024-05-01 10:20:00 小鱼{}"])
def test_a_line_of_spaces_takes_linear_time(write, only, line):
    # a cubic rule would need hours
    only(write(chat("钉钉") + line.format(" " * 50_000) + "!\n"))


def test_a_message_of_several_lines_is_one_row_numbered_by_its_first(write, only):
    turns = [(DAYS[0], "小鱼", "订单没到\n已经三天了\n\n急"), *TURNS]
    (chunk,) = read(only(write(chat("企业微信", turns))), chunk_rows=10)
    assert chunk.frame["内容"][0] == "订单没到\n已经三天了\n\n急"
    assert chunk.row_numbers[:2].tolist() == [1, 7]


def test_what_stands_around_the_messages_is_kept_and_no_comment(write, only):
    around = "=" * 20 + "\n消息对象:用户群\n" + "=" * 20 + "\n\n"
    (chunk,) = read(only(write(around + chat("QQ") + around + chat("QQ"))), chunk_rows=50)
    assert chunk.reasons.tolist() == ([Reason.ASIDE] * 3 + [""] * 5) * 2


def test_a_named_header_row_makes_lines_of_it_again(write, only):
    assert only(write(chat("钉钉")), header_row=0).format == "csv"


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"{day},{who},{said}\n" for day, who, said in TURNS),
        "".join(f"{who}\t{day}\n" for day, who, _ in TURNS * 3),
        "发言人,时间,内容\n" + "".join(f"{who},{day},{said}\n" for day, who, said in TURNS),
        "".join(f"{said}\n" for said in SAID * 3),
        "\n".join(f"{day} {said}" for day, _, said in TURNS),
        '工单号,聊天记录\n1,"' + "\n".join(f"[{day}] {who}:{said}" for day, who, said in TURNS) + '"\n',
    ],
)
def test_tables_and_lists_with_times_are_no_chat(write, only, text):
    assert only(write(text)).format == "csv"


def test_a_message_beyond_the_limit_rejects_its_row_only(write, only, limits):
    path = write(chat("钉钉", [(DAYS[0], "小鱼", "长" * 500), *TURNS]))
    limits(max_cell_chars=100)
    (chunk,) = read(only(path), chunk_rows=10)
    assert chunk.reasons.tolist() == [Reason.CELL_TOO_LONG, "", "", "", "", ""]
