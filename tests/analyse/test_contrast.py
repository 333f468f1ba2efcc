"""Two sets of comments and their words: any two sides, phrases from the derived table, fixed samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.analyse import BY_LABEL, comments, contrast, keywords, read_synonyms, sample_places, select, synonyms
from core.schema import Filter, Table, join_word

Maker = Callable[[list[dict[str, Any]]], Table]
A, B = Filter(products=("甲",)), Filter(products=("乙",))


def rows_of(first: list[str], second: list[str], n: int = 20, **same: Any) -> list[dict[str, Any]]:
    """n comments of the product 甲 and n of 乙, each with the terms named, in turn."""
    pairs = [("甲", first), ("乙", second)]
    return [{"product": name, "terms": terms, **same} for i in range(n) for name, terms in pairs]


def with_words(table: Table, words: list[tuple[int, str]]) -> str:
    """Add a derived table of words to a table in memory."""
    rows = ", ".join(f"({row}, {int(sample_places(np.array([row], np.int64))[0])}, '{word}')" for row, word in words)
    name = "words_0123456789"
    connection = table._connection  # type: ignore[attr-defined]
    connection.execute(f'CREATE TABLE {name} AS SELECT * FROM (VALUES {rows}) AS t("row", place, word)')
    return name


def test_each_product_has_its_own_words_and_shared_ones_lean_nowhere(table: Maker) -> None:
    found = contrast(table(rows_of(["异味", "手感"], ["褪色", "手感"])), Filter(), A, B)
    assert [word.word for word in found.first] == ["异味"]
    assert [word.word for word in found.second] == ["褪色"]
    assert {word.word for word in found.words} == {"异味", "褪色", "手感"}


def test_the_shares_are_of_each_side_with_interval(table: Maker) -> None:
    made = table(rows_of(["异味"], ["褪色"]) + [{"product": "甲", "terms": []}] * 20)
    (word,) = contrast(made, Filter(), A, B).first
    assert (word.first.count, word.first.n, word.second.count, word.second.n) == (20, 40, 0, 20)
    assert word.first.low < 0.5 < word.first.high


def test_the_second_side_may_be_all_the_rest(table: Maker) -> None:
    made = table(rows_of(["异味"], ["褪色"]) + [{"product": "丙", "terms": ["褪色"]}] * 7)
    found = contrast(made, Filter(), A, None)
    assert [(side.chosen, side.n) for side in found.sides] == [(A, 20), (None, 27)]


def test_a_comment_of_both_sides_belongs_to_none(table: Maker) -> None:
    made = table([{"product": "甲", "source": "微博", "terms": ["异味"]}] * 5 + rows_of(["手感"], ["褪色"]))
    found = contrast(made, Filter(), A, Filter(sources=("微博",)))
    assert [side.n for side in found.sides] == [20, 0]


def test_the_filter_of_the_page_narrows_both_sides(table: Maker) -> None:
    made = table(rows_of(["异味"], ["褪色"], label=0) + rows_of(["香"], ["亮"], label=2))
    found = contrast(made, Filter(labels=("负面",)), A, B)
    assert {word.word for word in found.words} == {"异味", "褪色"}


def test_between_labels_the_filter_of_labels_is_set_aside_and_agrees_with_the_keywords(table: Maker) -> None:
    random = np.random.default_rng(2)
    rows = [
        {"label": label, "terms": ["手机"] + ["发热"] * bool(random.random() < (0.4, 0.1, 0.05)[label])}
        for label in random.integers(0, 3, 500).tolist()
    ]
    made = table(rows)
    found = contrast(made, Filter(labels=("负面",)), *BY_LABEL)
    (hot,) = [word for word in found.words if word.word == "发热"]
    (same,) = [word for word in keywords(made, Filter()).negative if word.term == "发热"]
    assert (hot.z, hot.log_odds) == (same.z, same.log_odds)
    assert found.filter == Filter()


def test_a_small_side_is_counted_whole_beside_a_sampled_large_one(table: Maker) -> None:
    rows = [{"product": "甲", "terms": ["异味"]}] * 50 + [{"product": "乙", "terms": ["褪色"]}] * 3000
    made = table(rows)
    first, again = (contrast(made, Filter(), A, B, sample_rows=1000) for _ in range(2))
    assert first == again
    assert (first.sides[0].n, first.sides[0].of) == (50, 50)
    assert first.sides[1].of == 3000
    assert first.sides[1].n == pytest.approx(950, rel=0.05)


def test_phrases_come_from_the_derived_table_and_swallow_the_parts_that_say_no_more(table: Maker) -> None:
    made = table(rows_of(["物流", "慢"], ["手感"]))
    phrase = join_word([["物流"], ["慢"]])
    words = [(row, word) for row in range(0, 40, 2) for word in ("物流", "慢", phrase)]
    view = with_words(made, [*words, *((row, "手感") for row in range(1, 40, 2))])
    found = contrast(made, Filter(), A, B, view=view)
    assert [word.word for word in found.first] == [phrase]
    assert found.phrases
    assert not contrast(made, Filter(), A, B).phrases


def test_the_words_of_the_dashboard_swallow_the_same_parts(table: Maker) -> None:
    rows = [{"label": 0 if i % 2 else 2, "terms": ["物流", "慢"] if i % 2 else ["手感"]} for i in range(40)]
    made = table(rows)
    phrase = join_word([["物流"], ["慢"]])
    words = [(row, word) for row in range(1, 40, 2) for word in ("物流", "慢", phrase)]
    view = with_words(made, [*words, *((row, "手感") for row in range(0, 40, 2))])
    told = keywords(made, Filter(), view=view).negative
    assert [word.term for word in told] == [phrase]
    assert [word.term for word in told] == [word.word for word in contrast(made, Filter(), *BY_LABEL, view=view).first]


def test_a_hidden_word_is_hidden_by_its_title(table: Maker) -> None:
    made = table(rows_of(["慢"], ["手感"]))
    view = with_words(made, [(row, ("慢｜太慢", "手感")[row % 2]) for row in range(40)])
    assert [w.word for w in contrast(made, Filter(), A, B, view=view, stop=["慢"]).words] == ["手感"]


def test_the_derived_table_and_the_stored_terms_count_alike(table: Maker) -> None:
    random = np.random.default_rng(4)
    rows = [
        {"label": int(random.integers(0, 3)), "terms": ["发热"] * int(random.integers(0, 2)) + ["屏幕", "屏幕"]}
        for _ in range(400)
    ]
    made = table(rows)
    view = with_words(made, [(i, term) for i, row in enumerate(rows) for term in set(row["terms"])])
    for sample in (60_000, 150):
        assert keywords(made, Filter(), view=view, sample_rows=sample) == keywords(made, Filter(), sample_rows=sample)


def test_nothing_on_one_side_gives_no_leaning(table: Maker) -> None:
    found = contrast(table(rows_of(["异味"], ["褪色"])), Filter(), A, Filter(products=("没有",)))
    assert not any(word.z for word in found.words)


TEXTS = ["物流真的慢", "物流慢死了", "慢,物流", "物流,态度慢", "物流客服都很慢", "物流快"]


@pytest.mark.parametrize(
    ("word", "rows"),
    [("物流＋慢", [0, 1]), ("慢｜快", [0, 1, 2, 3, 4, 5]), ("物流＋慢｜快", [0, 1, 5]), ("慢", [0, 1, 2, 3, 4])],
)
def test_a_word_leads_to_the_comments_that_hold_it(table: Maker, word: str, rows: list[int]) -> None:
    terms = [["物流", *(one for one in ("慢", "快") if one in text)] for text in TEXTS]
    made = table([{"clean_text": text, "terms": t} for text, t in zip(TEXTS, terms, strict=True)])
    chosen = Filter(term=word)
    assert comments(made, chosen).frame["row"].tolist() == rows
    assert comments(made, select(made, chosen)).frame["row"].tolist() == rows


@pytest.mark.parametrize("odd", ["＋", "｜", "a＋.*", "(", "＋＋慢"])
def test_an_odd_word_of_an_address_breaks_nothing(table: Maker, odd: str) -> None:
    made = table([{"clean_text": "慢", "terms": ["慢"]}])
    assert comments(made, Filter(term=odd)).total in (0, 1)


def test_no_word_of_ours_stands_in_two_groups_of_synonyms() -> None:
    words = [word for group in synonyms() for word in group]
    assert len(words) == len(set(words)) > 100


def test_own_synonyms_take_their_words_out_of_ours() -> None:
    groups = synonyms("味道差 = 难吃")
    assert groups[0] == ("味道差", "难吃")
    assert not any("难吃" in group for group in groups[1:])


def test_synonyms_may_be_written_in_several_ways_and_one_word_is_no_group() -> None:
    assert read_synonyms("物流=快递\n屏幕、显示屏 ；慢\n 快递 ,EMS") == (("物流", "快递"), ("屏幕", "显示屏"))
