"""Histograms of confidence and rating."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.analyse import distribution
from core.results import Bin
from core.schema import Filter, Table

Maker = Callable[[list[dict[str, Any]]], Table]


def test_every_labelled_row_stands_in_one_bin(table: Maker) -> None:
    sure = [0.34, 0.5, 0.999, 1.0, 0.0]
    result = distribution(table([{"confidence": c, "label": i % 3} for i, c in enumerate(sure)]), Filter())
    assert (len(result.confidence), result.n) == (20, 5)
    assert sum(sum(b.counts) for b in result.confidence) == 5
    assert sum(result.confidence[-1].counts) == 2


def test_rows_without_a_score_stand_in_none(table: Maker) -> None:
    assert distribution(table([{"label": -1, "confidence": float("nan")}]), Filter()).n == 0


def test_each_rating_has_its_labels(table: Maker) -> None:
    rows = [{"rating": 1, "label": 0}] * 3 + [{"rating": 5, "label": 2}] * 2 + [{}]
    result = distribution(table(rows), Filter())
    assert result.ratings == (Bin(1.0, 1.0, (3, 0, 0)), Bin(5.0, 5.0, (0, 0, 2)))
    assert (result.rated, result.n) == (5, 6)


def test_many_ratings_are_put_into_ten_steps(table: Maker) -> None:
    result = distribution(table([{"rating": i} for i in range(101)]), Filter())
    assert len(result.ratings) == 10
    assert (result.ratings[0].low, result.ratings[-1].high, result.rated) == (0.0, 100.0, 101)
    assert sum(result.ratings[-1].counts) == 11


def test_the_steps_of_many_ratings_are_round(table: Maker) -> None:
    result = distribution(table([{"rating": 1.6 + i / 10} for i in range(35)]), Filter())
    assert [(b.low, b.high) for b in result.ratings] == [(1.5 + i / 2, 2 + i / 2) for i in range(7)]
    assert [sum(b.counts) for b in result.ratings] == [4, 5, 5, 5, 5, 5, 6]
