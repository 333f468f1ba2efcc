"""Every format, read back with the tools people use."""

from __future__ import annotations

import csv
import errno
import gc
import io
import json
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from core.errors import ExportError
from core.export import FORMATS, export, format_of, headings, neutralise, small_csv, writers
from core.schema import EMOTION_EXPORT_COLUMNS, EXPORT_COLUMNS, Col, original
from tests.store.rows import labelled

OWN = ("订单号", "评论")
WORDS = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=30)


def one_by_one(frame: pd.DataFrame, size: int = 3) -> Iterator[pd.DataFrame]:
    return (frame.iloc[i : i + size] for i in range(0, len(frame), size))


def written(frame: pd.DataFrame, format_: str, own: tuple[str, ...] = OWN) -> bytes:
    out = io.BytesIO()
    assert export(one_by_one(frame), out, format=format_, original_columns=own) == len(frame)
    return out.getvalue()


def csv_rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def xlsx_rows(data: bytes, sheet: int = 0) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(sheet).to_python(skip_empty_area=False)


def test_the_headings_are_the_files_own_and_then_ours() -> None:
    assert headings(OWN) == [*OWN, *EXPORT_COLUMNS]
    assert headings(OWN, emotion=True) == [*OWN, *EXPORT_COLUMNS, *EMOTION_EXPORT_COLUMNS]


def test_an_original_column_with_one_of_our_names_keeps_it() -> None:
    names = headings(["情感", "情感(听风)", "需复核"])
    assert names[:3] == ["情感", "情感(听风)", "需复核"]
    assert names[3] == "情感(听风)(听风)"
    assert names[-1] == "需复核(听风)"
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("format_", FORMATS)
def test_no_rows_give_a_file_with_headings_alone(format_: str) -> None:
    data = written(labelled(0), format_)
    found = {
        "csv": lambda: csv_rows(data)[0],
        "xlsx": lambda: xlsx_rows(data)[0],
        "parquet": lambda: pq.read_table(io.BytesIO(data)).column_names,
        "jsonl": lambda: headings(OWN) if data == b"" else None,
    }[format_]()
    assert found == headings(OWN)


def test_csv_has_a_bom_crlf_and_rounded_numbers() -> None:
    data = written(labelled(7), "csv")
    assert data.startswith("\ufeff订单号".encode())
    assert data.count(b"\r\n") == data.count(b"\n") == 8
    rows = csv_rows(data)
    assert rows[1] == ["订单号0-0", "物流太慢了", "负面", "0.5", "0.5", "0.0", "0.0", "是"]
    assert rows[2][3] == "0.55"


@pytest.mark.parametrize("format_", FORMATS)
def test_a_row_that_was_not_scored_is_there_with_empty_answers(format_: str) -> None:
    data = written(labelled(7), format_)
    row = {
        "csv": lambda: csv_rows(data)[4][2:],
        "xlsx": lambda: (xlsx_rows(data)[4] + [""] * 6)[2:8],
        "parquet": lambda: list(pq.read_table(io.BytesIO(data)).to_pylist()[3].values())[2:],
        "jsonl": lambda: list(json.loads(data.splitlines()[3]).values())[2:],
    }[format_]()
    assert all(value in ("", None) for value in row)
    assert len(row) == 6


def test_jsonl_and_parquet_hold_numbers_as_numbers() -> None:
    first = json.loads(written(labelled(2), "jsonl").splitlines()[0])
    table = pq.read_table(io.BytesIO(written(labelled(2), "parquet"))).to_pylist()[0]
    assert first == table
    assert (first["置信度"], first["情感"], first["需复核"]) == (0.5, "负面", "是")


def test_xlsx_keeps_texts_as_texts() -> None:
    frame = labelled(4)
    odd = ["=1+1", "http://a.cn/?x=1", "001234567890123456789", "mailto:a@b.cn"]
    frame[original("评论")] = odd
    data = written(frame, "xlsx")
    assert [row[1] for row in xlsx_rows(data)[1:]] == odd
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_xlsx_goes_on_in_a_further_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "EXCEL_ROWS", 4)
    data = written(labelled(8), "xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert book.sheet_names == ["评论", "评论2", "评论3"]
    counts = [len(xlsx_rows(data, i)) for i in range(3)]
    assert counts == [4, 4, 3]
    assert [xlsx_rows(data, i)[0] for i in range(3)] == [headings(OWN)] * 3


@pytest.mark.parametrize("text", ["长" * 40_000, "😀" * 20_000])
def test_a_cell_too_long_for_excel_is_cut_and_says_so(text: str) -> None:
    frame = labelled(1)
    frame[original("评论")] = [text]
    found = xlsx_rows(written(frame, "xlsx"))[1][1]
    assert len(found.encode("utf-16-le")) // 2 <= 32_767
    assert found.endswith("后文略〕")
    assert text.startswith(found[:10_000])


def test_too_many_columns_for_excel_are_refused() -> None:
    own = tuple(f"c{i}" for i in range(16_380))
    with pytest.raises(ExportError, match=r"\[E04\].*CSV"):
        export(iter([]), io.BytesIO(), format="xlsx", original_columns=own)


def test_a_column_that_a_frame_lacks_is_empty() -> None:
    assert csv_rows(written(labelled(1), "csv", ("订单号", "没有")))[1][1] == ""


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(st.lists(WORDS, min_size=1, max_size=5))
def test_any_text_comes_back_from_csv_jsonl_and_parquet(texts: list[str]) -> None:
    frame = labelled(len(texts))
    frame[original("评论")] = pd.Series(texts, dtype=object)
    assert [row[1] for row in csv_rows(written(frame, "csv"))[1:]] == [neutralise(text) for text in texts]
    assert [json.loads(line)["评论"] for line in written(frame, "jsonl").split(b"\n")[:-1]] == texts
    assert pq.read_table(io.BytesIO(written(frame, "parquet")))["评论"].to_pylist() == texts


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=20), min_size=1, max_size=4
    )
)
def test_any_printable_text_comes_back_from_xlsx(texts: list[str]) -> None:
    frame = labelled(len(texts))
    frame[original("评论")] = pd.Series(texts, dtype=object)
    assert [str(row[1]) for row in xlsx_rows(written(frame, "xlsx"))[1:]] == texts


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20))
@settings(deadline=None)
def test_numbers_are_rounded_to_four_places(values: list[float]) -> None:
    frame = labelled(len(values))
    frame[Col.LABEL] = np.zeros(len(values), np.int8)
    frame[Col.P_NEGATIVE] = np.array(values, np.float32)
    found = [json.loads(line)["负面概率"] for line in written(frame, "jsonl").splitlines()]
    assert all(math.isclose(a, b, abs_tol=5.01e-5) and a == round(a, 4) for a, b in zip(found, values, strict=True))


@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_is_whole_or_not_there(tmp_path: Path, format_: str) -> None:
    out = tmp_path / f"out.{format_}"
    out.write_bytes(b"old")

    def broken() -> Iterator[pd.DataFrame]:
        yield labelled(3)
        raise OSError(28, "No space left on device")

    with pytest.raises(ExportError, match=r"\[E03\]"):
        export(broken(), out, format=format_, original_columns=OWN)
    assert [p.name for p in tmp_path.iterdir()] == [out.name]
    assert out.read_bytes() == b"old"


@pytest.mark.parametrize("format_", FORMATS)
def test_a_name_may_be_as_long_as_the_file_system_takes(tmp_path: Path, format_: str) -> None:
    out = tmp_path / ("听" * 85)  # 255 bytes
    assert export(iter([labelled(1)]), out, format=format_, original_columns=OWN) == 1
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, format_: str) -> None:
    with pytest.raises(ExportError, match=r"\[E02\].*none"):
        export(iter([labelled(1)]), tmp_path / "none" / "out", format=format_, original_columns=OWN)


def test_the_ending_tells_the_format(tmp_path: Path) -> None:
    assert [format_of(tmp_path / name) for name in ("a.CSV", "b.xlsx", "c.parquet", "d.jsonl")] == list(FORMATS)
    with pytest.raises(ExportError, match=r"\[E01\].*\.csv"):
        format_of(tmp_path / "a.doc")
    with pytest.raises(ExportError, match=r"\[E01\]"):
        export(iter([]), io.BytesIO(), format="doc", original_columns=())


def test_the_headings_of_small_tables_are_neutralised_too() -> None:
    # the columns of a comparison bear the names of products or files
    assert small_csv(pd.DataFrame({"=cmd|' /C calc'!A0": [1], "词": ["好"]})).startswith("\ufeff'=cmd|".encode())


def test_a_heading_longer_than_a_cell_of_excel_is_cut_and_says_so(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    export(iter([]), out, format="xlsx", original_columns=["😄" * 20_000])
    heading = CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()[0][0]
    assert heading.endswith("后文略〕")
    assert len(heading.encode("utf-16-le")) // 2 <= writers.EXCEL_CELL_CHARS


class Full(io.BytesIO):
    """A file on a disk that is full after some bytes."""

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > 2_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


def test_a_workbook_that_does_not_fit_on_the_disk_says_so_and_nothing_else() -> None:
    # its half-written archive ended itself later, on a closed file, with a trace on standard error
    with pytest.raises(OSError, match="No space left"), Full() as out:
        export(one_by_one(labelled(200), 20), out, format="xlsx", original_columns=OWN)
    gc.collect()
