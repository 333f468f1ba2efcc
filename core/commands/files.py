"""How inputs are read and outputs checked, shared by ``label``, ``evaluate`` and ``analyse``."""

from __future__ import annotations

import argparse
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from core.errors import ExportError
from core.read import inspect, require_text, with_mapping
from core.schema import ReadOptions, TableSource
from core.score.cascade import cascade_name, split_cascade
from core.score.engines import split_name
from core.score.table import ENTRIES
from core.settings import get_settings

__all__ = ["add_reading", "check_place", "checked_csv", "lasting_name", "tables"]


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add ``--text``, ``--encoding``, ``--sheet``, ``--delimiter`` and ``--header-row``."""
    parser.add_argument("--text", metavar="列名", action="append", help="评论在哪一列;可重复,多列会接在一起")
    parser.add_argument("--encoding", metavar="编码", help="文件编码,如 gb18030;默认自动识别")
    parser.add_argument("--sheet", metavar="表名", action="append", help="只读这些工作表;可重复")
    parser.add_argument("--delimiter", metavar="字符", help="CSV 的分隔符;默认自动识别")
    parser.add_argument("--header-row", metavar="行号", type=int, help="表头在第几行,0 表示没有表头;默认自动识别")


def tables(paths: list[Path], arguments: argparse.Namespace, **roles: str | None) -> list[TableSource]:
    """Find the tables in some files and apply the named columns.

    Args:
        paths: Files, folders or zips.
        arguments: With what ``add_reading`` added.
        roles: Further columns by role, None = as detected.

    Raises:
        ReadError: A file cannot be read; R03 no comment column, R04 a named column does not exist.
    """
    options = ReadOptions(
        encoding=arguments.encoding,
        delimiter=arguments.delimiter,
        sheets=tuple(arguments.sheet) if arguments.sheet else None,
        header_row=arguments.header_row,
    )
    named: dict[str, str | Sequence[str] | None] = {
        role: column for role, column in roles.items() if column is not None
    }
    if arguments.text:
        named["text"] = tuple(arguments.text)
    # absolute paths, so that the job can be resumed from any folder; shown as they were given
    found = inspect([path.absolute() for path in paths], options, [path.name or str(path) for path in paths])
    return [require_text(with_mapping(source, **named) if named else source) for source in found]


def lasting_name(name: str) -> str:
    """Return the name of a model that means the same in any working folder, keeping its engine.

    For a cascade this concerns the second model; one left to the settings is named if it is a folder.
    """
    cascade = split_cascade(name)
    if cascade is not None:
        second = cascade[1] or get_settings().cascade_backend
        lasting = lasting_name(second)
        return name if lasting == second else cascade_name(cascade[0], lasting)
    bare, engine = split_name(name)
    return name if bare in ENTRIES or not Path(bare).is_dir() else str(Path(bare).resolve()) + engine.suffix


def check_place(out: Path) -> None:
    """Fail early if an output cannot be written.

    Raises:
        ExportError: E02 the path is not writable.
    """
    try:
        taken = stat.S_ISDIR(out.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        taken = False
    except OSError as exc:  # usually a name longer than the file system allows
        raise ExportError(
            "E02", f"无法写入 {out}:名字太长,或位置不能使用。", "请换一个短一些的文件名或另一个位置。"
        ) from exc
    folder = out.absolute().parent
    if not folder.is_dir():
        raise ExportError("E02", f"没有文件夹 {folder}。", "请先建立它,或换一个位置。")
    if taken or not os.access(folder, os.W_OK):
        raise ExportError("E02", f"无法写入 {out}。", "请换一个位置或检查权限。")


def checked_csv(out: Path) -> None:
    """Fail early if an output is not a CSV file or cannot be written.

    Raises:
        ExportError: E01 another extension, E02 the path is not writable.
    """
    if out.suffix.lower() != ".csv":
        raise ExportError("E01", f"分析的结果是 CSV,不能写成 {out.name}。", "输出文件请以 .csv 结尾。")
    check_place(out)
