"""Records that line ends without quotes cut into pieces, put together again where their cells say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from core.read.header import is_data
from core.read.rows import Row

#: Columns that it takes to be sure, and lines that one comment is taken to have at most.
LEAST_COLUMNS: Final = 3
_MOST_LINES: Final = 20


def rejoined(rows: Iterator[Row], width: int, seen: list[int]) -> Iterator[Row]:
    """Yield rows, those whole that come as too short ones one after another.

    Pieces are put together only if they then have exactly the cells of a row, and numbers and dates stand where they
    stand in the row before.

    Args:
        rows: As the lines of the file have them.
        width: Columns of the table, at least ``LEAST_COLUMNS``.
        seen: Takes the numbers of the rows that were put together.
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
    """The cells of pieces as one row, [] if they are not as many as it has: the lines between are text."""
    first, *between, last = (cells for _, cells, _ in pieces)
    if len(first) + len(last) - 1 != width or any(len(cells) > 1 for cells in between):
        return []
    lines = [first[-1], *("".join(cells) for cells in between), last[0]]
    return [*first[:-1], "\n".join(lines), *last[1:]]


def _begins(cells: list[str], whole: list[str]) -> bool:
    """Tell whether a piece begins with a number or date as rows do: then it is a row that lacks some cells."""
    return is_data(cells[0].strip()) and is_data(whole[0].strip())


def _is_like(cells: list[str], whole: list[str], behind: int) -> bool:
    """Tell whether numbers and dates stand in the same columns, and one of them behind the text."""
    kinds = [is_data(cell.strip()) for cell in cells]
    return kinds == [is_data(cell.strip()) for cell in whole] and any(kinds[-behind:]) and not kinds[-behind - 1]
