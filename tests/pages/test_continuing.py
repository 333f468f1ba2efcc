"""加新导出: the next export is put behind a finished job."""

from __future__ import annotations

from pathlib import Path

from core.schema import POSITIVE
from pages.parts import resources
from tests.pages import made
from tests.pages.uploading import Page, csv_of, finished, upload


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
