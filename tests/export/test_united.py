"""Columns that hold the comments, times and so on of tables that call them differently."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from core.export import FORMATS, export, headings, needed
from core.export.columns import numeric
from core.jobs import new_spec
from core.read import inspect
from core.schema import EXPORT_COLUMNS, UNITED_COLUMNS, UNITED_EXPORT_COLUMNS, Col, JobSpec
from core.score import load
from core.settings import get_settings
from tests.store.rows import labelled

OWN = ("订单号", "评论")


def spec(folder: Path, *headers: str) -> JobSpec:
    for place, header in enumerate(headers):
        (folder / f"{place}.csv").write_text(f"{header}\n2026-08-01,很好吃,下次还来\n", encoding="utf-8")
    return new_spec(inspect(sorted(folder.glob("*.csv"))), load("builtin"), settings=get_settings())


def test_they_stand_between_the_files_own_columns_and_ours() -> None:
    assert headings(OWN, united=True) == [*OWN, *UNITED_EXPORT_COLUMNS, *EXPORT_COLUMNS]
    assert headings(OWN) == [*OWN, *EXPORT_COLUMNS]
    assert set(UNITED_COLUMNS) <= set(needed(OWN, united=True))
    assert numeric(OWN, united=True)[0] == "合并评分"


def test_a_job_is_mixed_when_its_tables_call_their_columns_differently(tmp_path: Path) -> None:
    # one has no product: still one column for each kind of fact
    for name, headers in (("same", ("时间,评论", "时间,评论,商品")), ("mixed", ("时间,评论", "发布时间,内容"))):
        (tmp_path / name).mkdir()
        assert spec(tmp_path / name, *headers).is_mixed is (name == "mixed")


@pytest.mark.parametrize("format_", FORMATS)
def test_times_ratings_and_texts_are_written_as_people_read_them(format_: str) -> None:
    time = pd.Series(pd.to_datetime(["2026-08-01 09:30:00", None, None, None])).astype("datetime64[us]")
    frame = labelled(4).assign(**{Col.TIME: time, Col.RATING: [4.5, None, None, None], Col.AUTHOR: "=甲"})
    out = io.BytesIO()
    assert export(iter([frame]), out, format=format_, original_columns=OWN, united=True) == 4
    out.seek(0)
    readers = {"csv": pd.read_csv, "xlsx": _sheet, "parquet": pd.read_parquet, "jsonl": _lines}
    back = readers[format_](out)
    assert str(back["合并时间"][0]) == "2026-08-01 09:30:00"
    assert not back["合并时间"][1] or pd.isna(back["合并时间"][1])
    assert back["合并评分"][0] == 4.5 and pd.isna(back["合并评分"][1])
    assert back["合并作者"][0] == ("'=甲" if format_ == "csv" else "=甲")


def _sheet(out: io.BytesIO) -> pd.DataFrame:
    return pd.read_excel(out, engine="calamine")


def _lines(out: io.BytesIO) -> pd.DataFrame:
    return pd.read_json(out, lines=True, dtype=False)


def test_such_an_export_is_read_by_these_columns(tmp_path: Path) -> None:
    columns = ["content", "create_time", *headings(("评价内容",), united=True)]
    path = tmp_path / "结果.csv"
    path.write_text(",".join(columns) + "\n" + ",".join("x" * (i % 2) for i in range(len(columns))), encoding="utf-8")
    (table,) = inspect([path])
    assert table.mapping == replace(
        table.mapping,
        text=("合并评论",),
        time="合并时间",
        source="合并来源",
        product="合并商品",
        rating="合并评分",
        author="合并作者",
    )
