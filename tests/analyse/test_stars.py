"""Stars against texts, paired differences, ranks of two periods, aspects by groups."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.analyse import comments, difference, heat, paired_difference, ranks, recent_periods, stars
from core.analyse.ranks import places
from core.errors import InputError
from core.metrics import wilson
from core.results import Rank
from core.schema import Col, Filter, Table

Maker = Callable[[list[dict[str, Any]]], Table]


def rated(rating: float, label: int, n: int, **same: Any) -> list[dict[str, Any]]:
    return [{"rating": rating, "label": label, **same}] * n


def test_comments_that_contradict_their_stars_are_counted_of_those_with_such_stars(table: Maker) -> None:
    made = table(rated(5, 2, 6) + rated(5, 0, 3) + rated(4, 1, 1) + rated(1, 0, 4) + rated(2, 2, 1) + rated(3, 0, 9))
    found = stars(made, Filter(), Col.PRODUCT)
    assert (found.many, found.few, found.scale) == (4, 2, 5)
    assert [(clash.share.count, clash.share.n) for clash in found.clashes] == [(3, 10), (1, 5)]
    assert [comments(made, clash.mark).total for clash in found.clashes] == [3, 1]


def test_the_stars_flatter_by_the_share_of_many_stars_minus_that_of_positive_texts(table: Maker) -> None:
    made = table(rated(5, 2, 30) + rated(5, 0, 15) + rated(5, 1, 5) + rated(1, 0, 10) + [{"label": 2}] * 50)
    total = stars(made, Filter(), Col.PRODUCT).total
    assert (total.stars.value, total.texts.value, total.stars.n) == (50 / 60, 30 / 60, 60)
    assert total.difference == paired_difference(30, 20, 0, 10)


def test_groups_stand_by_size_with_corrected_p_values(table: Maker) -> None:
    made = table(
        rated(5, 0, 12, product="甲") + rated(5, 2, 8, product="甲") + rated(5, 0, 9, product="乙") + rated(1, 0, 1)
    )
    found = stars(made, Filter(), Col.PRODUCT)
    assert [group.name for group in found.groups] == ["甲", "乙", ""]
    assert found.groups[0].p_adjusted == pytest.approx(2 * found.groups[0].difference.p)


@pytest.mark.parametrize(("highest", "scale", "many"), [(5, 5, 4), (10, 10, 8), (48, 50, 40), (90, 100, 80)])
def test_the_scale_is_told_from_the_highest_rating_of_the_table(
    table: Maker, highest: float, scale: float, many: float
) -> None:
    made = table(rated(highest, 2, 3) + rated(1, 0, 3))
    found = stars(made, Filter(labels=("负面",)), Col.PRODUCT)
    assert (found.scale, found.many) == (scale, many)


def test_without_ratings_there_is_nothing_to_hold_against(table: Maker) -> None:
    found = stars(table([{"label": 0}]), Filter(), Col.PRODUCT)
    assert math.isnan(found.many)
    assert (found.total.stars.n, found.groups) == (0, ())


def test_pairs_that_go_together_make_the_interval_narrower_than_independent_ones() -> None:
    alike, apart = paired_difference(40, 10, 0, 50), paired_difference(20, 30, 20, 30)
    assert alike.value == apart.value == pytest.approx(0.1)
    assert alike.high - alike.low < apart.high - apart.low


def test_the_interval_of_a_paired_difference_covers_what_it_promises() -> None:
    random = np.random.default_rng(6)
    p = (0.55, 0.2, 0.05, 0.2)
    found = [paired_difference(*random.multinomial(120, p).tolist()) for _ in range(1500)]
    covered = np.mean([one.low <= 0.15 <= one.high for one in found])
    assert 0.93 <= covered <= 0.975


def month(day: int, label: int, n: int, product: str) -> list[dict[str, Any]]:
    return [{"time": f"2026-0{3 + day // 31}-{day % 31 + 1:02d}", "label": label, "product": product}] * n


def test_ranks_of_two_periods_show_who_moved(table: Maker) -> None:
    rows = month(5, 0, 20, "甲") + month(5, 2, 20, "甲") + month(5, 0, 10, "乙") + month(5, 2, 30, "乙")
    rows += month(40, 0, 4, "甲") + month(40, 2, 36, "甲") + month(40, 0, 10, "乙") + month(40, 2, 30, "乙")
    before, after = Filter(start="2026-03-01", end="2026-03-31"), Filter(start="2026-04-01", end="2026-04-30")
    found = ranks(table([*rows, *month(5, 0, 3, "丙")]), Filter(), Col.PRODUCT, before, after)
    assert [line.name for line in found.lines] == ["乙", "甲"]
    assert [line.rank_before for line in found.lines] == [Rank(2, 2, 2), Rank(1, 1, 1)]
    assert [line.rank_after for line in found.lines] == [Rank(1, 1, 2), Rank(2, 1, 2)]
    assert found.lines[1].difference.high < 0
    assert found.lines[1].p_adjusted < 0.001
    assert found.left_out == 1


@pytest.mark.parametrize("truth", [(0.1, 0.2, 0.22, 0.25, 0.3, 0.5), (0.2, 0.2, 0.2, 0.2, 0.2001), (0.02, 0.03, 0.05)])
def test_places_cover_the_true_order_of_all_groups_as_often_as_they_promise(truth: tuple[float, ...]) -> None:
    random = np.random.default_rng(11)
    covered = 0
    for _ in range(400):
        sizes = random.integers(20, 400, len(truth))
        shares = {str(i): wilson(int(random.binomial(sizes[i], p)), int(sizes[i])) for i, p in enumerate(truth)}
        found = places(shares)
        covered += all(
            found[str(i)].low <= 1 + sum(other > p for other in truth)
            and sum(other >= p for other in truth) <= found[str(i)].high
            for i, p in enumerate(truth)
        )
    assert covered / 400 >= 0.94


def test_one_group_has_one_place_and_none_have_none() -> None:
    assert places({"甲": wilson(3, 20)}) == {"甲": Rank(1, 1, 1)}
    assert places({}) == {}


@pytest.mark.parametrize(("first", "last", "days"), [("2026-01-01", "2026-03-31", 30), ("2026-03-01", "2026-03-10", 5)])
def test_the_latest_days_are_held_against_as_many_before(first: str, last: str, days: int) -> None:
    periods = recent_periods(first, last)
    assert periods is not None
    starts = [np.datetime64(str(period.start)) for period in periods]
    assert periods[1].end == last
    assert (starts[1] - starts[0]).astype(int) == days


def test_one_day_has_no_period_before() -> None:
    assert recent_periods("2026-03-01", "2026-03-01") is None


def mentions(table: Table, rows: list[tuple[int, str, int, bool]]) -> str:
    values = ", ".join(f"({row}, '{aspect}', {said}, {first})" for row, aspect, said, first in rows)
    connection = table._connection  # type: ignore[attr-defined]
    connection.execute(
        f'CREATE TABLE mentions_0123456789 AS SELECT * FROM (VALUES {values}) AS t("row", aspect, verdict, "first")'
    )
    return "mentions_0123456789"


def test_aspects_by_groups_count_comments_and_hold_each_against_the_other_groups(table: Maker) -> None:
    made = table([{"product": ("甲", "乙")[i % 2]} for i in range(40)])
    rows = [(i, "物流", 0 if i % 2 == 0 else 2, True) for i in range(40)] + [
        (0, "物流", 0, False),
        (1, "味道", 0, True),
    ]
    found = heat(made, Filter(), Col.PRODUCT, mentions(made, rows))
    cells = {(cell.aspect, cell.group): cell for cell in found.cells}
    assert found.aspects == ("物流", "味道")
    assert (cells["物流", "甲"].share.count, cells["物流", "甲"].share.n) == (20, 20)
    assert cells["物流", "甲"].difference.value == 1.0
    assert cells["物流", "甲"].p_adjusted < 0.001
    assert math.isnan(cells["味道", "乙"].p_adjusted)


def copied(text: str, n: int, **same: Any) -> list[dict[str, Any]]:
    return [{Col.TEXT_KEY: text, Col.CLEAN_TEXT: f"{text}:一条写得足够长的评论文字,不会凑巧一样", **same}] * n


def test_copies_of_a_text_make_what_the_stars_flatter_by_less_sure(table: Maker) -> None:
    rows = copied("甲", 20, rating=5, label=0) + [
        row for i in range(20) for row in copied(f"{i}", 1, rating=1, label=0)
    ]
    total = stars(table(rows), Filter(), Col.PRODUCT)
    effect = (20**2 + 20) / 40
    assert total.again == 19
    assert total.total.stars == wilson(20, 40, effect)
    assert total.total.difference == paired_difference(0, 20, 0, 20, effect)
    assert total.total.difference.p == pytest.approx(math.erfc(math.sqrt(20 / effect / 2)))


def test_aspects_by_groups_take_copies_of_the_same_aspect_into_account(table: Maker) -> None:
    rows = copied("甲", 10, product="甲") + [row for i in range(10) for row in copied(f"{i}", 1, product="甲")]
    rows += [row for i in range(10, 30) for row in copied(f"{i}", 1, product="乙")]
    said = [(i, "物流", 0 if i < 10 else 2, True) for i in range(40)]
    said += [(i, "味道", 0, True) for i in range(10, 40)]
    made = table(rows)
    found = heat(made, Filter(), Col.PRODUCT, mentions(made, said))
    cells = {(cell.aspect, cell.group): cell for cell in found.cells}
    effect = (10**2 + 10) / 20
    assert found.again == 9
    assert cells["物流", "甲"].share == wilson(10, 20, effect)
    assert cells["物流", "甲"].difference == difference(wilson(10, 20, effect), wilson(0, 20), (effect, 1.0))
    # in the other direction the copies are what makes the rest say less
    assert cells["物流", "乙"].difference == difference(wilson(0, 20), wilson(10, 20, effect), (1.0, effect))
    assert cells["味道", "甲"].share == wilson(10, 10)


@pytest.mark.parametrize("ask", [stars, lambda t, c, by: ranks(t, c, by, Filter(), Filter())])
def test_what_is_no_column_is_refused(table: Maker, ask: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match="N03"):
        ask(table([{}]), Filter(), "没有")
