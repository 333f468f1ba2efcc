"""What people say about each aspect."""

from __future__ import annotations

from dataclasses import dataclass

from core.schema import LABELS, NEGATIVE, POSITIVE, Filter, Share

__all__ = ["AspectCount", "Aspects", "OpinionWord"]


@dataclass(frozen=True, slots=True)
class OpinionWord:
    """An opinion word of an aspect.

    Attributes:
        word: As written, including its negation.
        label: Index into ``LABELS``: the label of the mentions that contain it.
        n: Number of these mentions.
    """

    word: str
    label: int
    n: int


@dataclass(frozen=True, slots=True)
class AspectCount:
    """The comments that mention one aspect.

    Attributes:
        name: Name of the aspect.
        shares: One per label, ``LABELS`` order: comments that are negative, neutral, positive about it.
        words: Words that name it, the most frequent first.
        opinions: Opinion words used of it, by label and falling n.
        found: Whether it was discovered rather than in the pack.
    """

    name: str
    shares: tuple[Share, ...]
    words: tuple[str, ...]
    opinions: tuple[OpinionWord, ...]
    found: bool = False

    @property
    def n(self) -> int:
        """Comments that mention it."""
        return self.shares[NEGATIVE].n

    @property
    def negative(self) -> Share:
        """Share of those that are negative about it."""
        return self.shares[NEGATIVE]

    @property
    def positive(self) -> Share:
        """Share of those that are positive about it."""
        return self.shares[POSITIVE]


@dataclass(frozen=True, slots=True)
class Aspects:
    """The aspects of a selection.

    Attributes:
        view: The derived table of mentions they were counted in.
        pack: Title of the pack.
        aspects: By falling number of comments that are negative about them.
        n: Comments that were searched.
        mentioning: Share of these that mention any aspect.
        sampled_from: Comments of the selection if only a sample of n was searched; None = all were.
    """

    filter: Filter
    view: str
    pack: str
    aspects: tuple[AspectCount, ...]
    n: int
    mentioning: Share
    sampled_from: int | None

    def counts(self) -> dict[str, tuple[int, ...]]:
        """Return the number of comments per label of each aspect."""
        return {one.name: tuple(share.count for share in one.shares[: len(LABELS)]) for one in self.aspects}
