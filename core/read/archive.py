"""Expand files, folders and zips to single files with their display names."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from core.errors import ReadError
from core.read import sniff
from core.read.inflation import MB, copy_member, open_zip
from core.settings import get_settings

_UTF8_NAME: Final = 0x800
#: Files left by operating systems and office programs.
_LITTER: Final = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Item:
    """One file to inspect: on disk, or a member of a zip on disk.

    Attributes:
        path: The file on disk.
        member: Its name in the zip at ``path``; None if it is the file itself.
        name: Its display name.
        named: Whether the user chose this very file; otherwise it was found in a folder or zip.
    """

    path: Path
    member: str | None
    name: str
    named: bool


def expand(paths: Sequence[Path], names: Sequence[str] | None = None) -> Iterator[Item]:
    """Yield the files behind paths; folders and zips are expanded, in the given order and by name within.

    Args:
        paths: Files and folders.
        names: Display names, one per path, if they differ from the names on disk.

    Raises:
        ReadError: R01 missing, R07 too large, R13 too many files, R14 may not be read, R02 an empty folder.
    """
    shown = names if names is not None else [path.name or str(path) for path in paths]
    for path, name in zip(paths, shown, strict=True):
        if not path.exists():
            raise ReadError("R01", f"找不到文件:{path}。", "请检查路径和文件名。")
        if path.is_dir():
            for file in _files_of(path):
                yield from _opened_up(file, f"{name}/{file.relative_to(path).as_posix()}", named=False)
        else:
            yield from _opened_up(path, name, named=True)


@contextmanager
def on_disk(path: Path, member: str | None) -> Iterator[Path]:
    """Provide a path to read from: the file itself, or a copy of the zip member that lives as long as the block.

    Raises:
        ReadError: R01 the file or member is gone, R07, R08, R09, R14.
    """
    if not path.is_file():
        raise ReadError("R01", f"找不到文件:{path}。", "它可能被移动或删除了。")
    if member is None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="tingfeng-") as folder, open_zip(path) as archive:
        info = members(archive).get(member)
        if info is None:
            raise ReadError("R01", f"压缩包 {path.name} 里找不到 {member}。", "压缩包可能被换过,请重新选择。")
        copy = Path(folder) / _safe_name(member)
        with copy.open("wb") as file:
            copy_member(archive, info, path, file)
        yield copy


def members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the files of a zip by readable name, in name order; names are made unique and system files left out.

    Names without the UTF-8 flag are decoded as UTF-8 (macOS) or GBK (Chinese Windows).
    """
    found: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = _member_name(info)
        if info.is_dir() or _is_litter(PurePosixPath(name)):
            continue
        unique, number = name, 2
        while unique in found:
            unique, number = f"{name} ({number})", number + 1
        found[unique] = info
    return dict(sorted(found.items()))


def _safe_name(member: str) -> str:
    """Return a file name that cannot point outside its folder and that users recognise in messages."""
    name = "".join(c for c in PurePosixPath(member).name if c.isprintable() and c not in '\\/:*?"<>|')
    return "_" + name[-60:] if name.startswith(".") or not name else name[-60:]


def _member_name(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    raw = info.filename.encode("cp437", "replace")
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec).replace("\\", "/")
        except UnicodeDecodeError:
            continue
    return info.filename


def _opened_up(path: Path, name: str, *, named: bool) -> Iterator[Item]:
    _check_file(path, name)
    try:
        kind = sniff.find_format(path)
    except ReadError:
        # Inspecting the item itself will raise this again, with a better message.
        kind = "unknown"
    except OSError as exc:
        raise _forbidden(name) from exc
    if kind != sniff.ZIP:
        yield Item(path, None, name, named)
        return
    with open_zip(path) as archive:
        inside = list(members(archive))
    if len(inside) > get_settings().max_members:
        raise _too_many(name, len(inside))
    if not inside:
        raise ReadError("R02", f"压缩包 {name} 是空的。", "请检查是否压缩了文件。")
    for member in inside:
        yield Item(path, member, f"{name}/{member}", named=False)


def _check_file(path: Path, name: str) -> None:
    if not path.is_file():
        raise ReadError("R14", f"{name} 不是普通文件,不能读取。", "请选择表格文件。")
    megabytes, limit = path.stat().st_size / MB, get_settings().max_file_mb
    if megabytes > limit:
        raise ReadError(
            "R07",
            f"{name} 有 {megabytes:,.0f} MB,超过上限 {limit:,} MB。",
            "请拆成几个文件,或提高设置 TINGFENG_MAX_FILE_MB。",
        )


def _files_of(folder: Path) -> list[Path]:
    try:
        found = sorted(p for p in folder.rglob("*") if p.is_file() and not _is_litter(p.relative_to(folder)))
    except OSError as exc:
        raise _forbidden(str(folder)) from exc
    if not found:
        raise ReadError("R02", f"文件夹 {folder} 里没有文件。", "请检查路径。")
    if len(found) > get_settings().max_members:
        raise _too_many(str(folder), len(found))
    return found


def _is_litter(path: PurePosixPath | Path) -> bool:
    return any(part in _LITTER or part.startswith((".", "~$")) for part in path.parts if part not in ("..", "."))


def _too_many(name: str, n: int) -> ReadError:
    limit = get_settings().max_members
    return ReadError("R13", f"{name} 里有 {n:,} 个文件,超过上限 {limit:,}。", "请只留下要分析的表格。")


def _forbidden(name: str) -> ReadError:
    return ReadError("R14", f"没有权限读取 {name}。", "请修改文件权限,或复制到别处再选择。")
