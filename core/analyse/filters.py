"""Which comments an analysis covers: a ``Filter`` as a condition over the view ``comments``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np

from core.analyse.frames import bit_string, has_bit, quote
from core.errors import InputError
from core.schema import EMOTIONS, LABELS, ORIGINAL_PREFIX, PHRASE_GAP, Col, Filter, Table, Within, split_word

__all__ = [
    "LISTS",
    "RANGES",
    "VIEW",
    "VIEW_COLUMN",
    "Chosen",
    "Selection",
    "as_day",
    "checked_view",
    "filter_of",
    "keeps_all",
    "select",
    "where",
]

#: Fields of ``Filter`` that hold a list of values to keep, and their columns.
LISTS: Final = {"sources": Col.SOURCE, "products": Col.PRODUCT, "files": Col.FILE}
#: Fields of ``Filter`` that hold a lower and an upper bound, and their columns.
RANGES: Final = {"ratings": Col.RATING, "confidence": Col.CONFIDENCE}
#: Valid names of derived tables and their columns: names become part of a statement, values never do.
VIEW: Final = re.compile(r"[a-z]+_[0-9a-f]{10}")
VIEW_COLUMN: Final = re.compile(r"[a-z][a-z_]*")


@dataclass(frozen=True, slots=True)
class Selection:
    """A filter whose text search has been run once, so that further analyses need not read every text again.

    Attributes:
        rows: ``bit_string`` of every ``Col.ROW`` whose text matches; None when the filter has no text condition.
    """

    filter: Filter
    rows: str | None = None


Chosen = Filter | Selection


def filter_of(chosen: Chosen) -> Filter:
    """Return the filter of a filter or selection."""
    return chosen.filter if isinstance(chosen, Selection) else chosen


def select(table: Table, chosen: Filter) -> Selection:
    """Search the whole table for a filter's keyword and term, once.

    Use it before several analyses of one filter: on a million rows, a keyword otherwise costs each of them 0.3 s.
    Dates, labels and the rest are not part of it, so a page may keep ``rows`` while those change.

    Args:
        table: The labelled table.
        chosen: The filter.

    Returns:
        A selection that every analysis accepts in place of the filter, with the same result.
    """
    if not (chosen.keyword or chosen.term):
        return Selection(chosen)
    condition, parameters = where(Filter(keyword=chosen.keyword, term=chosen.term, reexported=True), scored_only=False)
    found = table.query(f"SELECT {Col.ROW} FROM comments WHERE {condition}", parameters)[Col.ROW].to_numpy(np.int64)
    return Selection(chosen, bit_string(found))


def keeps_all(table: Table, chosen: Chosen) -> bool:
    """Tell whether a filter keeps every labelled row, so that counting needs no lookup."""
    asked = filter_of(chosen)
    if replace(asked, reexported=False) != Filter():
        return False
    return asked.reexported or table.query(f"SELECT 1 FROM comments WHERE {Col.REEXPORTED} LIMIT 1").empty


def where(chosen: Chosen, *, scored_only: bool = True) -> tuple[str, list[object]]:
    """Translate a filter into a DuckDB condition over the view ``comments``.

    Args:
        chosen: The filter or selection; the default filter keeps everything.
        scored_only: Leave out blank and rejected rows, which have no label.

    Returns:
        A condition for WHERE, and its positional parameters. No value is ever part of the text.

    Raises:
        InputError: N01 an unknown label or emotion, N02 an invalid day, N06 an invalid name of a derived table or
            column.

    Example:
        >>> where(Filter(labels=("负面",), keyword="退款"))
        ('label >= 0 AND NOT reexported AND label IN (?) AND contains(text, ?)', [0, '退款'])
    """
    asked = filter_of(chosen)
    parts = [f"{Col.LABEL} >= 0"] if scored_only else []
    values: list[object] = []
    if not asked.reexported:
        parts.append(f"NOT {Col.REEXPORTED}")
    if asked.labels:
        parts.append(_is_in(Col.LABEL, asked.labels))
        values += [_index(label, LABELS, "情感标签") for label in asked.labels]
    for name, column in LISTS.items():
        if wanted := getattr(asked, name):
            parts.append(_is_in(column, wanted))
            values += wanted
    for name, column in RANGES.items():
        if (bounds := getattr(asked, name)) is not None:
            # the columns are float32: their 0.9 differs slightly from the 0.9 that was typed
            parts.append(f"{column} BETWEEN ?::FLOAT AND ?::FLOAT")
            values += bounds
    if asked.review_only:
        parts.append(Col.NEEDS_REVIEW)
    if asked.emotions:
        parts.append(_is_in(Col.EMOTION, asked.emotions))
        values += [_index(emotion, EMOTIONS, "情绪") for emotion in asked.emotions]
    for name, wanted in asked.columns:
        parts.append(f"coalesce({_own_column(name)}::VARCHAR, '') = ?")
        values.append(wanted)
    for named, word in ((asked.within, "IN"), (asked.outside, "NOT IN")):
        if named is not None:
            parts.append(f"{Col.ROW} {word} ({_rows_of(named)})")
            values += [wanted for _, wanted in named.equal]
    _add_dates(asked, parts, values)
    _add_text(chosen, parts, values)
    return " AND ".join(parts) or "true", values


def as_day(text: str) -> date:
    """Parse a day of a filter.

    Raises:
        InputError: N02 not a valid date.

    Example:
        >>> as_day("2026-03-01")
        datetime.date(2026, 3, 1)
    """
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise InputError("N02", f"{text!r} 不是日期。", "请写成 2026-03-01 这样。") from exc


def checked_view(name: str) -> str:
    """Return a name if it is one of a derived table and therefore safe within a statement.

    Raises:
        InputError: N06 an invalid name.
    """
    return _checked(name, VIEW)


def _index(value: str, known: Sequence[str], what: str) -> int:
    if value not in known:
        raise InputError("N01", f"没有 {value!r} 这个{what}。", f"可选:{'、'.join(known)}。")
    return known.index(value)


def _rows_of(named: Within) -> str:
    """Return the query for the rows that a derived table contains."""
    condition = " AND ".join(f"{_checked(column, VIEW_COLUMN)}::VARCHAR = ?" for column, _ in named.equal)
    return f"SELECT {Col.ROW} FROM {checked_view(named.view)}" + (f" WHERE {condition}" if condition else "")


def _checked(name: str, valid: re.Pattern[str]) -> str:
    if not valid.fullmatch(name):
        raise InputError("N06", "筛选条件指向的分析结果名称无效。", "请从页面上重新打开。")
    return name


def _own_column(name: str) -> str:
    """Return a column of the file, or the author's, as a DuckDB identifier."""
    if name != Col.AUTHOR and not name.startswith(ORIGINAL_PREFIX):
        raise InputError("N03", f"不能按 {name!r} 筛选。", "只能用文件自己的列。")
    return quote(name)


def _is_in(column: str, wanted: Iterable[str]) -> str:
    return f"{column} IN ({', '.join('?' for _ in wanted)})"


def _add_dates(asked: Filter, parts: list[str], values: list[object]) -> None:
    bounds: list[str] = []
    if asked.start is not None:
        bounds.append(f"{Col.TIME} >= ?::TIMESTAMP")
        values.append(as_day(asked.start).isoformat())
    if asked.end is not None and as_day(asked.end) < date.max:  # nothing lies after the last day there is
        bounds.append(f"{Col.TIME} < ?::TIMESTAMP")
        values.append((as_day(asked.end) + timedelta(days=1)).isoformat())
    elif asked.end is not None:
        bounds.append(f"{Col.TIME} IS NOT NULL")
    if bounds:
        within = " AND ".join(bounds)
        parts.append(f"({Col.TIME} IS NULL OR ({within}))" if asked.undated else within)


def _add_text(chosen: Chosen, parts: list[str], values: list[object]) -> None:
    if isinstance(chosen, Selection):
        if chosen.rows is not None:
            condition, bits = has_bit(Col.ROW, chosen.rows)
            parts.append(condition)
            values += bits
        return
    _add_term(chosen.term, parts, values)
    if chosen.keyword:
        # lower() over every text doubles the time and changes nothing for hanzi
        cased = chosen.keyword.lower() != chosen.keyword.upper()
        parts.append(f"contains(lower({Col.TEXT}), lower(?))" if cased else f"contains({Col.TEXT}, ?)")
        values.append(chosen.keyword)


def _add_term(term: str, parts: list[str], values: list[object]) -> None:
    """Match a word: any of its forms, or each part of a phrase, close together in the text."""
    split = split_word(term)
    for forms in split:
        parts.append(f"list_has_any({Col.TERMS}, ?::VARCHAR[])" if len(forms) > 1 else f"list_contains({Col.TERMS}, ?)")
        values.append(list(forms) if len(forms) > 1 else forms[0])
    if len(split) > 1:
        close = rf"\p{{Han}}{{0,{PHRASE_GAP}}}"
        parts.append(f"regexp_matches(lower({Col.CLEAN_TEXT}), ?)")
        values.append(close.join(f"(?:{'|'.join(map(re.escape, forms))})" for forms in split))
