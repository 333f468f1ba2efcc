"""Means by Student's t: their intervals hold at every size, and two means are told apart as often as they should be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.analyse.means import Sample, mean_of, others, welch_p


def sample(values: np.ndarray) -> Sample:
    return Sample(len(values), float(values.mean()), float(values.std(ddof=1)))


@pytest.mark.parametrize("n", [2, 5, 10, 11, 12, 20])
def test_the_interval_holds_the_mean_nineteen_times_in_twenty_at_every_size(n: int) -> None:
    drawn = np.random.default_rng(1).normal(0, 0.3, (4000, n))
    held = [mean.low <= 0 <= mean.high for mean in map(mean_of, map(sample, drawn))]
    assert np.mean(held) == pytest.approx(0.95, abs=0.012)


def test_an_interval_does_not_leave_the_scale() -> None:
    found = mean_of(Sample(2, 1.5, 1.0))
    assert (found.low, found.high) == (-2.0, 2.0)


@pytest.mark.parametrize("one", [Sample(0, math.nan, math.nan), Sample(1, 0.5, math.nan)])
def test_fewer_than_two_values_have_no_interval(one: Sample) -> None:
    assert math.isnan(mean_of(one).low)
    assert math.isnan(welch_p(one, Sample(50, 0.0, 1.0)))


def test_the_others_are_what_remains_without_each_sample() -> None:
    parts = [np.array([1.0, 2.0, -1.0]), np.array([0.5]), np.array([-2.0, 2.0])]
    given = [Sample(len(p), float(p.mean()), float(p.std(ddof=1)) if len(p) > 1 else math.nan) for p in parts]
    for i, found in enumerate(others(given)):
        wanted = sample(np.concatenate([p for k, p in enumerate(parts) if k != i]))
        assert (found.n, found.mean, found.spread) == pytest.approx((wanted.n, wanted.mean, wanted.spread))


def test_a_lonely_sample_has_no_others() -> None:
    (rest,) = others([Sample(5, 0.1, 1.0)])
    assert rest.n == 0
    assert math.isnan(welch_p(Sample(5, 0.1, 1.0), rest))


def test_p_is_welchs() -> None:
    from scipy.stats import ttest_ind

    random = np.random.default_rng(2)
    first, second = random.normal(0, 1, 12), random.normal(0.5, 0.4, 40)
    assert welch_p(sample(first), sample(second)) == pytest.approx(ttest_ind(first, second, equal_var=False).pvalue)


def test_values_that_are_all_equal_are_not_tested() -> None:
    assert math.isnan(welch_p(Sample(2, -1.0, 0.0), Sample(90, 0.8, 0.7)))
