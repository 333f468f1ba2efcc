"""Batches hold every row once and stay within their budget; each token lies where it belongs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.score.batch import SLOTS, Bunch, Tokens, batches, bunched, laid_out


def tokens_of(lists: list[list[int]]) -> Tokens:
    return Tokens(np.array([i for row in lists for i in row], np.int32), np.cumsum([0, *map(len, lists)]))


@given(st.lists(st.integers(0, 300)), st.integers(1, 2000))
def test_every_row_comes_once_and_no_batch_of_several_is_over_budget(lengths: list[int], budget: int) -> None:
    array = np.array(lengths, np.int32)
    parts = list(batches(array, budget))
    assert sorted(int(i) for part in parts for i in part) == list(range(len(lengths)))
    assert all(len(part) == 1 or len(part) * array[part].max() <= budget for part in parts)


@given(st.lists(st.lists(st.integers(4, 99), max_size=9), min_size=1, max_size=9), st.integers(1, 9))
def test_every_batch_lays_the_tokens_of_its_texts_between_the_special_ones(lists: list[list[int]], limit: int) -> None:
    tokens = tokens_of(lists)
    parts = list(batches(np.minimum(tokens.lengths, limit) + 2, 40))
    found = laid_out(tokens, parts, 2, 3, limit)
    assert [ids.tolist() for ids in found.batches()] == [
        [[2, *lists[row][:limit], 3] for row in part] for part in parts
    ]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(2, 5)), min_size=1, max_size=5))
def test_a_bunch_gives_its_batches_back_and_knows_whose_every_token_is(shapes: list[tuple[int, int]]) -> None:
    parts = [np.arange(rows * length).reshape(rows, length) for rows, length in shapes]
    rows, lengths = (np.array(side) for side in zip(*shapes, strict=True))
    bunch = Bunch(np.concatenate([part.ravel() for part in parts]), rows, lengths)
    for found, part in zip(bunch.batches(), parts, strict=True):
        np.testing.assert_array_equal(found, part)
    sizes = [length for n, length in shapes for _ in range(n)]
    assert bunch.owners().tolist() == [text for text, size in enumerate(sizes) for _ in range(size)]
    assert bunch.positions().tolist() == [place for size in sizes for place in range(size)]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(2, 700)), min_size=1, max_size=40))
def test_batches_share_a_pass_in_their_order_while_it_stays_small(shapes: list[tuple[int, int]]) -> None:
    rows, lengths = (np.array(side) for side in zip(*shapes, strict=True))
    found = Bunch(np.zeros(int(rows @ lengths), np.int64), rows, lengths).passes()
    used = found[0] > 0
    assert list(zip(found[0][used].tolist(), found[1][used].tolist(), strict=True)) == shapes
    assert not found[1][~used].any()
    assert (np.diff(used.astype(int), axis=1) <= 0).all(), "the empty slots are the last ones"
    counts, tokens = used.sum(1), (found[0] * found[1]).sum(1)
    assert ((counts == 1) | (tokens <= 512)).all()
    first = found[0][:, 0] * found[1][:, 0]
    assert ((counts[:-1] == SLOTS) | (tokens[:-1] + first[1:] > 512)).all(), "no pass ends before it must"


@given(st.lists(st.integers(1, 300)), st.integers(1, 2000))
def test_bunches_hold_every_batch_in_order(lengths: list[int], budget: int) -> None:
    array = np.array(lengths, np.int32)
    parts = list(batches(array, budget))
    bunches = list(bunched(parts, array, budget, 2))
    assert [id(part) for bunch in bunches for part in bunch] == [id(part) for part in parts]
    assert all(bunches)


def test_a_few_texts_of_many_lengths_are_handed_over_in_a_few_bunches() -> None:
    lengths = np.arange(20, 52, dtype=np.int32)
    parts = list(batches(lengths, 1024))
    assert len(parts) == 32
    assert 2 <= len(list(bunched(parts, lengths, 1024, 4))) <= 5


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
