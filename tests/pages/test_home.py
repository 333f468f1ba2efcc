"""首页: what to do next, the recent jobs, the demo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.jobs import new_spec
from core.read import inspect
from core.schema import POSITIVE, Job, JobState, word_title
from core.settings import get_settings
from pages.parts import resources

Page = Callable[..., AppTest]


def submit(path: Path, name: str) -> Job:
    """Label a small file to its end."""
    model = get_settings().backend
    spec = new_spec(inspect([path]), resources.backend(model), settings=get_settings(), name=name)
    job = resources.jobs().submit(replace(spec, backend=model))
    return resources.jobs().wait(job.id, 60)


def write(path: Path, comments: list[str]) -> Path:
    path.write_text("\n".join(["评论", *comments]) + "\n", encoding="utf-8")
    return path


def test_without_jobs_it_says_how_to_begin_and_offers_the_demo(page: Page) -> None:
    at = page()
    assert at.subheader[0].value == "还没有数据:先上传一份评论表"
    assert [b.label for b in at.button] == ["上传评论表", "看一个示例"]


def test_one_click_labels_the_samples_and_opens_the_dashboard(page: Page) -> None:
    at = page()
    at.button(key="demo").click().run()
    assert not at.exception
    (job,) = resources.jobs().list()
    assert at.query_params["job"] == job.id
    assert resources.jobs().wait(job.id, 120).state is JobState.DONE
    assert job.spec.name.startswith("示例")


def test_a_finished_job_is_shown_with_its_negative_share_and_n(page: Page, tmp_path: Path) -> None:
    job = submit(write(tmp_path / "a.csv", ["很好用", "太差了,差评", "一般", ""]), "九月评论")
    assert job.state is JobState.DONE
    at = page()
    assert not at.exception
    assert "「九月评论」" in at.subheader[0].value
    assert any("n=3)" in m.value for m in at.markdown)


def test_corrected_labels_are_counted_and_said_in_the_list_and_in_the_advice(page: Page, tmp_path: Path) -> None:
    job = submit(write(tmp_path / "a.csv", ["太差了,差评", "很糟糕,退货"]), "九月评论")
    resources.store().catalogue.correct(job.id, [0], POSITIVE)
    at = page()
    assert "50.0% 是负面" in at.subheader[0].value
    assert sum("50.0% (" in m.value and "含 1 条改判" in m.value for m in at.markdown) == 2


def test_a_damaged_table_hides_no_other_job_of_the_list(page: Page, data_dir: Path, tmp_path: Path) -> None:
    broken = submit(write(tmp_path / "a.csv", ["音质太差了", "一个月就坏了,退货"]), "坏的")
    resources.store().catalogue.correct(broken.id, [0], POSITIVE)
    submit(write(tmp_path / "b.csv", ["另一份文件,很好用"]), "好的")
    for chunk in [c for c in data_dir.rglob("*.parquet") if broken.id in str(c)]:
        chunk.write_bytes(b"damaged")
    at = page()
    assert not at.exception
    assert any("好的" in m.value for m in at.markdown)
    assert "结果读不出来" in [c.value for c in at.caption]


def test_the_words_of_the_complaints_lead_to_their_comments(page: Page, tmp_path: Path) -> None:
    comments = [f"第{i}次断连,太差了,差评" for i in range(20)] + [f"第{i}次用,很满意,很喜欢" for i in range(20)]
    job = submit(write(tmp_path / "a.csv", comments), "耳机")
    at = page()
    assert not at.exception
    word = at.button(key="complaint_0").label.split()[0]
    at.button(key="complaint_0").click().run()
    assert not at.exception
    assert at.query_params["job"] == job.id
    assert word_title(at.query_params["term"]) == word


def test_words_that_chance_explains_are_not_called_complaints(page: Page, tmp_path: Path) -> None:
    comments = [f"第{i}次断连 太差了 差评" for i in range(3)] + [f"第{i}次用 音质很好 很喜欢" for i in range(3)]
    job = submit(write(tmp_path / "a.csv", comments), "耳机")
    at = page()
    assert not at.exception
    assert not any("突出的词" in caption.value for caption in at.caption)
    # the dashboard says of the same words why
    words = page("dashboard.py", job=job.id)
    assert any("这些词多半是偶然" in caption.value for caption in words.caption)


def test_a_name_that_is_markdown_is_shown_letter_by_letter(page: Page, tmp_path: Path) -> None:
    submit(write(tmp_path / "a.csv", ["很好用"]), "**粗** [链](/e) :red[x]")
    texts = [m.value for m in page().markdown]
    assert r"\*\*粗\*\* \[链\]\(/e\) \:red\[x\]" in texts


def test_a_failed_job_says_why_and_leads_to_it(page: Page, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["很好用"])
    model = get_settings().backend
    spec = new_spec(inspect([path]), resources.backend(model), settings=get_settings(), name="会出错")
    path.unlink()
    job = resources.jobs().submit(replace(spec, backend=model))
    assert resources.jobs().wait(job.id, 60).state is JobState.FAILED
    at = page()
    assert not at.exception
    assert "「会出错」" in at.subheader[0].value
    assert [b.label for b in at.button] == ["去继续"]


def test_a_file_with_no_scorable_row_does_not_break_the_page(page: Page, tmp_path: Path) -> None:
    submit(write(tmp_path / "a.csv", ["!!!", "???"]), "没有内容")
    at = page()
    assert not at.exception
    assert "没有可以打标的评论" in at.subheader[0].value


def test_jobs_that_stopped_half_way_are_not_forgotten_when_a_newer_one_is_done(page: Page, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["很好用"])
    model = get_settings().backend
    spec = new_spec(inspect([path]), resources.backend(model), settings=get_settings(), name="旧的")
    path.unlink()
    resources.jobs().wait(resources.jobs().submit(replace(spec, backend=model)).id, 60)
    submit(write(tmp_path / "b.csv", ["另一份文件,很好用"]), "新的")
    at = page()
    assert "「新的」" in at.subheader[0].value
    assert any("1 个任务出错" in c.value for c in at.caption)


def test_a_very_long_name_is_cut(page: Page, tmp_path: Path) -> None:
    submit(write(tmp_path / "a.csv", ["很好用"]), "长" * 500)
    at = page()
    assert not at.exception
    assert all("长" * 60 not in element.value for element in [*at.markdown, *at.subheader])


def test_exports_of_two_months_can_be_told_apart_in_the_list(page: Page, tmp_path: Path) -> None:
    name = "七麦数据_手机银行_应用市场评论详情导出_2026{}01.csv"
    for month in ("05", "06"):
        submit(write(tmp_path / f"{month}.csv", [f"很好用{month}"]), name.format(month))
    shown = [line.value.replace("\\", "") for line in page().markdown]
    assert {end for line in shown for end in ("0501.csv", "0601.csv") if "…" in line and line.endswith(end)} == {
        "0501.csv",
        "0601.csv",
    }


def test_a_job_that_was_paused_before_its_first_row_is_to_be_started_not_continued(page: Page, tmp_path: Path) -> None:
    model = get_settings().backend
    path = write(tmp_path / "a.csv", ["很好用"])
    spec = new_spec(inspect([path]), resources.backend(model), settings=get_settings(), name="还没开始")
    resources.store().catalogue.add("b" * 24, replace(spec, backend=model), chunk_rows=100, state=JobState.PAUSED)
    at = page()
    assert "「还没开始」还没有开始" in at.subheader[0].value
    assert [b.label for b in at.button] == ["去开始"]


def test_a_job_without_a_negative_comment_does_not_ask_what_displeases(page: Page, tmp_path: Path) -> None:
    submit(write(tmp_path / "a.csv", ["很好用,喜欢", "非常满意,推荐"]), "九月评论")
    at = page()
    assert at.subheader[0].value == "「九月评论」:没有一条是负面"


def test_a_table_without_a_row_is_not_blamed_on_the_choice_of_the_column(page: Page, tmp_path: Path) -> None:
    submit(write(tmp_path / "a.csv", []), "空表")
    at = page()
    assert any("只有表头或空行" in m.value for m in at.markdown)
