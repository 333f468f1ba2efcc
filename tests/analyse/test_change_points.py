"""Lasting changes are dated, noise and patterns are not."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from core.analyse import change_points
from core.results import Frequency
from tests.analyse.test_anomalies import START, counts, trend_of


def test_a_step_is_dated_and_both_levels_are_given() -> None:
    (found,) = change_points(trend_of(counts([0.2] * 60 + [0.35] * 60)))
    assert abs(found.at - (START + timedelta(60))) <= timedelta(1)
    assert found.before.value == pytest.approx(0.2, abs=0.02)
    assert found.after.value == pytest.approx(0.35, abs=0.02)


def test_two_steps_are_two_changes() -> None:
    found = change_points(trend_of(counts([0.2] * 50 + [0.4] * 40 + [0.25] * 50)))
    assert [change.at - START for change in found] == [timedelta(50), timedelta(90)]


@pytest.mark.parametrize("seed", range(5))
def test_noise_and_bad_mondays_are_no_change(seed: int) -> None:
    shares = [0.4 if i % 7 == 0 else 0.2 for i in range(140)]
    assert change_points(trend_of(counts(shares, seed=seed))) == ()


@pytest.mark.parametrize("seed", range(6))
def test_texts_posted_thirty_times_on_quiet_days_are_no_change(seed: int) -> None:
    random = np.random.default_rng(seed)
    sizes = np.where(random.random(120) < 0.2, 30, 1)
    # all copies of a text are negative, or none of them
    found = change_points(trend_of([(int(n) * int(random.random() < 0.3), int(n)) for n in sizes]))
    assert found == ()


def test_a_step_among_days_of_copies_is_still_found() -> None:
    random = np.random.default_rng(2)
    sizes = np.where(random.random(120) < 0.2, 30, 5)
    drawn = [int(random.binomial(n, 0.15 if i < 60 else 0.65)) for i, n in enumerate(sizes)]
    (found,) = change_points(trend_of(list(zip(drawn, sizes.tolist(), strict=True))))
    assert abs(found.at - (START + timedelta(60))) <= timedelta(3)


def test_a_change_too_small_to_concern_anybody_is_none() -> None:
    assert change_points(trend_of(counts([0.2] * 60 + [0.215] * 60, 50_000))) == ()


@pytest.mark.parametrize("n", [0, 1, 19])
def test_a_short_trend_has_no_change(n: int) -> None:
    assert change_points(trend_of(counts([0.2] * n))) == ()


def test_a_long_trend_is_cut_in_larger_steps() -> None:
    (found,) = change_points(trend_of(counts([0.2] * 1000 + [0.35] * 1000), Frequency.HOUR))
    assert abs((found.at - START) / timedelta(hours=1) - 1000) <= 13


def test_years_have_no_change() -> None:
    assert change_points(trend_of(counts([0.2] * 30 + [0.6] * 30), Frequency.YEAR)) == ()
