"""Names that people gave to topics, and merges of topics, reapplied after the topics were recomputed.

A change identifies topics by their most typical terms, not by number, as new rows or corrections change the numbers. It
applies to the topic that shares most of the terms, if that is at least half of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["MOST_NAME", "TopicEdits", "merge_change", "rename_change", "topic_edits"]

#: Most characters of a name.
MOST_NAME: Final = 40
_ALIKE: Final = 0.5


@dataclass(frozen=True, slots=True)
class TopicEdits:
    """Changes resolved to the current topics.

    Attributes:
        names: Number of a topic → its name; merged topics have the lowest number.
        merged: Groups of numbers, each rising; the groups are sorted by their first.
    """

    names: dict[int, str]
    merged: tuple[tuple[int, ...], ...]


def rename_change(terms: Sequence[str], name: str) -> dict[str, Any]:
    """Return the change that renames the topic with these terms."""
    return {"do": "rename", "terms": list(terms), "name": " ".join(name.split())[:MOST_NAME]}


def merge_change(parts: Iterable[Sequence[str]]) -> dict[str, Any]:
    """Return the change that merges the topics with these terms."""
    return {"do": "merge", "parts": [list(terms) for terms in parts]}


def topic_edits(topics: Sequence[Mapping[str, Any]], changes: Iterable[Mapping[str, Any]]) -> TopicEdits:
    """Find the topics that changes refer to.

    Args:
        topics: ``topic`` and ``terms`` of each, as recorded by ``core.derive``.
        changes: From ``rename_change`` and ``merge_change``, oldest first; others are ignored.

    Example:
        >>> there = [{"topic": 1, "terms": ["快递", "慢"]}, {"topic": 2, "terms": ["物流", "太慢"]}]
        >>> both = merge_change([["快递", "慢"], ["物流", "太慢"]])
        >>> topic_edits(there, [both, rename_change(["物流", "太慢"], "配送")])
        TopicEdits(names={1: '配送'}, merged=((1, 2),))
    """
    terms = {int(topic["topic"]): frozenset(topic["terms"]) for topic in topics}
    first = {number: number for number in terms}
    names: dict[int, str] = {}
    for change in changes:
        if change.get("do") == "merge":
            found = sorted({first[n] for part in change.get("parts", ()) if (n := _alike(terms, part)) is not None})
            first = {number: found[0] if lowest in found else lowest for number, lowest in first.items()}
        elif change.get("do") == "rename" and (number := _alike(terms, change.get("terms", ()))) is not None:
            names[number] = str(change.get("name", ""))
    groups = {lowest: tuple(n for n in sorted(first) if first[n] == lowest) for lowest in first.values()}
    merged = tuple(sorted(group for group in groups.values() if len(group) > 1))
    return TopicEdits({first[number]: name for number, name in names.items() if name}, merged)


def _alike(terms: Mapping[int, frozenset[str]], wanted: Sequence[str]) -> int | None:
    """Return the topic that shares most of some terms; None if that is less than half."""
    asked = frozenset(wanted)
    shared = {n: len(asked & own) / len(asked | own) for n, own in terms.items() if asked | own}
    best = max(shared, key=shared.__getitem__, default=None)
    return best if best is not None and shared[best] >= _ALIKE else None
