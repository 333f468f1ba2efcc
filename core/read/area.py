"""Check a workbook's sheet areas before opening it: two cells in opposite corners can make a parser need terabytes.

python-calamine stores a sheet as a full rectangle and aborts the process if that does not fit. The cells of an XLSX
are scanned while it is inflated; the rarer formats are first tried in another process.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

from core.errors import ReadError
from core.read import probe
from core.read.inflation import inflate, open_zip
from core.read.per_file import per_file

#: A rectangle up to this size, or up to this many times its filled cells, is accepted (32 bytes a cell).
FREE_CELLS: Final = 20_000_000
SPARSENESS: Final = 20
#: Address-space limit of the process that tries XLS, XLSB and ODS.
PROBE_BYTES: Final = 4 << 30
# Digits are capped at 18 so that int() stays cheap; no sheet has as many rows. A tag ends at the next "<" at latest,
# and its end is searched for once: otherwise a sheet of unterminated tags takes quadratic time.
_CELL = re.compile(rb'<(?:\w+:)?c\b(?=[^<>]*+(?<!/)>)[^<>]*?\br\s*=\s*["\']([A-Za-z]+)(\d{1,18})\d*["\']')
_UNPLACED = re.compile(rb"<(?:\w+:)?c(?:\s(?![^<>]*\br\s*=)[^<>]*+)?>|<(?:\w+:)?c\b[^<>]*+<")
_OVERLAP_BYTES: Final = 512


@per_file(maxsize=64)
def check_area(path: Path) -> None:
    """Check that a workbook can be opened in reasonable memory.

    Raises:
        ReadError: R07 it inflates beyond its declared size, or a sheet is huge and nearly empty; R08 damaged.
    """
    if not zipfile.is_zipfile(path):
        _try_apart(path)
        return
    with open_zip(path) as archive:
        members = [info for info in archive.infolist() if not info.filename.startswith("xl/media/")]
        plain = [_check_member(archive, info, path) for info in members]
        known = "xl/workbook.xml" in archive.namelist()
    if not known or not all(plain):
        _try_apart(path)


def _check_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> bool:
    """Check one member; False = it has cells without a reference, which few programs write."""
    area = _Area()
    inflate(archive, info, path, area.look if info.filename.startswith("xl/worksheets/") else _ignore)
    if area.rows * area.columns > max(FREE_CELLS, SPARSENESS * area.cells):
        raise _too_sparse(path, f"跨 {area.rows:,} 行 {area.columns:,} 列,却几乎是空的")
    return not area.unplaced


def _try_apart(path: Path) -> None:
    command = [sys.executable, "-I", probe.__file__, str(path), str(PROBE_BYTES)]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:  # noqa: S603 - our own script
        raise _too_sparse(path, "要占用太多内存")


def _too_sparse(path: Path, what: str) -> ReadError:
    return ReadError("R07", f"{path.name} 的一个工作表{what},没有读取。", "请把有内容的区域复制到新的工作表再保存。")


def _ignore(block: bytes) -> None:
    del block


class _Area:
    """Furthest row and column of the filled cells seen so far, and their count."""

    def __init__(self) -> None:
        self.rows = self.columns = self.cells = 0
        self.unplaced = False
        self._tail = b""
        self._letters: set[bytes] = set()

    def look(self, block: bytes) -> None:
        block = self._tail + block
        self._tail = block[-_OVERLAP_BYTES:]
        found = _CELL.findall(block)
        self.cells += len(found)
        self.rows = max(self.rows, max((int(number) for _, number in found), default=0))
        for letters in {letters for letters, _ in found} - self._letters:
            self._letters.add(letters)
            self.columns = max(self.columns, _column_number(letters))
        self.unplaced = self.unplaced or _UNPLACED.search(block) is not None


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + letter - 64
    return number
