"""Results made by hand, in the form that analyse returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from core.results import Bucket, Comparison, Difference, Frequency, Group, Keyword, Keywords, Trend
from core.schema import Col, Filter, Share


def make_share(count: int, n: int) -> Share:
    """A share with a visibly wide interval; NaN without rows."""
    if n == 0:
        return Share(0, 0, *[float("nan")] * 3)
    value = count / n
    return Share(count, n, value, max(0.0, value - 0.1), min(1.0, value + 0.1))


def make_trend(counts: Sequence[tuple[int, int, int]], undated: int = 0) -> Trend:
    start = datetime(2026, 2, 1)
    buckets = tuple(
        Bucket(start + timedelta(days=i), start + timedelta(days=i + 1), count, make_share(count[0], sum(count)))
        for i, count in enumerate(counts)
    )
    n = sum(bucket.n for bucket in buckets)
    return Trend(Filter(), Frequency.DAY, Frequency.DAY, buckets, n, undated)


def make_keywords(
    negative: Sequence[tuple[str, int, float]], positive: Sequence[tuple[str, int, float]] = ()
) -> Keywords:
    """Words as (term, comments of its side that contain it, z)."""
    bad = tuple(Keyword(t, (n, 0, 1), z, z / 4, make_share(n, n + 1)) for t, n, z in negative)
    good = tuple(Keyword(t, (1, 0, n), z, z / 4, make_share(1, n + 1)) for t, n, z in positive)
    return Keywords(Filter(), bad, good, 3000, (1000, 500, 1500), None, 3)


def make_comparison(groups: Sequence[tuple[str, int, int]], by: str = Col.SOURCE, p: float = 0.5) -> Comparison:
    """Groups as (name, negative rows, rows)."""
    made = tuple(
        Group(
            name,
            n,
            (make_share(bad, n), make_share(0, n), make_share(n - bad, n)),
            Difference(bad / n - 0.5, bad / n - 0.6, bad / n - 0.4, p),
            p,
            float("nan"),
            make_share(n, sum(one[2] for one in groups)),
            n,
        )
        for name, bad, n in groups
    )
    total = make_share(sum(g[1] for g in groups), sum(g[2] for g in groups))
    return Comparison(Filter(), by, 0, made, total, len(made))


@pytest.fixture(scope="session")
def share() -> Callable[..., Share]:
    return make_share


@pytest.fixture(scope="session")
def trend_of() -> Callable[..., Trend]:
    return make_trend


@pytest.fixture(scope="session")
def keywords_of() -> Callable[..., Keywords]:
    return make_keywords


@pytest.fixture(scope="session")
def comparison_of() -> Callable[..., Comparison]:
    return make_comparison
