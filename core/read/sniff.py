"""Detect the format of a file from its content, never from its name."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Final

from core.errors import ReadError
from core.read.inflation import open_zip

ZIP: Final = "zip"
WORKBOOKS: Final = frozenset({"xlsx", "xls", "xlsb", "ods"})
#: Formats that hold tables in markup.
MARKUP: Final = frozenset({"html", "mht", "xml"})
HEAD_BYTES: Final = 4096
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE: Final = "EncryptedPackage".encode("utf-16-le")
_WORKBOOK_STREAMS: Final = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))

#: Signatures of unsupported formats: (bytes, what it is, what to do).
_FOREIGN: Final = (
    (b"%PDF", "PDF 文档", "请把表格另存为 XLSX 或 CSV。"),
    (b"\x1f\x8b", "gzip 压缩文件", "请先解压。"),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包", "请先解压,或改用 zip。"),
    (b"Rar!", "RAR 压缩包", "请先解压,或改用 zip。"),
    (b"\x89PNG", "图片", "请选择表格文件。"),
    (b"\xff\xd8\xff", "图片", "请选择表格文件。"),
    (b"GIF8", "图片", "请选择表格文件。"),
    (b"SQLite format 3", "SQLite 数据库", "请先导出为 CSV。"),
    (b"{\\rtf", "RTF 文档", "请把表格另存为 XLSX 或 CSV。"),
    (b"\x28\xb5\x2f\xfd", "zstd 压缩文件", "请先解压。"),
    (b"BZh", "bzip2 压缩文件", "请先解压。"),
    (b"\xfd7zXZ", "xz 压缩文件", "请先解压。"),
    (b"\x7fELF", "程序", "请选择表格文件。"),
    (b"MZ\x90", "程序", "请选择表格文件。"),
)
#: Web pages that back-office systems export as ``.xls``; ``<p>`` is not included, since a comment may begin with it.
_MARKUP = re.compile(
    rb"\s*(<!--.*?-->\s*)*<(\?xml|!doctype|html|table|head|body|meta|workbook|style|div[^>]*>\s*<table)",
    re.IGNORECASE | re.DOTALL,
)
_ARCHIVE = re.compile(rb"\s*(MIME-Version:|From: <Saved by )", re.IGNORECASE)
_SPREADSHEET = re.compile(rb"<(\w+:)?Workbook\b[^>]*urn:schemas-microsoft-com:office:spreadsheet")
_PAGE = re.compile(rb"<(!doctype|html|table|head|body|meta|style|div)\b", re.IGNORECASE)
_BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def find_format(path: Path) -> str:
    """Detect the format of a file from its bytes.

    Returns:
        xlsx, xls, xlsb, ods, parquet, zip, html, mht, xml (XML Spreadsheet 2003), or text (CSV, JSON and JSONL are
        distinguished after decoding).

    Raises:
        ReadError: R02 empty, R05 not a table format, R08 damaged, R09 encrypted.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise ReadError("R02", f"{path.name} 是空文件。", "请检查是否导出完整。")
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _zipped(path)
    if head.startswith(_OLE):
        return _compound(path)
    if head.startswith(b"PAR1"):
        return "parquet"
    for start, what, hint in _FOREIGN:
        if head.startswith(start):
            raise ReadError("R05", f"{path.name} 是{what},不是表格。", hint)
    return _markup(path, _ascii(head)) or "text"


def _markup(path: Path, head: bytes) -> str | None:
    if _ARCHIVE.match(head):
        return "mht"
    if not _MARKUP.match(head):
        return None
    if _SPREADSHEET.search(head):
        return "xml"
    if not _PAGE.search(head):
        raise ReadError("R05", f"{path.name} 的内容是 XML,不是表格。", "请用 Excel 或 WPS 打开它,另存为 XLSX。")
    return "html"


def _ascii(head: bytes) -> bytes:
    """Return the beginning of a text without its byte order mark and, in UTF-16, without NUL bytes."""
    bom = next((mark for mark in _BOMS if head.startswith(mark)), b"")
    rest = head[len(bom) :]
    return rest.replace(b"\0", b"") if bom in _BOMS[1:] or rest[1:2] == b"\0" or rest[:1] == b"\0" else rest


def _zipped(path: Path) -> str:
    with open_zip(path) as archive:
        names = set(archive.namelist())
        if "xl/workbook.bin" in names:
            return "xlsb"
        if "[Content_Types].xml" in names and any(name.lower().startswith("xl/") for name in names):
            return "xlsx"
        if "[Content_Types].xml" in names:
            raise ReadError("R05", f"{path.name} 是 Word 或演示文档,不是表格。", "请把表格另存为 XLSX 或 CSV。")
        if "content.xml" in names and "META-INF/manifest.xml" in names:
            return _open_document(path, archive)
    return ZIP


def _open_document(path: Path, archive: zipfile.ZipFile) -> str:
    with archive.open("META-INF/manifest.xml") as manifest:
        head = manifest.read(1 << 20)
    if b"encryption-data" in head:
        raise ReadError("R09", f"{path.name} 有密码。", "请去掉密码后另存。")
    if b"opendocument.spreadsheet" not in head:
        raise ReadError("R05", f"{path.name} 是文字或演示文档,不是表格。", "请把表格另存为 ODS、XLSX 或 CSV。")
    return "ods"


def _compound(path: Path) -> str:
    data = path.read_bytes()
    if _ENCRYPTED_PACKAGE in data:
        raise ReadError("R09", f"{path.name} 有密码。", "请用 Excel 或 WPS 去掉密码后另存。")
    if not any(name in data for name in _WORKBOOK_STREAMS):
        raise ReadError("R05", f"{path.name} 是旧版 Word 或其他文档,不是表格。", "请把表格另存为 XLSX 或 CSV。")
    return "xls"
