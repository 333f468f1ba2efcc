"""From the top of a file or sheet to a described table: header, columns, roles, notes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path

from core.errors import ReadError
from core.read import hidden, sheets
from core.read.body import below_header
from core.read.columns import SAMPLE_ROWS, detect, listed
from core.read.header import find_header
from core.read.rows import Row, frame_of
from core.schema import REASON_TITLES, ReadOptions, Reason, TableSource


def headed(bare: TableSource, top: Iterable[Row], wanted: int | None) -> TableSource:
    """Return the table of a grid with its header and columns set.

    Args:
        bare: The table so far, without columns.
        top: The rows of the grid from its top; the first 500 are inspected.
        wanted: Row number of the header chosen by the user, 0 = none; None = detect.

    Raises:
        ReadError: R02 no content or no readable row, R12 no header at the wanted row.
    """
    looked_at = list(islice(top, SAMPLE_ROWS))
    first = [(number, cells) for number, cells, reason in looked_at if not reason]
    if looked_at and not first:
        why = "、".join(dict.fromkeys(REASON_TITLES[Reason(reason)] for _, _, reason in looked_at))
        raise ReadError("R02", f"{bare.name} 里没有一行读得出来:{why}。", "请检查它是不是表格,或重新导出。")
    try:
        header = find_header(first, wanted)
    except ReadError as exc:
        raise ReadError(exc.code, f"{bare.name} 里{exc.message}", exc.hint) from exc
    notes = list(bare.notes)
    if header.title_rows:
        first_row = header.upper_row or header.row
        notes.append(f"表头在第 {first_row} 行,上面的 {header.title_rows} 行当作标题,没有计入。")
    if header.upper_row:
        joint = "和" if header.row - header.upper_row == 1 else "到"
        notes.append(f"第 {header.upper_row} {joint} {header.row} 行都是列名,合成了一个表头。")
    if header.guessed:
        notes.append(f"第 {header.row} 行当作表头,虽然其中没有常见的列名;如果它是一条评论,请把表头行改为 0。")
    if header.row == 0 and wanted is None:
        notes.append("没有找到表头,列名按顺序叫作列1、列2……;如果有表头,请指定它在第几行。")
    return replace(bare, header_row=header.row, columns=header.columns, notes=tuple(notes))


def described(table: TableSource, rows: Iterable[Row]) -> TableSource:
    """Return the table with roles, evidence, layout and notes, inferred from its columns and first rows."""
    top = list(islice(rows, SAMPLE_ROWS))
    sample = [cells for _, cells, reason in top if not reason]
    other = next((number for number, _, reason in top if reason == Reason.OTHER_TABLE), 0)
    if other:
        said = f"第 {other} 行起是另一个表格,没有读取;需要时请把它另存为一个文件或工作表。"
        table = replace(table, notes=(*table.notes, said))
    found = detect(table.columns, frame_of(sample, table.columns))
    return replace(
        table,
        mapping=found.mapping,
        evidence=found.evidence,
        layout=found.layout,
        default_source=found.default_source,
        rating_unit=found.rating_unit,
        notes=(*table.notes, *found.notes),
    )


def workbook_tables(path: Path, bare: TableSource, options: ReadOptions) -> list[TableSource]:
    """Describe the sheets of a workbook that hold comments, or those the user named.

    Returns:
        At least one table. If no sheet seems to hold comments, the first visible non-empty one.

    Raises:
        ReadError: R02 all sheets are empty, R10 a named sheet does not exist.
    """
    found = sheets.listed(path, bare)
    if options.sheets is not None:
        return [_sheet(path, bare, name, options) for name in options.sheets]
    tables: list[TableSource] = []
    empty: list[str] = []
    for sheet in found:
        if sheet.hidden:
            continue
        try:
            tables.append(_sheet(path, bare, sheet.name, options))
        except ReadError as exc:
            if exc.code not in ("R02", "R12"):
                raise
            empty.append(sheet.name)
    if not tables:
        raise ReadError("R02", f"{bare.name} 里没有任何内容。", "请检查是否导出完整,或内容是否在隐藏的工作表里。")
    kept = _with_comments(tables)
    left = [table.sheet or "" for table in tables if table not in kept]
    notes = _left_out(left, [sheet.name for sheet in found if sheet.hidden], empty)
    kept[0] = replace(kept[0], notes=(*kept[0].notes, *notes))
    if len(found) == 1:
        kept[0] = replace(kept[0], name=bare.name)
    return kept


def _sheet(path: Path, bare: TableSource, name: str, options: ReadOptions) -> TableSource:
    bare = replace(bare, sheet=name, name=f"{bare.name} · {name}")
    loaded = sheets.load(path, bare)
    table = headed(bare, loaded.rows(), options.header_row)
    table = described(table, below_header(table, loaded.rows(table.header_row + 1)))
    notes = hidden.notes(path, table)
    merged = loaded.merged_below(table.header_row)
    if merged:
        notes = (*notes, f"有 {merged} 处合并单元格,合并的每一行都按首格的值填充。")
    return replace(table, notes=(*table.notes, *notes))


def _with_comments(tables: list[TableSource]) -> list[TableSource]:
    """Return the sheets whose comment column has a known name, else those with any comment column, else the first."""
    by_name = [table for table in tables if is_named(table)]
    return by_name or [table for table in tables if table.mapping.text] or tables[:1]


def is_named(table: TableSource) -> bool:
    """Return whether a table's comment column was detected by its name, not only by its values."""
    found = detect(table.columns, frame_of([], table.columns))
    return bool(table.mapping.text) and bool(found.mapping.text)


def _left_out(others: list[str], hidden_ones: list[str], empty: list[str]) -> list[str]:
    kinds = (("看起来没有评论的", others), ("隐藏的", hidden_ones), ("空的", empty))
    return [f"没有读取{what}工作表:{listed(names)}。需要时请指定工作表。" for what, names in kinds if names]
