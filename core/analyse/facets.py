"""Categorical columns of the file itself, such as 科室, 门店 or 版本."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.analyse.filters import Chosen, where
from core.analyse.frames import quote, rows_of
from core.analyse.word_lists import word_list
from core.metrics import wilson
from core.schema import (
    EXPORT_COLUMNS,
    NEGATIVE,
    TAG_EXPORT_COLUMNS,
    UNITED_EXPORT_COLUMNS,
    Col,
    Share,
    Table,
    original,
)

__all__ = ["Facet", "facets", "is_known"]

#: Maximum number of facets of a table; the columns with the most values filled in come first.
_MOST: Final = 12
#: A facet has at most this many distinct values and on average at least this many comments per value; other columns
#: hold names, ids or free text.
_MOST_VALUES, _LEAST_PER_VALUE = 500, 10
#: Most frequent values by which a column is classified.
_LOOKED_AT: Final = 30
#: Columns of a job that a column of the file may duplicate.
_KNOWN: Final = (Col.SOURCE, Col.PRODUCT, Col.FILE, Col.AUTHOR, Col.RATING, f"{Col.TIME}::DATE")
_OURS: Final = frozenset((*EXPORT_COLUMNS, *TAG_EXPORT_COLUMNS, *UNITED_EXPORT_COLUMNS))

#: Names of columns that judge the comment: an outcome, not an explanation.
_JUDGES: Final = re.compile(
    r"满意|评分|星级|打分|得分|分数|评级|好评|差评|评价(?:等级|类型|结果)|推荐|情感|情绪|极性|倾向"
    r"|sentiment|polarity|label|rating|score|star",
    re.IGNORECASE,
)
#: Names of columns whose numbers are identifiers, not quantities.
_NAMES: Final = re.compile(r"编号|编码|代码|版本|号$|version|code$|id$|no\.?$", re.IGNORECASE)
#: A longer number is the id of a post or an order, which tells an analyst nothing.
_CODE_CHARS: Final = 6
_QUANTITY: Final = re.compile(r"[+-]?[\d,]+(?:\.\d+)?\s*[%％元分星次条个岁天人件]?")
_DATE: Final = re.compile(
    r"(?:19|20)\d\d\s*[-/.年]|\d{1,2}月|\d{1,2}:\d\d|(?:周|星期|礼拜)[一二三四五六日天]$|昨天|前天|\d+\s*[秒分小天周个月年]\w*前"
)


@dataclass(frozen=True, slots=True)
class Facet:
    """A categorical column of the file.

    Attributes:
        name: As in ``Table.original_columns``.
        shares: Negative share by value, for the thirty most frequent values.
        total: Negative share of all comments with a value.
    """

    name: str
    shares: Mapping[str, Share]
    total: Share


def facets(table: Table, chosen: Chosen) -> tuple[Facet, ...]:
    """Find the categorical columns of the file, by their content.

    Excluded are free text, names and ids (too many values), quantities and dates, columns that judge the comment
    (满意度, 投诉 or 表扬: an outcome explains nothing) and columns that this program added.

    Args:
        table: The labelled table.
        chosen: The filter or selection.

    Returns:
        At most twelve, the columns with the most values filled in first.
    """
    names = [name for name in table.original_columns if name not in _OURS and not _JUDGES.search(name)]
    found = (_facet(table, chosen, name) for name in _few_valued(table, chosen, names))
    return tuple(facet for facet in found if facet is not None)


def is_known(table: Table, chosen: Chosen, name: str) -> bool:
    """Return whether a column maps one-to-one to the job's source, product, file, author, rating or day.

    Args:
        table: The labelled table.
        chosen: The filter or selection.
        name: As in ``Table.original_columns``.
    """
    condition, parameters = where(chosen)
    value = quote(original(name))
    pairs = ", ".join(f"min({known}) AS low{i}, max({known}) AS high{i}" for i, known in enumerate(_KNOWN))
    # rows of files without the column have no value and say nothing about it
    filled = f"{condition} AND trim({value}) <> ''"
    values = table.query(f"SELECT {value}, {pairs} FROM comments WHERE {filled} GROUP BY 1", parameters)
    columns = ((values[f"low{i}"], values[f"high{i}"]) for i in range(len(_KNOWN)))
    return any((low == high).all() and low.nunique() == len(values) for low, high in columns)


@lru_cache(maxsize=1)
def _verdicts() -> frozenset[str]:
    return word_list("verdicts.txt")


def _few_valued(table: Table, chosen: Chosen, names: Sequence[str]) -> list[str]:
    """Return the columns with several distinct values and many comments per value."""
    if not names:
        return []
    condition, parameters = where(chosen)
    columns = [quote(original(name)) for name in names]
    counted = ", ".join(
        f"count(*) FILTER ({column} <> '') AS n{i}, approx_count_distinct({column}) AS d{i}"
        for i, column in enumerate(columns)
    )
    found = table.query(f"SELECT {counted} FROM comments WHERE {condition}", parameters).iloc[0]
    sizes = {name: (int(found[f"n{i}"]), int(found[f"d{i}"])) for i, name in enumerate(names)}
    kept = [
        name
        for name, (n, distinct) in sizes.items()
        if 2 <= distinct <= _MOST_VALUES and n >= distinct * _LEAST_PER_VALUE
    ]
    return sorted(kept, key=lambda name: -sizes[name][0])[:_MOST]


def _facet(table: Table, chosen: Chosen, name: str) -> Facet | None:
    condition, parameters = where(chosen)
    found = table.query(
        f"""SELECT {quote(original(name))}::VARCHAR AS value, count(*) AS n,
                   count(*) FILTER ({Col.LABEL} = {NEGATIVE}) AS bad
            FROM comments WHERE {condition} GROUP BY 1 ORDER BY n DESC, 1""",
        parameters,
    )
    named = found[found["value"].str.strip() != ""].dropna(subset="value")
    often = named[:_LOOKED_AT]
    telling = [_is_kind(value, name) for value in often["value"]]
    if len(named) < 2 or 2 * often["n"][telling].sum() <= often["n"].sum():
        return None
    shares = {str(row.value): wilson(int(row.bad), int(row.n)) for row in rows_of(often)}
    return Facet(name, shares, wilson(int(named["bad"].sum()), int(named["n"].sum())))


def _is_kind(value: str, name: str) -> bool:
    """Return whether a value is neither a quantity nor a date nor a verdict."""
    if value.strip().lower() in _verdicts() or _DATE.match(value):
        return False
    return not _QUANTITY.fullmatch(value) or (len(value.strip()) <= _CODE_CHARS and bool(_NAMES.search(name)))
