"""The rows of a table without a score of their own, one by one, with the reason."""

from __future__ import annotations

from typing import Final

import pandas as pd

from core.schema import REASON_TITLES, Col, Status, Table

__all__ = ["UNSCORED_COLUMNS", "unscored"]

UNSCORED_COLUMNS: Final = ("文件", "行号", "去向", "原因")
_TITLES: Final = {Status.BLANK: "空白", Status.DUPLICATE: "重复", Status.REJECTED: "无法读取"}
_REEXPORTED: Final = ("重复导出", "就是前面某一行的那条评论,图表里只算一次")
_SAME_TEXT: Final = "与前面某一行文字相同,沿用它的结果"


def unscored(table: Table, *, limit: int | None = None) -> pd.DataFrame:
    """List the blank, duplicate and rejected rows in file order, marking duplicates that are re-exported comments.

    Args:
        table: The labelled table.
        limit: Most rows; None for all.

    Returns:
        Columns ``UNSCORED_COLUMNS``: file, row number as in a spreadsheet program, outcome, reason. No text.
    """
    wanted = ", ".join(f"'{status}'" for status in _TITLES)
    found = table.query(
        f"""SELECT {Col.FILE}, {Col.ROW_NUMBER}, {Col.STATUS}, {Col.REASON}, {Col.REEXPORTED} FROM comments
            WHERE {Col.STATUS} IN ({wanted}) ORDER BY "{Col.ROW}" {"" if limit is None else f"LIMIT {int(limit)}"}"""
    )
    reasons = {str(reason): said for reason, said in REASON_TITLES.items()}
    listed = pd.DataFrame(
        {
            "文件": found[Col.FILE],
            "行号": found[Col.ROW_NUMBER],
            "去向": found[Col.STATUS].map({str(status): title for status, title in _TITLES.items()}),
            "原因": found[Col.REASON].map(reasons).where(found[Col.STATUS] != str(Status.DUPLICATE), _SAME_TEXT),
        }
    )
    listed.loc[found[Col.REEXPORTED].to_numpy(bool), ["去向", "原因"]] = _REEXPORTED
    return listed[list(UNSCORED_COLUMNS)].fillna("")
