"""Derived table of comments that look like copies of each other or like one account posting in bulk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.derive.recipe import Report
from core.mine.floods import fast_runs, judge, near_copies
from core.schema import SHARED_NAME, Col
from core.store import LabelledTable

__all__ = ["COPIES", "FAST", "Floods"]

#: Kinds of group: copies of a text, or many comments of one account in a short time.
COPIES, FAST = "copies", "fast"
_REVISION: Final = 3
_BATCH: Final = 20_000
#: A re-exported comment is not a copy of another.
_LABELLED: Final = f"{Col.LABEL} >= 0 AND NOT {Col.REEXPORTED}"
#: Times count as precise to the minute if fewer than this share of them are midnight.
_MIDNIGHTS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Floods:
    """One row per comment of a suspicious group: ``row``, ``flood`` (the group, from 1), ``what``, ``likeness``, and
    the group's ``copies``, ``accounts``, ``by_one``, ``busiest``, ``texts``, ``rating`` and ``rules``."""

    kind: str = "floods"
    title: str = "正在查找雷同评论"
    label_free: bool = field(default=True, compare=False)

    def cache_key(self) -> tuple[object, ...]:
        """Return what determines the groups besides the comments."""
        return (_REVISION,)

    def make(self, table: LabelledTable, facts: dict[str, Any], report: Report) -> Iterator[pd.DataFrame]:
        """Yield the rows; ``facts`` gets the comments, the texts compared and whether authors and times are known."""
        found = table.query(f"SELECT {Col.ROW}, hash({Col.TEXT_KEY}) AS key FROM comments WHERE {_LABELLED} ORDER BY 1")
        text, keys = pd.factorize(found["key"])
        first = ~pd.Series(text).duplicated().to_numpy()
        copies = near_copies(_texts(table, first), np.bincount(text, minlength=len(keys)), report)
        rows = _who_and_when(table).assign(text=text, group=copies.group[text], likeness=copies.similar[text])
        dated = rows["time"].dropna()
        minutes = bool(len(dated)) and float((dated == dated.dt.normalize()).mean()) < _MIDNIGHTS
        facts |= {
            "comments": len(rows),
            "texts": len(keys),
            "compared": int((copies.group >= 0).sum()),
            "authors": bool((rows["author"] != 0).any()),
            "to_the_minute": minutes,
        }
        same = _copies(rows, minutes)
        yield _numbered(pd.concat([same, _fast(rows, same, minutes)]))


def _texts(table: LabelledTable, first: NDArray[np.bool_]) -> Iterator[list[str]]:
    """Yield each distinct text once, at its first occurrence."""
    done = 0
    for frame in table.frames(_LABELLED, columns=(Col.ROW, Col.CLEAN_TEXT), batch_rows=_BATCH):
        wanted = first[done : done + len(frame)]
        done += len(frame)
        yield frame[Col.CLEAN_TEXT].to_numpy()[wanted].tolist()


def _who_and_when(table: LabelledTable) -> pd.DataFrame:
    found = table.query(
        f"""SELECT {Col.ROW}, {Col.TIME}, {Col.RATING},
                   CASE WHEN {Col.AUTHOR} = '' OR {SHARED_NAME} THEN 0 ELSE hash({Col.AUTHOR}) END AS author
            FROM comments WHERE {_LABELLED} ORDER BY 1"""
    )
    return found.rename(columns={Col.TIME: "time", Col.RATING: "rating"})


def _copies(rows: pd.DataFrame, minutes: bool) -> pd.DataFrame:
    """Return the rows of suspicious groups of copies with the measures of each group."""
    grouped = rows[rows["group"] >= 0]
    grouped = grouped[grouped.duplicated("group", keep=False)]
    judged = judge(grouped, top_rating=float(rows["rating"].max()), to_the_minute=minutes)
    judged = judged[judged["rules"] != ""].rename_axis("group").reset_index()
    return grouped.drop(columns="rating").merge(judged, on="group").assign(what=COPIES)


def _fast(rows: pd.DataFrame, same: pd.DataFrame, minutes: bool) -> pd.DataFrame:
    """Return the runs of accounts that post many comments in a short time, except rows that are copies already."""
    rest = rows[(rows["author"] != 0) & rows["time"].notna() & ~rows[Col.ROW].isin(same[Col.ROW])]
    rest = rest.sort_values(["author", "time", Col.ROW])
    author, time = pd.factorize(rest["author"])[0], rest["time"].to_numpy("datetime64[us]").astype(np.int64)
    run = fast_runs(author, time) if minutes else np.full(len(rest), -1)
    offset = int(rows["group"].max()) + 1 if len(rows) else 0
    runs = rest.assign(group=run + offset)[run >= 0]
    by_run = runs.groupby("group")
    size = by_run[Col.ROW].transform("size")
    return runs.assign(
        what=FAST,
        likeness=np.float32("nan"),
        copies=size,
        by_one=size,
        busiest=size,
        accounts=1,
        texts=by_run["text"].transform("nunique"),
        rating=by_run["rating"].transform("mean"),
        rules="speed",
    )


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
    """Number the groups by falling size and cast to the stored types."""
    order = rows.groupby("group").agg(size=(Col.ROW, "size"), first=(Col.ROW, "min"))
    order = order.sort_values(["size", "first"], ascending=[False, True])
    number = pd.Series(np.arange(1, len(order) + 1), index=order.index)
    named = rows.assign(flood=rows["group"].map(number)).sort_values(Col.ROW)
    types = {"flood": "int32", "likeness": "float32", "rating": "float32"}
    types |= dict.fromkeys(("copies", "accounts", "by_one", "busiest", "texts"), "int32")
    columns = [
        Col.ROW,
        "flood",
        "what",
        "likeness",
        "copies",
        "accounts",
        "by_one",
        "busiest",
        "texts",
        "rating",
        "rules",
    ]
    return named[columns].astype({Col.ROW: "int64", "what": "str", "rules": "str", **types}).reset_index(drop=True)
