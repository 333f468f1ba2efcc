"""Abnormal stretches in hindsight: held against all other days, and joined where they are one story."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest

from core.analyse import anomalies
from core.analyse.stretches import joined, stretch_p
from core.metrics import wilson
from core.results import Anomalies, Bucket, Episode, Frequency, Trend
from core.schema import Filter

START = datetime(2026, 8, 1)


def days(counts: Sequence[tuple[int, int]]) -> tuple[Bucket, ...]:
    """Buckets of one day with (comments, negative ones) each."""
    return tuple(
        Bucket(START + timedelta(days=i), START + timedelta(days=i + 1), (bad, 0, n - bad), wilson(bad, n))
        for i, (n, bad) in enumerate(counts)
    )


def found_in(counts: Sequence[tuple[int, int]]) -> Anomalies:
    buckets = days(counts)
    n = sum(bucket.n for bucket in buckets)
    return anomalies(Trend(Filter(), Frequency.DAY, None, buckets, n, 0, buckets[0].start, buckets[-1].end))


def episode(found: Anomalies, first: int, end: int) -> Episode:
    """A stretch of the given days, whatever was found."""
    bucket = found.verdicts[first].bucket
    return Episode(bucket.start, START + timedelta(days=end), (), 1, wilson(1, 2), 0.5, (), 0.0)


def quiet(n: int = 60) -> list[tuple[int, int]]:
    return [(10, 3 + i % 3) for i in range(n)]


def test_what_stands_out_of_the_whole_time_is_told_from_chance_and_a_usual_week_is_not() -> None:
    counts = quiet()
    counts[30:40] = [(10, 8)] * 10
    found = found_in(counts)
    buckets = [verdict.bucket for verdict in found.verdicts]
    assert stretch_p(episode(found, 30, 40), buckets) < 1e-4
    assert stretch_p(episode(found, 10, 20), buckets) == 1.0


def test_days_that_scatter_more_than_their_size_lets_expect_prove_less() -> None:
    wild = [(10, (1, 4, 7)[i % 3]) for i in range(60)]
    calm, wild[30:40] = quiet(), [(10, 8)] * 10
    calm[30:40] = [(10, 8)] * 10
    sure, unsure = (stretch_p(episode(found_in(one), 30, 40), days(one)) for one in (calm, wild))
    assert 100 * sure < unsure


@pytest.mark.parametrize(
    ("counts", "first", "end"),
    [
        ([(10, 4)] * 9, 1, 5),  # five other days
        ([(10, 0)] * 30, 10, 12),  # nothing negative
        ([(10, 10)] * 30, 10, 12),  # everything
        ([(0, 0)] * 10 + [(10, 4)] * 20, 0, 10),  # no comments inside
    ],
)
def test_where_nothing_can_be_compared_there_is_no_probability(
    counts: list[tuple[int, int]], first: int, end: int
) -> None:
    found = found_in(counts)
    assert math.isnan(stretch_p(episode(found, first, end), [verdict.bucket for verdict in found.verdicts]))


def test_by_chance_hardly_any_stretch_of_ten_days_is_called_abnormal() -> None:
    rng = np.random.default_rng(5)
    low = 0
    for _ in range(200):
        n = rng.poisson(8, 60)
        buckets = days([(int(a), int(b)) for a, b in zip(n, rng.binomial(n, 0.3), strict=True)])
        whole = found_in([(1, 0)] * 60)
        # the worst of all stretches of ten days: it was picked by looking
        low += min(stretch_p(episode(whole, i, i + 10), buckets) for i in range(50)) < 0.05
    assert low <= 10


def test_two_stretches_with_a_short_pause_are_one_story_too() -> None:
    counts = quiet(80)
    counts[40], counts[45] = (20, 20), (20, 20)
    counts[70] = (20, 20)
    found = found_in(counts)
    assert len(found.episodes) == 3
    (whole,) = joined(found)
    assert (whole.start, whole.end) == (START + timedelta(days=40), START + timedelta(days=46))
    between = counts[40:46]
    assert whole.share == wilson(sum(bad for _, bad in between), sum(n for n, _ in between))


def test_days_that_are_high_behind_a_story_belong_to_it_though_none_is_abnormal_alone() -> None:
    counts = quiet(80)
    counts[40], counts[44] = (20, 20), (20, 20)
    for day in (45, 46, 47):
        counts[day] = (20, 11)
    found = found_in(counts)
    assert len(found.episodes) == 2
    (whole,) = joined(found)
    assert (whole.start, whole.end) == (START + timedelta(days=40), START + timedelta(days=48))
