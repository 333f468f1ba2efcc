"""Key figures, words, groups, histograms and pages of comments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from core.schema import Filter, Share

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Bin",
    "Choice",
    "Choices",
    "CommentPage",
    "Difference",
    "Distribution",
    "EmotionCount",
    "EmotionCounts",
    "Keyword",
    "Keywords",
    "Mean",
    "Overview",
    "PlacedWord",
    "Totals",
]


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two proportions with Newcombe's 95 % interval; all NaN when either n is 0.

    Attributes:
        value: First minus second, in [-1, 1].
        low: Lower end of the interval.
        high: Upper end of the interval.
        p: Two-sided p-value of "no difference" (Fisher, mid-p); NaN when an expected count is below 1.
    """

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a filter can take and the number of labelled rows with it."""

    value: str
    n: int


@dataclass(frozen=True, slots=True)
class Choices:
    """Values that the filters of a page can offer.

    Attributes:
        n: Labelled rows of the table.
        reexported: Further rows that are re-exports of an earlier row's comment.
        undated: Of the labelled rows, those without a time.
        first_day: Earliest day, ``YYYY-MM-DD``; None if no row is dated.
        last_day: Latest day; None if no row is dated.
        ratings: Lowest and highest rating; None if no row has one.
        labels: All of ``LABELS``, in that order.
        sources: By falling count, "" = unknown; so are products and files.
        distinct: Distinct values of each of sources, products, files; more than listed if the list was truncated.
    """

    n: int
    reexported: int
    undated: int
    first_day: str | None
    last_day: str | None
    ratings: tuple[float, float] | None
    labels: tuple[Choice, ...]
    sources: tuple[Choice, ...]
    products: tuple[Choice, ...]
    files: tuple[Choice, ...]
    distinct: dict[str, int]


#: An interval of a mean narrower than this needs a second decimal.
_NARROW: Final = 0.2


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of n values with its 95 % interval; NaN where there are too few."""

    value: float
    low: float
    high: float
    n: int

    @property
    def digits(self) -> int:
        """Decimals needed to distinguish the ends of the interval."""
        return 2 if self.high - self.low < _NARROW else 1


@dataclass(frozen=True, slots=True)
class Totals:
    """The key figures of one selection of n labelled rows.

    Attributes:
        shares: One per label, ``LABELS`` order.
        needs_review: Share of rows marked for review.
        undated: Share of rows without a time.
        rating: Mean of the ratings, in the file's units, with its interval; n = rows with a rating.
        first: Earliest time; None if no row is dated.
        last: Latest time; None if no row is dated.
    """

    n: int
    shares: tuple[Share, ...]
    needs_review: Share
    undated: Share
    rating: Mean
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The key figures now and in the equally long period just before.

    Attributes:
        previous: None without a date range or if the preceding period has no rows.
        changes: Share now minus share before, one per label; None if previous is None.
    """

    filter: Filter
    now: Totals
    previous: Totals | None
    changes: tuple[Difference, ...] | None


@dataclass(frozen=True, slots=True)
class Keyword:
    """A term and how strongly it is associated with negative (z > 0) or positive (z < 0) comments.

    Attributes:
        counts: Comments that contain the term, per label, ``LABELS`` order; each comment counts once.
        z: z-score of the log-odds ratio with an informative Dirichlet prior.
        log_odds: The ratio itself, natural logarithm, shrunk by the prior.
        negative: Share of negative comments among those that contain the term.
    """

    term: str
    counts: tuple[int, int, int]
    z: float
    log_odds: float
    negative: Share

    @property
    def n(self) -> int:
        """Comments that contain the term."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Keywords:
    """Terms that distinguish negative from positive comments.

    Attributes:
        negative: By falling z; only z > 0.
        positive: By rising z; only z < 0.
        n: Comments counted.
        totals: Of these, comments per label, ``LABELS`` order.
        sampled_from: Comments of the selection if only a fixed sample of n was counted; None = all were.
        minimum: Fewest comments that contain a listed term.
    """

    filter: Filter
    negative: tuple[Keyword, ...]
    positive: tuple[Keyword, ...]
    n: int
    totals: tuple[int, int, int]
    sampled_from: int | None
    minimum: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows per label (``LABELS`` order) from low to high, which only the last bin includes, or of one value."""

    low: float
    high: float
    counts: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Distribution:
    """The distribution of the model's confidence, and labels by rating.

    Attributes:
        confidence: Twenty bins over [0, 1].
        ratings: One bin per value, or ten equal bins for more than twenty values; () without ratings.
        n: Labelled rows.
        rated: Of these, rows with a rating.
    """

    filter: Filter
    confidence: tuple[Bin, ...]
    ratings: tuple[Bin, ...]
    n: int
    rated: int


@dataclass(frozen=True, slots=True)
class EmotionCount:
    """The comments of one emotion.

    Attributes:
        name: One of ``EMOTIONS``.
        share: Share of all comments with an emotion (``无`` is one).
        mean_p: Mean probability of the emotion over its comments; NaN without any.
    """

    name: str
    share: Share
    mean_p: float


@dataclass(frozen=True, slots=True)
class EmotionCounts:
    """The emotions that comments show.

    Attributes:
        counts: One per emotion, ``EMOTIONS`` order.
        offensive: Share of probably offensive comments among those that were judged.
        n: Comments with an emotion.
    """

    filter: Filter
    counts: tuple[EmotionCount, ...]
    offensive: Share
    n: int


@dataclass(frozen=True, slots=True)
class CommentPage:
    """A page of the comments behind a figure.

    Attributes:
        frame: The requested columns, at most ``limit`` rows.
        total: Rows of the selection.
        offset: Rows before this page.
    """

    filter: Filter
    frame: pd.DataFrame
    total: int
    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word of a word cloud with its position in pixels, never rotated.

    Attributes:
        x: Left edge of the word's box.
        baseline: Baseline of the text, y grows downwards.
        size: Font size.
        width: Width of its box; a renderer may squeeze the text into it (SVG ``textLength``).
        color: ``#RRGGBB``.
        word: As ``Filter.term`` names it; ``text`` is its display form.
    """

    text: str
    x: float
    baseline: float
    size: float
    width: float
    color: str
    n: int
    z: float
    word: str
