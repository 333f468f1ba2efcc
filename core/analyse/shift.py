"""Why an abnormal stretch differs from its baseline: other comments or other opinions, and in which words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analyse.copies import COPY_KEY, copies
from core.analyse.drivers import Sets, drivers
from core.analyse.filters import Chosen, filter_of, where
from core.analyse.frames import rows_of
from core.analyse.quotes import quotes_of
from core.analyse.sample import SAMPLE_ROWS, sampled_rows
from core.metrics import Estimate, wilson
from core.results import Cause, Driver, Episode, GroupShift, Quote, Shift
from core.schema import NEGATIVE, Col, Table

__all__ = ["shift"]

Floats = NDArray[np.float64]

#: Most groups kept separate, the largest ones, and the fewest comments of such a group.
_GROUPS, _LEAST = 40, 20
_DRIVERS, _QUOTES = 8, 3
#: Approximate number of negative baseline comments whose terms are counted.
_COUNTED: Final = SAMPLE_ROWS // 3
_Z: Final = 1.959963984540054
#: A component below a tenth of the total change explains nothing, however significant it is.
_LEAST_PART: Final = 0.1


def shift(table: Table, chosen: Chosen, episode: Episode, *, overdispersion: float = 0.0) -> Shift:
    """Decompose the change of the negative share between an episode and its baseline.

    Groups are pairs of source and product. ``mix`` is the effect of a changed composition with each group at its
    mean share; ``within`` is the effect of the changed shares at the mean composition. A group missing on one
    side contributes to the composition only. Small groups are merged, and shifts between them count as ``within``.
    With a single group, all change is ``within`` and uninformative: the cause is then ``Cause.ALONE``.

    Args:
        table: The labelled table.
        chosen: The filter or selection that the trend was built with.
        episode: From ``anomalies``.
        overdispersion: ``Anomalies.overdispersion``: the scatter of whole buckets, including those of the baseline,
            which widens the interval of ``within``.

    Returns:
        Both components with 95 % intervals (delta method; group shares smoothed by half a comment; copies of a text
        are not independent observations, as in ``copies``), the terms that drive the negative comments, and the most
        typical of these comments.

    Source:
        Kitagawa (1955), Components of a difference between two rates, JASA 50:1168-1194; Oaxaca (1973), International
        Economic Review 14:693-709; copies: Kish (1965), Survey Sampling, 5.4. Terms: as ``drivers.drivers``.
    """
    sides = _sides(chosen, episode)
    found, once = _counts(table, sides)
    counts, effects, names = _lumped(found)
    parts = _decompose(counts, effects, overdispersion * _days(episode))
    n0, k0, n1, k1 = (int(total) for total in counts.sum(axis=1))
    terms = _drivers(table, sides, k0, (n1, n0), once)
    groups = [
        GroupShift(*name, wilson(int(b), int(a)), wilson(int(d), int(c)), float(mix), float(within))
        for name, (a, b, c, d), mix, within in zip(names, counts.T, parts.mix_of, parts.within_of, strict=True)
    ]
    return Shift(
        filter_of(chosen),
        wilson(k0, n0),
        wilson(k1, n1),
        parts.mix,
        parts.within,
        Cause.ALONE if len(groups) == 1 and n0 and n1 else _cause(parts.mix, parts.within),
        tuple(sorted(groups, key=_weight, reverse=True)),
        terms,
        _quotes(table, sides, [driver.term for driver in terms if driver.clear] or [d.term for d in terms]),
    )


def _days(episode: Episode) -> float:
    """Return the fraction of one bucket's variance that remains in the difference of the two stretches' means."""
    one = episode.verdicts[0].bucket
    baseline = sum((end - start) / (one.end - one.start) for start, end in episode.baseline)
    return 1 / max(1, len(episode.verdicts)) + 1 / max(1.0, baseline)


@dataclass(frozen=True, slots=True)
class _Sides:
    """The rows of both stretches as a query with the columns ``side``, 1 = the episode, and ``step``, the time step, as
    long as a bucket of the trend."""

    sql: str
    parameters: list[object]


def _sides(chosen: Chosen, episode: Episode) -> _Sides:
    condition, parameters = where(chosen)
    within = f"{Col.TIME} >= ?::TIMESTAMP AND {Col.TIME} < ?::TIMESTAMP"
    baseline = " OR ".join([f"({within})"] * len(episode.baseline)) or "false"
    bounds = [time.isoformat() for stretch in episode.baseline for time in stretch]
    one = episode.verdicts[0].bucket
    step = f"time_bucket(to_seconds({(one.end - one.start).total_seconds():.0f}), {Col.TIME}, ?::TIMESTAMP)"
    sql = f"""SELECT *, CASE WHEN {within} THEN 1 WHEN {baseline} THEN 0 END AS side, {step} AS step
              FROM comments WHERE {condition} AND {Col.TIME} IS NOT NULL"""
    first, end = episode.start.isoformat(), episode.end.isoformat()
    return _Sides(sql, [first, end, *bounds, first, *parameters])


def _counts(table: Table, sides: _Sides) -> tuple[pd.DataFrame, tuple[int, int]]:
    """Return n0, k0, n1, k1, e0, e1 per source and product: k = negative, e = design effect (``Copied.joint``). Also
    the comments of the episode and of the baseline, counting copies of a text in one group once."""
    counted = ", ".join(
        f"count(*) FILTER (side = {i}) AS n{i}, count(*) FILTER (side = {i} AND {Col.LABEL} = {NEGATIVE}) AS k{i}"
        for i in (0, 1)
    )
    found = table.query(
        f"""SELECT coalesce({Col.SOURCE}, '') AS source, coalesce({Col.PRODUCT}, '') AS product, {counted}
            FROM ({sides.sql}) WHERE side IS NOT NULL GROUP BY 1, 2 ORDER BY n0 + n1 DESC, 1, 2""",
        sides.parameters,
    )
    cell = f"concat_ws(chr(31), side, coalesce({Col.SOURCE}, ''), coalesce({Col.PRODUCT}, ''))"
    said = f"SELECT side, {cell} AS cell, {COPY_KEY} AS own FROM ({sides.sql}) WHERE side IS NOT NULL"
    copied = copies(table, said, sides.parameters, part="side")
    for side in (0, 1):
        cells = ["\x1f".join((str(side), row.source, row.product)) for row in rows_of(found)]
        found[f"e{side}"] = [copied[name].joint if name in copied else 1.0 for name in cells]
    once = [sum(one.once for name, one in copied.items() if name[0] == side) for side in "10"]
    return found, (once[0], once[1])


def _lumped(found: pd.DataFrame) -> tuple[Floats, Floats, list[tuple[str | None, str | None]]]:
    """Return counts, shape (4, groups), effects, shape (2, groups), and names; small groups are merged at the end."""
    numbers = found[["n0", "k0", "n1", "k1"]].to_numpy(np.float64)
    # as sums over comments, which are additive
    worth = numbers[:, [0, 2]] * found[["e0", "e1"]].to_numpy(np.float64)
    large = (numbers[:, 0] + numbers[:, 2] >= _LEAST) & (np.arange(len(numbers)) < _GROUPS)
    names: list[tuple[str | None, str | None]] = [(row.source, row.product) for row in rows_of(found[large])]
    counts, sums = numbers[large], worth[large]
    if not large.all():
        counts = np.vstack([counts, numbers[~large].sum(axis=0)])
        sums = np.vstack([sums, worth[~large].sum(axis=0)])
        names.append((None, None))
    return counts.T, (sums / np.maximum(counts[:, [0, 2]], 1)).T, names


@dataclass(frozen=True, slots=True)
class _Parts:
    mix: Estimate
    within: Estimate
    mix_of: Floats
    within_of: Floats


def _decompose(counts: Floats, effects: Floats, rho: float) -> _Parts:
    (n0, k0, n1, k1), (e0, e1) = counts, effects
    total0, total1 = n0.sum(), n1.sum()
    if not total0 or not total1:
        nothing = Estimate(math.nan, math.nan, math.nan)
        return _Parts(nothing, nothing, np.full(len(n0), math.nan), np.full(len(n0), math.nan))
    a0, a1 = n0 / total0, n1 / total1
    r0, r1 = k0 / np.maximum(n0, 1), k1 / np.maximum(n1, 1)
    # a group on one side only has no change in share
    r0, r1 = np.where(n0 > 0, r0, r1), np.where(n1 > 0, r1, r0)
    both = (n0 > 0) & (n1 > 0)
    mix_of, within_of = (a1 - a0) * (r0 + r1) / 2, (r1 - r0) * (a0 + a1) / 2
    mix = float(mix_of.sum())
    within = float(k1.sum() / total1 - k0.sum() / total0) - mix
    v0, v1 = e0 * _variance(k0, n0), e1 * _variance(k1, n1)
    # variance from the composition: both multinomials; from the shares: each group on each side
    level, change = (r0 + r1) / 2, (r1 - r0) / 2
    slope = np.where(both, (a1 - a0) / 2, a1 - a0)
    mean = np.where(both, (a0 + a1) / 2, 0.0)
    fallen0, fallen1 = e0 * a0 / total0, e1 * a1 / total1
    mix_variance, within_variance = (
        _multinomial(value, a0, fallen0) + _multinomial(value, a1, fallen1) + float((weight**2 * (v0 + v1)).sum())
        for value, weight in ((level, slope), (change, mean))
    )
    whole = (k0.sum() + k1.sum() + 1) / (total0 + total1 + 2)
    within_variance += rho * whole * (1 - whole)
    return _Parts(_estimate(mix, mix_variance), _estimate(within, within_variance), mix_of, within_of)


def _variance(k: Floats, n: Floats) -> Floats:
    smooth = (k + 0.5) / (n + 1)
    return np.where(n > 0, smooth * (1 - smooth) / np.maximum(n, 1), 0.0)


def _multinomial(value: Floats, part: Floats, weight: Floats) -> float:
    """Return the variance of the mean of ``value`` over comments that fall into groups at random.

    Args:
        value: One value per group.
        part: Their shares of the comments.
        weight: These shares divided by the number of comments, times the design effect.
    """
    return float(weight @ (value - part @ value) ** 2)


def _estimate(value: float, variance: float) -> Estimate:
    half = _Z * math.sqrt(max(0.0, variance))
    return Estimate(value, value - half, value + half)


def _cause(mix: Estimate, within: Estimate) -> Cause:
    whole = abs(mix.value + within.value)
    mixed, real = (
        bool((part.low > 0 or part.high < 0) and abs(part.value) >= _LEAST_PART * whole) for part in (mix, within)
    )
    if mixed and real:
        return Cause.BOTH
    if real:
        return Cause.REAL
    return Cause.MIX if mixed else Cause.UNCLEAR


def _weight(group: GroupShift) -> float:
    return abs(group.mix) + abs(group.within)


def _drivers(
    table: Table, sides: _Sides, negative_before: int, sizes: tuple[int, int], once: tuple[int, int]
) -> tuple[Driver, ...]:
    if not all(sizes):
        return ()
    share = min(1.0, _COUNTED / max(1, negative_before))
    sample = sampled_rows(share)
    needed = f"{Col.ROW}, 2 - 2 * side AS side, {COPY_KEY} AS own, step"
    rows = f"""SELECT {needed}, {Col.TERMS} FROM ({sides.sql})
               WHERE {Col.LABEL} = {NEGATIVE} AND (side = 1 OR (side = 0 AND {sample}))"""
    every = f"SELECT {needed} FROM ({sides.sql}) WHERE side IS NOT NULL"
    wholes = ((sizes[0], sizes[1] * share), (once[0], once[1] * share))
    found = drivers(table, Sets(rows, every, sides.parameters, *wholes)).head(_DRIVERS)
    return tuple(
        Driver(row.term, int(row.l0), int(row.l2), float(row.expected), int(row.once), float(row.p))
        for row in rows_of(found)
    )


def _quotes(table: Table, sides: _Sides, terms: Sequence[str]) -> tuple[Quote, ...]:
    # two steps: ranking narrow columns, then fetching three texts, is far cheaper than carrying all texts along
    best = table.query(
        f"""SELECT min({Col.ROW}) AS first FROM ({sides.sql}) WHERE side = 1 AND {Col.LABEL} = {NEGATIVE}
            GROUP BY {Col.TEXT_KEY}
            ORDER BY max(len(list_intersect({Col.TERMS}, ?::VARCHAR[]))) DESC, max({Col.P_NEGATIVE}) DESC, first
            LIMIT {_QUOTES}""",
        [*sides.parameters, list(terms)],
    )["first"]
    rows = [int(row) for row in best]
    quotes = quotes_of(table, rows)
    return tuple(quotes[row] for row in rows)
