"""Copies of texts among the comments of groups, and how much less the groups then say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.analyse.frames import rows_of
from core.schema import LEAST_CHARACTERS, SHARED_NAME, Col, Table

__all__ = ["OWN_TEXT", "Copied", "copies"]

#: SQL of what copies share: the text or, where it is so short that people write it alike by chance, text and author;
#: NULL where nobody knows the author of a short one. Times tell nothing: many people cheer in one minute.
OWN_TEXT: Final = f"""CASE WHEN length({Col.CLEAN_TEXT}) >= {LEAST_CHARACTERS} THEN hash({Col.TEXT_KEY})
    WHEN {Col.AUTHOR} <> '' AND NOT {SHARED_NAME} THEN hash({Col.TEXT_KEY}, {Col.AUTHOR}) END"""


@dataclass(frozen=True, slots=True)
class Copied:
    """A group of comments some of which are copies.

    Attributes:
        n: Comments.
        once: Comments when copies of a text count once.
        effect: The variance of a share of them, in variances of the same share of ``n`` comments without copies.
        joint: The same where the group adds to a share of its whole part, which has copies of its texts elsewhere, too.
        rest: The same of all other comments; 1 when there are none.
    """

    n: int
    once: int
    effect: float
    joint: float
    rest: float


def copies(table: Table, rows: str, parameters: Sequence[object], *, part: str = "''") -> dict[str, Copied]:
    """Measure how far copies of texts make groups of comments say less than as many comments of as many people.

    Args:
        table: The labelled table.
        rows: A query for the columns ``cell``, the name of the group, and ``own``, which is ``OWN_TEXT``.
        parameters: Of the query.
        part: SQL over its columns for what a group lies in: the other comments are those of the same part.

    Returns:
        By the name of the group. Copies in the group and outside it are taken for independent, which is careful: they
        make the difference of the two shares vary less.

    Source:
        Kish (1965), Survey Sampling, section 5.4: all of a cluster say the same, so that the design effect is the sum
        of the squared sizes of the clusters over the sum of their sizes.
    """
    found = table.query(
        f"""WITH given AS MATERIALIZED (SELECT *, {part} AS part FROM ({rows})),
                 many AS MATERIALIZED (
                     SELECT part, own, count(*) AS total FROM given WHERE own IS NOT NULL
                     GROUP BY part, own HAVING count(*) > 1),
                 parts AS (SELECT cell, own, count(*) AS m, any_value(total) AS total
                           FROM given JOIN many USING (part, own) GROUP BY cell, own),
                 sums AS (SELECT cell, sum(m - 1) AS again, sum(m * (m - 1)) AS inside, sum(m * (total - 1)) AS across
                          FROM parts GROUP BY cell),
                 sizes AS (SELECT part, cell, count(*) AS n FROM given GROUP BY part, cell),
                 totals AS (SELECT part, sum(total * (total - 1)) AS total FROM many GROUP BY part)
            SELECT cell, n, coalesce(again, 0) AS again, coalesce(inside, 0) AS inside, coalesce(across, 0) AS across,
                   sum(n) OVER (PARTITION BY part) AS every, coalesce(total, 0) AS total
            FROM sizes LEFT JOIN sums USING (cell) LEFT JOIN totals USING (part)""",
        parameters,
    )
    return {
        str(row.cell): Copied(
            int(row.n),
            int(row.n - row.again),
            1 + float(row.inside) / float(row.n),
            1 + float(row.across) / float(row.n),
            # of a text with m copies here and t in all, t - m are elsewhere: (t - m)^2 = t^2 - 2 t m + m^2
            1 + float(row.total - 2 * row.across + row.inside) / max(1.0, float(row.every - row.n)),
        )
        for row in rows_of(found)
    }
