"""方面分析: aspects of a job, the comments behind them, and packs that can be changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.derive.packs import pack, save_pack
from core.mine.aspects import Aspect, Pack, shipped
from core.results import Aspects
from core.schema import Filter
from pages.parts import answers, aspect_pack, aspect_parts, resources, table_files
from tests.pages import made

Page = Callable[..., AppTest]
COMMENTS = ("物流太慢了,但是质量很好", "物流很快,质量也不错", "快递太慢,等了十天", "颜色好看,价格便宜")


def lines(n: int) -> list[tuple[str, ...]]:
    rows = []
    for i in range(n):
        text = f"{COMMENTS[i % len(COMMENTS)]}。第{i}单"
        rows.append((str(10**17 + i), f"2026-09-{i % 28 + 1:02d} 10:00", "京东", "耳机", "5", text))
    return rows


@pytest.fixture
def job(data_dir: Path, tmp_path: Path) -> str:
    return made.labelled(made.write(tmp_path / "a.csv", lines(40)), "四十单").id


def ready(page: Page, job: str, **parameters: str) -> AppTest:
    """The page once the mentions have been found behind it."""
    at = page("aspects.py", job=job, **parameters)
    for _ in range(300):
        assert not at.exception
        if any("词库:" in box.label for box in at.expander):
            return at
        time.sleep(0.1)
        at.run()
    raise AssertionError([e.value for e in at.error])


def result(job: str, chosen: Filter | None = None) -> Aspects:
    shelf = resources.store().derived(job)
    (view,) = [view for view in shelf.views() if view.startswith("mentions_")]
    return answers.aspects(job, chosen or Filter(), view, shelf.facts(view) or {})


def test_the_aspects_are_found_behind_the_page_and_the_pack_is_said_with_how_sure(page: Page, job: str) -> None:
    at = ready(page, job)
    (box,) = [box.label for box in at.expander if "词库:" in box.label]
    assert "电商" in box
    assert "把握" in box
    counts = result(job).counts()
    assert sum(counts["物流"]) == 30
    assert counts["物流"][0] == 20


def test_a_filter_that_keeps_nothing_is_not_blamed_on_the_pack(page: Page, job: str) -> None:
    at = page("aspects.py", job=job, q="没有人写过这个")
    assert not at.exception
    assert [i.value for i in at.info] == ["没有符合筛选条件的评论。现在的条件:含“没有人写过这个”。"]


def test_a_pack_of_the_address_is_used(page: Page, job: str) -> None:
    at = ready(page, job, **{"o.pack": "快递"})
    assert at.selectbox(key="aspect_pack").value == "快递"
    assert result(job).pack == "快递"


def test_a_clicked_aspect_leads_to_its_comments_with_the_clause_marked(page: Page, job: str) -> None:
    ready(page, job)
    view = result(job).view
    at = page("aspects.py", job=job, **{"at.in": f"{view},aspect=物流,verdict=0"})
    assert not at.exception
    assert any(heading.value == "评论原文 · 20 条" for heading in at.subheader)
    assert any("**物流**" in line.value for line in at.markdown)
    mark = aspect_parts._mark(view, {"aspect": "物流", "label": "负面"})
    assert mark is not None
    assert set(answers.evidence(job, mark, [0, 2])) == {"物流太慢了", "快递太慢", "等了十天"}


def test_a_changed_pack_is_used_at_once_and_can_be_undone_and_reset(page: Page, job: str, data_dir: Path) -> None:
    ready(page, job, **{"o.pack": "电商"})
    changed = Pack("电商", (Aspect("单号", ("第",), praise=("好",)),))
    save_pack(data_dir, changed)
    at = ready(page, job, **{"o.pack": "电商"})
    assert any("已修改" in box.label for box in at.expander)
    at.button(key="pack_reset").click().run()
    assert pack(data_dir, "电商") == shipped("电商")
    at = ready(page, job, **{"o.pack": "电商"})
    at.button(key="pack_undo").click().run()
    assert pack(data_dir, "电商") == changed


def test_a_pack_that_makes_no_sense_is_refused_and_said(page: Page, job: str, data_dir: Path) -> None:
    at = AppTest.from_function(_saving_nonsense).run()
    assert not at.exception
    assert any("没有词" in toast.value for toast in at.toast)
    assert pack(data_dir, "电商") == shipped("电商")


def _saving_nonsense() -> None:
    from pages.parts import aspect_pack, say

    aspect_pack._save("电商", [{"name": "空"}])
    say.now()


def test_a_large_job_is_sampled_and_says_so(page: Page, job: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aspect_parts, "SAMPLE_ROWS", 10)
    at = ready(page, job)
    assert at.toggle(key="aspect_all").value is False
    found = result(job)
    assert found.sampled_from == 40
    assert 0 < found.n < 30


@pytest.mark.parametrize("n", [0, 1])
def test_a_table_of_hardly_any_rows_breaks_nothing(page: Page, data_dir: Path, tmp_path: Path, n: int) -> None:
    few = made.labelled(made.write(tmp_path / "few.csv", lines(n)), "几乎没有")
    at = ready(page, few.id) if n else page("aspects.py", job=few.id)
    assert not at.exception


def test_reason_tags_can_be_downloaded_once_all_comments_were_analysed(page: Page, job: str) -> None:
    assert answers.whole_mentions(job) == ""
    at = ready(page, job)
    view = answers.whole_mentions(job)
    assert view == result(job).view
    assert at.toggle(key="comments_files_tags").disabled is False
    lines_ = table_files.labelled_file(job, None, "csv", view).decode("utf-8-sig").splitlines()
    assert lines_[0].endswith("评价,原因标签")
    assert "差评:物流" in lines_[1]
    assert "原因标签" not in table_files.labelled_file(job, None, "csv").decode("utf-8-sig")


def test_how_the_pack_was_chosen_is_said_only_when_it_was() -> None:
    assert aspect_pack._why({"chosen": True, "sure": 0.8, "covered": 0.5}).startswith("按评论自动选择,把握 80%")
    assert aspect_pack._why({"chosen": False, "covered": 0.5}) == "50% 的评论用到它的词"
