"""Limit the inflated size of zip containers: checked from the declared sizes and again while inflating."""

from __future__ import annotations

import copy
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from core.errors import ReadError
from core.settings import get_settings

MB: Final = 1 << 20
BLOCK_BYTES: Final = 1 << 20
#: Below this inflated size a high ratio is harmless: a small table of equal rows compresses well.
RATIO_FREE_BYTES: Final = 64 * MB
_ENCRYPTED: Final = 0x1
#: What zipfile and zlib raise for a damaged, truncated or unusual archive and its members.
BROKEN_ZIP: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError,
)  # fmt: skip


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open a zip whose declared sizes are within the limits.

    Raises:
        ReadError: R07 too large once inflated, R08 damaged, R13 too many members.
    """
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN_ZIP as exc:
        raise damaged(path.name) from exc
    settings = get_settings()
    infos = archive.infolist()
    if len(infos) > 10 * settings.max_members:
        raise ReadError("R13", f"{path.name} 里有 {len(infos)} 个文件,太多了。", "请拆成几个压缩包。")
    check_size(path, sum(info.file_size for info in infos))
    return archive


def check_size(path: Path, inflated_bytes: int) -> None:
    """Raise R07 if a container of this size on disk may not inflate to this many bytes."""
    settings = get_settings()
    if inflated_bytes > settings.max_inflated_mb * MB:
        raise ReadError(
            "R07",
            f"{path.name} 解压后有 {inflated_bytes // MB:,} MB,超过上限 {settings.max_inflated_mb:,} MB。",
            "请拆成几个文件,或提高设置 TINGFENG_MAX_INFLATED_MB。",
        )
    ratio = inflated_bytes / max(path.stat().st_size, 1)
    if inflated_bytes > RATIO_FREE_BYTES and ratio > settings.max_inflate_ratio:
        raise ReadError(
            "R07",
            f"{path.name} 解压后是原来的 {ratio:,.0f} 倍,可能是压缩炸弹,没有读取。",
            "如果文件可信,请先自行解压,或提高设置 TINGFENG_MAX_INFLATE_RATIO。",
        )


def inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, take: Callable[[bytes], object]) -> int:
    """Inflate a member block by block, never beyond its declared size.

    Args:
        archive: From ``open_zip``.
        info: One of its members.
        path: The archive's path, for messages and the ratio.
        take: Called with each block of at most 1 MiB.

    Returns:
        Number of bytes inflated.

    Raises:
        ReadError: R07 it inflates beyond its declared size, R08 damaged, R09 encrypted.
    """
    if info.flag_bits & _ENCRYPTED:
        raise ReadError("R09", f"压缩包 {path.name} 有密码。", "请先用密码解压,再选择解压出来的文件。")
    # zipfile would silently stop at the declared size, so pass it a larger one to detect excess data.
    honest = copy.copy(info)
    honest.file_size = info.file_size + BLOCK_BYTES
    total = 0
    try:
        with archive.open(honest) as member:
            while block := member.read(BLOCK_BYTES):
                total += len(block)
                if total > info.file_size:
                    raise ReadError("R07", f"{path.name} 里的内容比它声明的大,没有读取。", "请重新导出或压缩。")
                take(block)
    except BROKEN_ZIP as exc:
        raise damaged(path.name) from exc
    return total


def copy_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, to: IO[bytes]) -> None:
    """Write a member's content to an open file, with the checks of ``inflate``."""
    inflate(archive, info, path, to.write)


def damaged(name: str) -> ReadError:
    """Return R08 for a file of this name."""
    return ReadError("R08", f"{name} 已损坏,或没有下载完整。", "请重新导出或下载。")
