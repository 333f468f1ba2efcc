"""Words of a cloud lie side by side, without any font."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from xml.etree import ElementTree

import pytest

from core.chart import cloud, svg
from core.results import Keywords, PlacedWord
from core.schema import POSITIVE

Maker = Callable[..., Keywords]

WORDS = [(f"词语{'长' * (i % 5)}{i}", 200 // (i + 1) + 1, 30.0 - i / 3) for i in range(60)]


def box(word: PlacedWord) -> tuple[float, float, float, float]:
    top = word.baseline - 0.88 * word.size
    return word.x, top, word.x + word.width, top + word.size


def test_no_two_words_overlap_and_none_is_cut(keywords_of: Maker) -> None:
    words = cloud(keywords_of(WORDS), width=720, height=320)
    assert len(words) > 40
    for left, top, right, bottom in map(box, words):
        assert 0 <= left < right <= 720
        assert 0 <= top < bottom <= 320
    for one, other in combinations(map(box, words), 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart


def test_a_clearer_contrast_makes_a_larger_word_whatever_the_number_of_comments(keywords_of: Maker) -> None:
    words = cloud(keywords_of([("发热", 4, 16.0), ("卡顿", 100, 4.0), ("掉漆", 25, 2.0)]))
    assert [word.text for word in words] == ["发热", "卡顿", "掉漆"]
    assert words[0].size == pytest.approx(2 * words[1].size, rel=0.05)


def test_without_a_contrast_more_comments_make_a_larger_word(keywords_of: Maker) -> None:
    words = cloud(keywords_of([("发热", 100, 0.0), ("卡顿", 25, 0.0)]))
    assert words[0].size == pytest.approx(2 * words[1].size, rel=0.05)


def test_a_phrase_is_drawn_by_its_title_and_clicked_by_its_name(keywords_of: Maker) -> None:
    (word,) = cloud(keywords_of([("物流＋慢｜太慢", 9, 5.0)]))
    assert (word.text, word.word) == ("物流慢", "物流＋慢｜太慢")


def test_the_same_words_give_the_same_cloud(keywords_of: Maker) -> None:
    assert cloud(keywords_of(WORDS)) == cloud(keywords_of(WORDS))


@pytest.mark.parametrize("words", [[], [("慢", 1, 0.0)], [("特别特别特别特别特别特别特别特别特别长的一个词", 9, 5.0)]])
def test_none_and_one_word_are_fine(keywords_of: Maker, words: list[tuple[str, int, float]]) -> None:
    placed = cloud(keywords_of(words), width=400, height=200)
    assert len(placed) == len(words)
    assert all(word.x + word.width <= 400 for word in placed)


def test_words_that_stand_everywhere_are_left_out_when_there_are_clear_ones(keywords_of: Maker) -> None:
    words = cloud(keywords_of([("发热", 10, 9.0), ("手机", 900, 0.3)]))
    assert [word.text for word in words] == ["发热"]


def test_the_positive_side_is_its_own_cloud(keywords_of: Maker) -> None:
    words = cloud(keywords_of([("慢", 5, 5.0)], [("好看", 7, -5.0)]), label=POSITIVE)
    assert [(word.text, word.n, word.color) for word in words] == [("好看", 7, "#0072B2")]


def test_odd_words_stay_text_in_the_file(keywords_of: Maker) -> None:
    words = cloud(keywords_of([("<script>x&y</script>", 5, 5.0)]))
    root = ElementTree.fromstring(svg(words, title="a<b"))  # noqa: S314
    assert [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")] == ["<script>x&y</script>"]
