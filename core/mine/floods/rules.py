"""When copies are suspicious: documented rules with thresholds on who posted them and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FAST_COMMENTS", "FEWEST", "MANY", "NEAR_DAYS", "WINDOW_MINUTES", "fast_runs", "judge"]

#: Fewest copies of a group.
FEWEST: Final = 3
#: Number of copies that is suspicious by itself, in the window or in all.
MANY: Final = 5
WINDOW_MINUTES: Final = 60
#: Fewer than ``MANY`` copies must lie this close together: over a year, some readers do write the same stock phrase.
NEAR_DAYS: Final = 30
#: Number of distinct comments from one account within the window that no genuine reader writes.
FAST_COMMENTS: Final = 20
#: A mean rating counts as praise from this share of the file's highest rating.
_PRAISE: Final = 0.9
_SECOND: Final = 1_000_000

Ints = NDArray[np.int64]


def judge(rows: pd.DataFrame, *, top_rating: float, to_the_minute: bool) -> pd.DataFrame:
    """Measure groups of copies and list the rules they break.

    Args:
        rows: Columns group, text (number of the text), author (number, 0 = unknown), time,
            rating. A comment that was exported twice appears once.
        top_rating: Highest rating of the table; NaN = none.
        to_the_minute: Whether times are more precise than a day; otherwise windows are not evaluated.

    Returns:
        One row per group of ``FEWEST`` copies or more, index group: copies, accounts (0 = unknown), by_one (most copies
        from one account), busiest (most copies within ``WINDOW_MINUTES``, 0 = unknown), near (most within
        ``NEAR_DAYS``, plus undated ones), texts, rating, rules (names joined by "+"; "" = none broken). Accounts are
        unknown if fewer than half of the copies have one.
    """
    import pandas as pd

    by_group = rows.groupby("group")
    named = rows[rows["author"] != 0]
    by_author = named.groupby(["group", "author"]).size()
    made = pd.DataFrame({"copies": by_group.size(), "texts": by_group["text"].nunique()})
    known = named.groupby("group")["author"].agg(["size", "nunique"]).reindex(made.index, fill_value=0)
    made["accounts"] = known["nunique"].where(2 * known["size"] >= made["copies"], 0)
    most = by_author.groupby(level="group").max() if len(by_author) else pd.Series(dtype="int64")
    made["by_one"] = most.reindex(made.index, fill_value=0).astype("int64")
    made["rating"] = by_group["rating"].mean()
    made["busiest"] = _busiest(rows, WINDOW_MINUTES).reindex(made.index, fill_value=0) if to_the_minute else 0
    undated = rows["time"].isna().groupby(rows["group"]).sum()
    made["near"] = _busiest(rows, NEAR_DAYS * 24 * 60).reindex(made.index, fill_value=0) + undated
    made = made[made["copies"] >= FEWEST]
    return made.assign(rules=_rules(made, top_rating))


def fast_runs(author: Ints, time: Ints) -> Ints:
    """Find accounts that post many comments in a short time.

    Args:
        author: (n,) number of the account, sorted.
        time: (n,) microseconds, sorted within an account.

    Returns:
        (n,) number of the run that a comment belongs to; -1 = none.

    Example:
        >>> fast_runs(np.zeros(20, np.int64), np.arange(20) * 60_000_000).max()
        np.int64(0)
    """
    first = _window_starts(author, time, WINDOW_MINUTES)
    ends = np.flatnonzero(np.arange(len(author)) - first + 1 >= FAST_COMMENTS)
    edge = np.zeros(len(author) + 1, np.int64)
    np.add.at(edge, first[ends], 1)
    np.add.at(edge, ends + 1, -1)
    inside = np.cumsum(edge[:-1]) > 0
    begins = inside & ~(np.concatenate([[False], inside[:-1]]) & np.concatenate([[False], author[1:] == author[:-1]]))
    return np.where(inside, np.cumsum(begins) - 1, -1)


def _busiest(rows: pd.DataFrame, minutes: int) -> pd.Series:
    dated = rows[rows["time"].notna()].sort_values(["group", "time"], kind="stable")
    group = dated["group"].to_numpy(np.int64)
    first = _window_starts(group, dated["time"].to_numpy("datetime64[us]").astype(np.int64), minutes)
    counts = dated.assign(count=np.arange(len(dated)) - first + 1)
    most: pd.Series = counts.groupby("group")["count"].max()
    return most


def _window_starts(owner: Ints, time: Ints, minutes: int) -> Ints:
    """Return, for each position, the first one of the same owner that lies within the window before it."""
    if not len(owner):
        return np.empty(0, np.int64)
    _, code = np.unique(owner, return_inverse=True)
    width = minutes * 60 * _SECOND
    since = time - time.min()
    step = int(since.max()) // _SECOND + 2 * minutes * 60
    keys = code.astype(np.int64) * step + since // _SECOND
    return np.asarray(np.searchsorted(keys, keys - width // _SECOND, side="left"), np.int64)


def _rules(made: pd.DataFrame, top_rating: float) -> list[str]:
    unknown, near = made["accounts"] == 0, made["near"] >= FEWEST
    broken = {
        "accounts": (made["accounts"] >= FEWEST) & near,
        "account": made["by_one"] >= FEWEST,
        "burst": made["busiest"] >= MANY,
        "copies": (made["copies"] >= MANY) | (unknown & near),
    }
    suspicious = np.logical_or.reduce([rule.to_numpy() for rule in broken.values()])
    broken["templates"] = made["texts"] >= FEWEST
    broken["praise"] = made["rating"] >= _PRAISE * top_rating
    lists = zip(*(rule.tolist() for rule in broken.values()), strict=True)
    return [
        "+".join(name for name, hit in zip(broken, hits, strict=True) if hit) if bad else ""
        for hits, bad in zip(lists, suspicious, strict=True)
    ]
