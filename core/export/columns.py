"""The layout of an exported table: the file's own columns, then ours, one row per input row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core.schema import (
    EMOTION_COLUMNS,
    EMOTION_EXPORT_COLUMNS,
    EMOTIONS,
    EXPORT_COLUMNS,
    GRADES,
    LABELS,
    OURS_MARK,
    TAG_EXPORT_COLUMNS,
    UNITED_COLUMNS,
    UNITED_EXPORT_COLUMNS,
    Col,
    original,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["headings", "lay_out", "needed", "numeric"]

_RATING: Final = UNITED_EXPORT_COLUMNS[UNITED_COLUMNS.index(Col.RATING)]
_TEXTS: Final = {"情感", "需复核", "情绪", *TAG_EXPORT_COLUMNS, *UNITED_EXPORT_COLUMNS} - {_RATING}
_PROBABILITIES: Final = (Col.CONFIDENCE, Col.P_NEGATIVE, Col.P_NEUTRAL, Col.P_POSITIVE)
DECIMALS: Final = 4
_TIME_FORM: Final = "%Y-%m-%d %H:%M:%S"


def headings(
    original_columns: Sequence[str], *, emotion: bool = False, tags: bool = False, united: bool = False
) -> list[str]:
    """Return the headings of an export: the original ones in order, then ``schema.EXPORT_COLUMNS``.

    If an original column already has one of our names, it keeps it; ours is then marked ``(听风)``.

    Args:
        original_columns: The file's own columns.
        emotion: Add ``schema.EMOTION_EXPORT_COLUMNS`` at the end.
        tags: Add ``schema.TAG_EXPORT_COLUMNS`` after these.
        united: Insert ``schema.UNITED_EXPORT_COLUMNS`` between the original ones and ours.

    Example:
        >>> headings(["编号", "情感"])[2:4]
        ['情感(听风)', '置信度']
    """
    taken = set(original_columns)
    names = list(original_columns)
    for name in _ours(emotion=emotion, tags=tags, united=united):
        ours = name
        while ours in taken:
            ours += OURS_MARK
        taken.add(ours)
        names.append(ours)
    return names


def numeric(
    original_columns: Sequence[str], *, emotion: bool = False, tags: bool = False, united: bool = False
) -> list[str]:
    """Return the ``headings`` whose values are numbers.

    Example:
        >>> numeric(["编号"], emotion=True)
        ['置信度', '负面概率', '中性概率', '正面概率', '情绪概率', '冒犯概率']
    """
    more = {"emotion": emotion, "tags": tags, "united": united}
    added, ours = headings(original_columns, **more)[len(original_columns) :], _ours(**more)
    return [shown for shown, name in zip(added, ours, strict=True) if name not in _TEXTS]


def needed(original_columns: Sequence[str], *, emotion: bool = False, united: bool = False) -> list[str]:
    """Return the columns of labelled rows that an export needs; the others need not be read.

    Args:
        original_columns: The file's own columns.
        emotion: Include the emotion columns.
        united: Include the sources of ``schema.UNITED_EXPORT_COLUMNS``.

    Example:
        >>> needed(["编号"])[-1] == original("编号")
        True
    """
    ours = [Col.ROW, Col.LABEL, *_PROBABILITIES, Col.NEEDS_REVIEW, *(EMOTION_COLUMNS if emotion else ())]
    return [*ours, *(UNITED_COLUMNS if united else ()), *map(original, original_columns)]


def lay_out(
    frame: pd.DataFrame,
    original_columns: Sequence[str],
    *,
    emotion: bool = False,
    tags: bool = False,
    united: bool = False,
) -> pd.DataFrame:
    """Convert labelled rows to the rows of an export.

    Args:
        frame: Labelled rows with original columns; a missing one counts as empty.
        original_columns: The file's own columns, in output order.
        emotion: Add the emotion columns; the rows have ``EMOTION_COLUMNS``.
        tags: Add grade and reason tags; the rows have ``Col.TAGS``.
        united: Add file, comment, time, source, product, rating and author; the rows have ``UNITED_COLUMNS``.

    Returns:
        (n, originals + 6, 3 more with emotions, 2 with tags, 7 with united), the columns of ``headings``. Originals
        are text, "" where empty. 情感, 需复核 and 情绪 are None and the numbers NaN where a row was not scored;
        numbers are rounded to 4 decimals.
    """
    import pandas as pd

    empty = pd.Series([""] * len(frame), dtype=object)
    names = [original(name) for name in original_columns]
    columns = [_texts(frame[name]) if name in frame.columns else empty for name in names]
    if united:
        columns += [_united(frame[name]) for name in UNITED_COLUMNS]
    label = frame[Col.LABEL].to_numpy(dtype=np.int64)
    review = np.where(frame[Col.NEEDS_REVIEW].to_numpy(dtype=bool), 1, 0)
    columns.append(_words(LABELS, label))
    columns += [pd.Series(_rounded(frame[name], label)) for name in _PROBABILITIES]
    columns.append(_words(("否", "是"), np.where(label < 0, -1, review)))
    if emotion:
        columns.append(_words(EMOTIONS, frame[Col.EMOTION].fillna(-1).to_numpy(dtype=np.int64)))
        columns += [pd.Series(_rounded(frame[name], label)) for name in (Col.P_EMOTION, Col.P_OFFENSIVE)]
    if tags:
        columns += [_words(GRADES, label), _texts(frame[Col.TAGS])]
    result = pd.concat(columns, axis=1) if columns else pd.DataFrame()
    result.columns = pd.Index(headings(original_columns, emotion=emotion, tags=tags, united=united))
    return result


def _ours(*, emotion: bool, tags: bool, united: bool) -> tuple[str, ...]:
    more = (EMOTION_EXPORT_COLUMNS if emotion else ()) + (TAG_EXPORT_COLUMNS if tags else ())
    return (UNITED_EXPORT_COLUMNS if united else ()) + EXPORT_COLUMNS + more


def _united(column: pd.Series) -> pd.Series:
    """Return one of ``UNITED_COLUMNS`` in readable form: times as text, ratings as numbers."""
    if column.name == Col.RATING:
        return column.astype(np.float64).round(DECIMALS).reset_index(drop=True)
    return _texts(column.dt.strftime(_TIME_FORM) if column.name == Col.TIME else column)


def _texts(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), "").reset_index(drop=True)


def _words(words: Sequence[str], index: NDArray[np.int64]) -> pd.Series:
    """Return the word of each index, None for -1."""
    import pandas as pd

    return pd.Series(np.array([*words, None], dtype=object)[index], dtype=object)


def _rounded(column: pd.Series, label: NDArray[np.int64]) -> NDArray[np.float64]:
    values = np.round(column.to_numpy(dtype=np.float64), DECIMALS)
    return np.where(label < 0, np.nan, values)
