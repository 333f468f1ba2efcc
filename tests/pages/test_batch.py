"""批量打标: upload, correct what was detected, start, watch, account for every row."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.analyse import synonyms
from core.derive.words import Words
from core.errors import StoreError
from core.files import stem as file_stem
from core.schema import LABELS, NEGATIVE, POSITIVE, Filter, JobState
from core.settings import get_settings
from pages.parts import resources, table_files, table_form, words_view
from tests.pages import made

Page = Callable[..., AppTest]


def upload(at: AppTest, name: str, data: bytes) -> AppTest:
    number = at.session_state["batch_round"] if "batch_round" in at.session_state else 0  # noqa: SIM401 - has no get
    at.file_uploader(key=f"batch_upload_{number}").upload(name, data, "application/octet-stream")
    return at.run()


def finished(at: AppTest) -> AppTest:
    resources.jobs().wait(at.query_params["job"], 120)
    return at.run()


def csv_of(tmp_path: Path, n: int = 30, *, encoding: str = "utf-8-sig") -> bytes:
    return made.write(tmp_path / "given.csv", made.rows(n), encoding=encoding).read_bytes()


def test_a_gbk_file_is_shown_with_what_was_detected_and_why(page: Page, tmp_path: Path) -> None:
    at = upload(page("batch.py"), "九月.csv", csv_of(tmp_path, encoding="gb18030"))
    assert not at.exception
    said = " ".join(c.value for c in at.caption).replace("\\", "")
    assert "CSV · GBK / GB18030 · 逗号分隔 · 表头第 1 行 · 6 列" in said
    assert "列名「评论时间」是时间列的常用名" in said
    assert at.multiselect[0].value == ["评论内容"]


def test_a_spreadsheets_number_of_a_day_is_shown_with_the_day_it_is_read_as(page: Page) -> None:
    at = upload(page("batch.py"), "九月.csv", "评价日期,评论\n45676,很好用\n45677.5,太差了\n".encode())
    assert not at.exception
    said = " ".join(c.value for c in at.caption).replace("\\", "")
    assert "例如「评价日期」里的 45676 → 2025-01-19" in said
    at = upload(page("batch.py"), "十月.csv", "评价日期,评论\n2025-01-19,很好用\n2025-01-20,太差了\n".encode())
    assert "时间的读法" not in " ".join(c.value for c in at.caption)


def test_an_uploaded_file_is_labelled_whole_and_found_again_by_its_address(page: Page, tmp_path: Path) -> None:
    at = upload(page("batch.py"), "九月.csv", csv_of(tmp_path))
    at.button(key="batch_start").click().run()
    assert not at.exception
    identity = at.query_params["job"]
    at = finished(at)
    assert not at.exception
    assert next(m.value for m in at.metric if m.label == "读入") == "30 行"
    again = page("batch.py", job=identity)
    assert again.subheader[0].value.replace("\\", "") == "九月.csv"


def started(at: AppTest, name: str = "") -> AppTest:
    at.text_input(key="batch_name").set_value(name).run()
    return finished(at.button(key="batch_start").click().run())


def test_the_words_of_a_large_job_are_begun_before_anybody_opens_its_dashboard(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words_view, "AT_ONCE_ROWS", 10)
    at = upload(page("batch.py"), "九月.csv", csv_of(tmp_path))
    at = finished(at.button(key="batch_start").click().run())
    assert not at.exception
    recipe = Words(synonyms())
    assert resources.derivation_queue().state(at.query_params["job"], recipe) is not None


def test_the_same_rows_under_another_file_name_open_the_job_there_is_and_leave_its_name(
    page: Page, tmp_path: Path
) -> None:
    first = started(upload(page("batch.py"), "九月.csv", csv_of(tmp_path)))
    assert not first.info
    again = started(upload(page("batch.py"), "又一次.csv", csv_of(tmp_path)))
    assert again.query_params["job"] == first.query_params["job"]
    (said,) = [i.value.replace("\\", "") for i in again.info]
    assert re.fullmatch(
        r"这份文件按同样的设置已经打过标\(任务「九月.csv」,\d{4}-\d\d-\d\d \d\d:\d\d\),已为您打开。", said
    )
    assert again.subheader[0].value.replace("\\", "") == "九月.csv"
    again.button(key="job_new").click().run()  # other files: nothing to be said of them
    assert not started(upload(again, "别的.csv", csv_of(tmp_path, 20))).info


def test_a_name_typed_for_the_same_rows_renames_the_job_and_says_so(page: Page, tmp_path: Path) -> None:
    started(upload(page("batch.py"), "九月.csv", csv_of(tmp_path)))
    at = started(upload(page("batch.py"), "九月.csv", csv_of(tmp_path)), "第三季度")
    assert "(任务「九月.csv」," in at.info[0].value.replace("\\", "")
    assert at.info[0].value.replace("\\", "").endswith("已为您打开,并按您填的改名为「第三季度」。")
    assert at.subheader[0].value == "第三季度"


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


def test_the_name_and_the_options_of_the_form_become_the_jobs(page: Page, tmp_path: Path) -> None:
    at = upload(page("batch.py"), "九月.csv", csv_of(tmp_path))
    at.text_input(key="batch_name").set_value("我的任务").run()
    at.toggle(key="batch_pii").set_value(True).run()
    at.slider(key="batch_band").set_value(0.2).run()
    at.text_area(key="batch_words").set_value("禾雀 Air2\n断连\n").run()
    at.button(key="batch_start").click().run()
    spec = resources.jobs().get(at.query_params["job"]).spec
    assert (spec.name, spec.clean.mask_pii, spec.score.neutral_band) == ("我的任务", True, 0.2)
    assert spec.clean.user_words == ("禾雀 Air2", "断连")


def test_another_comment_column_can_be_chosen(page: Page, tmp_path: Path) -> None:
    at = upload(page("batch.py"), "九月.csv", csv_of(tmp_path))
    at.multiselect[0].set_value(["商品", "评论内容"]).run()
    at.button(key="batch_start").click().run()
    (source,) = resources.jobs().get(at.query_params["job"]).spec.sources
    assert source.mapping.text == ("商品", "评论内容")


def test_the_header_row_can_be_corrected(page: Page, tmp_path: Path) -> None:
    at = upload(page("batch.py"), "九月.csv", csv_of(tmp_path))
    at.number_input(key="head_1").set_value(0).run()
    assert not at.exception
    assert any("没有表头" in c.value for c in at.caption)


def test_a_file_that_is_no_table_is_said_with_its_code_and_cannot_be_started(page: Page) -> None:
    at = upload(page("batch.py"), "照片.csv", b"\x89PNG\r\n\x1a\n" + bytes(200))
    assert not at.exception
    assert at.error
    assert any(c.value.startswith("错误代码 R") for c in at.caption)
    assert at.button(key="batch_start").disabled


def test_a_file_without_a_comment_column_asks_for_one(page: Page) -> None:
    at = upload(page("batch.py"), "数字.csv", b"a,b\n1,2\n3,4\n")
    assert not at.exception
    assert at.warning[0].value.startswith("[R03]")
    assert at.button(key="batch_start").disabled


def test_a_broken_file_does_not_hold_up_the_good_one_beside_it(page: Page, tmp_path: Path) -> None:
    at = upload(page("batch.py"), "坏.xlsx", b"PK\x03\x04 nothing")
    at = upload(at, "好.csv", csv_of(tmp_path))
    assert at.error
    assert not at.button(key="batch_start").disabled
    at.button(key="remove_1").click().run()
    assert not at.error


def test_two_files_of_one_name_are_told_apart(page: Page, tmp_path: Path) -> None:
    at = upload(page("batch.py"), "a.csv", csv_of(tmp_path, 5))
    at = upload(at, "a.csv", csv_of(tmp_path, 6))
    at.button(key="batch_start").click().run()
    sources = resources.jobs().get(at.query_params["job"]).spec.sources
    assert [source.name for source in sources] == ["a.csv", "a (2).csv"]


def test_an_upload_is_kept_on_disk_and_not_in_the_session(page: Page, data_dir: Path, tmp_path: Path) -> None:
    data = csv_of(tmp_path)
    at = upload(page("batch.py"), "九月.csv", data)
    (kept,) = (data_dir / "uploads").rglob("*.csv")
    assert kept.read_bytes() == data
    assert not at.file_uploader[0].value


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


def test_how_a_table_was_read_is_said_in_one_line(tmp_path: Path, data_dir: Path) -> None:
    path = made.write(tmp_path / "a.csv", made.rows(3), encoding="utf-8")
    (table,) = table_form.inspected(str(path), "a.csv", table_form.NOTHING)
    assert table_form.facts(table).startswith("CSV · UTF-8 · 逗号分隔 · 表头第 1 行 · 6 列 · ")
    assert get_settings().data_dir == data_dir


def test_a_file_that_is_left_out_is_named_beside_the_start(page: Page, tmp_path: Path) -> None:
    at = upload(page("batch.py"), "九月.csv", csv_of(tmp_path))
    at = upload(at, "坏的.xlsx", b"PK\x03\x04 nothing that could be read")
    assert not at.exception
    assert not at.button(key="batch_start").disabled
    assert any("不包括:坏的.xlsx" in c.value.replace("\\", "") for c in at.caption)


def test_a_table_without_a_known_comment_column_shows_its_rows_to_choose_from(page: Page, tmp_path: Path) -> None:
    at = upload(page("batch.py"), "九月.csv", csv_of(tmp_path))
    at = upload(at, "怪.csv", "甲,乙\n1,2\n3,4\n".encode())
    assert any("找不到评论列" in w.value for w in at.warning)
    assert any(list(table.value.columns) == ["甲", "乙"] for table in at.dataframe)


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


def test_a_table_of_only_a_header_is_said_before_it_is_labelled(page: Page) -> None:
    at = upload(page("batch.py"), "空表.csv", "评论,时间\n".encode())
    assert not at.exception
    assert any("表头下面没有一行数据" in w.value for w in at.warning)
    assert not at.dataframe


def test_a_header_only_table_among_others_is_said_though_its_preview_is_closed(page: Page) -> None:
    at = upload(page("batch.py"), "满.csv", "评论,时间\n很好用,2026-09-01\n".encode())
    at = upload(at, "空表.csv", "评论,时间\n".encode())
    assert not at.exception
    assert not at.dataframe  # both previews are closed
    assert [("表头下面没有一行数据" in w.value) for w in at.warning] == [True]


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


def test_a_new_export_is_put_behind_a_job_with_its_labels_that_people_set(page: Page, tmp_path: Path) -> None:
    lines = made.rows(40)
    earlier = made.labelled(made.write(tmp_path / "第一周.csv", lines[:30]), "耳机")
    resources.store().catalogue.correct(earlier.id, [3], POSITIVE, "反讽")
    at = page("batch.py", job=earlier.id)
    at.button(key="job_onto").click().run()
    assert at.query_params["onto"] == earlier.id
    assert "接着「耳机」(1 个表,30 行)" in " ".join(m.value for m in at.markdown)
    at = upload(at, "第二周.csv", made.write(tmp_path / "第二周.csv", lines[20:]).read_bytes())
    assert at.text_input(key="batch_name").value == "耳机"
    at.button(key="batch_start").click().run()
    assert not at.exception
    at = finished(at)
    job = resources.jobs().get(at.query_params["job"])
    assert job.id != earlier.id
    assert job.report is not None
    assert (job.report.rows_in, job.report.reexported) == (50, 10)
    assert [(c.row, c.label, c.note) for c in resources.store().catalogue.corrections(job.id)] == [
        (3, POSITIVE, "反讽")
    ]
    assert resources.jobs().get(earlier.id).report == earlier.report


def test_a_job_of_its_own_does_not_bear_the_name_of_the_one_that_was_not_taken_up(page: Page, tmp_path: Path) -> None:
    earlier = made.labelled(made.write(tmp_path / "a.csv", made.rows(10)), "耳机")
    at = upload(page("batch.py", onto=earlier.id), "b.csv", made.write(tmp_path / "b.csv", made.rows(20)).read_bytes())
    assert at.text_input(key="batch_name").value == "耳机"
    at.button(key="batch_onto_off").click().run()
    assert "onto" not in at.query_params
    assert at.text_input(key="batch_name").value == ""


def test_a_table_that_the_job_holds_already_is_not_read_twice(page: Page, tmp_path: Path) -> None:
    data = csv_of(tmp_path)
    earlier = made.labelled(tmp_path / "given.csv", "耳机")
    at = upload(page("batch.py", onto=earlier.id), "又是九月.csv", data)
    at.button(key="batch_start").click().run()
    assert at.query_params["job"] == earlier.id
    assert resources.jobs().get(earlier.id).report == earlier.report


def test_a_job_cannot_be_taken_up_once_its_files_are_gone(page: Page, tmp_path: Path) -> None:
    path = made.write(tmp_path / "a.csv", made.rows(10))
    earlier = made.labelled(path)
    path.unlink()
    at = upload(page("batch.py", onto=earlier.id), "b.csv", made.write(tmp_path / "b.csv", made.rows(20)).read_bytes())
    at.button(key="batch_start").click().run()
    assert not at.exception
    assert "原任务的文件 a.csv 已不在" in at.error[0].value.replace("\\", "")


def test_a_file_that_cannot_be_saved_is_named_once_and_the_others_are_added_once(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = resources.store().uploads
    save = uploads.save

    def saved(name: str, data: IO[bytes]) -> Path:
        if name == "坏.csv":
            raise StoreError("S07", "文件超过 1 MB 的上限。", "请拆分文件。")
        return save(name, data)

    monkeypatch.setattr(uploads, "save", saved)
    at = page("batch.py")
    files = [(name, csv_of(tmp_path, n), "text/csv") for n, name in ((20, "好.csv"), (21, "坏.csv"), (22, "也好.csv"))]
    at.file_uploader(key="batch_upload_0").set_value(files).run()
    at.run()  # as with any click
    assert not at.exception
    assert [file["name"] for file in at.session_state["batch_files"]] == ["好.csv", "也好.csv"]
    (error,) = at.error
    assert error.value.replace("\\", "") == "「坏.csv」:文件超过 1 MB 的上限。请拆分文件。"
    assert not upload(at, "再来.csv", csv_of(tmp_path, 23)).error


def test_all_jobs_can_be_listed_and_only_other_pages_point_here(page: Page, tmp_path: Path) -> None:
    spec = made.spec_of(made.write(tmp_path / "later.csv", made.rows(10)), "待会")
    for i in range(60):
        resources.store().catalogue.add(f"{i:024x}", spec, chunk_rows=100, state=JobState.PAUSED)
    home = page("home.py")
    assert any("其余在「批量打标」里" in c.value for c in home.caption)
    at = page("batch.py")
    assert [c.value for c in at.caption if "只列出" in c.value] == ["只列出最近 50 个,共 60 个任务。"]
    at.button(key="jobs_show_more").click().run()
    assert not at.exception
    assert sum(m.value == "待会" for m in at.markdown) == 60
    assert not any("只列出" in c.value for c in at.caption)


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
