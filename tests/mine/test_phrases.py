"""Phrases: neighbours that meet more often than chance, found in the text and not in the list of terms."""

from __future__ import annotations

import random

import pytest

from core.mine.phrases import Phrases, neighbours, places, words_of


def learnt(texts: list[list[str]], glue: str = "") -> Phrases:
    """Learn from comments given as their terms."""
    made = Phrases()
    for terms in texts:
        text = glue.join(terms)
        made.learn(places(terms, text, set(), {}), text)
    return made


def noise(n: int, seed: int = 1) -> list[list[str]]:
    words = ["屏幕", "声音", "手感", "颜色", "做工", "包装", "价格", "外观"]
    picker = random.Random(seed)  # noqa: S311
    return [picker.sample(words, 3) for _ in range(n)]


def test_a_planted_pair_and_triple_are_found_and_chance_neighbours_are_not() -> None:
    made = learnt([*noise(600), *[["物流", "慢"]] * 30, *[["客服", "态度", "差"]] * 20])
    apart = {("物流", "慢"), ("客服", "态度"), ("态度", "差"), ("客服", "差"), ("客服", "态度", "差")}
    assert made.found(minimum=3) == apart


def test_words_that_stand_side_by_side_across_a_comma_are_no_phrase() -> None:
    assert learnt([*noise(300), *[["物流", "慢"]] * 30], glue=",").found(minimum=3) == frozenset()


def test_a_rare_pair_is_left_out() -> None:
    assert learnt([*noise(300), *[["物流", "慢"]] * 4]).found(minimum=5) == frozenset()


@pytest.mark.parametrize(
    ("text", "pairs"),
    [("物流慢", 1), ("物流真的慢", 1), ("物流真的很慢", 0), ("物流,慢", 0), ("物流 慢", 0), ("物流!!慢", 0)],
)
def test_neighbours_have_at_most_two_hanzi_between_them(text: str, pairs: int) -> None:
    assert len(list(neighbours(places(["物流", "慢"], text, set(), {}), text))) == pairs


def test_stop_words_stand_in_no_phrase_and_part_none() -> None:
    found = places(["物流", "真的", "慢"], "物流真的慢", {"真的"}, {})
    assert words_of(found, "物流真的慢", {("物流", "慢")}) == {("物流",), ("慢",), ("物流", "慢")}


def test_a_term_that_the_text_lacks_is_passed_over() -> None:
    assert places(["iPhone", "慢"], "iphone慢", set(), {}) == [("慢", 6, 7)]
