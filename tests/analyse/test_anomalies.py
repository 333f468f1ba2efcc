"""Planted bursts are found, quiet buckets are left in peace, and nobody looks ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from bench.anomalies import NOISES, Found, Noise, look, measure, plant, quiet_days
from bench.changes import Quiet, posted, series
from core.analyse import anomalies, wilson
from core.analyse.design_effects import DesignEffects
from core.results import Bucket, Frequency, History, Trend
from core.schema import Filter

START = datetime(2026, 1, 5)  # a Monday
LENGTHS = {Frequency.HOUR: timedelta(hours=1), Frequency.DAY: timedelta(1), Frequency.WEEK: timedelta(7)}


def trend_of(counts: Sequence[tuple[int, int]], frequency: Frequency = Frequency.DAY) -> Trend:
    """Build a trend of (negative, all) per bucket."""
    length = LENGTHS.get(frequency, timedelta(365))
    buckets = tuple(
        Bucket(START + i * length, START + (i + 1) * length, (k, 0, n - k), wilson(k, n))
        for i, (k, n) in enumerate(counts)
    )
    return Trend(Filter(), frequency, frequency, buckets, sum(n for _, n in counts), 0)


def counts(shares: Sequence[float], n: int = 200, seed: int = 1) -> list[tuple[int, int]]:
    """Draw negative comments of n a bucket."""
    random = np.random.default_rng(seed)
    return [(int(random.binomial(n, share)), n) for share in shares]


def high(trend: Trend) -> list[int]:
    return [i for i, verdict in enumerate(anomalies(trend).verdicts) if verdict.abnormal == 1]


@pytest.mark.parametrize(
    ("volume", "least", "most"), [(200, 15, 15), (500, 10, 10), (2000, 10, 10), (50, 30, 30), (500, 5, 30)]
)
def test_nine_in_ten_bursts_are_found_at_one_false_alarm_in_a_hundred_quiet_days(
    volume: int, least: int, most: int
) -> None:
    found = measure(volume, least, most, noise=Noise(), streams=8)
    assert found.recall >= 0.9
    assert found.delay <= 1
    assert found.false_alarms <= 1
    assert found.bursts >= 25


def test_quiet_days_are_left_in_peace_whatever_the_noise() -> None:
    found = [measure(500, 0, noise=noise, streams=4) for noise in NOISES.values()]
    quiet = sum(one.quiet for one in found)
    assert quiet > 7000
    assert 100 * sum(one.alarms for one in found) / quiet <= 1


def test_a_verdict_does_not_change_with_what_comes_later() -> None:
    shares = [0.25] * 50 + [0.5] * 3 + [0.25] * 20 + [0.1] * 10
    whole = trend_of(counts(shares))
    for length in (15, 20, 30, 51, 53, 60, 80):
        part = replace(whole, buckets=whole.buckets[:length])
        assert anomalies(part).verdicts[14:] == anomalies(whole).verdicts[14:length]


def test_the_first_buckets_say_that_later_ones_were_looked_at() -> None:
    shares = [0.2] * 5 + [0.6] + [0.2] * 40
    verdicts = anomalies(trend_of(counts(shares))).verdicts
    assert [verdict.history for verdict in verdicts] == [History.AROUND] * 14 + [History.PAST] * 32
    assert [i for i, verdict in enumerate(verdicts) if verdict.abnormal] == [5]


@pytest.mark.parametrize("shares", [[], [0.2], [0.2] * 6])
def test_too_few_buckets_get_no_verdict(shares: list[float]) -> None:
    result = anomalies(trend_of(counts(shares)))
    assert all(verdict.history is History.NONE and not verdict.abnormal for verdict in result.verdicts)
    assert result.episodes == ()


@pytest.mark.parametrize(
    ("frequency", "gap"), [(Frequency.DAY, 91), (Frequency.DAY, 400), (Frequency.WEEK, 26), (Frequency.HOUR, 504)]
)
def test_after_a_silence_longer_than_the_window_it_begins_anew(frequency: Frequency, gap: int) -> None:
    quiet = counts([0.2] * 90)
    later = counts([0.2] * 30 + [0.5] + [0.2] * 60, seed=2)
    result = anomalies(trend_of([*quiet, *[(0, 0)] * gap, *later], frequency))
    start = 90 + gap
    assert result.verdicts[start].history is History.AROUND
    assert result.verdicts[start].expected == pytest.approx(0.2, abs=0.03)
    assert [i for i, verdict in enumerate(result.verdicts) if verdict.abnormal] in ([start + 30], [])
    assert (frequency is Frequency.HOUR) or result.verdicts[start + 30].abnormal == 1


def test_few_buckets_after_a_long_silence_get_no_verdict() -> None:
    verdicts = anomalies(trend_of([*counts([0.2] * 30), *[(0, 0)] * 100, *counts([0.6] * 6)])).verdicts
    assert {verdict.history for verdict in verdicts[130:]} == {History.NONE}
    assert verdicts[29].history is History.PAST


def test_years_get_no_verdict() -> None:
    result = anomalies(trend_of(counts([0.2] * 9 + [0.9]), Frequency.YEAR))
    assert not any(verdict.abnormal for verdict in result.verdicts)


def test_the_same_share_is_abnormal_of_many_comments_and_normal_of_few() -> None:
    quiet = counts([0.2] * 60)
    assert high(trend_of([*quiet, (80, 200)])) == [60]
    assert high(trend_of([*quiet, (2, 5)])) == []


@pytest.mark.parametrize(("volume", "share"), [(1, 0.05), (3, 0.05), (5, 0.2), (40, 0.02)])
def test_what_is_expected_of_days_with_few_comments_is_the_share_they_have(volume: int, share: float) -> None:
    random = np.random.default_rng(3)
    n = random.poisson(volume, 1000)
    drawn = [(int(random.binomial(size, share)), int(size)) for size in n]
    verdicts = anomalies(trend_of(drawn)).verdicts
    expected = float(np.mean([verdict.expected for verdict in verdicts[100:] if verdict.bucket.n]))
    assert expected == pytest.approx(sum(k for k, _ in drawn) / n.sum(), abs=0.015)


def test_three_comments_a_day_are_enough_for_a_bad_week() -> None:
    quiet = [(1 if i % 7 == 3 else 0, 3) for i in range(70)]
    assert high(trend_of([*quiet, *[(2, 3)] * 6]))


@pytest.mark.parametrize("volume", [4, 40, 400])
def test_the_limits_and_the_verdict_on_a_day_alone_agree(volume: int) -> None:
    random = np.random.default_rng(volume)
    outside = 0
    for length in (14, 20, 40) * 8:
        shares = np.where(random.random(length) < 0.1, 0.55, 0.25)
        verdicts = anomalies(trend_of([(int(random.binomial(volume, p)), volume) for p in shares])).verdicts
        for verdict in verdicts:
            share = verdict.bucket.negative.value
            beyond = share > verdict.high or share < verdict.low
            outside += beyond
            assert not beyond or verdict.abnormal
            assert verdict.span != 1 or share >= verdict.high - 1e-9 or share <= verdict.low + 1e-9
    assert outside > (3 if volume > 4 else -1)


def test_days_without_a_comment_are_neither_abnormal_nor_in_the_way() -> None:
    numbers = counts([0.2] * 60)
    for i in (10, 11, 40):
        numbers[i] = (0, 0)
    verdicts = anomalies(trend_of([*numbers, (90, 200)])).verdicts
    assert [i for i, verdict in enumerate(verdicts) if verdict.abnormal] == [60]
    assert verdicts[40].history is History.NONE


def test_bad_mondays_are_no_news_but_a_bad_tuesday_is() -> None:
    shares = [0.45 if i % 7 == 0 else 0.2 for i in range(98)]
    assert not [i for i in high(trend_of(counts(shares))) if i >= 28]
    shares[78 - 78 % 7 + 1] = 0.45
    assert [i for i in high(trend_of(counts(shares))) if i >= 28] == [78 - 78 % 7 + 1]


def test_bad_nights_are_no_news_but_a_bad_noon_is() -> None:
    shares = [0.4 if i % 24 < 6 else 0.2 for i in range(24 * 20)]
    shares[24 * 15 + 12] = 0.4
    found = high(trend_of(counts(shares), Frequency.HOUR))
    assert [i for i in found if i >= 24 * 6] == [24 * 15 + 12]


def test_weeks_are_watched_too() -> None:
    shares = [0.2] * 20 + [0.35] + [0.2] * 5
    assert high(trend_of(counts(shares), Frequency.WEEK)) == [20]


def test_small_rises_that_last_are_found_together() -> None:
    shares = [0.2] * 60 + [0.255] * 7
    verdicts = anomalies(trend_of(counts(shares, 400, seed=3))).verdicts
    found = [verdict for verdict in verdicts[60:] if verdict.abnormal == 1]
    assert found
    assert any(verdict.span > 1 for verdict in found)


def test_a_clear_fall_is_abnormal_downwards() -> None:
    verdicts = anomalies(trend_of(counts([0.4] * 60 + [0.1] + [0.4] * 5))).verdicts
    assert [(i, verdict.abnormal) for i, verdict in enumerate(verdicts) if verdict.abnormal] == [(60, -1)]


def test_a_level_that_stays_becomes_the_normal_one() -> None:
    found = high(trend_of(counts([0.2] * 60 + [0.4] * 60)))
    assert found[0] == 60
    assert found[-1] < 60 + 28


def test_neighbouring_days_are_one_episode_held_against_the_quiet_days_before() -> None:
    numbers = counts([0.2] * 60 + [0.5] * 3 + [0.2] * 10 + [0.5] + [0.2] * 5)
    result = anomalies(trend_of(numbers))
    assert [(e.start, e.end) for e in result.episodes] == [
        (START + timedelta(60), START + timedelta(63)),
        (START + timedelta(73), START + timedelta(74)),
    ]
    first = result.episodes[0]
    assert first.share == wilson(sum(k for k, _ in numbers[60:63]), 600)
    assert first.expected == pytest.approx(0.2, abs=0.03)
    assert first.baseline[0][0] == START
    assert first.baseline[-1][1] <= first.start
    # the second is not held against the days of the first
    assert not any(a < first.end and b > first.start for a, b in result.episodes[1].baseline)


def test_limits_enclose_what_is_expected_and_narrow_with_the_volume() -> None:
    for n in (20, 2000):
        verdict = anomalies(trend_of(counts([0.2] * 60, n))).verdicts[-1]
        assert 0 <= verdict.low < verdict.expected < verdict.high <= 1
    few, many = (anomalies(trend_of(counts([0.2] * 60, n))).verdicts[-1] for n in (20, 2000))
    assert many.high - many.low < few.high - few.low


def test_overdispersion_is_told_from_the_data() -> None:
    random = np.random.default_rng(2)
    scattered = [(int(random.binomial(500, random.beta(0.2 * 99, 0.8 * 99))), 500) for _ in range(200)]
    assert anomalies(trend_of(scattered)).overdispersion == pytest.approx(0.01, rel=0.4)
    assert anomalies(trend_of(counts([0.2] * 200, 500))).overdispersion < 0.001


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_of_nothing_or_all_is_no_trap(share: float) -> None:
    assert high(trend_of(counts([share] * 60))) == []


def copied(effects: dict[int, float], asked: list[Bucket] | None = None) -> DesignEffects:
    """What ``design_effects`` would say of a table in which the copies of some days have such a design effect."""

    def told(frequency: Frequency, buckets: Sequence[Bucket]) -> list[float]:
        if asked is not None:
            asked.extend(buckets)
        return [effects.get((bucket.start - START).days, 1.0) for bucket in buckets]

    return told


#: One negative comment of three a day, then two others and a negative text that is posted 31 times.
POSTED = trend_of([*[(1, 3)] * 40, (31, 33), *[(1, 3)] * 9])


def test_one_text_posted_again_and_again_is_no_alarm_and_it_is_said() -> None:
    by_comments, by_voices = anomalies(POSTED), anomalies(POSTED, copied({40: (31**2 + 2) / 33}))
    assert by_comments.verdicts[40].abnormal == 1
    assert by_voices.verdicts[40].abnormal == 0
    assert by_voices.episodes == ()
    assert by_voices.copied == (POSTED.buckets[40],)
    # the share is shown as it was counted, and lies within the limits
    verdict = by_voices.verdicts[40]
    assert (verdict.bucket.negative.count, verdict.bucket.n) == (31, 33)
    assert verdict.bucket.negative.value <= verdict.high


def test_as_many_comments_that_nobody_copied_stay_abnormal() -> None:
    found = anomalies(POSTED, copied({}))
    assert found == anomalies(POSTED)
    assert found.copied == ()


def test_only_what_looks_abnormal_is_asked_for_its_copies_and_only_once() -> None:
    asked: list[Bucket] = []
    anomalies(trend_of([(1, 3)] * 50), copied({}, asked))
    assert asked == []
    anomalies(POSTED, copied({40: (31**2 + 2) / 33}, asked))
    assert asked.count(POSTED.buckets[40]) == 1
    assert len(asked) == len(set(asked)) <= 7


def test_a_few_quiet_comments_with_copies_give_no_more_than_one_false_alarm_in_a_hundred_days() -> None:
    random = np.random.default_rng(8)
    for copies in (5, 30):
        drawn = [series(random, Quiet(3, copies=copies), 120) for _ in range(8)]
        loud, heard = (
            sum(
                bool(v.abnormal)
                for one in drawn
                for v in anomalies(one.trend, one.design_effects if told else None).verdicts
            )
            for told in (False, True)
        )
        # of 960 days
        assert heard <= 9
        assert loud >= 25


def test_bursts_among_copies_are_found_as_often() -> None:
    random = np.random.default_rng(9)
    by_comments, by_voices = Found(0, 0, (), 0, 0), Found(0, 0, (), 0, 0)
    for _ in range(10):
        n, share = quiet_days(random, 200, 150, Noise())
        spans = plant(random, share, (0.2, 0.2))
        one = posted(random, n, share, Quiet(200, Noise(), copies=5))
        by_comments, by_voices = (
            by_comments + look(one.trend, spans),
            by_voices + look(one.trend, spans, one.design_effects),
        )
    assert by_voices.hits >= by_comments.hits - 1
    assert by_voices.recall >= 0.9
    assert by_voices.alarms <= by_comments.alarms
