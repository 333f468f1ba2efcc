"""Suspicious groups of a stored table, and the figures with and without them."""

from __future__ import annotations

from typing import Any

import pytest

from core.analyse import comments, floods, mark_of_flood, overview, without
from core.chart import describe_flood, describe_without
from core.derive import Floods, derive, view_of
from core.results import Floods as Result
from core.results import Quote
from core.schema import NEGATIVE, Filter, Within
from core.store import Store
from tests.derive.stories import COPY, complaints, stored, table_of

N, COPIES = 40, 6


def planted(store: Store, **columns: Any) -> str:
    """Forty complaints, six near copies of one praise, five short ones."""
    texts = [*complaints(N), *(COPY.replace("儿子", who) for who in ("儿子", "女儿", "侄子") * 2), *["好评"] * 5]
    labels = [0] * N + [2] * (COPIES + 5)
    return stored(store, table_of(texts, label=labels, **columns))


def looked_at(store: Store, job: str, chosen: Filter | None = None) -> Result:
    view = derive(job, Floods(), store=store, table=store.table(job))
    return floods(store.table(job), chosen or Filter(), view, store.derived(job).facts(view) or {})


def test_copies_are_one_group_and_short_praise_is_none(store: Store) -> None:
    result = looked_at(store, planted(store))
    (flood,) = result.floods
    assert (flood.n, flood.texts, flood.accounts, flood.counts) == (COPIES, 3, 0, (0, 0, COPIES))
    assert {quote.row for quote in flood.quotes} <= set(range(N, N + COPIES))
    assert not result.authors


def test_quotes_that_were_read_before_change_nothing(store: Store) -> None:
    job = planted(store)
    plain = looked_at(store, job)
    known: dict[int, tuple[Quote, ...]] = {}
    for _ in range(2):
        again = floods(store.table(job), Filter(labels=("正面",)), plain.view, {}, known=known)
        assert again.floods[0].quotes == plain.floods[0].quotes
    assert list(known) == [flood.number for flood in plain.floods]


@pytest.mark.parametrize(
    "chosen", [Filter(), Filter(labels=("正面",)), Filter(labels=("负面",)), Filter(keyword="没有的词")]
)
def test_the_page_says_of_the_figures_without_them_what_every_page_says(store: Store, chosen: Filter) -> None:
    job = planted(store)
    result = looked_at(store, job, chosen)
    assert repr(result.without) == repr(without(store.table(job), chosen, result.view))
    assert result.groups == len(result.floods)


def test_accounts_hours_and_stars_are_in_the_reason(store: Store) -> None:
    authors = [f"用户{i}" for i in range(N)] + [f"买家{i}" for i in range(COPIES)] + [f"路人{i}" for i in range(5)]
    times = [f"2026-03-{1 + i // 2:02d} 08:{i:02d}" for i in range(N)]
    times += [f"2026-03-15 20:{5 * i:02d}" for i in range(COPIES)] + ["2026-03-16 09:30"] * 5
    ratings = [1.0] * N + [5.0] * (COPIES + 5)
    result = looked_at(store, planted(store, author=authors, time=times, rating=ratings))
    (flood,) = result.floods
    assert (flood.accounts, flood.busiest, flood.rating) == (COPIES, COPIES, 5.0)
    assert set(flood.rules) == {"accounts", "burst", "copies", "templates", "praise"}
    said = describe_flood(flood)
    assert "来自 6 个昵称" in said
    assert "其中 6 条集中在 1 小时内" in said
    assert "平均评分 5 分" in said


def test_one_account_that_floods_with_different_texts_is_a_group_of_its_own(store: Store) -> None:
    texts = complaints(30)
    times = [f"2026-03-02 10:{i:02d}" for i in range(30)]
    job = stored(store, table_of(texts, author="小王", time=times))
    (flood,) = looked_at(store, job).floods
    assert flood.fast
    assert "同一个昵称 1 小时内最多发了 30 条" in describe_flood(flood)


@pytest.mark.parametrize("name", ["j***n", "匿名用户"])
def test_a_nickname_of_many_people_is_no_account_that_posts_fast(store: Store, name: str) -> None:
    times = [f"2026-03-02 10:{i:02d}" for i in range(30)]
    assert looked_at(store, stored(store, table_of(complaints(30), author=name, time=times))).floods == ()


@pytest.mark.parametrize("name", ["匿名用户", "j***n"])
def test_copies_of_a_nickname_of_many_people_are_not_of_one_account(store: Store, name: str) -> None:
    authors = [f"用户{i}" for i in range(N)] + [name] * COPIES + ["路人"] * 5
    days = [f"2026-03-{1 + i % 28:02d}" for i in range(N)] + ["2026-03-15"] * (COPIES + 5)
    result = looked_at(store, planted(store, author=authors, time=days))
    (flood,) = result.floods
    assert (flood.n, flood.copies, flood.accounts, flood.rules[0]) == (COPIES, COPIES, 0, "copies")
    assert "昵称" not in describe_flood(flood)
    assert result.authors


def test_the_figures_without_them_are_those_of_a_filter_that_leaves_them_out(store: Store) -> None:
    job = planted(store)
    result = looked_at(store, job)
    table = store.table(job)
    rest = overview(table, Filter(outside=Within(result.view))).now
    assert result.without.rest == rest.shares[NEGATIVE]
    assert result.without.whole == overview(table, Filter()).now.shares[NEGATIVE]
    assert (result.without.removed.count, result.without.removed.n) == (COPIES, N + COPIES + 5)
    assert without(table, Filter(outside=Within(result.view)), result.view) == result.without
    assert describe_without(result.without).startswith("剔除 11.8% (")


def test_a_mark_leads_to_the_comments_of_its_group(store: Store) -> None:
    job = planted(store)
    result = looked_at(store, job)
    behind = comments(store.table(job), mark_of_flood(result.view, result.floods[0].number))
    assert behind.total == COPIES


def test_a_filter_counts_only_its_own_comments_of_a_group(store: Store) -> None:
    job = planted(store)
    assert looked_at(store, job, Filter(labels=("负面",))).floods == ()
    assert looked_at(store, job, Filter(keyword="女儿")).floods[0].n == 2


def test_corrections_make_no_other_table_and_rows_do(store: Store) -> None:
    job = planted(store)
    before = view_of(Floods(), store.table(job))
    store.catalogue.correct(job, [0], 2)
    assert view_of(Floods(), store.table(job)) == before


@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_table_with_hardly_a_comment_has_no_groups(store: Store, n: int) -> None:
    result = looked_at(store, stored(store, table_of([COPY] * n)))
    assert (result.floods, result.groups, result.without.removed.n) == ((), 0, n)
    assert describe_without(result.without) == "没有疑似雷同的评论,数字不变。"
