from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from core.errors import StoreError
from core.schema import JobState, ReadingNote, Reason, RowProblem, RunReport
from core.store import Catalogue, Store
from tests.store.conftest import JOB
from tests.store.rows import spec

REPORT = RunReport(
    rows_in=3, scored=1, blank=1, duplicates=1, rejected=0, undated=0, truncated=0, cut=0, ragged=0, needs_review=1,
    labels={"负面": 2, "中性": 0, "正面": 0}, reasons={"empty": 1}, problems=(RowProblem("a.csv", 4, Reason.EMPTY),),
    backend="builtin", model_version="v" * 16, cache_hits=0, seconds={"total": 0.25}, settings={"mask_pii": False},
    notes=(ReadingNote("a.csv", "没有找到表头。"),),
)  # fmt: skip


def test_a_job_comes_back_as_it_was_entered(store: Store) -> None:
    job = store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.QUEUED)
    assert (job.spec, job.state, job.rows_done, job.rows_total) == (spec(), JobState.QUEUED, 0, None)
    assert store.catalogue.chunk_rows(JOB) == 7
    assert abs(datetime.now(UTC) - job.created) < timedelta(minutes=1)


def test_a_report_comes_back_as_it_was_written(store: Store) -> None:
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.RUNNING)
    store.catalogue.update(JOB, state=JobState.DONE, rows_done=3, rows_total=3, report=REPORT)
    job = store.catalogue.get(JOB)
    assert job is not None
    assert (job.report, job.state, job.rows_total) == (REPORT, JobState.DONE, 3)


def test_a_report_of_before_it_held_remarks_takes_them_from_the_tables_of_its_job(store: Store) -> None:
    (table,) = spec().sources
    noted = spec(sources=(replace(table, notes=("没有找到表头。",)),))
    store.catalogue.add(JOB, noted, chunk_rows=7, state=JobState.RUNNING)
    written = json.loads(TypeAdapter(RunReport).dump_json(REPORT))
    del written["notes"]
    store.catalogue.update(JOB, state=JobState.DONE, report=json.dumps(written))
    job = store.catalogue.get(JOB)
    assert job is not None
    assert job.report == replace(REPORT, notes=(ReadingNote(table.name, "没有找到表头。"),))


def test_a_known_job_keeps_its_reference_time_and_chunk_size_and_takes_new_paths(store: Store) -> None:
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.PAUSED)
    later = replace(spec().clean, reference_time=datetime(2027, 1, 1), latest_time=datetime(2028, 1, 1))
    moved = spec(path=Path("/elsewhere/a.csv"), clean=later, name="二月")
    job = store.catalogue.add(JOB, moved, chunk_rows=9, state=JobState.RUNNING)
    assert job.spec.clean == spec().clean
    assert job.spec.sources[0].path == Path("/elsewhere/a.csv")
    assert (job.spec.name, job.state, store.catalogue.chunk_rows(JOB)) == ("二月", JobState.PAUSED, 7)


def test_a_known_job_keeps_what_the_relative_times_of_each_table_are_counted_from(store: Store) -> None:
    (table,) = spec().sources
    first, later = (replace(table, exported=datetime(2026, month, 1)) for month in (3, 4))
    store.catalogue.add(JOB, spec(sources=(first,)), chunk_rows=7, state=JobState.PAUSED)
    job = store.catalogue.add(JOB, spec(sources=(later,)), chunk_rows=7, state=JobState.PAUSED)
    assert job.spec.sources[0].exported == datetime(2026, 3, 1)


def test_a_known_job_is_not_renamed_by_files_that_come_again_without_a_name(store: Store) -> None:
    store.catalogue.add(JOB, spec(name="一月"), chunk_rows=7, state=JobState.PAUSED)
    again = spec(name="")
    again = replace(again, name=again.sources[0].name)
    assert store.catalogue.add(JOB, again, chunk_rows=7, state=JobState.PAUSED).spec.name == "一月"


def test_jobs_are_listed_latest_first(store: Store) -> None:
    for number in ("aaaaaaaa", "bbbbbbbb", "cccccccc"):
        store.catalogue.add(number, spec(), chunk_rows=7, state=JobState.QUEUED)
    assert [job.id[0] for job in store.catalogue.jobs()] == ["c", "b", "a"]


def test_jobs_in_some_states_are_found_and_counted_without_the_others(store: Store) -> None:
    for number, state in enumerate((JobState.DONE, JobState.QUEUED, JobState.DONE)):
        store.catalogue.add(f"{number}" * 12, spec(), chunk_rows=7, state=state)
    assert [job.id[0] for job in store.catalogue.jobs({JobState.QUEUED})] == ["1"]
    assert store.catalogue.states() == {JobState.DONE: 2, JobState.QUEUED: 1}


def test_corrections_replace_each_other_and_can_be_taken_back(store: Store) -> None:
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.DONE)
    store.catalogue.correct(JOB, [1, 2], 0, "反讽")
    store.catalogue.correct(JOB, [2], 2)
    assert [(c.row, c.label, c.note) for c in store.catalogue.corrections(JOB)] == [(1, 0, "反讽"), (2, 2, "")]
    store.catalogue.correct(JOB, [1], None)
    assert [c.row for c in store.catalogue.corrections(JOB)] == [2]
    assert store.catalogue.corrected(JOB) == 1


def test_every_change_of_corrections_raises_their_version(store: Store) -> None:
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.DONE)
    versions = [store.catalogue.corrections_version(JOB)]
    for label in (0, 0, None):
        store.catalogue.correct(JOB, [1], label)
        versions.append(store.catalogue.corrections_version(JOB))
    assert versions == sorted(set(versions))


@pytest.mark.parametrize("label", [-1, 3])
def test_a_correction_to_no_label_is_refused(store: Store, label: int) -> None:
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.DONE)
    with pytest.raises(StoreError, match=r"\[S08\]"):
        store.catalogue.correct(JOB, [1], label)


def test_a_deleted_job_leaves_no_trace_of_its_notes_in_the_files(store: Store) -> None:
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.DONE)
    store.catalogue.correct(JOB, [1], 0, "SECRETNOTE")
    store.catalogue.delete(JOB)
    assert store.catalogue.get(JOB) is None
    assert not any(b"SECRETNOTE" in path.read_bytes() for path in store.folder.glob("catalogue*"))


def test_two_openers_see_each_others_jobs(store: Store) -> None:
    other = Catalogue(store.folder / "catalogue.sqlite")
    other.add(JOB, spec(), chunk_rows=7, state=JobState.QUEUED)
    assert store.catalogue.get(JOB) == other.get(JOB)
    other.close()


@pytest.mark.parametrize("name", ["catalogue.sqlite", "scores.sqlite"])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"this is no database, not at all" * 99)
    with pytest.raises(StoreError, match=rf"\[S02\].*{name}"):
        Store(tmp_path)
