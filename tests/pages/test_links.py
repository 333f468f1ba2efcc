"""What a page looks at goes along to the next one that the menu opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts import resources
from tests.pages import made

Page = Callable[..., AppTest]


@pytest.fixture
def jobs(data_dir: Path, tmp_path: Path) -> tuple[str, str]:
    """Two finished jobs, the older one first."""
    older = made.labelled(made.write(tmp_path / "旧.csv", made.rows(60)), "旧").id
    return older, made.labelled(made.write(tmp_path / "新.csv", made.rows(40)), "新").id


def by_menu(at: AppTest, file: str) -> AppTest:
    """Open another page as the menu does: its links carry no parameters."""
    at.switch_page(file)
    at.query_params.clear()
    at.run()
    assert not at.exception
    return at


def test_the_menu_keeps_the_job_and_the_filter(page: Page, jobs: tuple[str, str]) -> None:
    at = by_menu(page("dashboard.py", job=jobs[0], label="negative", q="断连"), "keywords.py")
    assert at.query_params["job"] == jobs[0]
    assert at.query_params["label"] == "negative"
    assert at.text_input(key="filter_keyword").value == "断连"


def test_a_page_that_is_about_no_job_between_two_that_are_loses_nothing(page: Page, jobs: tuple[str, str]) -> None:
    at = by_menu(page("dashboard.py", job=jobs[0], label="negative"), "single.py")
    assert "job" not in at.query_params
    at = by_menu(at, "dialogue.py")  # of the job, but without dialogues it has no bar
    assert by_menu(at, "brief.py").query_params["label"] == "negative"


def test_the_clicked_mark_belongs_to_its_chart_and_stays_there(page: Page, jobs: tuple[str, str]) -> None:
    at = by_menu(page("dashboard.py", job=jobs[0], **{"at.label": "negative"}), "keywords.py")
    assert dict(at.query_params) == {"job": jobs[0]}


def test_what_was_cleared_does_not_come_back(page: Page, jobs: tuple[str, str]) -> None:
    at = page("dashboard.py", job=jobs[0], label="negative", q="断连")
    at.button(key="filter_clear").click().run()
    assert dict(by_menu(at, "keywords.py").query_params) == {"job": jobs[0]}


def test_an_address_that_names_a_job_is_taken_as_it_is(page: Page, jobs: tuple[str, str]) -> None:
    at = page("dashboard.py", job=jobs[0], label="negative")
    at.switch_page("keywords.py")
    at.query_params.clear()
    at.query_params["job"] = jobs[1]
    at.run()
    assert dict(at.query_params) == {"job": jobs[1]}
    assert dict(by_menu(at, "brief.py").query_params) == {"job": jobs[1]}


def test_a_job_that_was_looked_at_in_the_list_of_jobs_is_the_one_the_menu_opens(
    page: Page, jobs: tuple[str, str]
) -> None:
    at = by_menu(page("batch.py", job=jobs[0]), "dashboard.py")
    assert at.query_params["job"] == jobs[0]


def test_of_a_job_that_was_deleted_meanwhile_the_menu_knows_nothing(page: Page, jobs: tuple[str, str]) -> None:
    at = page("dashboard.py", job=jobs[0], label="negative")
    resources.jobs().delete(jobs[0])
    assert dict(by_menu(at, "keywords.py").query_params) == {"job": jobs[1]}
