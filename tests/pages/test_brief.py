"""一页纸: findings with their evidence, and the page to take along."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core import chart
from core.analyse import from_params
from core.schema import Filter
from pages.parts import answers, brief_parts, links, resources
from tests.pages import made

Page = Callable[..., AppTest]


@pytest.fixture
def job(data_dir: Path, tmp_path: Path) -> str:
    """A finished job of 240 comments, more negative in its second half."""
    return made.labelled(made.write(tmp_path / "耳机.csv", made.rows(240))).id


def test_without_a_job_it_says_how_to_get_one(page: Page) -> None:
    at = page("brief.py")
    assert not at.exception
    assert "还没有打过标的评论" in at.info[0].value


def test_every_finding_has_its_numbers_and_its_comments(page: Page, job: str) -> None:
    at = page("brief.py", job=job)
    assert not at.exception
    found = answers.findings(job, Filter()).findings
    assert found
    said = "".join(c.value for c in at.caption).replace("\\", "")
    assert all(chart.format_share(f.share) in said for f in found)
    assert sum("行" in m.value and m.value.startswith("“") for m in at.markdown) == sum(len(f.quotes) for f in found)


def test_the_filter_of_the_address_holds(page: Page, job: str) -> None:
    at = page("brief.py", job=job, source="京东")
    assert not at.exception
    assert any("来源:京东" in c.value.replace("\\", "") for c in at.caption)


def test_a_filter_that_keeps_nothing_is_not_called_good_news(page: Page, job: str) -> None:
    at = page("brief.py", job=job, q="没有人写过这个")
    assert not at.exception
    assert [i.value for i in at.info] == ["没有符合筛选条件的评论。现在的条件:含“没有人写过这个”。"]


def test_the_page_to_take_along_cannot_become_markup(job: str) -> None:
    done = resources.jobs().get(job)
    page = brief_parts._page(done, ["<script>alert(1)</script>"], answers.findings(job, Filter()))
    assert b"<script" not in page
    assert page.count(b"<h2>") == len(answers.findings(job, Filter()).findings)


def test_a_finding_leads_to_its_comments() -> None:
    address = links._address(Filter(sources=("京东",)), Filter(term="断连"), None, ())
    assert from_params(address)[0] == Filter(sources=("京东",))
    assert address["at.term"] == "断连"


def test_aspects_come_from_the_mentions_analysed_last(job: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = resources.store().derived(job)
    for age, view in enumerate(("mentions_0000000000", "mentions_ffffffffff")):
        shelf.write(view, [pd.DataFrame({"row": [0]})], {"share": 0.5})
        os.utime(shelf.path(view), (2e9 - age, 2e9 - age))
    monkeypatch.setitem(answers._ANALYSES, "findings", lambda _table, _chosen, **options: options)
    asked: object = answers.findings(job, Filter())
    assert asked == {"mentions": "mentions_0000000000", "mentions_share": 0.5}
