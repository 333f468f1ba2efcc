"""Detect buckets with an abnormal negative share: a control chart adjusted for volume and seasonality."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime

from core.analyse.design_effects import DesignEffects
from core.analyse.watch import FEWEST, PACES, Pace, Watch, silent
from core.metrics import wilson
from core.results import Anomalies, Bucket, Episode, History, Trend, Verdict
from core.schema import NEGATIVE

__all__ = ["anomalies"]


def anomalies(trend: Trend, design_effects: DesignEffects | None = None) -> Anomalies:
    """Find the buckets whose negative share is abnormally high or low.

    Each bucket is compared with a baseline of the buckets before it (abnormal ones excluded): a robust level with
    time-decaying weights, the weekly (days) or daily (hours) pattern, and the overdispersion so far; the limits depend
    on volume. A bucket is abnormal when it lies outside its own limits, or when the most recent buckets, up to a week
    or a day of them, exceed the limit for their pooled error and it is itself high. A persistent level becomes normal
    after three weeks (days), three days (hours) or eight weeks; what is abnormal three times in a row on the same
    weekday or at the same hour becomes part of the pattern. When fewer than four normal buckets remain in the window,
    as after a long silence, the chart restarts without a history.

    Copies are counted only for buckets that look abnormal; these are judged again with their design effect: the shares
    stay the same, the limits widen. For the other buckets, the overdispersion estimated from all of them is enough.

    Args:
        trend: By hour, day, week or month; years get no verdict.
        design_effects: From ``core.analyse.design_effects``; None = treat every comment as independent.

    Returns:
        One verdict per bucket. It uses earlier buckets only, except after a (re)start (``History.AROUND``), where
        there is no history yet: those buckets are compared with each other, and fewer than seven get no verdict.

    Source:
        Montgomery (2019), Introduction to Statistical Quality Control, 8th ed., 7.3 (p chart), 9.1 (several samples
        together); Laney (2002), Quality Engineering 14:531-537 (p' chart, overdispersion); Williams (1975), Biometrics
        31:949-952 (beta-binomial); Kish (1965), Survey Sampling, 5.4 (design effect of copies).
    """
    buckets = trend.buckets
    pace = PACES.get(trend.frequency)
    full = [i for i, bucket in enumerate(buckets) if bucket.n]
    if pace is None or len(full) < FEWEST:
        return Anomalies(trend.filter, trend.frequency, tuple(map(silent, buckets)), (), math.nan)
    watch, judged, copied = _judged(trend, full, pace, design_effects)
    found = dict(zip(full, judged, strict=True))
    verdicts = tuple(found.get(i) or silent(bucket) for i, bucket in enumerate(buckets))
    # on the arcsine scale, the variance between buckets beyond sampling error is a quarter of the correlation
    overdispersion = min(1.0, 4 * watch.scatter.value)
    return Anomalies(trend.filter, trend.frequency, verdicts, tuple(_episodes(verdicts, watch)), overdispersion, copied)


def _judged(
    trend: Trend, full: Sequence[int], pace: Pace, design_effects: DesignEffects | None
) -> tuple[Watch, list[Verdict], tuple[Bucket, ...]]:
    """Return the verdicts on the buckets with comments, and the buckets that copies alone made look abnormal."""
    effects: dict[Bucket, float] = {}
    loud: set[Bucket] = set()
    while True:
        watch = Watch([trend.buckets[i] for i in full], full, trend.frequency, pace, effects)
        verdicts = list(watch.verdicts())
        abnormal = {i: verdict for i, verdict in enumerate(verdicts) if verdict.abnormal}
        reached = {watch.buckets[j] for i, verdict in abnormal.items() for j in watch.last(i, verdict.span)}
        asked = sorted(reached - effects.keys(), key=_start) if design_effects else []
        if not design_effects or not asked:
            break
        # each bucket is queried once, so the loop terminates; two rounds are usual
        loud |= {verdict.bucket for verdict in abnormal.values()}
        effects |= zip(asked, design_effects(trend.frequency, asked), strict=True)
    still = {verdict.bucket for verdict in abnormal.values()}
    return watch, verdicts, tuple(sorted(loud - still, key=_start))


def _start(bucket: Bucket) -> datetime:
    return bucket.start


def _episodes(verdicts: Sequence[Verdict], watch: Watch) -> Iterator[Episode]:
    """Merge abnormal buckets of the same direction that are at most one bucket apart."""
    runs: list[list[int]] = []
    for i, verdict in enumerate(verdicts):
        if not verdict.abnormal:
            continue
        if runs and i - runs[-1][-1] <= 2 and verdicts[runs[-1][-1]].abnormal == verdict.abnormal:
            runs[-1].append(i)
        else:
            runs.append([i])
    for run in runs:
        abnormal = tuple(verdicts[i] for i in run)
        inside = [v for v in verdicts[run[0] : run[-1] + 1] if v.history is not History.NONE]
        n = sum(v.bucket.n for v in inside)
        yield Episode(
            start=abnormal[0].bucket.start,
            end=abnormal[-1].bucket.end,
            verdicts=abnormal,
            direction=abnormal[0].abnormal,
            share=wilson(sum(v.bucket.counts[NEGATIVE] for v in inside), n),
            expected=sum(v.expected * v.bucket.n for v in inside) / n,
            baseline=watch.stretches(abnormal[0].bucket),
            z=max(watch.telling[verdict.bucket] for verdict in abnormal),
        )
