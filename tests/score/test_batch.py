"""Batches hold every row once and stay within their budget; padding puts each token where it belongs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.score.batch import Tokens, batches, pad


def tokens_of(lists: list[list[int]]) -> Tokens:
    return Tokens(np.array([i for row in lists for i in row], np.int32), np.cumsum([0, *map(len, lists)]))


@given(st.lists(st.integers(0, 300)), st.integers(1, 2000))
def test_every_row_comes_once_and_no_batch_of_several_is_over_budget(lengths: list[int], budget: int) -> None:
    array = np.array(lengths, np.int32)
    parts = list(batches(array, budget))
    assert sorted(int(i) for part in parts for i in part) == list(range(len(lengths)))
    assert all(len(part) == 1 or len(part) * array[part].max() <= budget for part in parts)


@given(st.lists(st.lists(st.integers(4, 99), max_size=9), min_size=1, max_size=6), st.integers(1, 9))
def test_padding_keeps_the_tokens_and_masks_the_rest(lists: list[list[int]], limit: int) -> None:
    rows = np.arange(len(lists))[::-1]
    ids, mask = pad(tokens_of(lists), rows, 2, 3, limit)
    for row, line, seen in zip(rows, ids, mask, strict=True):
        kept = lists[row][:limit]
        assert line.tolist() == [2, *kept, 3] + [0] * (len(line) - len(kept) - 2)
        assert seen.tolist() == [1] * (len(kept) + 2) + [0] * (len(line) - len(kept) - 2)


@given(st.lists(st.lists(st.integers(0, 9), max_size=5), min_size=1, max_size=8), st.data())
def test_taking_rows_takes_their_tokens(lists: list[list[int]], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(lists) - 1)))
    taken = tokens_of(lists).take(np.array(rows, np.int64))
    assert [taken.ids[a:b].tolist() for a, b in zip(taken.offsets[:-1], taken.offsets[1:], strict=True)] == [
        lists[row] for row in rows
    ]


def test_a_million_rows_are_batched_without_a_loop_over_rows() -> None:
    lengths = np.random.default_rng(1).integers(3, 60, 1_000_000).astype(np.int32)
    parts = list(batches(lengths, 8192))
    assert sum(map(len, parts)) == 1_000_000
    assert sum(len(p) * lengths[p].max() for p in parts) < 1.01 * lengths.sum()


def test_a_few_long_texts_do_not_pad_many_short_ones() -> None:
    lengths = np.array([60] * 4 + [15] * 100, np.int32)
    parts = [lengths[rows] for rows in batches(lengths, 8192)]
    assert [part.tolist() for part in parts] == [[60] * 4, [15] * 100]


def test_texts_of_another_length_do_not_join_a_batch() -> None:
    lengths = np.array([16, 9, 9, 8], np.int32)
    assert [lengths[rows].tolist() for rows in batches(lengths, 8192)] == [[16], [9, 9], [8]]
