from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clean import parse_ratings


@given(st.lists(st.text(max_size=12), max_size=20))
def test_any_cells_give_one_finite_number_or_nan_each(cells: list[str]) -> None:
    ratings = parse_ratings(pd.Series(cells, dtype=object))
    assert ratings.dtype == np.float32
    assert len(ratings) == len(cells)
    assert not np.isinf(ratings).any()


@given(st.floats(0, 1000).map(lambda number: round(number, 2)))
def test_a_plain_number_is_read_back(number: float) -> None:
    assert parse_ratings(pd.Series([str(number)]))[0] == pytest.approx(number, rel=1e-6)


@pytest.mark.parametrize("cell", ["", "好评", "nan", "inf", "2024-01-02", "13800138000", "1.2.3"])
def test_what_states_no_rating_is_nan(cell: str) -> None:
    assert math.isnan(parse_ratings(pd.Series([cell]))[0])


def test_the_index_is_kept() -> None:
    assert parse_ratings(pd.Series(["5", "4"], index=[7, 9])).index.tolist() == [7, 9]


def test_the_steps_of_satisfaction_of_a_survey_are_numbers():
    steps = ["非常满意", "满意", "基本满意", "一般", "不满意", "非常不满意"]
    assert parse_ratings(pd.Series(steps)).tolist() == [5.0, 4.0, 3.0, 3.0, 2.0, 1.0]
