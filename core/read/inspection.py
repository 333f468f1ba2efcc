"""Inspect files: which tables they hold, how to read each, and the roles of its columns."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

from core.errors import ReadError
from core.read import chat, delimited, json_format, parquet, records, sniff
from core.read.archive import Item, expand, on_disk
from core.read.body import below_header
from core.read.columns import listed
from core.read.delimiter import Delimiter, check_delimiter, find_delimiter
from core.read.encoding import find_encoding
from core.read.lines import BLOCK_CHARS, open_text
from core.read.reading import REVISION, rows_of
from core.read.tables import described, headed, is_named, workbook_tables
from core.read.workbook import counts_from_1904
from core.schema import Mapping, ReadOptions, TableSource, holds_labels

#: Options when the user sets none.
DETECT: Final = ReadOptions()
_MARKUP_TITLES: Final = {"html": "网页(HTML)表格", "mht": "网页(MHT)表格", "xml": "XML 表格(Excel 2003)"}
_NO_TABLE: Final = frozenset({"R02", "R05", "R15"})


def inspect(
    paths: Sequence[Path], options: ReadOptions = DETECT, names: Sequence[str] | None = None
) -> list[TableSource]:
    """Find the tables in files, folders and zips and determine how to read each.

    Args:
        paths: Files and folders; zips are expanded.
        options: Overrides of what would otherwise be detected.
        names: Display names of the files, one per path, for uploads stored under other names.

    Returns:
        At least one table, in the given order; names are unique. If another sheet has comments, sheets without are left
        out. So are, in a folder or zip, files without comments, files that are not tables, and our own exports next to
        unlabelled files. ``notes`` lists what was left out.

    Raises:
        ReadError: R01, R02, R05–R15; see ``errors.CODES``.
    """
    found: list[TableSource] = []
    loose: list[TableSource] = []
    passed: list[str] = []
    first_error: ReadError | None = None
    digests: dict[Path, str] = {}  # the members of a zip share its digest
    for item in expand(paths, names):
        try:
            tables = _tables(item, options, digests)
            found += tables
            loose += [] if item.named or options.sheets else tables
        except ReadError as exc:
            if item.named or exc.code not in _NO_TABLE:
                raise _about(exc, item) from exc
            passed.append(item.name)
            first_error = first_error or _about(exc, item)
    if not found:
        raise first_error or ReadError("R02", "没有选择任何文件。", "请选择至少一个表格文件。")
    notes = [f"有 {len(passed)} 个文件不是表格或没有内容,没有读取:{listed(passed)}。"] if passed else []
    kept = found
    for without, what in ((_without_exports, "是听风导出的打标结果"), (_without_comments, "看起来没有评论")):
        kept, left = without(kept, loose)
        if left:
            names_left = listed([table.name for table in left])
            notes.append(f"有 {len(left)} 个文件{what},没有读取:{names_left}。需要时请单独选择它。")
    kept[0] = replace(kept[0], notes=(*kept[0].notes, *notes))
    return _uniquely_named(kept)


def _without_exports(found: list[TableSource], loose: list[TableSource]) -> tuple[list[TableSource], list[TableSource]]:
    """Split off our own exports that the user did not name: next to their source files, each row would count twice.

    If nothing else holds comments, they are kept.
    """
    if all(holds_labels(table.columns) for table in found if table.mapping.text):
        return found, []
    return _parted(found, [table for table in loose if holds_labels(table.columns)])


def _without_comments(
    found: list[TableSource], loose: list[TableSource]
) -> tuple[list[TableSource], list[TableSource]]:
    """Split off tables the user did not name and that lack comments others have: price lists, texts like 说明.txt."""
    with_text = any(table.mapping.text for table in found)
    with_name = any(map(is_named, found))
    return _parted(
        found,
        [
            table
            for table in loose
            if (with_text and not table.mapping.text)
            or (with_name and table.header_row == 0 and len(table.columns) == 1)
        ],
    )


def _parted(found: list[TableSource], left: list[TableSource]) -> tuple[list[TableSource], list[TableSource]]:
    """Return the tables to keep and the rest, compared by identity, since two may be equal."""
    ids = {id(table) for table in left}
    return [t for t in found if id(t) not in ids], [t for t in found if id(t) in ids]


def _tables(item: Item, options: ReadOptions, digests: dict[Path, str]) -> list[TableSource]:
    with on_disk(item.path, item.member) as path:
        kind = sniff.find_format(path)
        if kind == sniff.ZIP:
            raise ReadError("R05", f"{item.name} 是压缩包里的压缩包。", "请先解压外层。")
        if item.path not in digests:
            digests[item.path] = _sha256(item.path)
        bare = TableSource(
            path=item.path,
            member=item.member,
            name=item.name,
            format=kind,
            columns=(),
            mapping=Mapping(),
            sha256=digests[item.path],
            size_bytes=path.stat().st_size,
            reading=REVISION,
        )
        if kind in sniff.WORKBOOKS:
            return workbook_tables(path, replace(bare, from_1904=counts_from_1904(path)), options)
        if kind in sniff.MARKUP:
            return workbook_tables(path, _markup(path, bare, options), options)
        if kind == "parquet":
            return [_described(path, replace(bare, columns=parquet.columns(path)))]
        return [_text_table(path, bare, options)]


def _markup(path: Path, bare: TableSource, options: ReadOptions) -> TableSource:
    said = f"文件的内容是{_MARKUP_TITLES[bare.format]},不是真正的 Excel 工作簿,已照样读取。"
    if bare.format == "mht":  # each page declares its own encoding
        return replace(bare, notes=(said,))
    encoding = find_encoding(path, options.encoding)
    return replace(bare, encoding=encoding.codec, notes=tuple(filter(None, (said, encoding.note))))


def _text_table(path: Path, bare: TableSource, options: ReadOptions) -> TableSource:
    encoding = find_encoding(path, options.encoding)
    kind = json_format.find_format(path, encoding.codec) or "csv"
    bare = replace(bare, format=kind, encoding=encoding.codec, notes=(encoding.note,) if encoding.note else ())
    if kind != "csv":
        names, notes = records.look(path, encoding.codec, kind)
        return _described(path, replace(bare, columns=names, notes=(*bare.notes, *notes)))
    if options.delimiter is None and options.header_row is None and _is_chat(path, encoding.codec):
        table = replace(bare, format="chat", header_row=0, columns=chat.COLUMNS, notes=(*bare.notes, chat.NOTE))
        return _described(path, table)
    found = _delimiter(path, encoding.codec, options.delimiter)
    bare = replace(bare, delimiter=found.character, notes=(*bare.notes, *filter(None, [found.note])))
    table = headed(bare, delimited.rows(path, encoding.codec, bare.delimiter), options.header_row)
    if len(table.columns) > records.MAX_COLUMNS:
        raise ReadError(
            "R07",
            f"{table.name} 的表头有 {len(table.columns):,} 列,超过上限 {records.MAX_COLUMNS:,}。",
            "请检查分隔符和表头行,或删除多余的列。",
        )
    joined: list[int] = []
    rows = delimited.rows(path, encoding.codec, table.delimiter, len(table.columns), joined)
    table = described(table, below_header(table, rows))
    if joined:
        said = f"有的单元格里有没加引号的换行(如第 {joined[0]} 行起的一条),已按列数接回一行。"
        table = replace(table, notes=(*table.notes, said))
    return table


def _described(path: Path, table: TableSource) -> TableSource:
    return described(table, rows_of(table, path))


def _is_chat(path: Path, codec: str) -> bool:
    with open_text(path, codec) as file:
        return chat.is_chat(file.read(1 << 16))


def _delimiter(path: Path, codec: str, named: str | None) -> Delimiter:
    if named is not None:
        return Delimiter(check_delimiter(named))
    with open_text(path, codec) as file:
        head = file.read(BLOCK_CHARS)
        whole = not file.read(1)
    declared = delimited.separator_line(head.split("\n", 1)[0])
    if declared is not None:
        return Delimiter(declared)
    return find_delimiter(head if whole else head.rpartition("\n")[0] or head)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _about(error: ReadError, item: Item) -> ReadError:
    """Return the error with the display name in place of the name on disk, with which each message begins."""
    on_disk_names = (item.path.name, PurePosixPath(item.member or "").name)
    for name in filter(None, on_disk_names):
        if error.message.startswith(f"{name} ") and not error.message.startswith(item.name):
            return type(error)(error.code, item.name + error.message[len(name) :], error.hint)
    return error


def _uniquely_named(tables: list[TableSource]) -> list[TableSource]:
    names: set[str] = set()
    unique: list[TableSource] = []
    for table in tables:
        name, number = table.name, 2
        while name in names:
            name, number = f"{table.name} ({number})", number + 1
        names.add(name)
        unique.append(table if name == table.name else replace(table, name=name))
    return unique
