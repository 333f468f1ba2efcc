from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest

from core.errors import StoreError
from core.schema import Col, JobState
from core.store import CachedScore, Store
from tests.store.conftest import JOB
from tests.store.rows import labelled, spec

OTHER = "feedfeedfeed"


def test_the_data_folder_is_its_owners_alone(store: Store) -> None:
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


_OPEN_EACH = """
import sys, time
from pathlib import Path
from core.store import Store
print("ready", flush=True)
start = float(sys.stdin.readline())
for number in range(20):
    while time.time() < start + number / 20:
        pass
    Store(Path(sys.argv[1]) / str(number)).close()
"""


def test_processes_that_open_a_new_folder_at_the_same_moment_all_get_it(tmp_path: Path) -> None:
    # of two processes at one new folder, one in four was refused when nothing kept them apart
    line = [sys.executable, "-c", _OPEN_EACH, str(tmp_path)]
    pipe = subprocess.PIPE
    openers = [subprocess.Popen(line, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(3)]
    assert [opener.stdout.readline() for opener in openers if opener.stdout] == ["ready\n"] * 3
    start = f"{time.time() + 0.2}\n"
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write(start)
        opener.stdin.flush()
    said = [opener.communicate(timeout=60)[1] for opener in openers]
    assert [opener.returncode for opener in openers] == [0, 0, 0], said


def test_a_held_job_cannot_be_held_again(store: Store) -> None:
    with store.lock(JOB):
        assert not store.free(JOB)
        assert store.free(OTHER)
        with pytest.raises(StoreError, match=r"\[S09\]"), store.lock(JOB):
            pass
    assert store.free(JOB)


def test_a_dead_process_lets_go_of_its_job(store: Store) -> None:
    code = (
        "import os, sys; from pathlib import Path; from core.store import Store\n"
        f"with Store(Path(sys.argv[1])).lock('{JOB}'): print('held', flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(store.folder)], stdout=subprocess.PIPE, check=False, text=True
    )
    assert (done.stdout, done.returncode) == ("held\n", -9)
    assert store.free(JOB)


def test_jobs_of_a_dead_process_become_paused(store: Store) -> None:
    for number, state in ((JOB, JobState.RUNNING), (OTHER, JobState.DONE)):
        store.catalogue.add(number, spec(), chunk_rows=7, state=state)
    store.release_orphans()
    assert {job.id: job.state for job in store.catalogue.jobs()} == {JOB: JobState.PAUSED, OTHER: JobState.DONE}


def test_jobs_of_a_living_process_stay_running(store: Store) -> None:
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.RUNNING)
    with store.lock(JOB):
        store.release_orphans()
    assert store.catalogue.jobs()[0].state is JobState.RUNNING


def test_jobs_that_wait_for_a_living_process_stay_in_its_queue(store: Store) -> None:
    # "jobs" on the command line, or a second dashboard, took them out of the queue of `serve --workers`
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.QUEUED)
    with closing(Store(store.folder)) as other:
        with store.keeping_queue():
            other.release_orphans()
            assert other.catalogue.jobs()[0].state is JobState.QUEUED
        other.release_orphans()
        assert other.catalogue.jobs()[0].state is JobState.PAUSED


def test_jobs_that_wait_for_a_process_that_was_killed_become_paused(store: Store) -> None:
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.QUEUED)
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom core.store import Store\n"
        "with Store(Path(sys.argv[1])).keeping_queue(): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(store.folder)], check=False).returncode == -9
    store.release_orphans()
    assert store.catalogue.jobs()[0].state is JobState.PAUSED
    assert list((store.folder / "locks").glob("queue-*")) == []


def test_deleting_removes_rows_corrections_cached_scores_and_uploads(store: Store) -> None:
    upload = store.uploads.save("a.csv", BytesIO(b"SECRETTEXT"))
    frame = labelled(7)
    store.catalogue.add(JOB, spec(sha256=upload.parent.name), chunk_rows=7, state=JobState.DONE)
    store.chunks(JOB).write(frame, first_row=0, facts={})
    store.cache.put("v/16", {key: CachedScore((1.0, 0.0, 0.0), 1, False) for key in frame[Col.TEXT_KEY] if key})
    store.catalogue.correct(JOB, [0], 2, "SECRETNOTE")
    store.delete(JOB)
    assert len(store.cache) == 0
    left = [path for path in store.folder.rglob("*") if path.is_file()]
    assert {path.name.split("-")[0].removesuffix(".lock") for path in left} == {"catalogue.sqlite", "scores.sqlite"}
    contents = b"".join(path.read_bytes() for path in left)
    for trace in (b"SECRET", "物流".encode(), bytes.fromhex(frame[Col.TEXT_KEY][0])):
        assert trace not in contents


def test_an_upload_stays_while_another_job_needs_it(store: Store) -> None:
    upload = store.uploads.save("a.csv", BytesIO(b"abc"))
    for number in (JOB, OTHER):
        store.catalogue.add(number, spec(sha256=upload.parent.name), chunk_rows=7, state=JobState.DONE)
    store.delete(JOB)
    assert upload.exists()
    store.delete(OTHER)
    assert not upload.exists()


def test_a_running_job_is_not_deleted(store: Store) -> None:
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.RUNNING)
    with store.lock(JOB), pytest.raises(StoreError, match=r"\[S09\]"):
        store.delete(JOB)
    assert store.catalogue.get(JOB) is not None


def test_deleting_a_job_with_a_damaged_file_deletes_it_all_the_same(store: Store) -> None:
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.DONE)
    chunks = store.chunks(JOB)
    chunks.write(labelled(7), first_row=0, facts={})
    chunks.files()[0].path.write_bytes(b"broken")
    store.delete(JOB)
    assert not chunks.folder.exists()


def test_a_data_folder_that_is_a_file_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x", "utf-8")
    with pytest.raises(StoreError, match=r"\[S01\].*TINGFENG_DATA_DIR"):
        Store(tmp_path / "data")


def test_a_job_can_be_deleted_on_a_full_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.catalogue.add(JOB, spec(), chunk_rows=7, state=JobState.DONE)
    for first in (0, 7):
        store.chunks(JOB).write(labelled(7, first=first), first_row=first, facts={})
    keys = [key for part in store.chunks(JOB).text_keys() for key in part]
    store.cache.put("m", {key: CachedScore((0.5, 0.25, 0.25), 1, False) for key in keys})
    forget = store.cache.forget

    def forget_if_there_is_room(some: Sequence[str]) -> None:
        # one file gone gives room enough
        if store.chunks(JOB).rows() == 14:
            raise StoreError("S03", "磁盘空间不足。", "请腾出空间。")
        forget(some)

    monkeypatch.setattr(store.cache, "forget", forget_if_there_is_room)
    store.delete(JOB)
    assert len(store.cache) == 0
    assert store.catalogue.get(JOB) is None
    assert not store.chunks(JOB).folder.exists()


def test_a_database_that_another_program_holds_is_said_to_be_held(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.database._WAIT_SECONDS", 0)
    with (
        closing(Store(store.folder)) as impatient,
        closing(sqlite3.connect(store.folder / "catalogue.sqlite")) as other,
    ):
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match=r"\[S01\] 另一个程序一直占用"):
            impatient.catalogue.request_state(JOB, JobState.PAUSED)
