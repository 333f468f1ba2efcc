from __future__ import annotations

import secrets
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

import core.store.chunks
from core.errors import StoreError
from core.schema import Col, original
from core.store import Chunks
from tests.store.rows import labelled


def filled(folder: Path, *counts: int) -> Chunks:
    chunks, first = Chunks(folder), 0
    for count in counts:
        chunks.write(labelled(count, first=first), first_row=first, facts={"seconds": 0.5, "ragged": 1})
        first += count
    return chunks


def everything(chunks: Chunks) -> pd.DataFrame:
    return pd.concat(list(chunks.frames(batch_rows=5)), ignore_index=True)


def test_an_empty_folder_has_no_rows_and_no_own_columns(tmp_path: Path) -> None:
    chunks = Chunks(tmp_path / "none")
    assert (chunks.rows(), chunks.files(), list(chunks.frames())) == (0, [], [])
    assert chunks.drop_damaged() == 0


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    chunks = filled(tmp_path, 7, 7, 3)
    found = everything(chunks)
    pd.testing.assert_frame_equal(
        found.drop(columns=[Col.TERMS, Col.TIME]), labelled(17).drop(columns=[Col.TERMS, Col.TIME]), check_dtype=False
    )
    assert found[Col.TERMS].map(list).tolist() == labelled(17)[Col.TERMS].tolist()
    assert found[Col.TIME].tolist() == labelled(17)[Col.TIME].tolist()


def test_types_on_disk_do_not_depend_on_the_values(tmp_path: Path) -> None:
    blank = labelled(1, first=3)
    Chunks(tmp_path / "a").write(blank, first_row=0, facts={})
    filled(tmp_path / "b", 7)
    assert Chunks(tmp_path / "a").schema() == Chunks(tmp_path / "b").schema()


def test_facts_are_summed_over_chunks_and_survive_compaction(tmp_path: Path) -> None:
    chunks = filled(tmp_path, 7, 7, 3)
    assert chunks.facts() == {"seconds": 1.5, "ragged": 3}
    chunks.compact()
    assert chunks.facts() == {"seconds": 1.5, "ragged": 3}


def test_compaction_leaves_one_file_with_the_same_rows(tmp_path: Path) -> None:
    chunks = filled(tmp_path, 7, 7, 3)
    before = everything(chunks)
    chunks.compact()
    assert [(f.first, f.count) for f in chunks.files()] == [(0, 17)]
    pd.testing.assert_frame_equal(everything(chunks), before)


def test_reading_a_compacted_file_takes_less_memory_than_the_file_is_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.store.chunks, "GROUP_ROWS", 100)
    chunks = Chunks(tmp_path)
    for first in range(0, 2000, 100):
        frame = labelled(100, first=first)
        frame[original("评论")] = [secrets.token_hex(400) for _ in range(100)]  # does not compress to nothing
        chunks.write(frame, first_row=first, facts={})
    chunks.compact()
    (file,) = chunks.files()
    before = pa.total_allocated_bytes()
    held = [pa.total_allocated_bytes() - before for _ in chunks.frames(batch_rows=100)]
    assert len(held) == 20
    assert max(held) < file.path.stat().st_size


def test_compaction_cut_short_before_the_small_files_went_counts_no_row_twice(tmp_path: Path) -> None:
    chunks = filled(tmp_path, 7, 7)
    small = {f.path.name: f.path.read_bytes() for f in chunks.files()}
    chunks.compact()
    for name, data in small.items():
        (tmp_path / name).write_bytes(data)
    assert chunks.rows() == 14
    assert everything(chunks)[Col.ROW].tolist() == list(range(14))


def test_tables_with_other_columns_join_with_empty_text(tmp_path: Path) -> None:
    chunks = filled(tmp_path, 2)
    chunks.write(labelled(2, first=2, own=("日期",)), first_row=2, facts={})
    loose = everything(chunks)
    chunks.compact()
    joined = everything(chunks)
    pd.testing.assert_frame_equal(loose, joined)
    assert joined[original("日期")].tolist()[:2] == ["", ""]


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_a_truncated_file_is_found_and_dropped_with_all_behind_it(tmp_path: Path, keep: float) -> None:
    chunks = filled(tmp_path, 7, 7, 3)
    path = chunks.files()[1].path
    data = path.read_bytes()
    path.write_bytes(data[: int(keep if keep > 1 else keep * len(data))])
    assert chunks.drop_damaged() == 7
    assert len(list(tmp_path.iterdir())) == 1


def test_a_flipped_byte_in_the_data_is_found(tmp_path: Path) -> None:
    chunks = filled(tmp_path, 7)
    path = chunks.files()[0].path
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(bytes(data))
    assert chunks.drop_damaged() == 0


def test_a_gap_ends_the_table(tmp_path: Path) -> None:
    chunks = filled(tmp_path, 7, 7, 3)
    chunks.files()[1].path.unlink()
    assert chunks.rows() == 7
    assert chunks.drop_damaged() == 7


def test_what_a_crash_left_unfinished_is_cleared_away(tmp_path: Path) -> None:
    chunks = filled(tmp_path, 7)
    (tmp_path / ".000000000007-00000007.parquet.abcd.part").write_bytes(b"half")
    assert chunks.drop_damaged() == 7
    assert [p.suffix for p in tmp_path.iterdir()] == [".parquet"]


def test_reading_a_damaged_file_says_so(tmp_path: Path) -> None:
    chunks = filled(tmp_path, 7)
    chunks.files()[0].path.write_bytes(b"PAR1 no more")
    with pytest.raises(StoreError, match=r"\[S04\]"):
        list(chunks.frames([Col.ROW]))
    with pytest.raises(StoreError, match=r"\[S04\]"):
        chunks.schema()


def test_scores_are_found_by_key_of_the_first_occurrence(tmp_path: Path) -> None:
    chunks = filled(tmp_path, 7)
    frame = labelled(7)
    keys = frame[Col.TEXT_KEY].tolist()
    found = chunks.scores([keys[0], "f" * 32])
    assert set(found) == {keys[0]}
    assert found[keys[0]].probabilities[0] == pytest.approx(float(frame[Col.P_NEGATIVE][0]))
    assert set(chunks.last_scores()) == {k for k in keys if k}


def test_text_keys_are_those_of_scored_rows_only(tmp_path: Path) -> None:
    chunks = filled(tmp_path, 7)
    keys = labelled(7)[Col.TEXT_KEY].tolist()
    assert [k for part in chunks.text_keys() for k in part] == [k for k in keys[:6] if k]


def test_half_surrogates_become_the_replacement_character(tmp_path: Path) -> None:
    frame = labelled(2)
    frame[original("评论")] = pd.Series(["坏\ud83d", "好😀"], dtype=object)
    chunks = Chunks(tmp_path)
    chunks.write(frame, first_row=0, facts={})
    assert everything(chunks)[original("评论")].tolist() == ["坏\ufffd", "好😀"]


@pytest.mark.parametrize("name", ["._000000000000-00000005.parquet", "000000000000-00000005 (1).parquet", "x.parquet"])
def test_what_other_programs_leave_in_the_folder_is_no_chunk(tmp_path: Path, name: str) -> None:
    chunks = filled(tmp_path / "job", 5)
    (chunks.folder / name).write_bytes(b"other")
    assert chunks.rows() == 5
    assert len(everything(chunks)) == 5


def test_rows_read_while_the_files_are_joined_come_once_each(tmp_path: Path) -> None:
    chunks = filled(tmp_path / "job", 5, 5, 5)
    frames = chunks.frames(batch_rows=4)
    seen = [next(frames)]
    chunks.compact()
    seen += frames
    assert pd.concat(seen)[Col.ROW].tolist() == list(range(15))
