"""Words counted in sets of comments, and how strongly each belongs to one of them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analyse.sample import bound_of
from core.analyse.vocabulary import stop_words
from core.schema import Col, Table, join_word, split_word, word_title

__all__ = ["by_chance", "count_words", "fightin_words", "without_parts"]

#: Pseudo-counts of the prior for each count of the term in all comments.
PRIOR_WEIGHT: Final = 0.1
#: The largest |z| that a few hundred words reach by chance.
_CHANCE: Final = 3.0
#: A phrase stands for its part when it makes up so much of it.
_SWALLOWS: Final = 0.9
#: A term needs a letter, a hanzi or a picture; numbers and punctuation say nothing by themselves.
_SAYS_SOMETHING: Final = re.compile(r"[^\W\d_]|[\u2600-\u27bf\U0001f000-\U0001faff]")
_COUNTS: Final = ", ".join(f"count(*) FILTER (side = {i}) AS l{i}" for i in range(3))


def count_words(
    table: Table,
    rows: str,
    parameters: Sequence[object],
    *,
    support: int,
    stop: Iterable[str] = (),
    view: str | None = None,
    share: float = 1.0,
) -> pd.DataFrame:
    """Count the comments that hold each word, by side; a comment counts a word once.

    Args:
        table: The labelled table.
        rows: A query for the columns ``row``, ``terms`` and ``side`` (0, 1 or 2).
        parameters: Of the query.
        support: Fewest comments of a listed word.
        stop: The user's stop words, beside ours.
        view: The derived table of words; None = only the terms as they are stored, without phrases or synonyms.
        share: With a view: largest share of the rows that the query samples, so that no more is read.

    Returns:
        Columns term, l0, l1, l2.
    """
    own = sorted({word.lower() for word in stop})
    if view is None:
        found = table.query(
            f"""SELECT term, {_COUNTS} FROM (SELECT side, unnest(list_distinct({Col.TERMS})) AS term FROM ({rows}))
                WHERE term NOT IN (SELECT unnest(?::VARCHAR[])) GROUP BY term HAVING count(*) >= ?""",
            [*parameters, sorted(stop_words().union(own)), support],
        )
    else:
        found = table.query(
            f"""SELECT word AS term, {_COUNTS} FROM (SELECT {Col.ROW}, side FROM ({rows})) c
                JOIN (SELECT {Col.ROW}, word FROM {view} WHERE place < {bound_of(share)}) w USING ({Col.ROW})
                GROUP BY word HAVING count(*) >= ?""",
            [*parameters, support],
        )
        if own:
            found = found[~found["term"].map(word_title).isin(own)]
    return found[found["term"].map(_says_something).astype(bool)]


def _says_something(term: str) -> bool:
    return _SAYS_SOMETHING.search(term) is not None


def fightin_words(counted: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return z-scores and log-odds ratios of l0 against l2, shape (words,); positive = side 0.

    Returns:
        Zeros when one side holds no word.

    Source:
        Monroe, Colaresi & Quinn (2008), Fightin' Words, Political Analysis 16:372-403, equations 16 and 22; the
        prior is the words' frequency over all sides.
    """
    first, second = (counted[f"l{i}"].to_numpy(np.float64) for i in (0, 2))
    if len(counted) < 2 or not first.any() or not second.any():
        return np.zeros(len(counted)), np.zeros(len(counted))
    prior = PRIOR_WEIGHT * counted[["l0", "l1", "l2"]].to_numpy(np.float64).sum(axis=1)
    a, b = first + prior, second + prior
    log_odds = np.log(a / (a.sum() - a)) - np.log(b / (b.sum() - b))
    return log_odds / np.sqrt(1 / a + 1 / b), log_odds


def by_chance(z: Iterable[float]) -> bool:
    """Tell whether even the strongest of some words stands out no more than words do by chance.

    Args:
        z: Of the words, as ``fightin_words`` gives them.

    Returns:
        False where there is no word, and where all are 0: nothing was held against anything.

    Example:
        >>> by_chance([1.4, -0.3]), by_chance([5.2, 1.4]), by_chance([0.0])
        (True, False, False)
    """
    return 0 < max(map(abs, z), default=0.0) < _CHANCE


def without_parts(counted: pd.DataFrame) -> pd.DataFrame:
    """Leave out words that say no more than a phrase they are part of: 态度差 where nearly all are 客服态度差.

    Args:
        counted: Of ``count_words``; the comments of sides 0 and 2 tell how much of a word a phrase makes up.
    """
    comments = dict(zip(counted["term"], counted["l0"] + counted["l2"], strict=True))
    swallowed: set[str] = set()
    for phrase, n in comments.items():
        parts = split_word(phrase)
        fewer = (chosen for length in range(1, len(parts)) for chosen in combinations(parts, length))
        swallowed.update(part for part in map(join_word, fewer) if n >= _SWALLOWS * comments.get(part, math.inf))
    return counted[~counted["term"].isin(swallowed)] if swallowed else counted
