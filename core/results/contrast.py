"""Words that distinguish two sets of comments, and ratings compared with texts."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.figures import Difference
from core.schema import Filter, Share

__all__ = ["Clash", "Contrast", "ContrastWord", "Flattery", "Side", "Stars"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two sets of comments.

    Attributes:
        chosen: Its comments, within the filter of the page; None = all that are not on the other side.
        n: Comments counted.
        of: Comments in total; more than n if a fixed sample was counted.
    """

    chosen: Filter | None
    n: int
    of: int


@dataclass(frozen=True, slots=True)
class ContrastWord:
    """A word and how strongly it is associated with the first (z > 0) or the second side (z < 0).

    Attributes:
        word: As ``Filter.term`` names it.
        first: Share of the first side's comments that contain it.
        second: The same for the second side.
        z: z-score of the log-odds ratio with an informative Dirichlet prior.
        log_odds: The ratio itself, natural logarithm, shrunk by the prior.
    """

    word: str
    first: Share
    second: Share
    z: float
    log_odds: float


@dataclass(frozen=True, slots=True)
class Contrast:
    """Words that distinguish two sides.

    Attributes:
        sides: First and second.
        words: Of both sides, by falling z; may include words that favour neither.
        minimum: Fewest comments that contain a listed word.
        phrases: Whether phrases and synonyms were counted.
    """

    filter: Filter
    sides: tuple[Side, Side]
    words: tuple[ContrastWord, ...]
    minimum: int
    phrases: bool

    @property
    def first(self) -> tuple[ContrastWord, ...]:
        """Words of the first side, the strongest first."""
        return tuple(word for word in self.words if word.z > 0)

    @property
    def second(self) -> tuple[ContrastWord, ...]:
        """Words of the second side, the strongest first."""
        return tuple(word for word in reversed(self.words) if word.z < 0)


@dataclass(frozen=True, slots=True)
class Clash:
    """Comments whose rating and text disagree.

    Attributes:
        mark: The filter for them: their ratings and their label.
        share: Their share of all comments with such ratings.
    """

    mark: Filter
    share: Share


@dataclass(frozen=True, slots=True)
class Flattery:
    """How much better a group of rated comments looks by its ratings than by its texts.

    Attributes:
        name: The grouping value; "" = unknown.
        stars: Share of the rated comments with many stars.
        texts: Share of the same comments with a positive text.
        difference: Stars minus texts, a paired difference.
        p_adjusted: ``difference.p`` Holm-adjusted over the listed groups.
    """

    name: str
    stars: Share
    texts: Share
    difference: Difference
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class Stars:
    """Ratings compared with sentiment.

    Attributes:
        by: Grouping column, as in ``Comparison``.
        many: Lowest rating that counts as many stars; NaN without ratings.
        few: Highest rating that counts as few.
        scale: Highest rating of the scale: 5, 10, 50 or 100.
        clashes: Many stars with a negative text, few with a positive one.
        total: Over all rated comments.
        groups: By falling n.
        groups_in_all: Distinct values among the rated comments.
        again: Rated comments that are copies of another one.
    """

    filter: Filter
    by: str
    many: float
    few: float
    scale: float
    clashes: tuple[Clash, Clash]
    total: Flattery
    groups: tuple[Flattery, ...]
    groups_in_all: int
    again: int = 0
