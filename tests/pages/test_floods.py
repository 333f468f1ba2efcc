"""异常与水军, and the switch of the filter bar that leaves suspicious comments out everywhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.derive import Floods, derive
from pages.parts import resources
from tests.derive.stories import COPY, complaints
from tests.pages import made

Page = Callable[..., AppTest]
N, COPIES = 60, 6


@pytest.fixture
def job(data_dir: Path, tmp_path: Path) -> str:
    """A finished job of 60 complaints and six copies of one praise."""
    texts = [*complaints(N), *[COPY] * COPIES]
    lines = [(*line[:5], text) for line, text in zip(made.rows(N + COPIES), texts, strict=True)]
    return made.labelled(made.write(tmp_path / "a.csv", lines)).id


def search(job: str) -> str:
    return derive(job, Floods(), store=resources.store(), table=resources.jobs().table(job))


def metric(at: AppTest, label: str) -> str:
    return next(m.value for m in at.metric if m.label == label)


def said(at: AppTest) -> str:
    return "\n".join(text.value.replace("\\", "") for text in (*at.markdown, *at.caption))


def test_without_a_job_it_says_how_to_get_one(page: Page) -> None:
    at = page("floods.py")
    assert not at.exception
    assert "还没有打过标的评论" in at.info[0].value


def test_the_group_is_shown_with_its_reason_and_its_text(page: Page, job: str) -> None:
    search(job)
    at = page("floods.py", job=job)
    assert not at.exception
    assert metric(at, "疑似雷同") == "9.1%"
    assert metric(at, "组数") == "1"
    assert "疑似:6 条文字完全相同" in said(at)
    assert f"“{COPY}”" in said(at)
    assert "没有作者列或昵称都是打码、匿名的,只能按文字判断" in said(at)


def test_the_switch_leaves_them_out_of_every_figure_and_says_so(page: Page, job: str) -> None:
    view = search(job)
    at = page("dashboard.py", job=job)
    assert metric(at, "评论") == "66 条"
    at.toggle(key="filter_floods").set_value(True).run()
    for _ in range(200):
        if "not_in" in at.query_params:
            break
        time.sleep(0.05)
        at.run()
    assert at.query_params["not_in"] == view
    at.run()
    assert not at.exception
    assert metric(at, "评论") == "60 条"
    assert "剔除 9.1% (" in said(at)
    at.toggle(key="filter_floods").set_value(False).run()
    assert "not_in" not in at.query_params
    assert metric(at, "评论") == "66 条"


def test_a_link_with_the_switch_on_shows_it_on(page: Page, job: str) -> None:
    view = search(job)
    at = page("dashboard.py", job=job, not_in=view)
    assert not at.exception
    assert at.toggle(key="filter_floods").value is True
    assert metric(at, "评论") == "60 条"
    assert metric(page("floods.py", job=job, not_in=view), "组数") == "1"


def test_a_link_of_other_rows_looks_for_them_again(page: Page, job: str) -> None:
    view = search(job)
    at = page("dashboard.py", job=job, not_in="floods_0123456789")
    assert not at.exception
    assert at.query_params["not_in"] == view


def test_the_comments_of_all_groups_can_be_looked_at(page: Page, job: str) -> None:
    view = search(job)
    at = page("floods.py", job=job)
    at.button(key="floods_all").click().run()
    assert not at.exception
    assert at.query_params["at.in"] == view
    assert any(heading.value == f"评论原文 · {COPIES} 条" for heading in at.subheader)


def test_clean_comments_are_said_to_be_so(page: Page, data_dir: Path, tmp_path: Path) -> None:
    clean = made.labelled(made.write(tmp_path / "b.csv", made.rows(1))).id
    search(clean)
    at = page("floods.py", job=clean)
    assert not at.exception
    assert "没有发现疑似雷同的评论" in at.success[0].value


def test_a_filter_that_keeps_nothing_is_not_called_clean(page: Page, job: str) -> None:
    search(job)
    at = page("floods.py", job=job, q="没有人写过这个")
    assert not at.exception
    assert not at.success


def test_times_that_show_only_their_day_are_not_given_an_hour(page: Page, data_dir: Path, tmp_path: Path) -> None:
    texts = [*complaints(N), *[COPY] * COPIES]
    rows = zip(made.rows(N + COPIES), texts, strict=True)
    lines = [(line[0], line[1][:10], *line[2:5], text) for line, text in rows]
    daily = made.labelled(made.write(tmp_path / "b.csv", lines)).id
    search(daily)
    at = page("floods.py", job=daily)
    assert not at.exception
    assert f"“{COPY}”" in said(at)
    assert "00:00" not in said(at)
