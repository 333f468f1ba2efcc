"""Detect rows that repeat a comment of an earlier row: overlapping exports of two weeks contain some comments twice.

They share the platform's id, or else account and time; text and product are equal too. Other copies are not
reexports: many people write 好评, and one account may post the same words ten times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.schema import LEAST_CHARACTERS, SHARED_NAME, Col, Status

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

__all__ = ["reexports"]

#: Quick check: a table without duplicates, and without unlabelled texts, needs no further query and no memory.
_MAYBE: Final = f"""
SELECT 1 FROM {{source}} WHERE {Col.STATUS} = '{Status.DUPLICATE}'
OR {Col.STATUS} = '{Status.BLANK}' AND {Col.TEXT_KEY} <> '' LIMIT 1
"""
#: Only a text that occurs in several rows can be a repeated comment.
#: 64-bit hashes represent texts here and below: a million rows take a third of the memory.
_AGAIN: Final = f"""
SELECT hash({Col.TEXT_KEY}) AS text FROM {{source}} WHERE {Col.TEXT_KEY} <> '' GROUP BY 1 HAVING count(*) > 1
"""
#: Whether ids identify comments: most ids that occur in several rows have a single text. Row numbers that restart in
#: every file, and ids of shops, orders or categories, have many.
_TELLING: Final = f"""
SELECT coalesce(2 * count(*) FILTER (texts = 1) >= count(*), false) FROM (
    SELECT (min(hash({Col.TEXT_KEY})) = max(hash({Col.TEXT_KEY})))::INT AS texts FROM {{source}}
    WHERE {Col.TEXT_KEY} <> '' AND {Col.COMMENT_ID} <> '' GROUP BY hash({Col.COMMENT_ID}) HAVING count(*) > 1)
"""
#: An account may repeat a few words within a minute or a day; a time with seconds or a long text is better evidence.
_MOMENT: Final = f"""{Col.TIME} <> date_trunc('day', {Col.TIME})
    AND ({Col.TIME} <> date_trunc('minute', {Col.TIME}) OR length({Col.CLEAN_TEXT}) >= {LEAST_CHARACTERS})"""
#: An account or, if ids identify a dialogue or an order instead of a comment, an utterance within it.
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
    """Find the rows that repeat the comment of an earlier row.

    Args:
        connection: Has access to the rows.
        source: Relation with ``COMMENT_COLUMNS``, as SQL.

    Returns:
        ``Col.ROW`` of each, ascending, without the first occurrence of a comment.
    """
    if connection.execute(_MAYBE.format(source=source)).fetchone() is None:
        return np.empty(0, np.int64)
    telling = connection.execute(_TELLING.format(source=source)).fetchall()[0][0]
    found = connection.execute(_ROWS.format(source=source), [bool(telling)]).fetchnumpy()
    return np.asarray(found[Col.ROW], np.int64)
