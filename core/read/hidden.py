"""Hidden columns and rows of an XLSX sheet: they are read like others, and the user is told."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import IO, Final
from xml.sax.saxutils import unescape

from core.read.columns import listed
from core.read.inflation import BLOCK_BYTES, BROKEN_ZIP
from core.schema import TableSource

#: ``<cols>`` precedes the cells, so the beginning of a sheet contains it.
_HEAD_BYTES: Final = 1 << 16
_LAST_COLUMN: Final = 16_384
_HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\b[^<>]*\shidden=["'](?:1|true)["']""")
_COL = re.compile(r"<(?:\w+:)?col\b[^<>]*>")
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^<>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^<>]*>")


def notes(path: Path, table: TableSource) -> tuple[str, ...]:
    """Return Chinese notes on columns or rows that a sheet hides or filters out; only XLSX is checked."""
    if table.format != "xlsx" or table.sheet is None:
        return ()
    columns, rows = _hidden(path, table.sheet)
    said = []
    if columns:
        letters = listed([_letters(number) for number in sorted(columns)])
        said.append(f"有 {len(columns)} 个隐藏的列({letters}),同样会读取。")
    if rows:
        said.append(f"有 {rows:,} 行被隐藏或筛选掉了,同样会读取;不想要时请先在表格里删除它们。")
    return tuple(said)


def _letters(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def _hidden(path: Path, sheet: str) -> tuple[set[int], int]:
    """Return the 1-based numbers of hidden columns and the count of hidden rows; none for an unusual file."""
    try:
        with zipfile.ZipFile(path) as archive:
            member = _member_of(archive, sheet)
            with archive.open(member) as file:
                columns = _hidden_columns(file.read(_HEAD_BYTES).decode("utf-8", "ignore"))
            with archive.open(member) as file:
                return columns, _hidden_rows(file)
    except (*BROKEN_ZIP, KeyError):
        return set(), 0


def _hidden_columns(head: str) -> set[int]:
    numbers: set[int] = set()
    for tag in _COL.findall(head.partition("<sheetData")[0]):
        if _attribute(tag, "hidden") in ("1", "true"):
            first, last = int(_attribute(tag, "min") or 0), int(_attribute(tag, "max") or 0)
            # A range to the last column hides the empty rest of the sheet, not data.
            numbers.update(range(first, last + 1) if last < _LAST_COLUMN else ())
    return numbers


def _hidden_rows(file: IO[bytes]) -> int:
    rows, rest = 0, b""
    while block := file.read(BLOCK_BYTES):
        text = rest + block
        end = text.rfind(b"<")  # a tag may continue in the next block
        rows += len(_HIDDEN_ROW.findall(text, 0, max(end, 0)))
        rest = text[max(end, 0) :]
        if len(rest) > BLOCK_BYTES:
            return rows  # not a valid sheet
    return rows


def _member_of(archive: zipfile.ZipFile, sheet: str) -> str:
    book = archive.read("xl/workbook.xml").decode("utf-8", "ignore")
    links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "ignore")
    ids = {
        unescape(_attribute(tag, "name") or "", {"&quot;": '"'}): _attribute(tag, r"\w+:id")
        for tag in _SHEET.findall(book)
    }
    targets = {_attribute(tag, "Id"): _attribute(tag, "Target") or "" for tag in _RELATION.findall(links)}
    target = targets[ids[sheet]]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _attribute(tag: str, name: str) -> str | None:
    found = re.search(rf"""\s{name}=["']([^"']*)["']""", tag)
    return found[1] if found else None
