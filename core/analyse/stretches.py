"""An abnormal stretch in hindsight: compared with all other buckets of the trend, before and after it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise, product
from typing import Final

from core.metrics import wilson
from core.results import Anomalies, Bucket, Episode
from core.schema import NEGATIVE

__all__ = ["joined", "stretch_p"]

#: With fewer other buckets, their scatter cannot be estimated.
_LEAST: Final = 8
#: Stretches separated by at most this pause may be one event with quieter days.
_PAUSE: Final = timedelta(days=7)
#: Most buckets on either side that may belong to it.
_REACH: Final = 7


def stretch_p(episode: Episode, buckets: Sequence[Bucket]) -> float:
    """Return the p-value of a stretch as negative as this one anywhere in the trend.

    A control chart judges a bucket by those before it, when little may be known. In hindsight, the later buckets are
    known, too: a two-sample test of shares compares the stretch with all the rest, allows for the overdispersion
    of the other buckets, and corrects for every stretch that could have been selected (Bonferroni).

    Args:
        episode: A stretch of the trend.
        buckets: All buckets of the trend.

    Returns:
        An upper bound of the p-value, at most 1; NaN if fewer than eight other buckets have comments, or if
        none or all of the comments are negative.

    Source:
        McCullagh and Nelder (1989), Generalized Linear Models, 2nd ed., 4.5 (dispersion estimated by Pearson's chi²);
        Kulldorff (1997), Communications in Statistics 26:1481-1496 (stretches picked by looking).
    """
    from scipy import stats

    full = [bucket for bucket in buckets if bucket.n]
    inside = [bucket for bucket in full if episode.start <= bucket.start < episode.end]
    others = [bucket for bucket in full if not episode.start <= bucket.start < episode.end]
    n, k = sum(bucket.n for bucket in inside), sum(bucket.counts[NEGATIVE] for bucket in inside)
    m, j = sum(bucket.n for bucket in others), sum(bucket.counts[NEGATIVE] for bucket in others)
    if len(others) < _LEAST or not inside or not 0 < k + j < n + m or not 0 < j < m:
        return math.nan
    usual, pooled = j / m, (k + j) / (n + m)
    chi2 = sum((b.counts[NEGATIVE] - b.n * usual) ** 2 / (b.n * usual * (1 - usual)) for b in others)
    scatter = max(1.0, chi2 / (len(others) - 1))
    deviation = math.sqrt(scatter * pooled * (1 - pooled) * (1 / n + 1 / m))
    alone = float(stats.t.sf((k / n - usual) / deviation, len(others) - 1))
    return min(1.0, alone * len(full) * (len(full) + 1) / 2)


def joined(found: Anomalies) -> Iterator[Episode]:
    """Merge runs of neighbouring stretches in the same direction, with the buckets between them.

    Days within a pause around a run are included where that lowers the p-value: otherwise, as none of them need be
    abnormal alone, one comment more or less would decide where the run ends. ``stretch_p`` corrects for every possible
    stretch, so picking the most significant one is valid.

    Args:
        found: From ``anomalies``.

    Returns:
        Only runs of two or more stretches, with pauses of up to a week. Buckets in the pauses count as they are: two
        bad days in a good week do not make a bad week.
    """
    runs: list[list[Episode]] = [[one] for one in found.episodes[:1]]
    for before, after in pairwise(found.episodes):
        if after.direction == before.direction and after.start - before.end <= _PAUSE:
            runs[-1].append(after)
        else:
            runs.append([after])
    for run in runs:
        if len(run) > 1:
            wholes = [_whole(run, found, start, end) for start, end in _reaches(run, found)]
            yield min(wholes, key=partial(stretch_p, buckets=[verdict.bucket for verdict in found.verdicts]))


def _reaches(run: Sequence[Episode], found: Anomalies) -> Iterator[tuple[datetime, datetime]]:
    """Yield the candidate starts and ends of a run, the shortest first."""
    start, end = run[0].start, run[-1].end
    near = [v.bucket for v in found.verdicts if start - _PAUSE <= v.bucket.start < end + _PAUSE]
    starts = [start, *(bucket.start for bucket in reversed(near) if bucket.start < start)]
    ends = [end, *(bucket.end for bucket in near if bucket.start >= end)]
    yield from product(starts[: _REACH + 1], ends[: _REACH + 1])


def _whole(run: Sequence[Episode], found: Anomalies, start: datetime, end: datetime) -> Episode:
    told = [v for v in found.verdicts if start <= v.bucket.start < end and not math.isnan(v.expected)]
    n = sum(verdict.bucket.n for verdict in told)
    return replace(
        run[0],
        start=start,
        end=end,
        verdicts=tuple(verdict for one in run for verdict in one.verdicts),
        share=wilson(sum(verdict.bucket.counts[NEGATIVE] for verdict in told), n),
        expected=sum(verdict.expected * verdict.bucket.n for verdict in told) / n,
        z=max(one.z for one in run),
    )
