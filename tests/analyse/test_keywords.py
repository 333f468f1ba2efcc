"""Planted words are found, frequent empty ones are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analyse import keywords, sampled_rows, select, stop_words
from core.analyse.fightin import fightin_words, without_parts
from core.schema import Filter, Table

Maker = Callable[[list[dict[str, Any]]], Table]


def planted(n: int = 600) -> list[dict[str, Any]]:
    """发热 mostly in negative, 流畅 mostly in positive, 手机 everywhere."""
    random = np.random.default_rng(3)
    rows = []
    for _ in range(n):
        label = int(random.integers(0, 3))
        terms = ["手机", "的"]
        terms += ["发热"] * (random.random() < (0.3, 0.05, 0.02)[label])
        terms += ["流畅"] * (random.random() < (0.02, 0.05, 0.3)[label])
        rows.append({"label": label, "terms": terms})
    return rows


def test_the_planted_words_lead_their_sides(table: Maker) -> None:
    result = keywords(table(planted()), Filter())
    assert result.negative[0].term == "发热"
    assert result.positive[0].term == "流畅"
    assert result.negative[0].z > 4 > -4 > result.positive[0].z


def test_a_word_that_stands_everywhere_has_no_leaning(table: Maker) -> None:
    result = keywords(table(planted()), Filter())
    (phone,) = [word for word in (*result.negative, *result.positive) if word.term == "手机"]
    assert abs(phone.z) < 1.5


def test_a_comment_counts_a_word_once(table: Maker) -> None:
    rows = [{"label": 0, "terms": ["差", "差", "差"]}] * 4 + [{"label": 2, "terms": ["好", "差"]}] * 4
    rows += [{"label": 2, "terms": ["好"]}] * 8
    (word,) = [w for w in keywords(table(rows), Filter()).negative if w.term == "差"]
    assert word.counts == (4, 0, 4)
    assert word.negative.value == 0.5


def test_stop_words_numbers_and_punctuation_are_left_out(table: Maker) -> None:
    terms = ["的", "2026", "!!", "手机壳", "闪退", "😡"]
    rows = [{"label": 0, "terms": terms}] * 9 + [{"label": 2, "terms": ["好看"]}] * 9
    found = {word.term for word in keywords(table(rows), Filter(), stop=["手机壳"]).negative}
    assert found == {"闪退", "😡"}


def test_joined_negations_are_no_stop_words() -> None:
    assert not stop_words() & {"不好用", "没用", "不满意", "差", "好", "慢", "贵", "垃圾", "退款"}
    assert len(stop_words()) > 400


def test_rare_words_are_left_out(table: Maker) -> None:
    rows = [{"label": 0, "terms": ["闪退", f"词{i}字"]} for i in range(5)] + [{"label": 2, "terms": ["好看"]}] * 5
    assert [word.term for word in keywords(table(rows), Filter()).negative] == ["闪退"]


def test_asking_for_negative_comments_only_does_not_take_the_contrast_away(table: Maker) -> None:
    made = table(planted())
    chosen = Filter(labels=("负面",))
    assert keywords(made, chosen) == keywords(made, Filter()) == keywords(made, select(made, chosen))


def test_without_a_contrast_words_go_by_the_number_of_comments(table: Maker) -> None:
    rows = [{"label": 0, "terms": ["慢", "贵"]}] * 3 + [{"label": 0, "terms": ["慢"]}] * 3
    result = keywords(table(rows), Filter())
    assert [(word.term, word.n, word.z) for word in result.negative] == [("慢", 6, 0.0), ("贵", 3, 0.0)]
    assert result.positive == ()


@pytest.mark.parametrize("rows", [[], [{"label": 0, "terms": ["慢"]}], [{"label": 1, "terms": ["慢"]}] * 5])
def test_too_little_gives_no_word(table: Maker, rows: list[dict[str, Any]]) -> None:
    result = keywords(table(rows), Filter())
    assert (result.negative, result.positive) == ((), ())


def test_a_large_selection_is_sampled_the_same_way_each_time_and_says_so(table: Maker) -> None:
    made = table(planted(3000))
    first, again = (keywords(made, Filter(), sample_rows=1000) for _ in range(2))
    assert first == again
    assert first.sampled_from == 3000
    assert first.n == pytest.approx(1000, rel=0.02)
    assert sum(first.totals) == first.n
    assert first.negative[0].term == "发热"


def test_z_is_that_of_the_paper(table: Maker) -> None:
    rows = (
        [{"label": 0, "terms": ["闪退"]}] * 6
        + [{"label": 2, "terms": ["好看"]}] * 9
        + [{"label": 2, "terms": ["闪退"]}]
    )
    (word,) = keywords(table(rows), Filter()).negative
    a, b, rest_a, rest_b = 6 + 0.75, 1 + 0.75, 0 + 0.95, 9 + 0.95
    log_odds = np.log(a / rest_a) - np.log(b / rest_b)
    assert word.log_odds == pytest.approx(log_odds)
    assert word.z == pytest.approx(log_odds / np.sqrt(1 / a + 1 / rest_a + 1 / b + 1 / rest_b))


def lengthy(share: float, other: float, n: int = 1000) -> list[dict[str, Any]]:
    """Negative comments of 20 words, positive ones of 6; 电池 in a share of the first and another one of the second."""
    random = np.random.default_rng(2)
    filler = [f"词{chr(0x4E00 + i)}" for i in range(200)]
    rows = []
    for label, words, held in ((0, 20, share), (2, 6, other)):
        for _ in range(n):
            terms = [*random.choice(filler, words, replace=False), *["电池"] * bool(random.random() < held)]
            rows.append({"label": label, "terms": terms})
    return rows


def test_a_word_stands_on_the_side_whose_comments_hold_it_more_often_however_long_they_are(table: Maker) -> None:
    result = keywords(table(lengthy(0.24, 0.12)), Filter(), limit=300)
    (battery,) = [word for word in (*result.negative, *result.positive) if word.term == "电池"]
    assert battery.z > 5


def test_a_word_as_frequent_on_both_sides_has_no_leaning_however_long_they_are(table: Maker) -> None:
    result = keywords(table(lengthy(0.2, 0.2)), Filter(), limit=300)
    (battery,) = [word for word in (*result.negative, *result.positive) if word.term == "电池"]
    assert abs(battery.z) < 2


@pytest.mark.parametrize("sizes", [(1000, 0, 1000), (1000, 500, 1000), (300, 0, 3000)])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7])
def test_chance_alone_seldom_makes_a_large_z(sizes: tuple[int, int, int], share: float) -> None:
    random = np.random.default_rng(1)
    counted = pd.DataFrame({f"l{i}": random.binomial(n, share, 4000) for i, n in enumerate(sizes)})
    z, _ = fightin_words(counted, sizes)
    assert (np.abs(z) > 1.96).mean() < 0.05
    assert abs(z.mean()) < 0.06
    assert z.std() > 0.6


def test_a_sample_of_rows_has_about_the_share_asked_for(table: Maker) -> None:
    made = table([{}] * 2000)
    n = made.query(f"SELECT count(*) AS n FROM comments WHERE {sampled_rows(0.25)}")["n"].iloc[0]
    assert n == pytest.approx(500, rel=0.05)


def test_of_the_phrases_that_one_copied_sentence_gives_the_longest_stands() -> None:
    phrases = ["隔壁＋说话＋听得", "隔壁＋听得＋一清二楚", "说话＋听得＋一清二楚", "电梯＋很久＋才来"]
    counted = pd.DataFrame({"term": phrases, "l0": [9, 9, 9, 9], "l1": 0, "l2": [1, 1, 1, 1]})
    assert without_parts(counted)["term"].tolist() == ["说话＋听得＋一清二楚", "电梯＋很久＋才来"]
    counted.loc[0, "l0"] = 12  # stands in other comments as well
    assert len(without_parts(counted)) == 3
