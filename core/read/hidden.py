"""Hidden columns of an XLSX sheet: they are read like others, and the person is told."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Final
from xml.sax.saxutils import unescape

from core.read.columns import listed
from core.schema import TableSource

#: ``<cols>`` stands before the cells, so the beginning of a sheet holds it.
_HEAD_BYTES: Final = 1 << 16
_LAST_COLUMN: Final = 16_384
_COL = re.compile(r"<(?:\w+:)?col\b[^>]*>")
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")


def notes(path: Path, table: TableSource) -> tuple[str, ...]:
    """Return a Chinese remark if the sheet hides columns that the table has; other formats are not looked at."""
    if table.format != "xlsx" or table.sheet is None:
        return ()
    letters = [_letters(number) for number in sorted(_hidden_columns(path, table.sheet))]
    if not letters:
        return ()
    return (f"有 {len(letters)} 个隐藏的列({listed(letters)}),同样会读取。",)


def _letters(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def _hidden_columns(path: Path, sheet: str) -> set[int]:
    """1-based numbers; an unusual file simply has none."""
    try:
        with zipfile.ZipFile(path) as archive:
            member = _member_of(archive, sheet)
            with archive.open(member) as file:
                head = file.read(_HEAD_BYTES).decode("utf-8", "ignore")
    except (KeyError, OSError, ValueError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return set()
    numbers: set[int] = set()
    for tag in _COL.findall(head.partition("<sheetData")[0]):
        if _attribute(tag, "hidden") in ("1", "true"):
            first, last = int(_attribute(tag, "min") or 0), int(_attribute(tag, "max") or 0)
            # Up to the last column: the empty rest of the sheet is hidden, no data is.
            numbers.update(range(first, last + 1) if last < _LAST_COLUMN else ())
    return numbers


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
