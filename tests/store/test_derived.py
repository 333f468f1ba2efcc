"""Tables that analyses made from a job."""

import os
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from core.errors import StoreError
from core.schema import Col
from core.store import Derived

VIEW = "mentions_0123456789"


def frame(rows: list[int]) -> pd.DataFrame:
    return pd.DataFrame({Col.ROW: pd.array(rows, "int64"), "aspect": [f"服务{r}" for r in rows]})


def test_what_was_written_is_listed_with_its_facts(tmp_path: Path) -> None:
    shelf = Derived(tmp_path / "derived")
    assert (shelf.views(), shelf.facts(VIEW)) == ((), None)
    facts: dict[str, object] = {}

    def frames():
        yield frame([1])
        facts["n"] = 2
        yield frame([2])

    shelf.write(VIEW, frames(), facts)
    assert shelf.views() == (VIEW,)
    assert shelf.facts(VIEW) == {"n": 2}
    assert pd.read_parquet(shelf.path(VIEW))[Col.ROW].tolist() == [1, 2]


def test_many_small_frames_are_few_groups_so_that_questions_are_quick(tmp_path: Path) -> None:
    shelf = Derived(tmp_path / "derived")
    shelf.write(VIEW, (frame([i]) for i in range(300)), {})
    assert pq.ParquetFile(shelf.path(VIEW)).num_row_groups == 1
    assert pd.read_parquet(shelf.path(VIEW))[Col.ROW].tolist() == list(range(300))


def test_nothing_is_left_of_a_table_that_was_not_finished(tmp_path: Path) -> None:
    shelf = Derived(tmp_path / "derived")

    def broken():
        yield frame([1])
        raise StoreError("S03", "磁盘空间不足。", "")

    with pytest.raises(StoreError):
        shelf.write(VIEW, broken(), {})
    assert list(shelf.folder.iterdir()) == []


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    shelf = Derived(tmp_path / "derived")
    shelf.write(VIEW, [frame([])], {})
    assert pd.read_parquet(shelf.path(VIEW)).columns.tolist() == [Col.ROW, "aspect"]


def test_a_damaged_table_is_deleted_and_said(tmp_path: Path) -> None:
    shelf = Derived(tmp_path / "derived")
    shelf.write(VIEW, [frame([1])], {})
    shelf.path(VIEW).write_bytes(b"PAR1 nothing")
    with pytest.raises(StoreError, match=r"\[S04\]"):
        shelf.facts(VIEW)
    assert shelf.facts(VIEW) is None


def test_only_the_latest_tables_of_a_kind_are_kept(tmp_path: Path) -> None:
    shelf = Derived(tmp_path / "derived")
    for i in range(8):
        shelf.write(f"topics_{i:010x}", [frame([i])], {})
    shelf.write(VIEW, [frame([1])], {})
    assert len(shelf.views()) == 7


def test_a_table_written_after_the_clock_was_set_back_is_kept(tmp_path: Path) -> None:
    shelf = Derived(tmp_path / "derived")
    for i in range(6):
        shelf.write(f"topics_{i:010x}", [frame([i])], {})
        os.utime(shelf.path(f"topics_{i:010x}"), (4e9 + i, 4e9 + i))
    shelf.write("topics_aaaaaaaaaa", [frame([1])], {})
    assert shelf.views() == (*(f"topics_{i:010x}" for i in range(1, 6)), "topics_aaaaaaaaaa")


def test_what_a_killed_process_had_begun_goes_with_the_next_table(tmp_path: Path) -> None:
    shelf = Derived(tmp_path / "derived")
    shelf.folder.mkdir()
    (shelf.folder / ".0123456789abcdef.part").write_bytes(b"half")
    shelf.write(VIEW, [frame([1])], {})
    assert [path.name for path in shelf.folder.iterdir()] == [f"{VIEW}.parquet"]


@pytest.mark.parametrize("name", ["../x_0123456789", "mentions", "Mentions_0123456789", "mentions_012345678"])
def test_a_name_that_is_none_reaches_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match=r"\[S06\]"):
        Derived(tmp_path).path(name)


def test_the_latest_table_of_a_kind_can_be_asked_for_by_its_facts(tmp_path: Path) -> None:
    shelf = Derived(tmp_path / "derived")
    for age, (view, share) in enumerate((("mentions_aaaaaaaaaa", 0.5), ("mentions_000000000c", 1), (VIEW, 1))):
        shelf.write(view, [frame([1])], {"share": share})
        os.utime(shelf.path(view), (2e9 - age, 2e9 - age))
    assert shelf.latest("mentions") == "mentions_aaaaaaaaaa"
    assert shelf.latest("mentions", share=1) == "mentions_000000000c"
    assert shelf.latest("mentions", share=0.1) is None
