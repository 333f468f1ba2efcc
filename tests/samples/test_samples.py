"""The sample files are what data/samples/README.md says, and can be made again."""

from __future__ import annotations

import csv
import json
import runpy
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
BEIJING = timezone(timedelta(hours=8))
TABLES = (
    "weibo_comments.csv",
    "shop_reviews_gbk.csv",
    "takeaway_reviews.csv",
    "hotel_reviews.xlsx",
    "notes.jsonl",
    "service_dialogue.csv",
)


def read_csv(name: str, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def read_source() -> dict[str, list[dict[str, str]]]:
    tables = {}
    for path in sorted((SAMPLES / "source").glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return tables


def read_sheets(path: Path) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def count_rows() -> dict[str, int]:
    lines = (SAMPLES / "notes.jsonl").read_text(encoding="utf-8").splitlines()
    return {
        "weibo_comments.csv": len(read_csv("weibo_comments.csv")),
        "shop_reviews_gbk.csv": len(read_csv("shop_reviews_gbk.csv", "gb18030")),
        "takeaway_reviews.csv": len(read_csv("takeaway_reviews.csv")),
        "hotel_reviews.xlsx": len(read_sheets(SAMPLES / "hotel_reviews.xlsx")["住客点评"]) - 4,
        "notes.jsonl": len(lines),
        "service_dialogue.csv": len(read_csv("service_dialogue.csv")),
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    runpy.run_path(str(SAMPLES / "build.py"))["build"](folder)
    return folder


@pytest.mark.parametrize("name", [name for name in (*TABLES, "labelled.csv") if not name.endswith(".xlsx")])
def test_building_again_gives_the_committed_file_byte_for_byte(built: Path, name: str) -> None:
    assert (built / name).read_bytes() == (SAMPLES / name).read_bytes()


def test_building_again_gives_the_committed_workbook_cell_for_cell(built: Path) -> None:
    assert read_sheets(built / "hotel_reviews.xlsx") == read_sheets(SAMPLES / "hotel_reviews.xlsx")


def test_the_samples_hold_enough_rows_and_distinct_comments() -> None:
    texts = {row["comment"] for rows in read_source().values() for row in rows}
    assert sum(count_rows().values()) >= 1500
    assert len(texts) >= 1000


def test_the_samples_span_many_fields_and_fifteen_weeks() -> None:
    fields = Counter(row["domain"] for rows in read_source().values() for row in rows)
    days = [date.fromisoformat(row["create_date_time"][:10]) for row in read_csv("weibo_comments.csv")]
    assert len([name for name, count in fields.items() if count >= 20]) >= 6
    assert (max(days) - min(days)).days >= 14 * 7


def test_no_text_was_meant_in_two_ways() -> None:
    meant: dict[str, set[str]] = {}
    for rows in read_source().values():
        for row in rows:
            meant.setdefault(row["comment"], set()).add(row["label"])
    assert {text for text, labels in meant.items() if len(labels) > 1} == set()


def test_labelled_holds_each_text_once_with_all_three_labels() -> None:
    rows = read_csv("labelled.csv")
    counts = Counter(row["label"] for row in rows)
    assert len({row["text"] for row in rows}) == len(rows)
    assert set(counts) == {"负面", "中性", "正面"}
    assert min(counts.values()) >= 200


def test_meant_labels_stand_in_no_sample_table() -> None:
    # a whole cell that is nothing but a meant label would be the answer beside the question
    cells = {cell for row in read_csv("service_dialogue.csv") for cell in row.values()}
    cells |= {cell for row in read_csv("shop_reviews_gbk.csv", "gb18030") for cell in row.values()}
    assert cells.isdisjoint({"负", "中", "正", "负面", "中性", "正面"})


def weekly_share(rows: list[tuple[date, str]], words: tuple[str, ...]) -> dict[int, float]:
    """Share of the comments of each week (1 = that of 3 August) that hold one of the words."""
    total, found = Counter[int](), Counter[int]()
    for day, text in rows:
        week = (day - date(2026, 8, 3)).days // 7 + 1
        total[week] += 1
        found[week] += any(word in text for word in words)
    return {week: found[week] / total[week] for week in sorted(total)}


def test_complaints_about_the_connection_burst_on_weibo_in_week_six() -> None:
    rows = [
        (date.fromisoformat(row["create_date_time"][:10]), row["content"]) for row in read_csv("weibo_comments.csv")
    ]
    share = weekly_share(rows, ("断", "disconnect"))
    assert max(share[week] for week in range(1, 6)) < 0.1
    assert share[6] > 0.25
    assert share[14] < share[6]


def test_the_same_complaint_reaches_the_shops() -> None:
    rows = [
        (datetime.strptime(row["评价时间"], "%Y/%m/%d %H:%M").date(), row["评价内容"])
        for row in read_csv("shop_reviews_gbk.csv", "gb18030")
        if row["评价时间"].startswith("2026")
    ]
    share = weekly_share(rows, ("断",))
    assert max(share[week] for week in range(1, 6)) < 0.1
    assert share[6] > 0.25


def test_takeaway_leaks_in_the_week_of_rain_and_not_after() -> None:
    rows = [
        (datetime.fromtimestamp(int(row["评论时间"]) / 1000, BEIJING).date(), row["评论用户内容"])
        for row in read_csv("takeaway_reviews.csv")
    ]
    share = weekly_share(rows, ("撒", "洒", "漏"))
    assert share[11] > 0.4
    assert max(share[week] for week in (12, 13, 14)) < 0.15


def test_the_shop_file_is_gb18030_with_damaged_ids_blank_and_undated_rows() -> None:
    raw = (SAMPLES / "shop_reviews_gbk.csv").read_bytes()
    rows = read_csv("shop_reviews_gbk.csv", "gb18030")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    assert sum("E+18" in row["订单编号"] for row in rows) == 12
    assert sum(not any(row.values()) for row in rows) == 2
    assert (
        sum(row["评价时间"] in {"未知", "——"} or (row["订单编号"] != "" and row["评价时间"] == "") for row in rows) == 3
    )
    assert sum("\n" in row["评价内容"] for row in rows) >= 4


def test_the_weibo_file_has_mediacrawler_columns_and_long_ids() -> None:
    rows = read_csv("weibo_comments.csv")
    assert (SAMPLES / "weibo_comments.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(rows[0])[:5] == ["comment_id", "create_time", "create_date_time", "note_id", "content"]
    assert {len(row["comment_id"]) for row in rows} == {16}
    assert len({row["comment_id"] for row in rows}) == len(rows)


def test_the_workbook_has_two_title_rows_and_a_second_sheet() -> None:
    sheets = read_sheets(SAMPLES / "hotel_reviews.xlsx")
    assert list(sheets) == ["住客点评", "门店信息"]
    assert sheets["住客点评"][3][:2] == ["序号", "门店"]
    assert sheets["住客点评"][-1][0] == "合计"


def test_the_notes_hold_one_empty_and_one_cut_off_line() -> None:
    broken = []
    for line in (SAMPLES / "notes.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            json.loads(line)
        except json.JSONDecodeError:
            broken.append(line)
    assert [bool(line) for line in broken] == [False, True]


def test_the_readme_has_a_line_for_every_file() -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in SAMPLES.iterdir() if path.is_file()} - {"README.md", "build.py"}
    assert {name for name in files if f"| `{name}` |" not in readme} == set()
