"""What people say of each aspect."""

from __future__ import annotations

from dataclasses import dataclass

from core.schema import LABELS, NEGATIVE, POSITIVE, Filter, Share

__all__ = ["AspectCount", "Aspects", "OpinionWord"]


@dataclass(frozen=True, slots=True)
class OpinionWord:
    """A word that judges an aspect.

    Attributes:
        word: As written, a word that denies it included.
        label: Index into ``LABELS``: which mentions it stands in.
        n: Mentions.
    """

    word: str
    label: int
    n: int


@dataclass(frozen=True, slots=True)
class AspectCount:
    """The comments that speak of one aspect.

    Attributes:
        name: The aspect.
        shares: One per label, ``LABELS`` order: comments that speak of it badly, neither way, well.
        words: What it is called, the most frequent name first.
        opinions: Words that judge it, by label and falling n.
        found: The pack did not know it.
    """

    name: str
    shares: tuple[Share, ...]
    words: tuple[str, ...]
    opinions: tuple[OpinionWord, ...]
    found: bool = False

    @property
    def n(self) -> int:
        """Comments that speak of it."""
        return self.shares[NEGATIVE].n

    @property
    def negative(self) -> Share:
        """Share of those that speak badly of it."""
        return self.shares[NEGATIVE]

    @property
    def positive(self) -> Share:
        """Share of those that speak well of it."""
        return self.shares[POSITIVE]


@dataclass(frozen=True, slots=True)
class Aspects:
    """All aspects of a selection.

    Attributes:
        view: The derived table of mentions they were counted in.
        pack: Title of the pack.
        aspects: By falling number of comments that speak badly of them.
        n: Comments that were looked through.
        mentioning: Share of these that speak of any aspect.
        sampled_from: Comments of the selection when only a sample of n was looked through; None = all were.
    """

    filter: Filter
    view: str
    pack: str
    aspects: tuple[AspectCount, ...]
    n: int
    mentioning: Share
    sampled_from: int | None

    def counts(self) -> dict[str, tuple[int, ...]]:
        """Return comments per label of each aspect."""
        return {one.name: tuple(share.count for share in one.shares[: len(LABELS)]) for one in self.aspects}
