"""The labelled table as analyses see it, the filter over its comments, and shares with their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:  # for annotations only: pandas takes 0.3 s to import and most commands do not need it
    import pandas as pd

__all__ = [
    "Filter",
    "Share",
    "Table",
]


@runtime_checkable
class Table(Protocol):
    """A labelled table queried by SQL; the view is called ``comments`` and has ``LABELLED_COLUMNS`` and the original
    columns with ``ORIGINAL_PREFIX``."""

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """Run one read-only DuckDB statement with positional ``?`` parameters."""
        ...

    @property
    def original_columns(self) -> tuple[str, ...]:
        """Names of the file's own columns, without the prefix, in file order."""
        ...


@dataclass(frozen=True, slots=True)
class Within:
    """A selection of comments through a derived table: those of one topic, those that criticise one aspect.

    Attributes:
        view: Name of the derived table, ``<kind>_<10 hex digits>``.
        equal: Its columns and the value each must have, formatted as DuckDB casts it to text (``("label", "0")``).
    """

    view: str
    equal: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which comments a page shows; the default is all. Dates are ``YYYY-MM-DD``, both ends inclusive.

    Attributes:
        undated: With a date range: also keep undated rows.
        labels: Subset of ``LABELS``; empty = all. Likewise for sources, products, files.
        ratings: Lowest and highest rating, both inclusive.
        keyword: Rows whose text contains it, case-insensitive.
        term: Rows whose ``terms`` contain it; with synonyms or as a phrase if written by ``join_word``.
        confidence: Lowest and highest confidence.
        review_only: Only rows marked for review.
        reexported: Also include rows that repeat an earlier row's comment, exported again; by default it counts once.
        emotions: Subset of ``EMOTIONS``; empty = all. Any other value excludes rows without emotions.
        within: Only rows that a derived table selects.
        outside: Only rows that a derived table does not select.
        columns: Columns and the value each must have, "" = none: the file's own under their ``original`` names, and
            ``Col.AUTHOR``.
    """

    start: str | None = None
    end: str | None = None
    undated: bool = False
    labels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    ratings: tuple[float, float] | None = None
    keyword: str = ""
    term: str = ""
    confidence: tuple[float, float] | None = None
    review_only: bool = False
    reexported: bool = False
    emotions: tuple[str, ...] = ()
    within: Within | None = None
    outside: Within | None = None
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion with its uncertainty: ``count`` of ``n``, Wilson 95 % interval ``low``–``high``.

    All three proportions are NaN when n is 0. Shown as ``23.4% (21.9–25.0, n=3,120)``.
    """

    count: int
    n: int
    value: float
    low: float
    high: float
