"""Convert one chunk of rows to a frame of comments."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.clean.dates import parse_times
from core.clean.pii import USER, mask, mask_cells
from core.clean.placeholders import is_placeholder
from core.clean.ratings import parse_ratings
from core.clean.terms import segment
from core.clean.text import clean_text, is_default_text, text_key
from core.errors import InputError
from core.schema import (
    COMMENT_COLUMNS,
    CleanOptions,
    Col,
    Mapping,
    Reason,
    RowChunk,
    Status,
    original,
)

__all__ = ["clean", "why_blank"]


def clean(chunk: RowChunk, mapping: Mapping, options: CleanOptions, *, first_row: int) -> pd.DataFrame:
    """Convert the rows of a chunk to comments; every row comes back, in order.

    A rejected row keeps its raw cells and has no text, roles or time. A row with nothing to score is blank, with the
    reason. ``Deduper`` marks duplicates; this function does not.

    Args:
        chunk: n rows of one table.
        mapping: Which column has which role; several text columns are joined with line breaks.
        options: Reference time, zone, masking and extra words.
        first_row: 0-based position of the chunk's first row in the whole job.

    Returns:
        (n, ``COMMENT_COLUMNS`` then the file's own columns as ``original(name)``) with a new index and the dtypes of
        ``schema.Col``; time NaT = undated, rating NaN = none, text_key "" = nothing to score.

    Raises:
        InputError: C02 no such time zone, C03 ``mapping`` names a column that the chunk does not have.
    """
    frame = chunk.frame.reset_index(drop=True)
    _check(mapping, frame)
    rejected = np.array([reason != "" for reason in chunk.reasons], dtype=np.bool_)
    roles = _Roles(frame, rejected)
    written = _join(frame, mapping.text).mask(rejected, "")
    author = roles.text(mapping.author)
    if options.mask_pii:
        written = mask_cells(written)
        author = author.where(author == "", USER)
        frame = _mask_originals(frame, mapping, rejected)
    cleaned = _clean_texts(written, masked=options.mask_pii)
    status, reasons = _statuses(written, cleaned, rejected, chunk.reasons)
    source, product = roles.text(mapping.source), roles.text(mapping.product)
    if options.mask_pii:
        source, product = mask_cells(source), mask_cells(product)
    columns = {
        Col.ROW: np.arange(first_row, first_row + len(frame), dtype=np.int64),
        Col.FILE: _strings([chunk.source.name] * len(frame)),
        Col.ROW_NUMBER: np.asarray(chunk.row_numbers, dtype=np.int64),
        Col.TEXT: written,
        Col.CLEAN_TEXT: _strings(cleaned),
        Col.TEXT_KEY: _strings([text_key(text) for text in cleaned]),
        Col.TIME: _times(roles.text(mapping.time), options, chunk),
        Col.SOURCE: source.mask((source == "") & ~rejected, chunk.source.default_source),
        Col.PRODUCT: product,
        Col.RATING: parse_ratings(roles.text(mapping.rating)) / np.float32(chunk.source.rating_unit),
        Col.AUTHOR: author,
        Col.COMMENT_ID: roles.text(mapping.comment_id),
        Col.STATUS: _strings(status),
        Col.REASON: _strings(reasons),
        Col.TERMS: _lists(segment(cleaned, options.user_words)),
    }
    ours = pd.DataFrame({name: columns[name] for name in COMMENT_COLUMNS})
    return pd.concat([ours, frame.rename(columns=original)], axis=1)


class _Roles:
    """Cells of role columns, stripped of white space; "" in rejected rows and for a missing role."""

    def __init__(self, frame: pd.DataFrame, rejected: NDArray[np.bool_]) -> None:
        self._frame = frame
        self._rejected = rejected

    def text(self, column: str | None) -> pd.Series[str]:
        if column is None:
            return _strings([""] * len(self._frame))
        return self._frame[column].str.strip().mask(self._rejected, "")


def _check(mapping: Mapping, frame: pd.DataFrame) -> None:
    single = (mapping.time, mapping.source, mapping.product, mapping.rating, mapping.author, mapping.comment_id)
    wanted = [*mapping.text, *(name for name in single if name is not None)]
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise InputError(
            "C03",
            f"表里没有这些列:{'、'.join(missing)}。",
            f"现有的列:{'、'.join(map(str, frame.columns))}。请重新选择。",
        )


def _times(cells: pd.Series[str], options: CleanOptions, chunk: RowChunk) -> pd.Series[pd.Timestamp]:
    return parse_times(
        cells,
        chunk.source.exported or options.reference_time,
        options.timezone,
        latest=options.latest_time,
        from_1904=chunk.source.from_1904,
    )


def _join(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series[str]:
    if not columns:
        return _strings([""] * len(frame))
    if len(columns) == 1:
        return frame[columns[0]]
    rows = zip(*(frame[column] for column in columns), strict=True)
    return _strings(["\n".join(_filled(row)) for row in rows])


def _filled(cells: tuple[str, ...]) -> list[str]:
    """Return the non-blank cells that are not placeholders; if all are placeholders, only the first."""
    filled = [cell for cell in cells if cell.strip()]
    return [cell for cell in filled if not is_placeholder(cell)] or filled[:1]


def _mask_originals(frame: pd.DataFrame, mapping: Mapping, rejected: NDArray[np.bool_]) -> pd.DataFrame:
    """Mask every original column except time, rating and id; an author's name is masked as a whole."""
    kept = {mapping.time, mapping.rating, mapping.comment_id} - set(mapping.text)
    columns: dict[str, pd.Series[str]] = {}
    for name in frame.columns:
        cells = frame[name]
        if name == mapping.author and name not in mapping.text:
            columns[name] = mask_cells(cells.mask((cells.str.strip() != "") & ~rejected, USER))
        elif name in kept:  # in a rejected row, the first column holds the raw line, whatever its role
            columns[name] = cells.where(~rejected, mask_cells(cells.where(rejected, "")))
        else:
            columns[name] = mask_cells(cells)
    return pd.DataFrame(columns, index=frame.index)


def _clean_texts(written: pd.Series[str], *, masked: bool) -> list[str]:
    texts = written.to_list()
    known = {text: clean_text(text) for text in set(texts)}
    if masked:
        known = {text: _mask_again(cleaned) for text, cleaned in known.items()}
    return [known[text] for text in texts]


def _mask_again(cleaned: str) -> str:
    """Mask what only cleaning revealed, such as digits written as HTML entities."""
    while (masked := mask(cleaned)) != cleaned:
        cleaned = clean_text(masked)
    return cleaned


def _statuses(
    written: pd.Series[str], cleaned: list[str], rejected: NDArray[np.bool_], reasons: NDArray[np.object_]
) -> tuple[list[str], list[str]]:
    status, why = [], []
    for text, clean_, is_rejected, reason in zip(written.to_list(), cleaned, rejected, reasons, strict=True):
        if is_rejected:
            status.append(Status.REJECTED.value)
            why.append(str(reason))
        elif clean_:
            status.append(Status.PENDING.value)
            why.append("")
        else:
            status.append(Status.BLANK.value)
            why.append(why_blank(text).value)
    return status, why


def why_blank(text: str) -> Reason:
    """Return why a text that ``clean_text`` reduces to "" has nothing to score.

    Example:
        >>> why_blank("NULL").value, why_blank("？？").value
        ('placeholder', 'no_words')
    """
    if not text.strip():
        return Reason.EMPTY
    if is_placeholder(text):
        return Reason.PLACEHOLDER
    return Reason.DEFAULT_TEXT if is_default_text(text) else Reason.NO_WORDS


def _strings(values: list[str]) -> pd.Series[str]:
    return pd.Series(values, dtype="str")


def _lists(values: list[list[str]]) -> pd.Series[list[str]]:
    lists = np.empty(len(values), dtype=object)
    lists[:] = values
    return pd.Series(lists, dtype=object)
