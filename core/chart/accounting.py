"""The outcome of every input row, as a table that adds up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd

from core.schema import DOUBTFUL_REFERENCE, REASON_TITLES, Reason, RunReport

__all__ = ["ACCOUNTING_COLUMNS", "accounting"]

ACCOUNTING_COLUMNS: Final = ("去向", "行数", "占比", "说明")
_REJECTED: Final = frozenset(
    {
        Reason.BAD_JSON,
        Reason.NOT_AN_OBJECT,
        Reason.CELL_TOO_LONG,
        Reason.UNCLOSED_QUOTE,
        Reason.HEADER_AGAIN,
        Reason.TOO_MANY_CELLS,
        Reason.ASIDE,
        Reason.OTHER_TABLE,
    }
)


def accounting(report: RunReport) -> pd.DataFrame:
    """Tabulate the row accounting of a run: read = labelled + duplicate + blank + rejected, then subtotals.

    Args:
        report: Report of a finished run.

    Returns:
        Columns ``ACCOUNTING_COLUMNS``. The first row is the rows read, the next four add up to it; the others, whose
        names begin with 其中, are subsets of these. Shares lie in [0, 1] and are NaN when nothing was read.
    """
    rejected = _said(report, _REJECTED)
    blank = _said(report, frozenset(Reason) - _REJECTED)
    why = f";{DOUBTFUL_REFERENCE}" if report.undated and report.settings.get("reference_doubtful") else ""
    lines: list[tuple[str, int, str]] = [
        ("读入", report.rows_in, "等于下面四项之和"),
        ("打标", report.scored, "每种不同的文字判断一次"),
        ("重复", report.duplicates, "文字与前面某一行相同,沿用它的结果"),
        ("空白", report.blank, blank),
        ("无法读取", report.rejected, rejected),
        (
            "其中:重复导出",
            report.reexported,
            "就是前面某一行的那条评论(编号或作者和时间、商品、文字都相同),图表里只算一次",
        ),
        ("其中:需复核", report.needs_review, "把握低于设定值"),
        ("其中:无日期", report.undated, f"时间列是空的或认不出,不进入趋势图{why}"),
        ("其中:过长", report.truncated, "超过模型一次能读的长度,分段判断后合并"),
        ("其中:末尾未计入", report.cut, "分段数也超过上限,最后的部分没有判断"),
        ("其中:列数不齐", report.ragged, "这一行的单元格比表头多或少"),
    ]
    total = report.rows_in or float("nan")
    records = [(title, n, n / total, said) for title, n, said in lines]
    return pd.DataFrame(records, columns=list(ACCOUNTING_COLUMNS))


def _said(report: RunReport, reasons: Iterable[Reason]) -> str:
    found = [(reason, report.reasons.get(str(reason), 0)) for reason in sorted(reasons)]
    return ";".join(f"{REASON_TITLES[reason]} {n:,}" for reason, n in found if n)
