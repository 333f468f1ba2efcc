"""Files built in a temporary folder, and shortcuts to read them."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import core.settings
from core.read import inspect, read
from core.schema import ReadOptions, TableSource

_ODS_MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)
_ODS_CONTENT = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="评论">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write text (in an encoding) or bytes to a file in the test's folder."""

    def write_file(content: str | bytes, name: str = "表.dat", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write_file


@pytest.fixture
def write_ods(tmp_path: Path) -> Callable[[str], Path]:
    """Write an ODS with one sheet that holds the given row elements."""

    def write_file(rows: str) -> Path:
        path = tmp_path / "表.ods"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
            archive.writestr("META-INF/manifest.xml", _ODS_MANIFEST)
            archive.writestr("content.xml", _ODS_CONTENT.format(rows=rows))
        return path

    return write_file


def _record(kind: int, data: bytes = b"") -> bytes:
    """One record of an XLSB part: its kind and length in 7-bit groups, then its data."""

    def groups(number: int) -> bytes:
        low, high = number & 0x7F, number >> 7
        return bytes([low | 0x80]) + groups(high) if high else bytes([low])

    # Kinds are written verbatim: two-byte kinds already carry the continuation bit.
    head = kind.to_bytes(2, "little") if kind > 0x7F else bytes([kind])
    return head + groups(len(data)) + data


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


@pytest.fixture
def write_xlsb(tmp_path: Path) -> Callable[[dict[tuple[int, int], str]], Path]:
    """Write an XLSB with one sheet of texts at (row, column), both from 0."""

    def write_file(texts: dict[tuple[int, int], str]) -> Path:
        sheet = _record(0x0181) + _record(0x0194, bytes(16)) + _record(0x0191)
        for (row, column), text in sorted(texts.items()):
            sheet += _record(0x00, struct.pack("<IIH", row, 0, 300) + bytes(7))
            sheet += _record(0x06, struct.pack("<II", column, 0) + _wide(text))
        sheet += _record(0x0192) + _record(0x0182)
        bundle = struct.pack("<II", 0, 1) + _wide("rId1") + _wide("评论")
        book = _record(0x0183) + _record(0x018F) + _record(0x019C, bundle) + _record(0x0190) + _record(0x0184)
        relations = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="rId1" '
            'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
            'Target="worksheets/sheet1.bin"/></Relationships>'
        )
        path = tmp_path / "表.xlsb"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr("xl/workbook.bin", book)
            archive.writestr("xl/_rels/workbook.bin.rels", relations)
            archive.writestr("xl/worksheets/sheet1.bin", sheet)
        return path

    return write_file


@pytest.fixture
def write_xlsx(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook: sheet name → rows; ``tune`` may modify it before it is closed."""
    xlsxwriter = pytest.importorskip("xlsxwriter")

    def write_file(sheets: dict[str, list[list[Any]]], tune: Callable[[Any], None] | None = None) -> Path:
        path = tmp_path / "表.xlsx"
        options = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd hh:mm"}
        with xlsxwriter.Workbook(path, options) as book:
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
            if tune is not None:
                tune(book)
        return path

    return write_file


@pytest.fixture
def only() -> Callable[..., TableSource]:
    """Inspect one file that holds one table."""

    def inspect_one(path: Path, **options: Any) -> TableSource:
        (source,) = inspect([path], ReadOptions(**options))
        return source

    return inspect_one


@pytest.fixture
def cells() -> Callable[..., list[list[str]]]:
    """Read all rows of a table as lists."""

    def read_all(source: TableSource, chunk_rows: int = 1000) -> list[list[str]]:
        return [row for chunk in read(source, chunk_rows=chunk_rows) for row in chunk.frame.to_numpy().tolist()]

    return read_all


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change settings for one test."""

    def change(**values: Any) -> None:
        for name, value in values.items():
            monkeypatch.setenv(core.settings.PREFIX + name.upper(), str(value))
        core.settings.get_settings.cache_clear()

    yield change
    monkeypatch.undo()
    core.settings.get_settings.cache_clear()
