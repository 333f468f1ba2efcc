from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clean import Deduper, dedupe, text_key
from core.errors import InputError

few_texts = st.lists(st.sampled_from(["", "好", "差", "贵", "慢", "脏", "快"]), max_size=12)


@given(st.lists(few_texts, max_size=8), st.integers(0, 6))
def test_it_answers_like_a_set_whatever_lies_settled(calls: list[list[str]], most_fresh: int) -> None:
    seen: set[str] = set()
    deduper = Deduper()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dedupe, "_MOST_FRESH", most_fresh)
        for texts in calls:
            expected = []
            for text in texts:
                expected.append(text != "" and text in seen)
                seen.add(text)
            assert deduper.mark([text_key(text) for text in texts]).tolist() == expected
    assert len(deduper) == len(seen - {""})


def test_added_keys_count_as_seen() -> None:
    deduper = Deduper()
    deduper.add([text_key("好"), ""])
    assert deduper.mark([text_key("好"), text_key("差"), ""]).tolist() == [True, False, False]


def test_keys_that_end_in_zero_bytes_stay_apart() -> None:
    deduper = Deduper()
    keys = ["ab" + "00" * 15, "ab01" + "00" * 14, "00" * 16]
    assert not deduper.mark(keys).any()
    deduper._settle()
    assert deduper.mark([*keys, "ab02" + "00" * 14]).tolist() == [True, True, True, False]


def test_nothing_in_gives_nothing_out() -> None:
    assert Deduper().mark([]).shape == (0,)


@pytest.mark.parametrize("key", ["好", "zz" * 16, "aa"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(InputError) as caught:
        Deduper().mark([key])
    assert caught.value.code == "C01"


def test_two_hundred_thousand_keys_take_less_than_a_hundred_bytes_each() -> None:
    keys = [text_key(str(number)) for number in range(200_000)]
    deduper = Deduper()
    for start in range(0, len(keys), 2000):
        deduper.mark(keys[start : start + 2000])
    fresh = sys.getsizeof(deduper._fresh) + sum(map(sys.getsizeof, deduper._fresh))
    assert (deduper._settled.nbytes + fresh) / len(keys) < 100
    assert deduper.mark(keys).all()
    assert np.array_equal(deduper._settled, np.sort(deduper._settled))
