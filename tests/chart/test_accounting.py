"""Where every input row went."""

from __future__ import annotations

from dataclasses import replace

from core.chart import accounting
from core.schema import RunReport

REPORT = RunReport(
    rows_in=100, scored=70, blank=15, duplicates=10, rejected=5, undated=3, truncated=2, cut=1, ragged=4,
    needs_review=20, labels={"负面": 40, "中性": 20, "正面": 20},
    reasons={"empty": 9, "no_words": 6, "bad_json": 4, "header_again": 1},
    problems=(), backend="builtin", model_version="0" * 12, cache_hits=0, seconds={}, settings={},
)  # fmt: skip


def test_the_four_fates_add_up_to_the_rows_read() -> None:
    n = accounting(REPORT)["行数"].tolist()
    assert n[0] == 100 == sum(n[1:5])


def test_each_reason_stands_with_the_fate_it_led_to() -> None:
    said = dict(zip(*(accounting(REPORT)[name] for name in ("去向", "说明")), strict=True))
    assert said["空白"] == "评论为空 9;只有标点、链接或@,没有可分析的文字或表情 6"
    assert said["无法读取"] == "这一行不是合法的 JSON 4;又是一行表头,不是评论 1"


def test_rows_with_an_empty_time_are_not_said_to_have_an_unreadable_one() -> None:
    said = dict(zip(*(accounting(REPORT)[name] for name in ("去向", "说明")), strict=True))
    assert said["其中:无日期"] == "时间列是空的或认不出,不进入趋势图"


def test_shares_of_no_rows_are_nan() -> None:
    empty = replace(REPORT, rows_in=0, scored=0, blank=0, duplicates=0, rejected=0, reasons={})
    assert accounting(empty)["占比"].isna().all()


def test_rows_exported_again_are_counted_among_the_duplicates() -> None:
    counted = accounting(replace(REPORT, reexported=7))
    n = counted["行数"].tolist()
    assert n[0] == sum(n[1:5])
    assert counted.loc[counted["去向"] == "其中:重复导出", "行数"].tolist() == [7]
