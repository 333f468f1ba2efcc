"""A filter in a URL."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analyse import PARAMS, from_params, to_params
from core.schema import LABELS, Filter, original

TEXT = st.text(max_size=12)
NAMES = st.lists(TEXT, max_size=4).map(tuple)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
RANGES = st.none() | st.tuples(NUMBERS, NUMBERS).map(lambda pair: (min(pair), max(pair)))
DAYS = st.tuples(*[st.none() | st.dates().map(date.isoformat)] * 2).map(
    lambda pair: tuple(sorted(pair)) if all(pair) else pair
)
FILTERS = st.builds(
    lambda days, **rest: Filter(start=days[0], end=days[1], **rest),
    days=DAYS,
    undated=st.booleans(),
    labels=st.lists(st.sampled_from(LABELS), unique=True).map(tuple),
    sources=NAMES,
    products=NAMES,
    columns=st.lists(st.tuples(TEXT.map(original), TEXT), max_size=3).map(tuple),
    files=NAMES,
    ratings=RANGES,
    keyword=TEXT,
    term=TEXT,
    confidence=RANGES,
    review_only=st.booleans(),
)


@given(FILTERS)
def test_every_filter_comes_back_from_its_url(chosen: Filter) -> None:
    url = urlencode(to_params(chosen))
    assert from_params(dict(parse_qsl(url, keep_blank_values=True))) == (chosen, [])


@given(st.dictionaries(st.sampled_from([*PARAMS.values(), "job"]), st.text(), max_size=12))
def test_no_url_breaks_a_page(params: dict[str, str]) -> None:
    chosen, _ = from_params(params)
    assert from_params(to_params(chosen)) == (chosen, [])


@pytest.mark.parametrize(
    "params",
    [
        {"from": "昨天"},
        {"to": "2026-02-30"},
        {"label": "angry"},
        {"rating": "5~1"},
        {"rating": "3"},
        {"confidence": "nan~1"},
        {"undated": "maybe"},
        {"q": "\ud800"},
        {"col": "text,退款"},
        {"col": "src:省份"},
    ],
)
def test_a_value_without_sense_is_ignored_and_named(params: dict[str, str]) -> None:
    chosen, remarks = from_params(params)
    assert chosen == Filter()
    assert len(remarks) == 1
    assert next(iter(params)) in remarks[0]


def test_a_range_of_days_that_runs_backwards_is_ignored_and_named() -> None:
    chosen, remarks = from_params({"from": "2026-03-02", "to": "2026-03-01", "q": "退款"})
    assert chosen == Filter(keyword="退款")
    assert "晚于" in remarks[0]


def test_the_parameters_of_others_are_left_alone() -> None:
    assert from_params({"job": "abc", "page": "2"}) == (Filter(), [])


def test_every_field_of_a_filter_has_a_parameter() -> None:
    assert set(PARAMS) == set(Filter.__dataclass_fields__)
