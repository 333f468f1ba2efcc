"""对比: groups side by side, ranks, aspects, stars against texts; what is compared stands in the address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.analyse import MONTH, compare
from core.schema import Col, Filter, JobState
from pages.parts import answers, compare_parts, resources
from tests.pages import made

Page = Callable[..., AppTest]


@pytest.fixture
def job(data_dir: Path, tmp_path: Path) -> str:
    """A finished job of 120 comments from two sources, every comment with one or five stars."""
    return made.labelled(made.write(tmp_path / "耳机.csv", made.rows(120))).id


def opened(page: Page, job: str, tab: str, **more: str) -> AppTest:
    at = page("compare.py", job=job, **more)
    at.session_state["compare_tabs"] = tab
    return at.run()


@pytest.mark.parametrize("tab", compare_parts.TABS)
def test_every_comparison_draws_without_an_error(page: Page, job: str, tab: str) -> None:
    assert not opened(page, job, tab).exception


def test_it_begins_with_a_column_that_has_something_to_compare(page: Page, job: str) -> None:
    at = page("compare.py", job=job)
    assert at.selectbox(key="compare_by").value == Col.SOURCE


def test_another_column_and_reference_stand_in_the_address(page: Page, job: str) -> None:
    at = page("compare.py", job=job)
    at.selectbox(key="compare_by").set_value("src:平台").run()
    at.selectbox(key="compare_ref").set_value("=京东").run()
    assert not at.exception
    assert (at.query_params["o.by"], at.query_params["o.ref"]) == ("src:平台", "=京东")
    at.selectbox(key="compare_by").set_value(Col.PRODUCT).run()
    assert "o.ref" not in at.query_params


def test_a_column_of_the_file_leads_to_its_comments(page: Page, job: str) -> None:
    groups = compare(answers.table(job), Filter(), "src:平台").groups
    at = page("compare.py", job=job, **{"at.col": "src:平台,微博"})
    assert not at.exception
    n = next(group.n for group in groups if group.name == "微博")
    assert any(s.value.startswith(f"评论原文 · {n} 条") for s in at.subheader)


def test_stars_that_the_text_contradicts_are_counted_and_lead_to_the_comments(
    page: Page, data_dir: Path, tmp_path: Path
) -> None:
    lines = [(*line[:4], "5", line[5]) for line in made.rows(60)]
    job = made.labelled(made.write(tmp_path / "五星.csv", lines), "五星").id
    at = opened(page, job, "星级与文字")
    assert not at.exception
    (table,) = [t.value for t in at.dataframe if "哪些" in t.value]
    stars = answers.stars(job, Filter(), Col.SOURCE)
    assert table["条数"].tolist() == [stars.clashes[0].share.count, 0]
    assert stars.clashes[0].share.count > 10
    assert stars.total.difference.low > 0


def test_without_ratings_it_says_what_they_would_be_good_for(page: Page, data_dir: Path, tmp_path: Path) -> None:
    lines = [(*line[:4], "", line[5]) for line in made.rows(30)]
    job = made.labelled(made.write(tmp_path / "无评分.csv", lines), "无评分").id
    at = opened(page, job, "星级与文字")
    assert not at.exception
    assert any("没有评分" in i.value for i in at.info)


def test_aspects_are_laid_out_by_group_once_they_are_found(page: Page, job: str) -> None:
    assert any("方面分析" in i.value for i in opened(page, job, "哪些方面").info)
    rows = [0, 1, 2, 3]
    found = pd.DataFrame({"row": rows, "aspect": ["音质"] * 4, "verdict": [0, 2, 0, 0], "first": [True] * 4})
    resources.store().derived(job).write("mentions_0123456789", [found], {"n": 4, "sampled_from": None})
    at = opened(page, job, "哪些方面")
    assert not at.exception
    assert answers.heat(job, Filter(), Col.SOURCE, "mentions_0123456789").n == 4


@pytest.mark.parametrize("n", [0, 1])
def test_a_table_of_hardly_any_rows_breaks_nothing(page: Page, tmp_path: Path, n: int) -> None:
    job = made.labelled(made.write(tmp_path / "few.csv", made.rows(n)), "几乎没有")
    assert job.state is JobState.DONE
    for tab in compare_parts.TABS:
        assert not opened(page, job.id, tab).exception


def test_a_filter_that_keeps_nothing_is_not_called_a_single_group(page: Page, job: str) -> None:
    at = opened(page, job, compare_parts.TABS[0], q="没有人写过这个")
    assert [i.value for i in at.info] == ["没有符合筛选条件的评论。现在的条件:含“没有人写过这个”。"]


def test_without_a_job_it_says_how_to_get_one(page: Page) -> None:
    at = page("compare.py")
    assert not at.exception
    assert "还没有打过标的评论" in at.info[0].value


def test_without_sources_and_products_it_begins_with_months(page: Page, data_dir: Path, tmp_path: Path) -> None:
    lines = [(line[0], f"2026-0{1 + i % 3}-11 10:00:00", "", "", *line[4:]) for i, line in enumerate(made.rows(60))]
    bare = made.labelled(made.write(tmp_path / "c.csv", lines)).id
    assert page("compare.py", job=bare).selectbox(key="compare_by").value == MONTH
    at = page("dashboard.py", job=bare)
    at.session_state["angles"] = "来源、商品与其他分组"
    assert at.run().selectbox(key="groups_by").value == MONTH


def test_a_single_group_says_what_else_to_compare(page: Page, data_dir: Path, tmp_path: Path) -> None:
    alone = made.labelled(made.write(tmp_path / "b.csv", [made.rows(1)[0]])).id
    at = opened(page, alone, compare_parts.TABS[0])
    assert any("只有一组" in i.value and "「按什么比」" in i.value for i in at.info)
