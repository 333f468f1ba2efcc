"""Rejoin records that unquoted line breaks split into pieces, if their cells show that they belong together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from core.read.header import is_data
from core.read.rows import Row

#: Minimum number of columns needed for certainty, and the maximum number of lines per comment.
LEAST_COLUMNS: Final = 3
_MOST_LINES: Final = 20


def rejoined(rows: Iterator[Row], width: int, seen: list[int]) -> Iterator[Row]:
    """Yield rows, joining consecutive rows that are too short.

    Pieces are joined only if together they have exactly the cells of a row, with numbers and dates in the same columns
    as the previous row.

    Args:
        rows: Rows as split by the lines of the file.
        width: Columns of the table, at least ``LEAST_COLUMNS``.
        seen: Collects the numbers of the joined rows.
    """
    pieces: list[Row] = []
    whole: list[str] = []
    for row in rows:
        cells = row[1]
        if len(cells) >= width or row[2]:
            if pieces:
                yield from pieces
                pieces.clear()
            if len(cells) == width and not row[2]:
                whole = cells
            yield row
            continue
        pieces.append(row)
        joined = _joined(pieces, width) if len(cells) > 1 and len(pieces) > 1 else []
        if joined and _is_like(joined, whole, len(cells) - 1) and not _begins(cells, whole):
            seen.append(pieces[0][0])
            yield (pieces[0][0], joined, "")
            pieces.clear()
        elif len(pieces) >= _MOST_LINES or len(pieces[0][1]) < 2 or joined:
            yield from pieces
            pieces.clear()
    yield from pieces


def _joined(pieces: list[Row], width: int) -> list[str]:
    """Return the cells of pieces as one row, [] if their number is wrong: the lines between are text."""
    first, *between, last = (cells for _, cells, _ in pieces)
    if len(first) + len(last) - 1 != width or any(len(cells) > 1 for cells in between):
        return []
    lines = [first[-1], *("".join(cells) for cells in between), last[0]]
    return [*first[:-1], "\n".join(lines), *last[1:]]


def _begins(cells: list[str], whole: list[str]) -> bool:
    """Return whether a piece begins with a number or date as rows do: then it is a row with missing cells."""
    return is_data(cells[0].strip()) and is_data(whole[0].strip())


def _is_like(cells: list[str], whole: list[str], behind: int) -> bool:
    """Return whether numbers and dates are in the same columns, at least one of them after the text."""
    kinds = [is_data(cell.strip()) for cell in cells]
    return kinds == [is_data(cell.strip()) for cell in whole] and any(kinds[-behind:]) and not kinds[-behind - 1]
