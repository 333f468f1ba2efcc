"""Inputs and outputs of reading and cleaning: options, tables found in a file, chunks of rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.schema.columns import Role

if TYPE_CHECKING:  # for annotations only: pandas takes 0.3 s to import and most commands do not need it
    import pandas as pd

__all__ = [
    "CleanOptions",
    "Mapping",
    "ReadOptions",
    "RowChunk",
    "TableSource",
]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """User overrides of detection for a file; None = detect.

    Args:
        encoding: A Python codec name.
        delimiter: One character.
        sheets: Names of the sheets to read.
        header_row: 1-based row of the header as a spreadsheet program shows it; 0 = the table has none.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheets: tuple[str, ...] | None = None
    header_row: int | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column has which role. Several text columns are joined by a line break, in this order."""

    text: tuple[str, ...] = ()
    time: str | None = None
    source: str | None = None
    product: str | None = None
    rating: str | None = None
    author: str | None = None
    comment_id: str | None = None


@dataclass(frozen=True, slots=True)
class TableSource:
    """One table found in the input: a file, a sheet of a workbook, a member of a zip.

    Attributes:
        path: The file on disk.
        member: Name inside the zip at ``path``; None if it is not a zip.
        sheet: Sheet of the workbook or table of the page; None for other formats.
        name: Display name: ``导出.zip/八月.xlsx · 评论``.
        format: csv, chat, xlsx, xls, xlsb, ods, html, mht, xml, json, jsonl or parquet.
        encoding: Codec the text was decoded with; None for binary formats.
        delimiter: Field separator; None if there is none.
        header_row: 1-based row of the header; 0 = none, columns are named 列1, 列2, …
        columns: Column names in file order, made unique.
        layout: Name of a recognised export (``MediaCrawler 微博评论``), else None.
        mapping: The detected roles; ``mapping.text`` is empty if no comment column was found.
        evidence: Per role, one Chinese sentence on why that column was chosen.
        notes: Chinese notes for the user: hidden columns, other sheets, damaged ids, merged cells.
        sha256: Digest of the file at ``path``, hex.
        size_bytes: Size of the file or member.
        exported: When the file was last modified, as first seen by the job: the reference for this table's 刚刚 and
            昨天; naive, in the job's time zone. None uses ``CleanOptions.reference_time``.
        default_source: The platform a recognised layout implies (``微博``); "" = unknown.
        rating_unit: The value of one star in the rating column of a recognised layout: Meituan writes five stars as 50.
        reading: Revision of the reader that found it (``core.read.REVISION``); 0 = before revisions existed.
        from_1904: Whether the workbook uses the 1904 date system, as Excel for the Mac once did, instead of 1900.
    """

    path: Path
    name: str
    format: str
    columns: tuple[str, ...]
    mapping: Mapping
    sha256: str
    size_bytes: int
    member: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int = 1
    exported: datetime | None = None
    layout: str | None = None
    evidence: dict[Role, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    default_source: str = ""
    rating_unit: float = 1.0
    from_1904: bool = False
    reading: int = 0


@dataclass(frozen=True, slots=True)
class RowChunk:
    """Consecutive rows of one table.

    Attributes:
        source: The table they come from.
        frame: (n, columns) of ``str``; an absent or empty cell is "". Dates are ISO text, whole numbers have no
            decimal point, JSON lists are JSON text. A rejected row has its raw line in the first column, or
            its cells if it is a repeated header. Cells beyond the header are in extra columns ``列N``.
        row_numbers: (n,) int64, 1-based as a spreadsheet program shows them.
        reasons: (n,) of Reason or "", why a row is rejected.
        ragged: Number of rows of this chunk with more or fewer cells than the header.
    """

    source: TableSource
    frame: pd.DataFrame
    row_numbers: NDArray[np.int64]
    reasons: NDArray[np.object_]
    ragged: int = 0


@dataclass(frozen=True, slots=True)
class CleanOptions:
    """Options for converting rows to comments.

    Args:
        reference_time: Reference for 刚刚 and 昨天 of a table without its own; naive, in ``timezone``.
        timezone: IANA name; times with another offset are converted to it.
        mask_pii: Replace phone, ID-card and bank-card numbers, e-mail addresses and @names.
        user_words: Extra dictionary words kept whole in ``terms``.
        latest_time: When the rows were first read, likewise; upper bound for absolute times; None = ``reference_time``.
    """

    reference_time: datetime
    timezone: str = "Asia/Shanghai"
    mask_pii: bool = False
    user_words: tuple[str, ...] = ()
    latest_time: datetime | None = None
