"""Reason tags, which shops want for each comment: 好评 or 差评 and the aspects behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.schema import NEGATIVE, POSITIVE, Col
from core.store import LabelledTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["tagged"]

_BAD, _GOOD = "差评", "好评"


def tagged(frames: Iterator[pd.DataFrame], table: LabelledTable, view: str) -> Iterator[pd.DataFrame]:
    """Add the reason tags to labelled rows.

    Args:
        frames: Labelled rows in order, with ``Col.ROW``.
        table: Their table.
        view: Derived table of the mentions of all its comments.

    Yields:
        The frames with ``Col.TAGS``: ``差评:物流、质量;好评:价格``, aspects in the order of the comment, "" if a
        comment mentions none or is neutral about each.
    """
    for frame in frames:
        rows = frame[Col.ROW]
        known = _tags(table, view, int(rows.min()), int(rows.max())) if len(frame) else {}
        yield frame.assign(**{Col.TAGS: [known.get(int(row), "") for row in rows.tolist()]})


def _tags(table: LabelledTable, view: str, first: int, last: int) -> dict[int, str]:
    sql = f"""SELECT {Col.ROW}, verdict, aspect FROM {view}
              WHERE "first" AND verdict <> 1 AND {Col.ROW} BETWEEN ? AND ? ORDER BY {Col.ROW}, place, aspect"""
    said: defaultdict[int, dict[int, list[str]]] = defaultdict(dict)
    for row, verdict, aspect in table.query(sql, [first, last]).itertuples(index=False):
        said[int(row)].setdefault(int(verdict), []).append(str(aspect))
    return {row: _written(by_label) for row, by_label in said.items()}


def _written(by_label: dict[int, list[str]]) -> str:
    parts = ((_BAD, by_label.get(NEGATIVE)), (_GOOD, by_label.get(POSITIVE)))
    return ";".join(f"{name}:{'、'.join(aspects)}" for name, aspects in parts if aspects)
