from __future__ import annotations

import tracemalloc

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


def test_two_hundred_thousand_keys_take_less_than_forty_bytes_each_also_while_they_are_marked() -> None:
    marked = 0
    deduper = Deduper()
    tracemalloc.start()
    try:
        for start in range(0, 200_000, 2000):
            keys = [text_key(str(number)) for number in range(start, start + 2000)]
            marked += int(deduper.mark(keys).sum())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak / 200_000 < 40
    assert (marked, len(deduper)) == (0, 200_000)


def test_keys_of_every_first_byte_are_found_again() -> None:
    keys = [f"{first:02x}" + f"{last:02x}" * 15 for first in range(256) for last in (0, 127, 255)]
    deduper = Deduper()
    deduper.add(keys)
    deduper._settle()
    assert deduper.mark(keys[::-1]).all()
    assert not deduper.mark([f"{first:02x}" + "33" * 15 for first in range(256)]).any()
