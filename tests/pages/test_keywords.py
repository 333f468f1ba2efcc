"""关键词对比: two sides, their words, synonyms and hidden words in the address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.schema import JobState
from core.store import LabelledTable
from pages.parts import answers
from tests.pages import made

Page = Callable[..., AppTest]


@pytest.fixture
def job(data_dir: Path, tmp_path: Path) -> str:
    """A finished job of 120 comments of ten weeks from two sources."""
    return made.labelled(made.write(tmp_path / "耳机.csv", made.rows(120))).id


def terms(at: AppTest) -> list[str]:
    """The words of the table, without that of the synonyms."""
    return [str(word) for table in at.dataframe for word in table.value.get("词", [])]


def test_the_negative_words_stand_against_the_positive_ones(page: Page, job: str) -> None:
    at = page("keywords.py", job=job)
    assert not at.exception
    assert "断连" in terms(at)
    assert "音质" not in terms(at)


def test_the_other_side_can_be_listed(page: Page, job: str) -> None:
    at = page("keywords.py", job=job)
    at.session_state["words_side"] = 1
    at.run()
    assert not at.exception
    assert "喜欢" in terms(at)
    assert "断连" not in terms(at)


@pytest.mark.parametrize("look", ["散点", "条形"])
def test_every_look_draws_without_an_error(page: Page, job: str, look: str) -> None:
    at = page("keywords.py", job=job)
    at.session_state["words_look"] = look
    assert not at.run().exception


def test_two_periods_are_chosen_by_the_data_and_stand_in_the_address(page: Page, job: str) -> None:
    at = page("keywords.py", job=job)
    at.selectbox(key="side_kind").set_value("period").run()
    assert not at.exception
    assert at.query_params["o.a.from"] > at.query_params["o.b.to"]
    assert "断连" in terms(at)


def test_a_source_is_held_against_the_rest_of_the_address(page: Page, job: str) -> None:
    at = page("keywords.py", job=job, **{"o.a.source": "微博"})
    assert not at.exception
    assert at.selectbox(key="side_kind").value == "sources"
    assert at.selectbox(key="side_a").value == "微博"
    assert at.selectbox(key="side_b").value is None


def test_a_hidden_word_leaves_the_table(page: Page, job: str) -> None:
    at = page("keywords.py", job=job, hide="断连")
    assert not at.exception
    assert terms(at)
    assert "断连" not in terms(at)


def test_own_synonyms_count_as_one_word_and_stand_in_the_address(page: Page, job: str) -> None:
    at = page("keywords.py", job=job)
    at.text_area(key="same_own").set_value("掉线 = 断连").run()
    assert not at.exception
    assert at.query_params["o.same"] == "掉线=断连"
    assert "掉线" in terms(at)
    assert "断连" not in terms(at)


def test_a_side_without_comments_is_said(page: Page, job: str) -> None:
    at = page("keywords.py", job=job, source="微博", **{"o.a.source": "京东", "o.b.source": "微博"})
    assert not at.exception
    assert any("没有符合条件的评论:京东" in i.value for i in at.info)


@pytest.mark.parametrize("n", [0, 1])
def test_a_table_of_hardly_any_rows_breaks_nothing(page: Page, tmp_path: Path, n: int) -> None:
    job = made.labelled(made.write(tmp_path / "few.csv", made.rows(n)), "几乎没有")
    assert job.state is JobState.DONE
    at = page("keywords.py", job=job.id)
    assert not at.exception
    assert at.info


def test_emotions_can_be_filtered_where_the_job_has_them_and_only_there(
    page: Page, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "filter_emotions" not in page("keywords.py", job=job).session_state
    monkeypatch.setattr(LabelledTable, "has_emotions", property(bool))
    at = page("keywords.py", job=job, emotion="anger")
    assert not at.exception
    assert at.session_state["filter_emotions"] == ["愤怒"]


def test_without_a_job_it_says_how_to_get_one(page: Page) -> None:
    answers.forget()
    at = page("keywords.py")
    assert not at.exception
    assert "还没有打过标的评论" in at.info[0].value
