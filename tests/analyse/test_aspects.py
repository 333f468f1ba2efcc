"""Aspects × polarity, counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from core.analyse import aspect_trend, aspects, from_params, mark_of_aspect, pieces, to_params, wilson
from core.errors import InputError
from core.results import Frequency, OpinionWord
from core.schema import NEGATIVE, POSITIVE, Col, Filter, Within

VIEW = "mentions_0123456789"
#: row, aspect, label of the mention, verdict, first, piece, word, opinions
MENTIONS = [
    (0, "物流", 0, 0, True, "物流慢", "物流", "慢"),
    (0, "物流", 0, 0, False, "快递也慢", "快递", "慢 差"),
    (1, "物流", 2, 2, True, "物流快", "物流", "快"),
    (2, "物流", 0, 0, True, "物流不快", "物流", "不快"),
    (2, "质量", 2, 2, True, "质量好", "质量", "好"),
    (3, "质量", 1, 1, True, "质量", "质量", ""),
]
COLUMNS = ["row", "aspect", "label", "verdict", "first", "piece", "word", "opinions"]


@pytest.fixture
def table(table: Callable[..., Any]) -> Any:
    start = datetime(2026, 3, 2)
    rows = [
        {Col.LABEL: 0, Col.SOURCE: ("微博", "京东")[i % 2], Col.TIME: start + timedelta(days=7 * i), Col.TEXT: f"{i}"}
        for i in range(5)
    ]
    made = table([*rows, {Col.LABEL: -1}])
    mentions = pd.DataFrame(MENTIONS, columns=COLUMNS).assign(opens=[True, False, True, True, False, True])
    made._connection.execute(f"CREATE TABLE {VIEW} AS SELECT * FROM mentions")
    assert len(mentions) == 6
    return made


def test_a_comment_counts_once_for_an_aspect(table: Any) -> None:
    found = aspects(table, Filter(), VIEW, pack="电商")
    assert found.counts() == {"物流": (2, 0, 1), "质量": (0, 1, 1)}
    assert [one.name for one in found.aspects] == ["物流", "质量"]
    assert found.aspects[0].negative == wilson(2, 3)
    assert found.aspects[0].positive.count == 1
    assert (found.n, found.mentioning, found.sampled_from) == (5, wilson(4, 5), None)


def test_the_filter_of_the_page_holds(table: Any) -> None:
    assert aspects(table, Filter(sources=("京东",)), VIEW).counts() == {"物流": (0, 0, 1), "质量": (0, 1, 0)}
    assert aspects(table, Filter(keyword="nobody"), VIEW).aspects == ()


def test_words_of_opinion_are_told_by_the_label_of_their_mention(table: Any) -> None:
    (delivery, quality) = aspects(table, Filter(), VIEW).aspects
    assert delivery.opinions[:3] == (
        OpinionWord("慢", NEGATIVE, 2),
        OpinionWord("不快", NEGATIVE, 1),
        OpinionWord("差", NEGATIVE, 1),
    )
    assert OpinionWord("快", POSITIVE, 1) in delivery.opinions
    assert quality.opinions == (OpinionWord("好", POSITIVE, 1),)
    assert delivery.words == ("物流", "快递")


def test_an_aspect_the_pack_did_not_know_is_marked(table: Any) -> None:
    assert [one.found for one in aspects(table, Filter(), VIEW, found=("质量",)).aspects] == [False, True]


def test_a_sample_counts_only_the_comments_it_was_made_from(table: Any) -> None:
    found = aspects(table, Filter(), VIEW, share=0.5)
    assert found.sampled_from == 5
    assert found.n < 5


def test_the_course_of_an_aspect_is_of_what_is_said_of_it_and_not_of_the_comments_labels(table: Any) -> None:
    course = aspect_trend(table, Filter(), VIEW, "物流", Frequency.WEEK)
    assert [bucket.counts for bucket in course.buckets] == [(1, 0, 0), (0, 0, 1), (1, 0, 0)]


def test_the_name_of_an_aspect_never_becomes_sql(table: Any) -> None:
    assert aspect_trend(table, Filter(), VIEW, "x') OR ('1' = '1", Frequency.WEEK).n == 0


def test_a_view_that_is_none_never_becomes_sql(table: Any) -> None:
    with pytest.raises(InputError, match=r"\[N06\]"):
        pieces(table, Within("(SELECT '1' AS piece, 1 AS row) --"), [1])


def test_a_mark_stands_for_an_aspect_or_for_one_way_to_speak_of_it() -> None:
    assert mark_of_aspect(VIEW, "物流") == Filter(within=Within(VIEW, (("aspect", "物流"),)))
    mark = mark_of_aspect(VIEW, "物流", NEGATIVE)
    assert from_params(to_params(mark)) == (mark, [])


def test_the_evidence_is_what_is_said_that_way(table: Any) -> None:
    within = mark_of_aspect(VIEW, "物流", NEGATIVE).within
    assert within is not None
    assert pieces(table, within, [0, 1, 2]) == ["快递也慢", "物流不快", "物流慢"]
    assert pieces(table, Within(VIEW), [3]) == ["质量"]
