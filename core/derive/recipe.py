"""What every way to make a derived table says of itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from core.store import LabelledTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Recipe", "Report", "view_of"]

#: Told the units of work done and their number; called often, cheap. It may raise ``JobError`` J03 to stop the work.
Report = Callable[[int, int], None]


class Recipe(Protocol):
    """A way to make one derived table. Frozen dataclasses: equal recipes make equal tables.

    A recipe that never looks at labels may say so by an attribute ``label_free`` that is True: its table then lives on
    when people correct labels.

    Attributes:
        kind: First part of the view's name, lower-case ASCII letters: ``mentions``, ``topics``.
        title: What is being done, Chinese, for the progress line.
    """

    @property
    def kind(self) -> str:
        """First part of the view's name."""
        ...

    @property
    def title(self) -> str:
        """What is being done."""
        ...

    def ingredients(self) -> tuple[object, ...]:
        """Return all that decides the content beside the table itself: revision of the method, options, model version.

        Values must have a stable ``repr``.
        """
        ...

    def make(self, table: LabelledTable, facts: dict[str, Any], report: Report) -> Iterator[pd.DataFrame]:
        """Yield the rows of the derived table, at least one frame; fill ``facts`` on the way.

        Args:
            table: The labelled table.
            facts: To be filled with what the table itself does not say: n, sampled from how many, options in words.
            report: Told how far the work is.
        """
        ...


def view_of(recipe: Recipe, table: LabelledTable) -> str:
    """Return the name of a recipe's table for the rows and corrections of this moment.

    Returns:
        ``<kind>_<10 hex digits>``.
    """
    version = table.rows_version if getattr(recipe, "label_free", False) else table.version
    said = repr((version, recipe.ingredients()))
    return f"{recipe.kind}_{hashlib.sha256(said.encode()).hexdigest()[:10]}"
