"""Intervals and tests against scipy and published examples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2_contingency, hypergeom

from core.analyse import difference, holm, wilson

COUNTS = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS)
def test_wilson_agrees_with_scipy(pair: tuple[int, int]) -> None:
    count, n = pair
    share, known = wilson(count, n), binomtest(count, n).proportion_ci(method="wilson")
    assert share.low == pytest.approx(known.low, abs=1e-9)
    assert share.high == pytest.approx(known.high, abs=1e-9)
    assert 0 <= share.low <= share.value <= share.high <= 1


def test_a_share_of_nothing_is_not_a_number() -> None:
    share = wilson(0, 0)
    assert share.n == 0
    assert all(math.isnan(v) for v in (share.value, share.low, share.high))


@pytest.mark.parametrize(
    ("first", "second", "interval"),
    [((56, 70), (48, 80), (0.0524, 0.3339)), ((9, 10), (3, 10), (0.1705, 0.8090)), ((10, 10), (0, 10), (0.6075, 1.0))],
)
def test_newcombe_agrees_with_his_paper(
    first: tuple[int, int], second: tuple[int, int], interval: tuple[float, float]
) -> None:
    change = difference(wilson(*first), wilson(*second))
    assert (change.low, change.high) == pytest.approx(interval, abs=1e-4)


def test_from_a_thousand_expected_on_the_p_value_is_that_of_the_n_minus_one_chi_squared_test() -> None:
    known = chi2_contingency([[3000, 7000], [3200, 6800]], correction=False)
    expected = math.erfc(math.sqrt(known.statistic * 19_999 / 20_000 / 2))
    assert difference(wilson(3000, 10_000), wilson(3200, 10_000)).p == pytest.approx(expected, rel=1e-9)


@given(COUNTS, COUNTS)
def test_below_the_p_value_is_fishers_with_mid_p(first: tuple[int, int], second: tuple[int, int]) -> None:
    (count, of), n, yes = first, first[1] + second[1], first[0] + second[0]
    if not n <= min(of, n - of) * min(yes, n - yes) < 1000 * n:
        return
    known = hypergeom(n, yes, of)
    at = known.pmf(count) / 2
    expected = 2 * min(known.sf(count - 1) - at, known.cdf(count) - at)
    assert difference(wilson(*first), wilson(*second)).p == pytest.approx(min(1, expected), rel=1e-6, abs=1e-12)


def test_of_many_small_equal_groups_with_a_rare_label_hardly_ever_one_stands_out() -> None:
    random, found = np.random.default_rng(2), 0
    for _ in range(200):
        sizes = random.multinomial(1000, random.dirichlet(np.full(28, 0.7)))
        counts = random.binomial(sizes, 0.05)
        rest = [(int(counts.sum() - k), int(1000 - n)) for k, n in zip(counts, sizes, strict=True)]
        groups = zip(counts.tolist(), sizes.tolist(), rest, strict=True)
        found += any(p < 0.05 for p in holm([difference(wilson(k, n), wilson(*other)).p for k, n, other in groups]))
    assert found <= 10


@pytest.mark.parametrize("effect", [1.5, 7.0, 400.0])
def test_rows_that_say_as_much_as_fewer_ones_have_the_p_value_of_the_fewer_ones(effect: float) -> None:
    many = [wilson(round(k * effect), round(n * effect), effect) for k, n in ((20, 60), (40, 400))]
    there = difference(many[0], many[1], (effect, effect)).p
    assert there == pytest.approx(difference(wilson(20, 60), wilson(40, 400)).p, rel=1e-9)


@given(COUNTS, COUNTS)
def test_turning_a_difference_round_turns_its_interval_round(first: tuple[int, int], second: tuple[int, int]) -> None:
    there, back = difference(wilson(*first), wilson(*second)), difference(wilson(*second), wilson(*first))
    assert there.low == pytest.approx(-back.high, abs=1e-12)
    assert there.low <= there.value <= there.high


def test_too_few_rows_are_not_tested() -> None:
    assert math.isnan(difference(wilson(1, 2), wilson(0, 30)).p)
    assert math.isnan(difference(wilson(0, 0), wilson(3, 30)).value)


@given(st.lists(st.one_of(st.just(math.nan), st.floats(0, 1)), max_size=20))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(p_values: list[float]) -> None:
    pairs = [(p, q) for p, q in zip(p_values, holm(p_values), strict=True) if not math.isnan(p)]
    assert all(p <= q <= 1 for p, q in pairs)
    assert [q for _, q in sorted(pairs)] == sorted(q for _, q in pairs)
