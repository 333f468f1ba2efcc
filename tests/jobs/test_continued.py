"""A job that takes up an earlier one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import JobError
from core.jobs import carry_corrections, continued, job_id, run
from core.read import inspect
from core.store import Store
from tests.jobs_kit import Rule, spec_of


def test_earlier_tables_stand_first_as_they_were_read_and_none_stands_twice(source: Path, tmp_path: Path) -> None:
    earlier = spec_of(source, Rule())
    other = tmp_path / "第二周.csv"
    other.write_text("评论内容\n新的一周\n", "utf-8")
    again = tmp_path / "换了名字.csv"
    again.write_bytes(source.read_bytes())
    tables = continued(earlier, inspect([again, other]))
    assert tables[:1] == earlier.sources
    assert [table.name for table in tables[1:]] == ["第二周.csv"]


def test_a_file_that_is_gone_is_named(source: Path) -> None:
    earlier = spec_of(source, Rule())
    source.unlink()
    with pytest.raises(JobError, match=r"\[J01\].*in\.csv"):
        continued(earlier, [])


def test_a_job_that_was_read_otherwise_is_not_taken_up(source: Path) -> None:
    earlier = spec_of(source, Rule())
    older = replace(earlier, sources=tuple(replace(table, reading=0) for table in earlier.sources))
    with pytest.raises(JobError, match=r"\[J08\].*in\.csv"):
        continued(older, [])


def test_labels_that_people_set_stand_in_both_jobs_with_their_notes(store: Store, source: Path) -> None:
    spec = spec_of(source, Rule())
    run(spec, store=store, backend=Rule())
    masked = replace(spec, clean=replace(spec.clean, mask_pii=True))
    run(masked, store=store, backend=Rule())
    one, other = job_id(spec), job_id(masked)
    store.catalogue.correct(one, [1, 4], 2, "反讽")
    store.catalogue.correct(one, [2], 0)
    assert carry_corrections(store, one, other) == 3
    said = [(c.row, c.label, c.note) for c in store.catalogue.corrections(other)]
    assert said == [(1, 2, "反讽"), (2, 0, ""), (4, 2, "反讽")]
    assert len(store.catalogue.corrections(one)) == 3
