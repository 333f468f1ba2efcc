"""A run report updated with people's corrections."""

from __future__ import annotations

from dataclasses import replace

from core.results import Totals
from core.schema import LABELS, RunReport

__all__ = ["corrected"]


def corrected(report: RunReport, now: Totals) -> RunReport:
    """Update the label counts of a report with corrections; the stored report stays as the run wrote it.

    Args:
        report: The run's report.
        now: Totals of all its rows, see ``overview``.
    """
    labels = {name: share.count for name, share in zip(LABELS, now.shares, strict=True)}
    return replace(report, labels=labels, needs_review=now.needs_review.count)
