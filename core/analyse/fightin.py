"""Word counts in sets of comments, and how strongly each word is associated with one of them."""

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

__all__ = ["by_chance", "count_sides", "count_words", "fightin_words", "without_parts"]

#: Pseudo-comments of the prior per comment counted.
PRIOR_WEIGHT: Final = 0.1
#: The largest |z| that a few hundred words reach by chance.
_CHANCE: Final = 3.0
#: A phrase replaces its part when it accounts for at least this share of the part.
_SWALLOWS: Final = 0.9
#: A phrase of at most this many words shares no two of them with another phrase.
_PAIR: Final = 2
#: A term needs a letter, a hanzi or a pictograph; numbers and punctuation alone carry no meaning.
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
    """Count the comments that contain each word, by side; a comment counts a word once.

    Args:
        table: The labelled table.
        rows: A query for the columns ``row``, ``terms`` and ``side`` (0, 1 or 2).
        parameters: Parameters of the query.
        support: Fewest comments of a listed word.
        stop: The user's stop words, in addition to ours.
        view: The derived table of words; None = only the stored terms, without phrases or synonyms.
        share: With a view: the largest sampling fraction of the query's rows, so that no more of the view is read.

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


def count_sides(table: Table, rows: str, parameters: Sequence[object]) -> tuple[int, int, int]:
    """Return the number of comments on each side of a query as in ``count_words``."""
    found = table.query(f"SELECT {_COUNTS} FROM ({rows})", parameters).iloc[0]
    return int(found["l0"]), int(found["l1"]), int(found["l2"])


def fightin_words(
    counted: pd.DataFrame, sizes: tuple[int, int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return z-scores and log-odds ratios of l0 against l2, shape (words,); positive = side 0.

    The odds are of comments with the word to comments without it: a comment counts a word once, so a side with longer
    comments has more words in all, but this makes no word less frequent.

    Args:
        counted: From ``count_words``.
        sizes: Comments of each side, from ``count_sides``; 0 in the middle if those are not counted.

    Returns:
        Zeros when one side is empty. Under the null, z has a standard deviation of 0.9 with sides of equal size, 0.7
        at ten to one: the prior shrinks the small side towards the mean.

    Source:
        Monroe, Colaresi & Quinn (2008), Fightin' Words, Political Analysis 16:372-403, equations 16 and 19, with two
        outcomes, a comment with the word and one without; the prior is the share of all comments with the word, half a
        comment added to both outcomes.
    """
    first, second = sizes[0], sizes[2]
    if not first or not second:
        return np.zeros(len(counted)), np.zeros(len(counted))
    counts = counted[["l0", "l1", "l2"]].to_numpy(np.float64)
    held = PRIOR_WEIGHT * (counts.sum(axis=1) + 0.5)
    mass = PRIOR_WEIGHT * (sum(sizes) + 1)
    a, b = counts[:, 0] + held, counts[:, 2] + held
    rest_a, rest_b = first + mass - a, second + mass - b
    log_odds = np.log(a / rest_a) - np.log(b / rest_b)
    return log_odds / np.sqrt(1 / a + 1 / rest_a + 1 / b + 1 / rest_b), log_odds


def by_chance(z: Iterable[float]) -> bool:
    """Tell whether the strongest of some words is within what chance alone produces.

    Args:
        z: The words' z-scores, from ``fightin_words``.

    Returns:
        False for no words, and when all are 0: then nothing was compared.

    Example:
        >>> by_chance([1.4, -0.3]), by_chance([5.2, 1.4]), by_chance([0.0])
        (True, False, False)
    """
    return 0 < max(map(abs, z), default=0.0) < _CHANCE


def without_parts(counted: pd.DataFrame) -> pd.DataFrame:
    """Drop words that are redundant with a phrase they are part of: 态度差 where nearly all are 客服态度差.

    Args:
        counted: From ``count_words``; the comments of sides 0 and 2 give the share of a word that a phrase covers.
    """
    comments = dict(zip(counted["term"], counted["l0"] + counted["l2"], strict=True))
    swallowed: set[str] = set()
    for phrase, n in comments.items():
        parts = split_word(phrase)
        fewer = (chosen for length in range(1, len(parts)) for chosen in combinations(parts, length))
        swallowed.update(part for part in map(join_word, fewer) if n >= _SWALLOWS * comments.get(part, math.inf))
    swallowed |= _said_twice(counted)
    return counted[~counted["term"].isin(swallowed)] if swallowed else counted


def _said_twice(counted: pd.DataFrame) -> set[str]:
    """Return the phrases that share two words with a longer one and stand in as many comments of each side.

    A sentence that is copied again and again gives one phrase for every three of its words: 隔壁说话听得,
    隔壁听得一清二楚, 说话听得一清二楚.
    """
    sides = zip(counted["l0"], counted["l1"], counted["l2"], strict=True)
    phrases = ((term, counts) for term, counts in zip(counted["term"], sides, strict=True) if _is_long(term))
    ordered = sorted(phrases, key=_longest_first)
    seen: set[tuple[object, ...]] = set()
    twice = set()
    for phrase, counts in ordered:
        pairs = {(counts, *sorted(pair)) for pair in combinations(split_word(phrase), 2)}
        if pairs & seen:
            twice.add(phrase)
        else:
            seen |= pairs
    return twice


def _is_long(term: str) -> bool:
    return len(split_word(term)) > _PAIR


def _longest_first(one: tuple[str, object]) -> tuple[int, str]:
    return -len(one[0]), one[0]
