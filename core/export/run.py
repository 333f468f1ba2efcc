"""Write a labelled table to a file atomically."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from core.errors import ExportError
from core.export.columns import headings, lay_out, numeric
from core.export.place import written
from core.export.writers import WRITERS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FORMATS", "export", "format_of"]

#: Formats that ``export`` can write; also the file extensions.
FORMATS: Final = tuple(WRITERS)


def format_of(path: Path) -> str:
    """Return the format for a file's extension.

    Raises:
        ExportError: E01 unknown extension.

    Example:
        >>> format_of(Path("结果.XLSX"))
        'xlsx'
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in WRITERS:
        endings = "、".join(f".{name}" for name in FORMATS)
        raise ExportError("E01", f"不知道怎样写 {path.name}。", f"输出文件请以 {endings} 结尾。")
    return ending


def export(
    frames: Iterator[pd.DataFrame],
    out: Path | BinaryIO,
    *,
    format: str,  # noqa: A002 - the usual name for it
    original_columns: Sequence[str],
    emotion: bool = False,
    tags: bool = False,
    united: bool = False,
) -> int:
    """Write labelled rows with the file's own columns first and ours after them.

    Args:
        frames: Labelled rows in order, from ``LabelledTable.frames``.
        out: Path of a file to create (written to a temporary file beside it and renamed) or an open binary file.
        format: One of ``FORMATS``.
        original_columns: The file's own columns in output order.
        emotion: Export the emotion columns, too; the rows have ``EMOTION_COLUMNS``.
        tags: Export the grade and the reason tags, too; the rows have ``Col.TAGS``.
        united: Export unified columns, too, for tables that name theirs differently; the rows have ``UNITED_COLUMNS``.

    Returns:
        The number of rows written.

    Raises:
        ExportError: E01 unknown format, E02 ``out`` cannot be written, E03 the disk is full, E04 too many columns for
            Excel.
    """
    if format not in WRITERS:
        raise ExportError("E01", f"不知道格式 {format}。", f"可用:{'、'.join(FORMATS)}。")
    more = {"emotion": emotion, "tags": tags, "united": united}
    names, numbers = headings(original_columns, **more), numeric(original_columns, **more)
    laid_out = (lay_out(frame, original_columns, **more) for frame in frames)
    if not isinstance(out, Path):
        return WRITERS[format](laid_out, out, names, numbers)
    with written(out) as file:
        return WRITERS[format](laid_out, file, names, numbers)
