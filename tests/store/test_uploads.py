from __future__ import annotations

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import StoreError
from core.store import Uploads

SHA = hashlib.sha256(b"abc").hexdigest()


def test_a_file_lies_under_its_hash_and_its_name(tmp_path: Path) -> None:
    path = Uploads(tmp_path, limit_mb=1).save("八月.csv", BytesIO(b"abc"))
    assert path == tmp_path / SHA / "八月.csv"
    assert path.read_bytes() == b"abc"


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, limit_mb=1)
    assert uploads.save("a.csv", BytesIO(b"abc")) == uploads.save("b.csv", BytesIO(b"abc"))
    assert len(list(tmp_path.rglob("*"))) == 2


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_name_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("up")
    path = Uploads(folder, limit_mb=1).save(name, BytesIO(b"abc"))
    assert path.parent == folder / SHA
    assert path.resolve().parent == path.parent
    assert len(path.name.encode()) <= 200


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"\[S07\]"):
        Uploads(tmp_path, limit_mb=1).save("big.csv", BytesIO(b"x" * (1 << 20) + b"y"))
    assert list(tmp_path.iterdir()) == []


def test_only_unused_old_files_are_cleared_away(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, limit_mb=1)
    used, fresh = uploads.save("a", BytesIO(b"abc")), uploads.save("b", BytesIO(b"fresh"))
    old = uploads.save("c", BytesIO(b"old"))
    long_ago = time.time() - 5 * 86_400
    for path in (used, old):
        os.utime(path.parent, (long_ago, long_ago))
    assert uploads.keep_only({SHA}, older_than_days=2) == 1
    assert (used.exists(), fresh.exists(), old.exists()) == (True, True, False)


def test_deleting_takes_a_hash_and_nothing_else(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", limit_mb=1)
    path = uploads.save("a", BytesIO(b"abc"))
    (tmp_path / "other").mkdir()
    for name in ("../other", "", SHA[:10]):
        uploads.delete(name)
    assert path.exists()
    assert (tmp_path / "other").exists()
    uploads.delete(SHA)
    assert not path.parent.exists()


def test_what_is_withdrawn_is_gone_unless_somebody_else_brought_it_too(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, limit_mb=1)
    alone = uploads.take_in("a", BytesIO(b"alone"))
    uploads.withdraw(alone)
    uploads.withdraw(alone)
    assert list(tmp_path.iterdir()) == []
    first, second = uploads.take_in("a", BytesIO(b"abc")), uploads.take_in("b", BytesIO(b"abc"))
    uploads.withdraw(second)
    uploads.withdraw(first)
    assert first.path == second.path
    assert second.path.read_bytes() == b"abc"


def test_of_many_with_one_content_none_loses_its_file_to_another_that_withdraws(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, limit_mb=1)

    def keeps(_: int) -> bool:
        path = uploads.save("good.csv", BytesIO(b"abc"))
        time.sleep(0.002)
        return path.read_bytes() == b"abc"

    def refuses(_: int) -> None:
        uploads.withdraw(uploads.take_in("bad.csv", BytesIO(b"abc")))

    with ThreadPoolExecutor(8) as pool:
        refused = [pool.submit(refuses, i) for i in range(300)]
        kept = [pool.submit(keeps, i) for i in range(300)]
        for one in refused:
            one.result()
        assert all(one.result() for one in kept)
    assert [path.name for path in tmp_path.iterdir()] == [SHA]


def test_processes_that_start_together_tidy_up_together(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, limit_mb=1)
    for number in range(400):
        uploads.save("a.csv", BytesIO(str(number).encode()))
    with ThreadPoolExecutor(4) as pool:
        gone = [one.result() for one in [pool.submit(uploads.keep_only, set()) for _ in range(4)]]
    assert list(tmp_path.iterdir()) == []
    assert sum(gone) >= 400


def test_links_in_the_folder_go_and_what_they_point_to_stays(tmp_path: Path) -> None:
    uploads, far = Uploads(tmp_path / "up", limit_mb=1), tmp_path / "far"
    uploads.folder.mkdir()
    far.mkdir()
    (far / "own.csv").write_text("mine")
    for name, target in (("gone", tmp_path / "nowhere"), (SHA, far)):
        (uploads.folder / name).symlink_to(target)
    assert uploads.keep_only({SHA}) == 1
    uploads.delete(SHA)
    assert list(uploads.folder.iterdir()) == []
    assert (far / "own.csv").read_text() == "mine"
