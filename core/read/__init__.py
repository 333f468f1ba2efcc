"""bytes → rows: files as users have them become chunks of text cells.

inspect(paths) → tables, each with its encoding, header, columns and their roles
read(table)    → chunks of rows, nothing lost, every row numbered
"""

from core.read.columns import Detection, detect, require_text, with_mapping
from core.read.inspection import inspect
from core.read.reading import REVISION, count, preview, read, sheet_names

__all__ = [
    "REVISION",
    "Detection",
    "count",
    "detect",
    "inspect",
    "preview",
    "read",
    "require_text",
    "sheet_names",
    "with_mapping",
]
