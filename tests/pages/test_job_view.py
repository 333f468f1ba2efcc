"""The page of a job in 批量打标: progress, pause, figures, every row accounted for, downloads."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from core.analyse import synonyms
from core.derive.words import Words
from core.files import stem as file_stem
from core.schema import LABELS, NEGATIVE, POSITIVE, Filter, JobState
from pages.parts import resources, table_files, words_view
from tests.pages import made
from tests.pages.uploading import Page, csv_of, finished, started, upload


def test_the_words_of_a_large_job_are_begun_before_anybody_opens_its_dashboard(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words_view, "AT_ONCE_ROWS", 10)
    at = upload(page("batch.py"), "九月.csv", csv_of(tmp_path))
    at = finished(at.button(key="batch_start").click().run())
    assert not at.exception
    recipe = Words(synonyms())
    assert resources.derivation_queue().state(at.query_params["job"], recipe) is not None


def test_corrected_labels_are_counted_in_the_figures_of_the_job(page: Page, tmp_path: Path) -> None:
    job = made.labelled(made.write(tmp_path / "耳机.csv", made.rows(30)))
    assert job.report is not None
    before = job.report.labels[LABELS[NEGATIVE]]
    wrong = [row for row in range(30) if "断连" in made.rows(30)[row][-1]][:2]
    resources.store().catalogue.correct(job.id, wrong, POSITIVE)
    at = page("batch.py", job=job.id)
    assert not at.exception
    assert next(m.value for m in at.metric if m.label == LABELS[NEGATIVE]) == f"{before - 2} 行"
    assert any("含 2 条改判" in c.value for c in at.caption)
    assert resources.jobs().get(job.id).report == job.report  # what the run wrote stays


def test_what_was_noticed_in_reading_stands_on_the_page_of_the_job_and_on_home(page: Page, tmp_path: Path) -> None:
    rows = "".join(f"2026-09-0{i},第{i}次用,东西很好用\n".replace("用,", "用 ") for i in range(1, 9))
    job = started(upload(page("batch.py"), "九月.csv", rows.encode()))
    said = "读取文件时有 1 处需要留意,见任务「运行信息」里的读取说明。"
    assert any(said in c.value for c in job.caption)
    assert any(said in c.value for c in page("home.py").caption)
    job.session_state["job_tabs"] = "运行信息"
    facts = job.run().table[0].value
    (note,) = facts.loc[facts["项目"] == "读取说明", "内容"].tolist()
    assert "没有找到表头" in note.replace("\\", "")


def test_where_nearly_all_is_neutral_the_page_of_the_job_and_home_say_what_that_may_mean(page: Page) -> None:
    wishes = "评论内容\n" + "".join(f"请问{i}号窗口在哪里\n" for i in range(60))
    job = started(upload(page("batch.py"), "建议.csv", wishes.encode()))
    for at in (job, page("home.py")):
        assert sum("的评论判为中性" in c.value for c in at.caption) == 1
    few = started(upload(page("batch.py"), "九月.csv", wishes[:200].encode()))
    assert not any("的评论判为中性" in c.value for c in few.caption)


def test_every_row_of_a_messy_file_is_accounted_for(page: Page, tmp_path: Path) -> None:
    lines = [*made.rows(10), made.rows(10)[0], ("x", "", "", "", "", ""), ("y", "", "", "", "", "!!!")]
    job = made.labelled(made.write(tmp_path / "messy.csv", lines))
    at = page("batch.py", job=job.id)
    at.session_state["job_tabs"] = "每一行的去向"
    at.run()
    assert not at.exception
    counted, listed = (frame.value for frame in at.dataframe)
    n = dict(zip(counted["去向"], counted["行数"], strict=True))
    assert n["读入"] == 13 == n["打标"] + n["重复"] + n["空白"] + n["无法读取"]
    assert listed["行号"].tolist() == [12, 13, 14]
    assert listed["去向"].tolist() == ["重复导出", "空白", "空白"]


def test_a_paused_job_can_be_resumed_from_its_page(page: Page, tmp_path: Path) -> None:
    spec = made.spec_of(made.write(tmp_path / "a.csv", made.rows(20)), "以后再说")
    identity = resources.jobs().submit(spec).id
    resources.jobs().wait(identity, 60)
    resources.store().delete(identity)
    job = resources.store().catalogue.add(identity, spec, chunk_rows=100, state=JobState.PAUSED)
    at = page("batch.py", job=job.id)
    assert not at.exception
    at.button(key="job_resume").click().run()
    assert resources.jobs().wait(identity, 60).state is JobState.DONE


def test_a_running_job_shows_its_progress_and_can_be_stopped(page: Page, tmp_path: Path) -> None:
    job = made.labelled(made.write(tmp_path / "a.csv", made.rows(20)))
    resources.store().catalogue.update(job.id, state=JobState.RUNNING, rows_done=5, rows_total=20, report=None)
    at = page("batch.py", job=job.id)
    assert not at.exception
    assert next(m.value for m in at.metric if m.label == "完成") == "25.0%"
    assert {b.key for b in at.button} >= {"job_pause", "job_cancel"}


def test_a_job_that_ended_before_it_could_be_paused_says_so_and_not_an_error(page: Page, tmp_path: Path) -> None:
    job = made.labelled(made.write(tmp_path / "a.csv", made.rows(20)))
    resources.store().catalogue.update(job.id, state=JobState.RUNNING, rows_done=5, rows_total=20)
    at = page("batch.py", job=job.id)
    resources.store().catalogue.update(job.id, state=JobState.DONE, rows_done=20, rows_total=20)
    at.button(key="job_pause").click().run()
    assert not at.exception
    assert [toast.value for toast in at.toast] == ["来不及停了,任务刚刚已经做完"]


def test_a_failed_job_says_why_with_its_code(page: Page, tmp_path: Path) -> None:
    path = made.write(tmp_path / "a.csv", made.rows(5))
    spec = replace(made.spec_of(path, "会出错"))
    path.unlink()
    job = resources.jobs().wait(resources.jobs().submit(spec).id, 60)
    at = page("batch.py", job=job.id)
    assert not at.exception
    assert "J01" in at.error[0].value
    assert at.button(key="job_resume")


def test_deleting_a_job_needs_a_second_click_and_then_nothing_is_left(page: Page, tmp_path: Path) -> None:
    job = made.labelled(made.write(tmp_path / "a.csv", made.rows(5)))
    at = page("batch.py", job=job.id)
    at.button(key="job_delete_sure").click().run()
    assert not at.exception
    assert not resources.jobs().list()
    assert "job" not in at.query_params


def test_a_job_that_is_not_there_is_said_with_its_code(page: Page) -> None:
    at = page("batch.py", job="0" * 24)
    assert not at.exception
    assert "没有这个任务" in at.error[0].value


def test_a_downloaded_table_has_every_row_or_only_those_of_the_filter(page: Page, tmp_path: Path) -> None:
    lines = [*made.rows(10), ("=1+1", "", "", "", "", "")]
    job = made.labelled(made.write(tmp_path / "a.csv", lines))
    whole = table_files.labelled_file(job.id, None, "csv")
    assert whole.startswith(b"\xef\xbb\xbf")
    (tmp_path / "out.csv").write_bytes(whole)
    read = pd.read_csv(tmp_path / "out.csv", dtype=str)
    assert len(read) == 11
    assert read["订单号"].iloc[-1] == "'=1+1"
    filtered = table_files.labelled_file(job.id, Filter(sources=("微博",)), "jsonl").decode().splitlines()
    assert [json.loads(line)["平台"] for line in filtered] == ["微博"] * 5


def test_a_job_without_a_scorable_row_asks_to_check_the_column_and_not_the_filter(page: Page, tmp_path: Path) -> None:
    job = made.labelled(made.write(tmp_path / "empty.csv", [("1", "2026-09-01", "微博", "耳机", "1", "!!!")]), "空")
    at = page("batch.py", job=job.id)
    assert any("检查评论列" in i.value for i in at.info)


@pytest.mark.parametrize(
    ("name", "stem"),
    [("九月.csv", "九月"), ("九月.XLSX", "九月"), ("a.csv 等 3 个表", "a.csv 等 3 个表"), ("v2.0 评论", "v2.0 评论")],
)
def test_a_download_does_not_carry_the_ending_of_the_file_it_came_from(name: str, stem: str) -> None:
    assert file_stem(name) == stem


def test_a_job_of_only_a_header_says_so(page: Page, tmp_path: Path) -> None:
    job = made.labelled(made.write(tmp_path / "empty.csv", []), "空")
    at = page("batch.py", job=job.id)
    assert any("只有表头或空行" in i.value for i in at.info)


@pytest.mark.parametrize(("second", "named"), [("评论,时间", False), ("内容,发布时间", True)])
def test_the_columns_that_unite_different_tables_are_named_beside_the_download(
    page: Page, tmp_path: Path, second: str, named: bool
) -> None:
    at = page("batch.py")
    for name, header in (("甲.csv", "评论,时间"), ("乙.csv", second)):
        at = upload(at, name, f"{header}\n很好用,2026-09-01\n".encode())
    at.button(key="batch_start").click().run()
    at = finished(at)
    assert not at.exception
    assert any("合并评论等七列" in c.value for c in at.caption) is named


def test_the_file_of_a_job_without_rows_has_the_columns_of_its_input(data_dir: Path, tmp_path: Path) -> None:
    job = made.labelled(made.write(tmp_path / "空.csv", []))
    header = table_files.labelled_file(job.id, None, "csv").decode("utf-8-sig").splitlines()[0]
    assert header.split(",")[: len(made.HEADER)] == list(made.HEADER)


def test_rows_exported_again_are_told_of_where_rows_are_counted(page: Page) -> None:
    head = "评论ID,用户昵称,评论时间,评论内容\n"
    rows = "".join(f"c{i},甲{i},2026-09-0{i},第{i}次来,东西很好用\n".replace("来,", "来 ") for i in range(1, 9))
    job = started(upload(page("batch.py"), "九月.csv", (head + rows + rows).encode()))
    said = "其中 8 行是前面某一行的重复导出,各页的分析只算一次。"
    assert any(said in c.value for c in job.caption)
    assert any(said in c.value for c in page("home.py").caption)
