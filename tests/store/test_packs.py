"""Changed packs as files: the last one counts, some of those before are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import StoreError
from core.store import PackFiles


def test_what_was_saved_last_counts_and_only_so_many_steps_are_kept(tmp_path: Path) -> None:
    files = PackFiles(tmp_path / "packs")
    assert files.text("电商") is None
    for i in range(30):
        files.save("电商", f"第{i}版")
    assert files.text("电商") == "第29版"
    assert len(list(files.folder.iterdir())) == 20
    assert files.undo("电商")
    assert files.text("电商") == "第28版"


def test_packs_do_not_get_into_each_others_way(tmp_path: Path) -> None:
    files = PackFiles(tmp_path)
    files.save("电商", "a")
    assert files.text("电商2") is None
    files.save("电商2", "b")
    assert files.text("电商") == "a"


@pytest.mark.parametrize("title", ["../x", "", "a/b", "一" * 21, "*"])
def test_a_title_that_could_leave_the_folder_is_refused(tmp_path: Path, title: str) -> None:
    with pytest.raises(StoreError, match=r"\[S06\]"):
        PackFiles(tmp_path).save(title, "x")
