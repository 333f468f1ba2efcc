"""Names that people gave to topics and topics that they put together, found again after the topics were made anew.

A change names topics by their telling terms, not by number: after new rows or corrections the numbers are others. It
holds for the topic that shares most of the terms, if that is half of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["MOST_NAME", "TopicEdits", "merge_change", "rename_change", "topic_edits"]

#: Letters of a name.
MOST_NAME: Final = 40
_ALIKE: Final = 0.5


@dataclass(frozen=True, slots=True)
class TopicEdits:
    """Changes as they hold for the topics there are.

    Attributes:
        names: Number of a topic → its name; for topics put together the lowest number.
        merged: Groups of numbers, each rising, the groups by their first.
    """

    names: dict[int, str]
    merged: tuple[tuple[int, ...], ...]


def rename_change(terms: Sequence[str], name: str) -> dict[str, Any]:
    """Return the change that calls the topic with these telling terms by a name."""
    return {"do": "rename", "terms": list(terms), "name": " ".join(name.split())[:MOST_NAME]}


def merge_change(parts: Iterable[Sequence[str]]) -> dict[str, Any]:
    """Return the change that puts the topics with these telling terms together."""
    return {"do": "merge", "parts": [list(terms) for terms in parts]}


def topic_edits(topics: Sequence[Mapping[str, Any]], changes: Iterable[Mapping[str, Any]]) -> TopicEdits:
    """Find the topics that changes speak of.

    Args:
        topics: ``topic`` and ``terms`` of each, as ``core.derive`` noted them.
        changes: From ``rename_change`` and ``merge_change``, the first one first; others are passed over.

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
    """Return the topic that shares most of some terms; None when it is less than half."""
    asked = frozenset(wanted)
    shared = {n: len(asked & own) / len(asked | own) for n, own in terms.items() if asked | own}
    best = max(shared, key=shared.__getitem__, default=None)
    return best if best is not None and shared[best] >= _ALIKE else None
