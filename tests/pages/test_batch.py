"""批量打标: upload, correct what was detected, start."""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO

import pytest

from core.errors import StoreError
from core.schema import JobState
from core.settings import get_settings
from pages.parts import resources, table_form
from tests.pages import made
from tests.pages.uploading import Page, csv_of, finished, started, upload


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
