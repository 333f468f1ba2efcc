"""Preview how a job will parse a table's times, for a user who is still choosing its columns."""

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
    """Return the first cell whose date is not obvious, such as a spreadsheet's 45676, and the time parsed from it.

    Args:
        cells: Cells of the time column.
        source: Their table; its file must exist.
        settings: For the time zone.

    Returns:
        The cell, and the time as ``2025-01-19`` or ``2025-01-19 08:30``; None if no cell needs explaining.
    """
    options = clean_options([source], settings)
    times = parse_times(cells, options.reference_time, options.timezone)
    for cell, time in zip(cells[times.notna()], times[times.notna()], strict=True):
        day = f"{time:%Y-%m-%d}"
        if not cell.strip().startswith(day):
            return cell.strip(), day if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}"
    return None
