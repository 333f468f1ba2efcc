"""``analyse brief``: the most important findings, each with its numbers and source rows."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.commands.opened import add_target, opened

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TITLE", "add", "rows"]

TITLE = "一页纸:最要紧的几条发现"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_target(parser)
    parser.add_argument("--limit", type=int, default=5, metavar="N", help="最多几条发现,默认 5")


def rows(arguments: argparse.Namespace) -> pd.DataFrame:
    """Return one row per finding, the largest first."""
    import pandas as pd

    from core.analyse import findings
    from core.chart import FINDING_TITLES, describe_finding, headline
    from core.schema import Filter

    with opened(arguments) as found:
        result = findings(found.table, Filter(), limit=max(1, arguments.limit))
    return pd.DataFrame(
        {
            "名次": [i + 1 for i in range(len(result.findings))],
            "类别": [FINDING_TITLES[f.kind] for f in result.findings],
            "对象": [f.subject for f in result.findings],
            "发现": [headline(f) for f in result.findings],
            "依据": [describe_finding(f) for f in result.findings],
            "评论数": [f.share.n for f in result.findings],
            "负面占比": [round(f.share.value, 4) for f in result.findings],
            "下限": [round(f.share.low, 4) for f in result.findings],
            "上限": [round(f.share.high, 4) for f in result.findings],
            "预期": [round(f.expected, 4) for f in result.findings],
            "多出负面": [round(f.excess, 1) for f in result.findings],
            "多出下限": [round(f.excess_low, 1) for f in result.findings],
            "原文行号": ["、".join(str(q.row_number) for q in f.quotes) for f in result.findings],
            "原文": [" ‖ ".join(q.text for q in f.quotes) for f in result.findings],
        }
    )
