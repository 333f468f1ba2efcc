"""Export labelled rows to CSV, XLSX, Parquet and JSON Lines, safe to open in a spreadsheet program."""

from core.export.brief import BriefItem, brief
from core.export.columns import headings, needed
from core.export.escape import neutralise
from core.export.run import FORMATS, export, format_of
from core.export.small import small_csv, write_small

__all__ = [
    "FORMATS",
    "BriefItem",
    "brief",
    "export",
    "format_of",
    "headings",
    "needed",
    "neutralise",
    "small_csv",
    "write_small",
]
