"""Core errors as callers may see them: no path of this machine, no cell of a file."""

from __future__ import annotations

import re
from typing import Final

from core.errors import ApiError, TingfengError
from core.settings import get_settings

__all__ = ["public", "public_error"]

#: Replaces messages that name folders, columns (comments, in a table without a header) or the command line.
_WORDS: Final[dict[str, tuple[str, str]]] = {
    "R03": ("文件里找不到评论列。", "请用表单字段 text 写明评论列的列名。"),
    "R04": ("文件里没有这个名字的列。", "请检查表单字段 text 和 time,它们要与表头完全一致。"),
    "S01": ("数据文件夹无法使用。", "请联系运行听风的人检查权限。"),
    "S02": ("数据文件夹里的一个文件已损坏。", "请联系运行听风的人。"),
    "S03": ("磁盘空间不足。", "请联系运行听风的人腾出空间后重试。"),
    "E02": ("结果无法写入。", "请联系运行听风的人检查临时文件夹。"),
    "E03": ("磁盘空间不足。", "请联系运行听风的人腾出空间后重试。"),
}
#: The folders of an absolute path, POSIX or Windows, up to its last part.
_FOLDERS: Final = re.compile(r"(?<![\w./\\])(?:[A-Za-z]:|~)?[\\/](?:[^\\/\s::,。;;()()]+[\\/])+")
_CODED: Final = re.compile(r"\[([A-Z]\d\d)\] (.*)", re.DOTALL)


def public(problem: TingfengError) -> tuple[str, str]:
    """Return the message and hint of an error as a caller may see them."""
    if isinstance(problem, ApiError):
        return problem.message, problem.hint
    message, hint = _WORDS.get(problem.code, (problem.message, problem.hint))
    return _without_folders(message), _without_folders(hint)


def public_error(said: str) -> tuple[str, str | None]:
    """Return the public message and the code of an error that a job keeps as text.

    Args:
        said: ``str`` of a ``TingfengError``, or a sentence without a code.

    Example:
        >>> public_error("[S03] 磁盘空间不足,无法写入 /home/li/.tingfeng/jobs。请腾出空间后重试。")
        ('磁盘空间不足。请联系运行听风的人腾出空间后重试。', 'S03')
        >>> public_error("意外错误:ValueError。")
        ('意外错误:ValueError。', None)
    """
    coded = _CODED.fullmatch(said)
    if coded is None:
        return _without_folders(said), None
    code, words = coded.groups()
    return _without_folders("".join(_WORDS[code]) if code in _WORDS else words), code


def _without_folders(words: str) -> str:
    """Return a message in which files on this machine are named without their folders.

    Example:
        >>> _without_folders("文件 /home/li/数据/九月.csv 读不出来:CSV/TSV。")
        '文件 九月.csv 读不出来:CSV/TSV。'
    """
    return _FOLDERS.sub("", words.replace(str(get_settings().data_dir), "数据文件夹"))
