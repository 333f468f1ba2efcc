"""The most important findings: where there are more negative comments than expected, on one common scale.

Every candidate, be it a week, a product or a word, is measured by its excess: the negative comments beyond those that
its own baseline predicts. So a rise on one day and a bad product can be ranked together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from core.analyse.candidates import candidates, negative_share
from core.analyse.filters import Chosen, filter_of, where
from core.analyse.keywords import any_label
from core.analyse.marks import narrowed
from core.analyse.quotes import quotes_of
from core.analyse.shift import shift
from core.results import Finding, FindingKind, Findings, Quote
from core.schema import LABELS, NEGATIVE, Col, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["findings"]

#: Candidates per kind whose comments are compared, and the overlap of negative comments from which two are one.
LOOKED_AT, ALIKE = 5, 0.5
#: Maximum number of findings per kind: a page full of words would repeat one point.
OF_ONE_KIND: Final = 2
_QUOTES: Final = 2
_QUOTE_CHARS: Final = (8, 200)
#: Maximum number of comments considered for quotes.
_LOOKED_INTO: Final = 50
#: Characters without content: platform emoticons and everything that is not a letter.
_NO_LETTER: Final = re.compile(r"\[[^\[\]]{1,10}\]|[\W_]")


def findings(
    table: Table, chosen: Chosen, *, mentions: str = "", mentions_share: float = 1.0, limit: int = 5
) -> Findings:
    """Find where most of the excess negative comments are.

    Candidates are abnormal periods, sources, products, values of the file's own columns, words, and aspects (if
    analysed), each compared with all other comments, and negative comments under the highest rating, compared with the
    model's error rate. A candidate counts if it is significant after correction for all candidates and its excess is
    positive even at the lower end of its 95 % interval.

    Args:
        table: The labelled table.
        chosen: The filter or selection; its labels are ignored.
        mentions: View of the derived table of aspect mentions; "" = there is none.
        mentions_share: Share of the comments that the view covers, if it was made from a sample.
        limit: Maximum number of findings.

    Returns:
        The findings in descending order of excess, at most two per kind, none that shares half its negative comments
        with a larger one.
    """
    every = any_label(chosen)
    total = negative_share(table, every)
    found = candidates(table, every, mentions, mentions_share)
    ranked = sorted(found, key=_by_excess)
    kept, alike = _distinct(table, every, ranked, limit)
    return Findings(filter_of(every), total, tuple(_quoted(table, every, kept)), len(found), alike)


def _quoted(table: Table, chosen: Chosen, kept: Sequence[Finding]) -> Iterator[Finding]:
    told: set[int] = set()
    for one in kept:
        words = shift(table, chosen, one.episode).telling if one.episode is not None else ()
        quotes = _quotes(table, chosen, one, told, [word.term for word in words])
        told.update(quote.row for quote in quotes)
        yield replace(one, quotes=quotes, behind=_behind(table, chosen, one), words=words)


def _by_excess(finding: Finding) -> tuple[float, str]:
    return -finding.excess, finding.subject


def _distinct(table: Table, chosen: Chosen, ranked: Sequence[Finding], limit: int) -> tuple[list[Finding], int]:
    """Return the largest findings that are not about the same comments, and how many were dropped as duplicates."""
    kept: list[Finding] = []
    seen: list[NDArray[np.int64]] = []
    looked: Counter[FindingKind] = Counter()
    alike = 0
    for finding in ranked:
        looked[finding.kind] += 1
        if looked[finding.kind] > LOOKED_AT or sum(f.kind is finding.kind for f in kept) >= OF_ONE_KIND:
            continue
        rows = _negative_rows(table, chosen, finding)
        # a word within a product says what is wrong there; a word within a word says the same
        same = (i for i, one in enumerate(kept) if _overlap(rows, seen[i], within=one.kind is finding.kind) >= ALIKE)
        if (larger := next(same, None)) is not None:
            alike += 1
            kept[larger] = _with(kept[larger], finding)
            continue
        kept.append(finding)
        seen.append(rows)
        if len(kept) == limit:
            break
    return kept, alike


def _with(larger: Finding, finding: Finding) -> Finding:
    """Add a dropped finding to the larger one: when a product was bad says more than that it was."""
    if finding.kind in {FindingKind.WORD, larger.kind}:
        return larger
    return replace(larger, also=(*larger.also, finding))


def _overlap(first: NDArray[np.int64], second: NDArray[np.int64], *, within: bool) -> float:
    """Return the intersection of two sets of rows as a share of the smaller one (``within``) or of their union."""
    common = len(np.intersect1d(first, second, assume_unique=True))
    whole = min(len(first), len(second)) if within else len(first) + len(second) - common
    return common / max(1, whole)


def _marked(chosen: Chosen, finding: Finding) -> tuple[str, list[object]]:
    """Return the condition of a finding's negative comments."""
    condition, parameters = where(narrowed(chosen, replace(finding.mark, labels=(LABELS[NEGATIVE],))))
    if finding.during is None:
        return condition, parameters
    bounds = [time.isoformat() for time in finding.during]
    return f"{condition} AND {Col.TIME} >= ?::TIMESTAMP AND {Col.TIME} < ?::TIMESTAMP", [*parameters, *bounds]


def _behind(table: Table, chosen: Chosen, finding: Finding) -> int:
    return negative_share(table, narrowed(chosen, finding.mark)).n if finding.during else 0


def _negative_rows(table: Table, chosen: Chosen, finding: Finding) -> NDArray[np.int64]:
    condition, parameters = _marked(chosen, finding)
    found = table.query(f"SELECT {Col.ROW} FROM comments WHERE {condition}", parameters)
    return found[Col.ROW].to_numpy(np.int64)


def _quotes(
    table: Table, chosen: Chosen, finding: Finding, told: Collection[int], words: Sequence[str]
) -> tuple[Quote, ...]:
    """Return the most confident distinct negative comments; informative ones of readable length that contain most of
    ``words`` and are not yet quoted (``told``) come first."""
    condition, parameters = _marked(chosen, finding)
    found = table.query(
        f"""SELECT {Col.ROW} FROM comments WHERE {condition}
            QUALIFY row_number() OVER (PARTITION BY {Col.TEXT_KEY} ORDER BY {Col.ROW}) = 1
            ORDER BY (length({Col.TEXT}) BETWEEN ? AND ?) DESC,
                len(list_intersect({Col.TERMS}, ?::VARCHAR[])) DESC, {Col.P_NEGATIVE} DESC, {Col.ROW}
            LIMIT {_LOOKED_INTO}""",
        [*parameters, *_QUOTE_CHARS, list(words)],
    )
    rows = [int(row) for row in found[Col.ROW]]
    quotes = quotes_of(table, rows)
    saying = [row for row in rows if len(_NO_LETTER.sub("", quotes[row].text)) >= _QUOTE_CHARS[0]]
    fresh = [row for row in saying if row not in told]
    return tuple(quotes[row] for row in dict.fromkeys((*fresh, *saying, *rows)))[:_QUOTES]
