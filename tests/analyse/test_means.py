"""Means: their intervals hold at every size and skew, and two means are told apart as often as they should be."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from core.analyse.means import Sample, apart_p, mean_of, others, welch_p
from core.analyse.statistics import holm


def sample(values: np.ndarray) -> Sample:
    return Sample(len(values), float(values.mean()), float(values.std(ddof=1)))


Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]


def alike_but_for_some(share: float) -> Draw:
    """Return a drawer of values about 1, a share of them about −1.5."""

    def draw(random: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
        rare = random.random(shape) < share
        return np.where(rare, random.normal(-1.5, 0.2, shape), random.normal(1, 0.1, shape))

    return draw


@pytest.mark.parametrize("n", [2, 5, 11, 30, 100])
@pytest.mark.parametrize(
    ("draw", "truth"),
    [
        (lambda random, shape: random.normal(0, 0.3, shape), 0.0),
        (lambda random, shape: random.uniform(-2, 2, shape), 0.0),
        (alike_but_for_some(0.15), 0.625),
        (alike_but_for_some(0.05), 0.875),
        (lambda random, shape: np.where(random.random(shape) < 0.5, 1.0, -1.0), 0.0),
        (lambda random, shape: np.where(random.random(shape) < 0.9, 2.0, -2.0), 1.6),
    ],
)
def test_the_interval_holds_the_mean_nineteen_times_in_twenty_however_skewed_the_values(
    draw: Draw, truth: float, n: int
) -> None:
    drawn = draw(np.random.default_rng(1), (2000, n))
    held = [mean.low <= truth <= mean.high for mean in map(mean_of, map(sample, drawn))]
    assert np.mean(held) > 0.925


def test_from_a_hundred_values_on_the_interval_is_hardly_wider_than_students() -> None:
    found = mean_of(Sample(100, 0.3, 0.5))
    assert found.high - found.low < 1.12 * 2 * 1.984 * 0.5 / 10


@pytest.mark.parametrize("value", [2.0, 0.7, -2.0])
def test_few_equal_values_do_not_pass_for_certain(value: float) -> None:
    few, many = (mean_of(Sample(n, value, 0.0)) for n in (3, 3000))
    assert few.high - few.low > 1
    assert many.high - many.low < 0.01
    assert few.low <= value <= few.high


def test_an_interval_does_not_leave_the_scale() -> None:
    found = [mean_of(Sample(2, value, 1.0)) for value in (1.5, -1.5)]
    assert all(-2.0 <= mean.low < mean.value < mean.high <= 2.0 for mean in found)


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
    assert math.isnan(apart_p(Sample(2, -1.0, 0.0), Sample(90, 0.8, 0.7)))


def test_of_equal_agents_with_few_skewed_dialogues_hardly_ever_one_is_told_from_the_others() -> None:
    random, told = np.random.default_rng(3), 0
    for _ in range(60):
        agents = [sample(-alike_but_for_some(0.15)(random, (1, int(n)))[0]) for n in random.integers(2, 31, 30)]
        found = holm([apart_p(one, rest) for one, rest in zip(agents, others(agents), strict=True)])
        told += any(p < 0.05 for p in found)
    assert told <= 6
