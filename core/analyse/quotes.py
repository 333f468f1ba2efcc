"""Original texts of comments, fetched by row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.analyse.frames import rows_of
from core.results import Quote
from core.schema import Col, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["quotes_by", "quotes_of"]


def quotes_by(table: Table, picked: pd.DataFrame, group: str) -> dict[int, tuple[Quote, ...]]:
    """Return the comments of some rows by their number in the column ``group``, in the order given."""
    texts = quotes_of(table, picked[Col.ROW])
    quotes: dict[int, tuple[Quote, ...]] = {}
    for number, row in zip(picked[group], picked[Col.ROW], strict=True):
        quotes[int(number)] = (*quotes.get(int(number), ()), texts[int(row)])
    return quotes


def quotes_of(table: Table, rows: Iterable[int]) -> dict[int, Quote]:
    """Return the comments of some rows, keyed by row.

    Ranking narrow columns first and then fetching a few texts is far cheaper than carrying all texts along.
    """
    wanted = [int(row) for row in rows]
    found = table.query(
        f"""SELECT {Col.ROW}, {Col.FILE}, {Col.ROW_NUMBER}, {Col.TEXT} FROM comments
            WHERE {Col.ROW} IN ({", ".join(map(str, wanted)) or "NULL"})"""
    )
    return {
        int(one.row): Quote(int(one.row), str(one.file), int(one.row_number), str(one.text)) for one in rows_of(found)
    }
