"""How a job will read the times of a table, for a person who is still choosing its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clean import parse_times
from core.jobs.spec import clean_options
from core.schema import TableSource
from core.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["time_example"]


def time_example(cells: pd.Series[str], source: TableSource, settings: Settings) -> tuple[str, str] | None:
    """Return the first cell whose day is not plain to see, such as a spreadsheet's 45676, and the time read from it.

    Args:
        cells: Of the time column.
        source: The table they stand in, its file there.
        settings: For the time zone.

    Returns:
        The cell, and the time as ``2025-01-19`` or ``2025-01-19 08:30``; None when no cell needs the explanation.
    """
    options = clean_options([source], settings)
    times = parse_times(cells, options.reference_time, options.timezone)
    for cell, time in zip(cells[times.notna()], times[times.notna()], strict=True):
        day = f"{time:%Y-%m-%d}"
        if not cell.strip().startswith(day):
            return cell.strip(), day if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}"
    return None
