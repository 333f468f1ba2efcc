"""Copies of texts within groups of comments, and their design effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.analyse.frames import rows_of
from core.schema import LEAST_CHARACTERS, SHARED_NAME, Col, Table

__all__ = ["COPY_KEY", "Copied", "copies"]

#: SQL key that copies share: the text or, if it is so short that people write it independently, text and author; NULL
#: for a short text of unknown author. Times do not help: many people cheer in the same minute.
COPY_KEY: Final = f"""CASE WHEN length({Col.CLEAN_TEXT}) >= {LEAST_CHARACTERS} THEN hash({Col.TEXT_KEY})
    WHEN {Col.AUTHOR} <> '' AND NOT {SHARED_NAME} THEN hash({Col.TEXT_KEY}, {Col.AUTHOR}) END"""


@dataclass(frozen=True, slots=True)
class Copied:
    """A group of comments, some of which are copies.

    Attributes:
        n: Comments.
        once: Comments, counting copies of a text once.
        effect: Design effect of a share of the group: its variance relative to ``n`` independent comments.
        joint: The same for the group's contribution to a share of its whole part, where its texts may have copies, too.
        rest: The same for all other comments; 1 when there are none.
    """

    n: int
    once: int
    effect: float
    joint: float
    rest: float


def copies(table: Table, rows: str, parameters: Sequence[object], *, part: str = "''") -> dict[str, Copied]:
    """Measure the design effects of copied texts in groups of comments.

    Args:
        table: The labelled table.
        rows: A query for the columns ``cell``, the name of the group, and ``own``, which is ``COPY_KEY``.
        parameters: Parameters of the query.
        part: SQL over these columns for the part that contains a group; "other comments" are those of the same part.

    Returns:
        By group name. Copies inside and outside the group are treated as independent, which is conservative: their
        correlation reduces the variance of the difference of the two shares.

    Source:
        Kish (1965), Survey Sampling, section 5.4: with identical values within a cluster, the design effect is the sum
        of the squared cluster sizes over the sum of the cluster sizes.
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
            # a text with m copies here and t in all has t - m elsewhere: (t - m)^2 = t^2 - 2 t m + m^2
            1 + float(row.total - 2 * row.across + row.inside) / max(1.0, float(row.every - row.n)),
        )
        for row in rows_of(found)
    }
