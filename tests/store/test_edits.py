"""What people changed in an analysis: kept in order, undone from the end, lost by nobody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import StoreError
from core.store import Store
from tests.store.conftest import JOB


def test_changes_made_at_the_same_moment_are_all_kept(store: Store) -> None:
    store.chunks(JOB).folder.mkdir(parents=True)
    # each with an object of its own, as two pages or two processes have
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.edits(JOB, "topics").add({"n": n}), range(40)))
    assert sorted(change["n"] for change in store.edits(JOB, "topics").all()) == list(range(40))


def test_a_damaged_file_is_set_aside_and_not_written_over(store: Store) -> None:
    edits, folder = store.edits(JOB, "topics"), store.chunks(JOB).folder
    folder.mkdir(parents=True)
    (folder / "edits_topics.json").write_text('[{"merge": [1, 2]}', "utf-8")
    assert edits.all() == []
    edits.add({"merge": [3, 4]})
    assert edits.all() == [{"merge": [3, 4]}]
    assert (folder / "edits_topics.damaged").read_text("utf-8") == '[{"merge": [1, 2]}'


def test_the_changes_of_a_deleted_job_are_refused_and_make_no_folder(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"\[S05\]"):
        store.edits(JOB, "topics").add({})
    assert store.edits(JOB, "topics").undo() is None
    assert not store.chunks(JOB).folder.exists()
