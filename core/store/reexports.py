"""Rows that hold a comment which stands in the job before: exports of two weeks that overlap hold some comments twice.

A platform's id tells it, or else the account and the moment; the text and the product are the same, too. Other copies
are none: many people write 好评, and one hand may send the same words ten times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.schema import LEAST_CHARACTERS, SHARED_NAME, Col, Status

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

__all__ = ["reexports"]

#: A table in which no text came before, nor one that nobody labelled: then nothing more is asked, and no memory taken.
_MAYBE: Final = f"""
SELECT 1 FROM {{source}} WHERE {Col.STATUS} = '{Status.DUPLICATE}'
OR {Col.STATUS} = '{Status.BLANK}' AND {Col.TEXT_KEY} <> '' LIMIT 1
"""
#: Only a text of several rows can be the same comment again.
#: Hashes of 64 bits stand for texts here and below: a million rows take a third of the memory.
_AGAIN: Final = f"""
SELECT hash({Col.TEXT_KEY}) AS text FROM {{source}} WHERE {Col.TEXT_KEY} <> '' GROUP BY 1 HAVING count(*) > 1
"""
#: Whether ids tell comments apart: most of those that stand in several rows have one text. Row numbers that begin anew
#: in every file and ids of shops, orders or categories have many.
_TELLING: Final = f"""
SELECT coalesce(2 * count(*) FILTER (texts = 1) >= count(*), false) FROM (
    SELECT (min(hash({Col.TEXT_KEY})) = max(hash({Col.TEXT_KEY})))::INT AS texts FROM {{source}}
    WHERE {Col.TEXT_KEY} <> '' AND {Col.COMMENT_ID} <> '' GROUP BY hash({Col.COMMENT_ID}) HAVING count(*) > 1)
"""
#: An account can say a few words twice within a minute, or on a day; a second or a long text tells more.
_MOMENT: Final = f"""{Col.TIME} <> date_trunc('day', {Col.TIME})
    AND ({Col.TIME} <> date_trunc('minute', {Col.TIME}) OR length({Col.CLEAN_TEXT}) >= {LEAST_CHARACTERS})"""
#: An account or, where ids tell a dialogue or an order and no comment, what somebody said there.
_SOMEBODY: Final = f"({Col.COMMENT_ID} <> '' OR {Col.AUTHOR} <> '' AND NOT {SHARED_NAME})"
_ROWS: Final = f"""
WITH again AS ({_AGAIN})
SELECT {Col.ROW} FROM (
    SELECT {Col.ROW}, hash(told, text, {Col.PRODUCT}) AS comment FROM (
        SELECT {Col.ROW}, {Col.PRODUCT}, hash({Col.TEXT_KEY}) AS text,
               CASE WHEN ? AND {Col.COMMENT_ID} <> '' THEN hash({Col.COMMENT_ID}, {Col.TIME})
                    WHEN {_SOMEBODY} AND {_MOMENT} THEN hash({Col.COMMENT_ID}, {Col.AUTHOR}, {Col.TIME})
               END AS told
        FROM {{source}} WHERE {Col.TEXT_KEY} <> '')
    WHERE told IS NOT NULL AND text IN (SELECT text FROM again))
QUALIFY row_number() OVER (PARTITION BY comment ORDER BY {Col.ROW}) > 1
ORDER BY {Col.ROW}
"""


def reexports(connection: duckdb.DuckDBPyConnection, source: str) -> NDArray[np.int64]:
    """Find the rows that are a comment before them again.

    Args:
        connection: Sees the rows.
        source: Relation with ``COMMENT_COLUMNS``, as SQL.

    Returns:
        ``Col.ROW`` of each, rising. The first row of a comment is not among them.
    """
    if connection.execute(_MAYBE.format(source=source)).fetchone() is None:
        return np.empty(0, np.int64)
    telling = connection.execute(_TELLING.format(source=source)).fetchall()[0][0]
    found = connection.execute(_ROWS.format(source=source), [bool(telling)]).fetchnumpy()
    return np.asarray(found[Col.ROW], np.int64)
