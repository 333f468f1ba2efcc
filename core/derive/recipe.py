"""The interface of every recipe for a derived table."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from core.store import LabelledTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Recipe", "Report", "view_of"]

#: Called often with the units of work done and their number; cheap. It may raise ``JobError`` J03 to stop the work.
Report = Callable[[int, int], None]


class Recipe(Protocol):
    """A recipe for one derived table. Frozen dataclasses: equal recipes make equal tables.

    A recipe that never uses labels may have an attribute ``label_free`` that is True: its table then stays valid
    when people correct labels.

    Attributes:
        kind: First part of the view's name, lower-case ASCII letters: ``mentions``, ``topics``.
        title: What is being done, in Chinese, for the progress line.
    """

    @property
    def kind(self) -> str:
        """First part of the view's name."""
        ...

    @property
    def title(self) -> str:
        """What is being done, in Chinese."""
        ...

    def cache_key(self) -> tuple[object, ...]:
        """Return all that determines the content besides the table: revision of the method, options, model version.

        Values must have a stable ``repr``.
        """
        ...

    def make(self, table: LabelledTable, facts: dict[str, Any], report: Report) -> Iterator[pd.DataFrame]:
        """Yield the rows of the derived table, at least one frame; fill ``facts`` on the way.

        Args:
            table: The labelled table.
            facts: To be filled with what the table itself does not record: n, sampled from how many, options in words.
            report: Called with the progress.
        """
        ...


def view_of(recipe: Recipe, table: LabelledTable) -> str:
    """Return the name of a recipe's table for the current rows and corrections.

    Returns:
        ``<kind>_<10 hex digits>``.
    """
    version = table.rows_version if getattr(recipe, "label_free", False) else table.version
    said = repr((version, recipe.cache_key()))
    return f"{recipe.kind}_{hashlib.sha256(said.encode()).hexdigest()[:10]}"
