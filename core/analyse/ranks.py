"""How the ranking of products, sources or other groups changed between two periods."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import combinations
from typing import Any, Final

from core.analyse.compare import grouping
from core.analyse.copies import COPY_KEY, copies
from core.analyse.filters import Chosen, filter_of, where
from core.analyse.frames import rows_of
from core.analyse.statistics import difference, holm
from core.metrics import SIGNIFICANCE_LEVEL, wilson
from core.results import Rank, RankLine, Ranks
from core.schema import NEGATIVE, Col, Filter, Share, Table

__all__ = ["ranks", "recent_periods"]

#: Fewest comments of a group in each period: with fewer, its rank is mostly noise.
LEAST: Final = 20


def recent_periods(first_day: str, last_day: str, *, days: int = 30) -> tuple[Filter, Filter] | None:
    """Return the last days of a date range and as many days before them.

    Args:
        first_day: ``YYYY-MM-DD``.
        last_day: The same.
        days: Length of each period; less when the range is shorter than two of them.

    Returns:
        Earlier and later period; None for a range of one day.

    Example:
        >>> [(p.start, p.end) for p in recent_periods("2026-01-01", "2026-03-31") or ()]
        [('2026-01-31', '2026-03-01'), ('2026-03-02', '2026-03-31')]
    """
    first, last = date.fromisoformat(first_day), date.fromisoformat(last_day)
    length = min(days, ((last - first).days + 1) // 2)
    if length < 1:
        return None
    begin = last - timedelta(days=length - 1)
    earlier = Filter(start=(begin - timedelta(days=length)).isoformat(), end=(begin - timedelta(days=1)).isoformat())
    return earlier, Filter(start=begin.isoformat(), end=last_day)


def ranks(
    table: Table,
    chosen: Chosen,
    by: str,
    before: Filter,
    after: Filter,
    *,
    label: int = NEGATIVE,
    limit: int = 12,
    least: int = LEAST,
) -> Ranks:
    """Rank groups by the share of one label in two periods.

    Args:
        table: The labelled table.
        chosen: The filter or selection that contains both periods.
        by: As in ``compare``.
        before: Days of the earlier period.
        after: Days of the later period.
        label: Index into ``LABELS``.
        limit: Most groups: the largest ones.
        least: Fewest comments of a group in each period.

    Returns:
        The groups with their ranks; groups without a name are left out. Differences are of independent proportions,
        Holm-adjusted over the listed groups; copies of a text are not independent observations, as in ``compare``.

    Raises:
        InputError: N03 no such column.
    """
    given, parameters = _given(chosen, grouping(table, by), (before, after))
    rows = [row for row in rows_of(_counted(table, given, parameters, label)) if row.name]
    enough = [row for row in rows if min(row.n0, row.n1) >= least]
    listed = enough[:limit]
    copied = copies(table, f"SELECT concat(period, name) AS cell, own FROM ({given})", parameters)
    effects = [{row.name: copied[f"{i}{row.name}"].effect for row in listed} for i in (0, 1)]
    earlier = {row.name: wilson(int(row.k0), int(row.n0), effects[0][row.name]) for row in listed}
    later = {row.name: wilson(int(row.k1), int(row.n1), effects[1][row.name]) for row in listed}
    place_before, place_after = places(earlier, effects[0]), places(later, effects[1])
    tests = [
        difference(later[name], earlier[name], (effects[1][name], effects[0][name]))
        for name in (row.name for row in listed)
    ]
    lines = [
        RankLine(row.name, earlier[row.name], later[row.name], place_before[row.name], place_after[row.name], test, p)
        for row, test, p in zip(listed, tests, holm([test.p for test in tests]), strict=True)
    ]
    ordered = tuple(sorted(lines, key=_by_rank))
    return Ranks(filter_of(chosen), by, label, before, after, ordered, least, len(rows) - len(enough))


def places(shares: dict[str, Share], effects: dict[str, float] | None = None) -> dict[str, Rank]:
    """Rank groups by their shares, each with the range of ranks that the counts do not rule out.

    Every pair of groups is tested. A group's best rank follows all groups significantly above it, its worst precedes
    all that are significantly below; with Holm's correction, all ranges hold jointly at the 5 % level.

    Args:
        shares: By group name, from disjoint rows.
        effects: Their design effects, 1 or more; None = all 1.

    Returns:
        By group name, the highest share first.

    Source:
        Mogstad, Romano, Shaikh and Wilhelm (2024), Review of Economic Studies 91:476-518, with Holm's step-down test.

    Example:
        >>> found = places({"甲": wilson(60, 100), "乙": wilson(20, 100), "丙": wilson(25, 100)})
        >>> [(name, rank.low, rank.high) for name, rank in found.items()]
        [('甲', 1, 1), ('丙', 2, 3), ('乙', 2, 3)]
    """
    ordered = sorted(shares, key=lambda name: (-shares[name].value, name))
    pairs = list(combinations(ordered, 2))
    worth = effects or dict.fromkeys(shares, 1.0)
    found = holm([difference(shares[a], shares[b], (worth[a], worth[b])).p for a, b in pairs])
    certain = [pair for pair, p in zip(pairs, found, strict=True) if p < SIGNIFICANCE_LEVEL]
    above = Counter(lower for _, lower in certain)
    below = Counter(upper for upper, _ in certain)
    return {name: Rank(i + 1, 1 + above[name], len(ordered) - below[name]) for i, name in enumerate(ordered)}


def _given(chosen: Chosen, by: str, days: tuple[Filter, Filter]) -> tuple[str, list[object]]:
    """Return a query for the group, label, period and copy key of the comments of both periods."""
    inside, parameters = where(chosen)
    periods = [where(period, scored_only=False) for period in days]
    sql = f"""SELECT * FROM (
                  SELECT coalesce({by}, '') AS name, {Col.LABEL}, {COPY_KEY} AS own,
                         CASE WHEN {periods[0][0]} THEN 0 WHEN {periods[1][0]} THEN 1 END AS period
                  FROM comments WHERE {inside})
              WHERE period IS NOT NULL"""
    return sql, [*periods[0][1], *periods[1][1], *parameters]


def _counted(table: Table, given: str, parameters: list[object], label: int) -> Any:
    counts = ", ".join(
        f"count(*) FILTER (period = {i}) AS n{i}, count(*) FILTER (period = {i} AND {Col.LABEL} = {int(label)}) AS k{i}"
        for i in (0, 1)
    )
    return table.query(f"SELECT name, {counts} FROM ({given}) GROUP BY name ORDER BY n0 + n1 DESC, name", parameters)


def _by_rank(line: RankLine) -> int:
    return line.rank_after.place
