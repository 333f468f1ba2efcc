"""The labelled rows of a job as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from core.export import export, needed
from core.schema import JobSpec
from core.store import LabelledTable

__all__ = ["write_result"]


def write_result(
    table: LabelledTable,
    spec: JobSpec,
    out: Path | BinaryIO,
    *,
    format: str,  # noqa: A002 - as in ``export``
    tags: str = "",
    where: str = "",
    parameters: Sequence[object] = (),
) -> int:
    """Write the labelled rows of a job to a file.

    Args:
        table: Its labelled table.
        spec: Its specification.
        out: As for ``export``.
        format: One of ``core.export.FORMATS``.
        tags: Derived table of the mentions in all comments, for the grade and the reason tags; "" = without them.
        where: SQL condition on ``comments`` with ``?`` parameters; "" for every row of the input.
        parameters: Its values.

    Returns:
        The number of rows written.

    Raises:
        ExportError: As for ``export``.
        StoreError: As for ``LabelledTable.frames``.
    """
    # a table without rows does not know the columns of its files
    columns = table.original_columns or tuple(dict.fromkeys(c for s in spec.sources for c in s.columns))
    more = {"emotion": spec.score.emotion, "united": spec.is_mixed}
    frames = table.frames(where, parameters, columns=needed(columns, **more))
    if tags:
        from core.derive.tags import tagged  # lazy: it imports every analysis

        frames = tagged(frames, table, tags)
    return export(frames, out, format=format, original_columns=columns, tags=bool(tags), **more)
