"""Copies of comments are found up to some changes; what everybody writes is no copy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.mine.floods import near_copies
from core.mine.floods.rules import FAST_COMMENTS, fast_runs, judge

LONG = "这款吸尘器买回来用了半个月,吸力一天不如一天,充满电只能坚持十分钟,售后让我寄回去检测,来回运费还要自己承担"
OTHERS = (
    "阳台的花架收到了,木头有点毛刺,自己拿砂纸磨了一遍,装上之后很稳,放了八盆绿萝都没问题",
    "给孩子报的画画课,老师讲得很细,每节课都有点评,就是上课时间老是临时改,接送很不方便",
    "火锅底料偏咸,辣度倒是合适,煮了两次汤还是红的,下次想买清汤的试试,包装袋撕口做得很好",
)


def groups(texts: list[str], weights: list[int] | None = None) -> list[int]:
    return near_copies([texts], np.array(weights or [1] * len(texts))).group.tolist()


def test_copies_with_some_changed_characters_are_one_group() -> None:
    copies = [LONG, LONG.replace("半个月", "俩星期"), "哎," + LONG.replace("只能", "仅能").replace("还要", "居然得")]
    found = groups([OTHERS[0], *copies, *OTHERS[1:]])
    assert len({found[i] for i in (1, 2, 3)}) == 1
    assert len(set(found)) == 4


def test_other_digits_punctuation_case_and_emoji_make_no_other_text() -> None:
    text = "订单{}今天终于到了,包装完好,Wifi信号很强,全家三个房间都能连上"
    found = near_copies([[text.format(1), text.format(28).upper() + "!!!😄"]], np.ones(2, int))
    assert found.group.tolist() == [0, 0]
    assert found.similar.tolist() == [1, 1]


@pytest.mark.parametrize("text", ["好评", "质量不错,物流很快", "好" * 18, "", "😄😄😄", "123456789012345678"])
def test_short_and_monotonous_texts_are_compared_with_nothing(text: str) -> None:
    assert groups([text, text + "!", LONG])[:2] == [-1, -1]


def test_stock_phrases_in_another_order_are_no_copies() -> None:
    phrases = ["包装完好", "物流很快", "客服耐心", "颜色好看", "价格实惠", "做工精细", "味道不大", "尺寸合适"]
    chance = np.random.default_rng(3)
    texts = list(dict.fromkeys(",".join(chance.permutation(phrases)[:6]) for _ in range(40)))
    found = groups(texts)
    largest = max(found.count(number) for number in set(found))
    assert largest <= 3


def test_the_most_posted_text_is_the_middle_of_its_group() -> None:
    edited = LONG.replace("半个月", "俩星期")
    assert near_copies([[edited, LONG]], np.array([1, 9])).similar.tolist()[1] == 1
    assert near_copies([[edited, LONG]], np.array([9, 1])).similar.tolist()[0] == 1


def test_batches_of_any_size_give_the_same_groups() -> None:
    texts = [*OTHERS, LONG, LONG + "。哼", LONG.replace("检测", "维修")]
    whole = groups(texts)
    apart = near_copies([[text] for text in texts], np.ones(len(texts), int))
    assert apart.group.tolist() == whole


def test_nothing_at_all_has_no_groups() -> None:
    assert near_copies([], np.zeros(0, int)).group.tolist() == []


def test_the_work_done_is_told_to_its_end() -> None:
    told: list[tuple[int, int]] = []
    near_copies([[LONG], list(OTHERS)], np.ones(4, int), lambda done, total: told.append((done, total)))
    assert told[-1] == (8, 8)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def rows(*lines: tuple[int, int, str], rating: float = 5.0) -> pd.DataFrame:
    """Rows as (text, author, time)."""
    frame = pd.DataFrame(lines, columns=["text", "author", "time"])
    return frame.assign(time=pd.to_datetime(frame["time"]), group=0, rating=rating)


def verdict(given: pd.DataFrame, top: float = 5.0) -> pd.Series:
    return judge(given, top_rating=top, to_the_minute=True).iloc[0]


def test_three_accounts_with_one_text_in_a_month_are_suspicious() -> None:
    found = verdict(rows((0, 1, "2026-03-01"), (0, 2, "2026-03-11"), (0, 3, "2026-03-31"), rating=1.0))
    assert (found["copies"], found["accounts"], found["rules"]) == (3, 3, "accounts")


@pytest.mark.parametrize("authors", [(1, 2, 3), (0, 0, 0)])
def test_three_copies_over_nine_months_are_a_stock_phrase(authors: tuple[int, ...]) -> None:
    days = zip(authors, ("2025-01-09", "2025-05-09", "2025-09-09"), strict=True)
    assert verdict(rows(*((0, author, day) for author, day in days)))["rules"] == ""


def test_copies_without_a_time_may_all_be_near() -> None:
    given = rows(*((0, author, "") for author in (1, 2, 3)), rating=1.0)
    assert verdict(given)["rules"] == "accounts"


def test_accounts_are_unknown_where_most_copies_have_none() -> None:
    found = verdict(rows(*((0, author, f"2026-03-0{author + 1}") for author in (0, 0, 0, 0, 1, 2, 3))))
    assert (found["copies"], found["accounts"]) == (7, 0)


def test_one_account_that_repeats_itself_is_suspicious() -> None:
    found = verdict(rows(*((0, 7, f"2026-03-0{day}") for day in range(1, 5)), rating=1.0))
    assert (found["by_one"], found["rules"]) == (4, "account")


def test_copies_within_an_hour_and_praise_are_named() -> None:
    found = verdict(rows(*((i % 3, i, f"2026-03-01 10:{10 * i:02d}") for i in range(1, 6))))
    assert found["busiest"] == 5
    assert found["rules"] == "accounts+burst+copies+templates+praise"


def test_two_accounts_with_three_copies_are_not_suspicious() -> None:
    assert verdict(rows((0, 1, "2026-03-01"), (0, 1, "2026-03-02"), (0, 2, "2026-03-03")))["rules"] == ""


def test_times_of_whole_days_say_nothing_of_hours() -> None:
    given = rows(*((0, i, "2026-03-01") for i in range(1, 7)))
    found = judge(given, top_rating=5.0, to_the_minute=False).iloc[0]
    assert found["busiest"] == 0
    assert "burst" not in found["rules"]


def test_a_fast_run_ends_where_an_account_or_the_hour_ends() -> None:
    minute = 60_000_000
    slow = np.arange(FAST_COMMENTS) * 10 * minute
    fast = np.arange(FAST_COMMENTS) * minute
    author = np.repeat([0, 1, 2], FAST_COMMENTS)
    found = fast_runs(author, np.concatenate([slow, fast, fast]))
    assert found.tolist() == [-1] * FAST_COMMENTS + [0] * FAST_COMMENTS + [1] * FAST_COMMENTS
