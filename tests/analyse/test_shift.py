"""A change of opinion is told from a change of composition, and the parts add up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from core.analyse import select, shift, wilson
from core.metrics import Estimate
from core.results import Bucket, Cause, Episode, History, Shift, Verdict
from core.schema import Filter, Table

Maker = Callable[[list[dict[str, Any]]], Table]
BASE = (datetime(2026, 1, 1), datetime(2026, 3, 1))
BURST = (datetime(2026, 3, 5), datetime(2026, 3, 6))


def episode(*baseline: tuple[datetime, datetime]) -> Episode:
    bucket = Bucket(*BURST, (1, 0, 0), wilson(1, 1))
    verdict = Verdict(bucket, 0.2, 0.1, 0.3, 4.0, 1, 1, History.PAST)
    return Episode(*BURST, (verdict,), 1, wilson(1, 1), 0.2, baseline or (BASE,))


def rows(
    time: str, groups: dict[tuple[str, str], tuple[int, float]], seed: int = 1, **more: Any
) -> list[dict[str, Any]]:
    """(source, product) → (comments, negative share)."""
    random = np.random.default_rng(seed)
    return [
        {"time": time, "source": source, "product": product, "label": 0 if random.random() < share else 2, **more}
        for (source, product), (n, share) in groups.items()
        for _ in range(n)
    ]


WEIBO, SHOP = ("微博", "手机"), ("京东", "手机")
BEFORE = rows("2026-02-01", {WEIBO: (2000, 0.5), SHOP: (8000, 0.1)})


def made(table: Maker, after: dict[tuple[str, str], tuple[int, float]], **options: Any) -> Shift:
    return shift(table([*BEFORE, *rows("2026-03-05 10:00", after, seed=2)]), Filter(), episode(), **options)


def test_the_numbers_are_those_worked_out_by_hand(table: Maker) -> None:
    before = [*exact("2026-02-01", "甲", 20, 80), *exact("2026-02-01", "乙", 50, 50)]
    after = [*exact("2026-03-05", "甲", 30, 70), *exact("2026-03-05", "乙", 150, 150)]
    result = shift(table([*before, *after]), Filter(), episode())
    assert (result.before, result.after) == (wilson(70, 200), wilson(180, 400))
    # 乙 grows from one half to three quarters at a share of one half: (.25-.5)(.2+.3)/2 + (.75-.5)(.5+.5)/2
    assert result.mix.value == pytest.approx(0.0625)
    # 甲 rises from .2 to .3 at a mean weight of (.5+.25)/2
    assert result.within.value == pytest.approx(0.0375)


def exact(time: str, source: str, negative: int, positive: int) -> list[dict[str, Any]]:
    return [{"time": time, "source": source, "label": 0}] * negative + [
        {"time": time, "source": source, "label": 2}
    ] * (positive)


@pytest.mark.parametrize("seed", range(4))
def test_the_parts_and_the_groups_add_up_exactly(table: Maker, seed: int) -> None:
    random = np.random.default_rng(seed)
    keys = [(f"来源{i % 5}", f"商品{i % 13}") for i in range(65)]
    old = rows("2026-02-01", {k: (int(random.integers(0, 90)), random.random()) for k in keys}, seed)
    new = rows("2026-03-05", {k: (int(random.integers(0, 40)), random.random()) for k in keys}, seed + 9)
    result = shift(table([*old, *new]), Filter(), episode())
    change = result.after.value - result.before.value
    assert result.mix.value + result.within.value == pytest.approx(change, abs=1e-12)
    assert sum(group.mix for group in result.groups) == pytest.approx(result.mix.value, abs=1e-12)
    assert sum(group.within for group in result.groups) == pytest.approx(result.within.value, abs=1e-12)
    assert sum(group.after.n for group in result.groups) == result.after.n == len(new)
    assert len(result.groups) <= 41


@pytest.mark.parametrize("seed", range(5))
def test_more_comments_from_an_angrier_platform_are_no_real_change(table: Maker, seed: int) -> None:
    after = rows("2026-03-05 10:00", {WEIBO: (600, 0.5), SHOP: (400, 0.1)}, seed=10 + seed)
    result = shift(table([*BEFORE, *after]), Filter(), episode(), overdispersion=0.002)
    assert result.after.value - result.before.value > 0.1
    assert result.cause is Cause.MIX
    assert result.within.low < 0 < result.within.high


def test_angrier_comments_in_the_same_composition_are_a_real_change(table: Maker) -> None:
    result = made(table, {WEIBO: (200, 0.65), SHOP: (800, 0.25)})
    assert result.cause is Cause.REAL
    assert result.within.low > 0.1


def test_both_at_once_are_said_to_be_both(table: Maker) -> None:
    assert made(table, {WEIBO: (500, 0.7), SHOP: (500, 0.3)}).cause is Cause.BOTH


def test_a_few_comments_prove_neither(table: Maker) -> None:
    assert made(table, {WEIBO: (3, 0.6), SHOP: (9, 0.15)}).cause is Cause.UNCLEAR


def test_a_platform_that_was_not_there_before_changes_the_composition(table: Maker) -> None:
    result = made(table, {WEIBO: (200, 0.5), SHOP: (800, 0.1), ("黑猫", "手机"): (500, 0.95)})
    assert result.cause is Cause.MIX
    assert result.groups[0].source == "黑猫"
    assert result.groups[0].within == 0


def test_the_interval_holds_the_truth_as_often_as_it_says(table: Maker) -> None:
    hits = 0
    for seed in range(40):
        before = rows("2026-02-01", {WEIBO: (400, 0.4), SHOP: (600, 0.1)}, seed=100 + seed)
        after = rows("2026-03-05", {WEIBO: (150, 0.5), SHOP: (150, 0.2)}, seed=200 + seed)
        result = shift(table([*before, *after]), Filter(), episode())
        hits += result.within.low <= 0.1 <= result.within.high
    assert hits >= 35


def test_days_that_scatter_widen_the_interval(table: Maker) -> None:
    after = {WEIBO: (200, 0.5), SHOP: (800, 0.1)}
    plain, scattered = made(table, after), made(table, after, overdispersion=0.01)
    assert scattered.within.high - scattered.within.low > plain.within.high - plain.within.low
    assert scattered.mix == plain.mix


def test_a_baseline_of_few_days_is_less_sure_than_one_of_many(table: Maker) -> None:
    made_table = table([*BEFORE, *rows("2026-03-05", {WEIBO: (200, 0.5), SHOP: (800, 0.1)}, seed=2)])
    day = (datetime(2026, 2, 1), datetime(2026, 2, 2))
    few, many = (shift(made_table, Filter(), episode(base), overdispersion=0.01) for base in (day, BASE))
    # two days of one size scatter by the root of two more than one of them
    assert width(few.within) == pytest.approx(width(many.within) * 2**0.5, rel=0.05)
    assert few.mix == many.mix


def width(part: Estimate) -> float:
    return part.high - part.low


#: Long enough to be nobody else's words by chance.
LONG = "这是一条写得足够长的评论,不会有两个人碰巧写得一样"


def test_copies_of_a_text_are_one_voice(table: Maker) -> None:
    plain = [*exact("2026-02-01", "甲", 300, 700), *exact("2026-02-01", "乙", 100, 900)]
    after = [*exact("2026-03-05", "甲", 60, 90), *exact("2026-03-05", "乙", 20, 130)]
    # every text five times
    copied = [{**row, "clean_text": LONG, "text_key": f"{i // 5}"} for i, row in enumerate(after)]
    once, often = (shift(table([*plain, *new]), Filter(), episode()) for new in (after, copied))
    assert (often.mix.value, often.within.value) == (once.mix.value, once.within.value)
    assert (once.cause, often.cause) == (Cause.REAL, Cause.UNCLEAR)
    # nearly by the root of five: the baseline has no copies
    assert 1.9 < width(often.within) / width(once.within) < 5**0.5


def test_copies_on_two_platforms_are_one_voice_too(table: Maker) -> None:
    plain = [*exact("2026-02-01", "甲", 300, 700), *exact("2026-02-01", "乙", 300, 700)]
    texts = [{"time": "2026-03-05", "label": 0 if i < 40 else 2, "text_key": f"{i}"} for i in range(100)]
    after = [{**row, "clean_text": LONG, "source": source} for row in texts for source in ("甲", "乙")]
    apart = [{**row, "text_key": f"{row['text_key']}{row['source']}"} for row in after]
    both, each = (shift(table([*plain, *new]), Filter(), episode()) for new in (after, apart))
    assert 1.3 < width(both.within) / width(each.within) < 2**0.5


def test_copies_alone_are_no_change(table: Maker) -> None:
    named = 0
    for seed in range(12):
        random = np.random.default_rng(seed)
        made_table = table([*texts(random, "2026-02-01", 500), *texts(random, "2026-03-05", 40)])
        result = shift(made_table, Filter(), episode())
        named += result.cause is not Cause.UNCLEAR or any(driver.clear for driver in result.drivers)
    # before copies were looked at, all of the twelve were
    assert named <= 4


def texts(random: np.random.Generator, time: str, n: int) -> list[dict[str, Any]]:
    """Draw texts that are posted ten times each, by many people."""
    made = [
        {
            "time": time,
            **({"source": "甲", "label": 0} if random.random() < 0.3 else {"source": "乙", "label": 2}),
            "text_key": f"{time}{i}",
            "clean_text": LONG,
            "terms": [f"词{word}" for word in random.choice(30, 5, replace=False)],
        }
        for i in range(n)
    ]
    return [row for row in made for _ in range(10)]


def test_the_words_of_the_burst_lead_and_its_comments_are_quoted_with_their_rows(table: Maker) -> None:
    plain = rows("2026-02-01", {SHOP: (300, 0.4)}, terms=["物流", "慢"], text="物流慢")
    usual = rows("2026-03-05", {SHOP: (30, 1.0)}, terms=["物流", "慢"], text="物流慢", text_key="a")
    burst = rows("2026-03-05", {SHOP: (20, 1.0)}, terms=["充电", "起火"], text="充电起火了", text_key="b")
    result = shift(table([*plain, *usual, *burst]), Filter(), episode())
    assert {driver.term for driver in result.drivers[:2]} == {"充电", "起火"}
    assert (result.drivers[0].after, result.drivers[0].before) == (20, 0)
    first = result.quotes[0]
    assert (first.text, first.row, first.row_number) == ("充电起火了", 330, 332)
    # copies of a text are quoted once
    assert len({quote.text for quote in result.quotes}) == len(result.quotes)


def test_only_the_filter_and_the_two_stretches_count(table: Maker) -> None:
    elsewhere = rows("2026-03-02", {WEIBO: (500, 1.0)})
    made_table = table([*BEFORE, *elsewhere, *rows("2026-03-05", {WEIBO: (50, 0.5), SHOP: (50, 0.1)})])
    chosen = Filter(sources=("微博",))
    result = shift(made_table, chosen, episode())
    assert (result.before.n, result.after.n) == (2000, 50)
    assert result == shift(made_table, select(made_table, chosen), episode())


@pytest.mark.parametrize("product", ["甲", ""])
def test_one_source_and_product_or_none_at_all_leaves_nothing_to_compare(table: Maker, product: str) -> None:
    both = [*exact("2026-02-01", product, 40, 160), *exact("2026-03-05", product, 50, 50)]
    result = shift(table(both), Filter(), episode())
    assert result.cause is Cause.ALONE
    assert (result.mix.value, result.within.value) == (0.0, pytest.approx(0.3))


def test_an_episode_without_a_baseline_has_no_parts(table: Maker) -> None:
    result = shift(table(rows("2026-03-05", {WEIBO: (50, 0.5)})), Filter(), episode())
    assert result.cause is Cause.UNCLEAR
    assert np.isnan(result.mix.value)
    assert result.before.n == 0
