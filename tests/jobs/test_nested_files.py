"""A run over a JSON file with objects in objects: dotted columns all the way from file to export."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from core.errors import JobError
from core.export import export
from core.jobs import job_id, run
from core.store import Store
from tests.jobs_kit import Rule, spec_of

ROWS = 450
COLUMNS = ("id", "mblog.text", "mblog.created_at", "mblog.user.screen_name", "mblog.user.Screen_Name", "mblog.late")


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    """Comments one a line; a key occurs in the last one only, and two keys differ in their case."""
    rows = [
        {
            "id": number,
            "mblog": {
                "text": f"物流太慢 第{number}单",
                "created_at": "2026-09-01 12:00:00",
                "user": {"screen_name": f"甲{number}", "Screen_Name": f"乙{number}"},
            },
        }
        for number in range(ROWS)
    ]
    rows[-1]["mblog"]["late"] = "晚"  # type: ignore[index]
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def stopped_after(calls: int) -> object:
    left = iter(range(calls))
    return lambda: next(left, None) is None


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_an_export_of_nested_objects_has_their_dotted_columns_in_every_row(
    store: Store, nested: Path, tmp_path: Path, format_: str
) -> None:
    spec = spec_of(nested, Rule())
    report = run(spec, store=store, backend=Rule())
    out = tmp_path / f"out.{format_}"
    table = store.table(job_id(spec))
    assert table.original_columns == COLUMNS
    export(table.frames(), out, format=format_, original_columns=table.original_columns)  # type: ignore[arg-type]
    if format_ == "csv":
        with out.open(encoding="utf-8-sig", newline="") as file:
            read = list(csv.DictReader(file))
    else:
        read = pd.read_excel(out, dtype=str, keep_default_na=False, engine="calamine").to_dict("records")
    assert (report.rows_in, report.scored, len(read)) == (ROWS, ROWS, ROWS)
    assert tuple(read[0])[: len(COLUMNS)] == COLUMNS
    assert [read[-1][name] for name in COLUMNS] == [
        "449",
        "物流太慢 第449单",
        "2026-09-01 12:00:00",
        "甲449",
        "乙449",
        "晚",
    ]
    assert {row["情感"] for row in read} == {"负面"}


def test_a_stopped_run_over_nested_objects_goes_on_to_the_same_rows(store: Store, nested: Path) -> None:
    calm = Store(store.folder.parent / "calm")
    spec = spec_of(nested, Rule())
    run(spec, store=calm, backend=Rule())
    with pytest.raises(JobError, match=r"\[J03\]"):
        run(spec, store=store, backend=Rule(), stop=stopped_after(1))  # type: ignore[arg-type]
    run(spec, store=store, backend=Rule())
    frames = [list(each.chunks(job_id(spec)).frames()) for each in (store, calm)]
    pd.testing.assert_frame_equal(*(pd.concat(each, ignore_index=True) for each in frames))
    calm.close()
