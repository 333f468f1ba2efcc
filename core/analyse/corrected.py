"""The report of a run as people's corrections leave it."""

from __future__ import annotations

from dataclasses import replace

from core.results import Totals
from core.schema import LABELS, RunReport

__all__ = ["corrected"]


def corrected(report: RunReport, now: Totals) -> RunReport:
    """Put the labels that people set right into a report; the one that is stored stays as the run wrote it.

    Args:
        report: Of the run.
        now: Of all its rows, see ``overview``.
    """
    labels = {name: share.count for name, share in zip(LABELS, now.shares, strict=True)}
    return replace(report, labels=labels, needs_review=now.needs_review.count)
