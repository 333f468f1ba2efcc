"""Writers of the four formats: each consumes frames one by one in constant memory."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

from core.errors import ExportError
from core.export.escape import neutralise, neutralise_all

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["EXCEL_CELL_CHARS", "EXCEL_ROWS", "WRITERS", "Writer"]

#: Limits of the XLSX format: rows of a sheet with the header, columns, characters of a cell.
EXCEL_ROWS: Final = 1_048_576
EXCEL_COLUMNS: Final = 16_384
EXCEL_CELL_CHARS: Final = 32_767
_CUT_MARK: Final = "…〔超出 Excel 单元格长度,后文略〕"


class Writer(Protocol):
    """Writes frames to an open binary file and returns the number of rows."""

    def __call__(
        self, frames: Iterator[pd.DataFrame], out: IO[bytes], headings: Sequence[str], numbers: Sequence[str]
    ) -> int:
        """Write the frames; ``numbers`` are the headings of numeric columns."""
        ...


def write_csv(frames: Iterator[pd.DataFrame], out: IO[bytes], headings: Sequence[str], numbers: Sequence[str]) -> int:
    """Write UTF-8 with BOM and CRLF, so that Excel shows Chinese; formulas are neutralised."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", errors="replace", newline="", write_through=False)
    try:
        writer = csv.writer(text)
        writer.writerow([neutralise(name) for name in headings])
        rows = 0
        for frame in frames:
            columns = [_csv_column(frame.iloc[:, i], name in numbers) for i, name in enumerate(headings)]
            writer.writerows(zip(*columns, strict=True))
            rows += len(frame)
        text.flush()
    finally:
        text.detach()
    return rows


def _csv_column(column: pd.Series, is_number: bool) -> list[Any]:
    if is_number:
        return ["" if math.isnan(value) else value for value in column.tolist()]
    return neutralise_all("" if value is None else value for value in column.tolist())


def write_jsonl(frames: Iterator[pd.DataFrame], out: IO[bytes], headings: Sequence[str], numbers: Sequence[str]) -> int:
    """Write one JSON object per line, UTF-8; missing values are null."""
    rows = 0
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    for frame in frames:
        columns = [_plain(frame.iloc[:, i], name in numbers) for i, name in enumerate(headings)]
        lines = [encode(dict(zip(headings, values, strict=True))) for values in zip(*columns, strict=True)]
        if lines:
            out.write(("\n".join(lines) + "\n").encode("utf-8", "replace"))
        rows += len(frame)
    return rows


def _plain(column: pd.Series, is_number: bool) -> list[Any]:
    values = column.tolist()
    return [None if math.isnan(value) else value for value in values] if is_number else values


def write_parquet(
    frames: Iterator[pd.DataFrame], out: IO[bytes], headings: Sequence[str], numbers: Sequence[str]
) -> int:
    """Write Parquet with text and double columns; missing values are null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.float64() if name in numbers else pa.string()) for name in headings])
    rows = 0
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for frame in frames:
            columns = [_plain(frame.iloc[:, i], name in numbers) for i, name in enumerate(headings)]
            arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
            writer.write_table(pa.table(arrays, schema=schema))
            rows += len(frame)
    return rows


def write_xlsx(frames: Iterator[pd.DataFrame], out: IO[bytes], headings: Sequence[str], numbers: Sequence[str]) -> int:
    """Write a workbook in which texts stay texts: no formulas, no links, long ids intact.

    A sheet takes 1,048,575 rows below its header; further rows go to further sheets. A cell takes 32,767 characters; a
    longer one is truncated with a note.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    if len(headings) > EXCEL_COLUMNS:
        raise ExportError("E04", f"Excel 最多 {EXCEL_COLUMNS} 列,结果有 {len(headings)} 列。", "请改为导出 CSV。")
    with TemporaryDirectory(prefix="tingfeng-") as folder:
        place = _Place(out)
        workbook = xlsxwriter.Workbook(place, {"constant_memory": True, "tmpdir": folder})
        workbook.use_zip64()
        try:
            pages = _Pages(workbook, headings, numbers)
            rows = sum(pages.add(frame) for frame in frames)
            workbook.close()
        except FileCreateError as exc:
            raise OSError(getattr(exc.args[0], "errno", None), str(exc)) from exc
        finally:
            place.leave()
            _let_go(workbook)
    return rows


class _Place:
    """A proxy for an open file for ``zipfile``, until it is detached.

    A zip file that could not be written finalises itself at some later time, when the file has long been closed.
    """

    def __init__(self, out: IO[bytes]) -> None:
        self._out: IO[bytes] | io.BytesIO = out

    def leave(self) -> None:
        """Detach from the file: discard anything still written."""
        self._out = io.BytesIO()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out, name)


def _let_go(workbook: Any) -> None:
    """Close the files held open by an abandoned workbook; its destructor would otherwise still write it."""
    workbook.fileclosed = True
    for sheet in workbook.worksheets():
        if sheet.row_data_fh is not None:
            sheet.row_data_fh.close()


class _Pages:
    """The sheets of a workbook, added as they are needed."""

    def __init__(self, workbook: Any, headings: Sequence[str], numbers: Sequence[str]) -> None:
        self._workbook = workbook
        self._headings = headings
        self._is_number = [name in numbers for name in headings]
        self._bold = workbook.add_format({"bold": True, "bottom": 1})
        self._count = 0
        self._begin()

    def add(self, frame: pd.DataFrame) -> int:
        """Write the rows of a frame and return their number."""
        columns = [frame.iloc[:, i].tolist() for i in range(len(self._headings))]
        for values in zip(*columns, strict=True):
            if self._row == EXCEL_ROWS:
                self._begin()
            self._write(values)
        return len(frame)

    def _begin(self) -> None:
        self._count += 1
        self._sheet = self._workbook.add_worksheet("评论" if self._count == 1 else f"评论{self._count}")
        self._sheet.freeze_panes(1, 0)
        self._sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{EXCEL_ROWS}"})
        for i, name in enumerate(self._headings):
            self._sheet.set_column(i, i, 9 if self._is_number[i] else min(40, max(9, 2 * len(name) + 2)))
            self._sheet.write_string(0, i, _fit(name), self._bold)
        self._row = 1

    def _write(self, values: Sequence[Any]) -> None:
        sheet, row = self._sheet, self._row
        for i, value in enumerate(values):
            if self._is_number[i]:
                if not math.isnan(value):
                    sheet.write_number(row, i, value)
            elif value:
                sheet.write_string(row, i, _fit(value))
        self._row += 1


def _fit(text: str) -> str:
    whole = text.encode("utf-8", "replace").decode() if not text.isascii() else text
    # Excel counts UTF-16 units: an emoji takes two
    if len(whole) * 2 <= EXCEL_CELL_CHARS or len(whole.encode("utf-16-le")) // 2 <= EXCEL_CELL_CHARS:
        return whole
    kept = whole.encode("utf-16-le")[: 2 * (EXCEL_CELL_CHARS - len(_CUT_MARK))]
    return kept.decode("utf-16-le", "ignore") + _CUT_MARK


WRITERS: Final[dict[str, Writer]] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
    "parquet": write_parquet,
    "jsonl": write_jsonl,
}
