"""Words that drive an abnormal stretch: more than chance, more than one voice, more than days scatter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bench.word_days import Days, month, named
from core.analyse.drivers import Sets, drivers
from core.analyse.word_scatter import Heard, surplus
from core.schema import Table

Maker = Callable[[list[dict[str, Any]]], Table]
#: A row says its set in ``label`` and its day in ``row_number``.
DAYS = "SELECT row, terms, label AS side, hash(row) AS own, row_number AS step FROM comments"


def test_two_sets_of_comments_are_told_apart_by_their_words(table: Maker) -> None:
    rows = [{"label": 0, "terms": ["闪退", "手机"]}] * 5 + [{"label": 2, "terms": ["手机", "的"]}] * 20
    side = "CASE WHEN label = ? THEN 0 ELSE 2 END AS side"
    sides = f"SELECT row, terms, {side}, NULL::UBIGINT AS own, 0 AS step FROM comments"
    found = drivers(table(rows), Sets(sides, sides, [0], (5, 20), (5, 20)))
    assert found["term"].tolist() == ["闪退"]
    assert found[["l0", "l2", "expected"]].to_numpy().tolist() == [[5, 0, 0]]
    # all five of five among the 5 of 25 comments; doubled, because 手机 is tested too
    assert found["p"].iloc[0] == pytest.approx(2 * 0.2**5)


def test_the_words_of_most_additional_comments_lead_and_rare_ones_stay_out(table: Maker) -> None:
    first = [["偏小"]] * 18 + [["运费"]] * 6 + [["没什么特别"]] * 4
    second = [["偏小"]] * 90 + [["运费"]] * 10 + [["没什么特别"]] * 7
    rows = [{"label": 0, "terms": terms} for terms in first] + [{"label": 2, "terms": terms} for terms in second]
    sides = "SELECT row, terms, label AS side, NULL::UBIGINT AS own, 0 AS step FROM comments"
    found = drivers(table(rows), Sets(sides, sides, [], (150, 1500), (150, 1500)))
    assert found["term"].tolist() == ["偏小", "运费"]
    assert found["expected"].tolist() == [pytest.approx(9), pytest.approx(1)]
    # the exact test, though, is surer of the smaller surplus
    assert found["p"].iloc[1] < found["p"].iloc[0]


def test_a_text_posted_again_and_again_makes_no_word_clear(table: Maker) -> None:
    first = [{"text_key": "秒杀", "terms": ["秒杀"]}] * 20 + [{"text_key": f"{i}", "terms": ["断电"]} for i in range(8)]
    rest = [{"text_key": f"别的{i}", "label": 2, "terms": ["物流"]} for i in range(80)]
    sides = (
        "SELECT row, terms, CASE label WHEN 2 THEN 2 ELSE 0 END AS side, hash(text_key) AS own, 0 AS step FROM comments"
    )
    made = table([*({**row, "label": 0} for row in first), *rest])
    found = drivers(made, Sets(sides, sides, [], (28, 80), (9, 80)))
    # what twenty comments hold comes last: one person said it
    assert found[["term", "l0", "once"]].to_numpy().tolist() == [["断电", 8, 8], ["秒杀", 20, 1]]
    assert found["p"].iloc[0] < 0.05 < found["p"].iloc[1]


def days(counts: list[int], side: int, *, of: int = 20, at: int = 0) -> list[dict[str, Any]]:
    """Comments of some days, so many of which hold 断连; each day has the other words as often as any other."""
    return [
        {"label": side, "row_number": at + day, "terms": ["断连"] * (i < count) + [f"词{i % 4}"]}
        for day, count in enumerate(counts)
        for i in range(of)
    ]


def test_a_word_that_comes_in_bursts_is_not_clear_on_one_more_day_of_many(table: Maker) -> None:
    today = days([9], 0, at=100)
    (steady,), (bursts,) = (
        drivers(made, Sets(DAYS, DAYS, [], (20, 600), (20, 600))).to_dict("records")[:1]
        for made in (table([*today, *days([2] * 30, 2)]), table([*today, *days([10] * 6 + [0] * 24, 2)]))
    )
    # as many comments before, but on six days they were as many as today
    assert (steady["term"], steady["l2"], bursts["term"], bursts["l2"]) == ("断连", 60, "断连", 60)
    assert steady["p"] < 0.05 < bursts["p"]


def test_one_day_to_compare_with_tells_nothing_of_days(table: Maker) -> None:
    made = table([*days([9], 0, at=100), *days([60], 2, of=600)])
    found = drivers(made, Sets(DAYS, DAYS, [], (20, 600), (20, 600)))
    alone = surplus(heard([20], [[9]]), heard([600], [[60]]))[0]
    assert found["p"].iloc[0] == pytest.approx(5 * alone)


def heard(n: list[float], words: list[list[float]]) -> Heard:
    counts = np.array(words, np.float64)
    return Heard(np.array(n, np.float64), counts, counts.sum(axis=0))


def test_without_scatter_it_is_the_exact_test_of_two_counts() -> None:
    # 5 of 8 in the 20 of 620 comments
    chance = sum(c * (20 / 620) ** k * (600 / 620) ** (8 - k) for k, c in ((5, 56), (6, 28), (7, 8), (8, 1)))
    assert surplus(heard([20], [[5]]), heard([600], [[3]]))[0] == pytest.approx(chance)


@pytest.mark.parametrize("kind", [Days(rho=0.05), Days(scatter=0.02)], ids=["negative days", "words of the day"])
def test_days_that_scatter_seldom_make_a_word_clear(kind: Days) -> None:
    random = np.random.default_rng(1)
    drawn = [month(random, kind) for _ in range(120)]
    before, now = (sum(named(*one, known=known) for one in drawn) for known in (False, True))
    # about 3 of 100, where it was 17 or 60 of 100
    assert now <= 6
    assert before >= 14


@pytest.mark.parametrize("kind", [Days(word=4), Days(500, lift=0.15)], ids=["a word", "all words"])
def test_what_is_there_is_found_where_days_do_not_scatter(kind: Days) -> None:
    random = np.random.default_rng(6)
    assert sum(named(*month(random, kind), known=True) for _ in range(60)) >= 57
