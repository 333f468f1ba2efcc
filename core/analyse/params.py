"""Convert a ``Filter`` to URL parameters and back, so that a link reproduces what its sender saw."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from core.analyse.filters import VIEW, VIEW_COLUMN
from core.schema import EMOTION_NAMES, EMOTIONS, LABEL_NAMES, LABELS, ORIGINAL_PREFIX, Col, Filter, Within

__all__ = ["PARAMS", "from_params", "to_params"]

#: Field of ``Filter`` → name of its URL parameter.
PARAMS: Final[dict[str, str]] = {
    "start": "from",
    "end": "to",
    "undated": "undated",
    "labels": "label",
    "sources": "source",
    "products": "product",
    "files": "file",
    "ratings": "rating",
    "keyword": "q",
    "term": "term",
    "confidence": "confidence",
    "review_only": "review",
    "reexported": "reexported",
    "emotions": "emotion",
    "within": "in",
    "outside": "not_in",
    "columns": "col",
}
#: Fields whose values have English names in a URL: Chinese and English names in the same order.
_NAMED: Final = {"labels": (LABELS, LABEL_NAMES), "emotions": (EMOTIONS, EMOTION_NAMES)}
_ESCAPES: Final = {"\\": "\\\\", ",": "\\,"}


def to_params(chosen: Filter) -> dict[str, str]:
    """Write a filter as URL parameters; ``from_params`` is the inverse.

    Args:
        chosen: The filter; its labels are from ``LABELS``, its emotions from ``EMOTIONS``.

    Returns:
        Parameter names and values, not percent-encoded; only what differs from the default filter.

    Example:
        >>> to_params(Filter(start="2026-03-01", labels=("负面", "正面"), ratings=(1.0, 2.5)))
        {'from': '2026-03-01', 'label': 'negative,positive', 'rating': '1.0~2.5'}
    """
    default = Filter()
    params: dict[str, str] = {}
    for field, name in PARAMS.items():
        value = getattr(chosen, field)
        if value == getattr(default, field):
            continue
        if field in _NAMED:
            ours, theirs = _NAMED[field]
            value = [theirs[ours.index(one)] for one in value]
        params[name] = _write(field, value)
    return params


def _write(field: str, value: Any) -> str:
    if isinstance(value, bool):
        return "1"
    if isinstance(value, str):
        return value
    if isinstance(value, Within):
        return _join([value.view, *(f"{column}={wanted}" for column, wanted in value.equal)])
    if field in ("ratings", "confidence"):
        return "~".join(repr(float(bound)) for bound in value)
    if field == "columns":
        value = [part for pair in value for part in pair]
    return _join(value)


def _join(values: Iterable[str]) -> str:
    # an empty value (unknown source) must differ from no value: it is written \e
    return ",".join("".join(_ESCAPES.get(c, c) for c in value) or "\\e" for value in values)


def _split(text: str) -> tuple[str, ...]:
    parts = [""]
    for piece in re.findall(r"\\.?|,|[^\\,]+", text, re.DOTALL):
        if piece == ",":
            parts.append("")
        elif piece != "\\e":
            parts[-1] += piece.removeprefix("\\") if len(piece) > 1 else piece
    return tuple(parts)


def from_params(params: Mapping[str, str]) -> tuple[Filter, list[str]]:
    """Read a filter from URL parameters, which may be untrusted input.

    Args:
        params: Names and values, percent-decoded; names not in ``PARAMS`` are ignored.

    Returns:
        The filter, and one Chinese sentence for each invalid value that was ignored.

    Example:
        >>> from_params({"label": "negative", "from": "yesterday"})
        (Filter(start=None, ..., labels=('负面',), ...), ['链接里的 from 无法识别,已忽略。'])
    """
    chosen, remarks = Filter(), []
    for field, name in PARAMS.items():
        if not params.get(name):
            continue
        try:
            chosen = replace(chosen, **{field: _read(field, params[name])})
        except ValueError:
            remarks.append(f"链接里的 {name} 无法识别,已忽略。")
    if chosen.start and chosen.end and chosen.start > chosen.end:
        chosen = replace(chosen, start=None, end=None)
        remarks.append("链接里的开始日期晚于结束日期,已忽略这两项。")
    return chosen, remarks


def _read(field: str, text: str) -> Any:
    text.encode()  # a lone surrogate raises ValueError here, not in the database
    if field in _NAMED:
        ours, theirs = _NAMED[field]
        return tuple(ours[theirs.index(name)] for name in _split(text))
    return _READERS.get(field, _split)(text)


def _within(text: str) -> Within:
    view, *pairs = _split(text)
    split = [pair.partition("=") for pair in pairs]
    if not VIEW.fullmatch(view) or not all(VIEW_COLUMN.fullmatch(column) and mark for column, mark, _ in split):
        raise ValueError(text)
    return Within(view, tuple((column, wanted) for column, _, wanted in split))


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    parts = _split(text)
    names, values = parts[::2], parts[1::2]
    if not all(name == Col.AUTHOR or name.startswith(ORIGINAL_PREFIX) for name in names):
        raise ValueError(names)
    return tuple(zip(names, values, strict=True))


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(text)
    return text == "1"


def _bounds(text: str) -> tuple[float, float]:
    low, high = (float(part) for part in text.split("~"))
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ValueError(text)
    return low, high


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


#: How the value of a field is parsed if it is not a list of names.
_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "undated": _flag,
    "review_only": _flag,
    "reexported": _flag,
    "start": _day,
    "end": _day,
    "ratings": _bounds,
    "confidence": _bounds,
    "within": _within,
    "outside": _within,
    "columns": _pairs,
    "keyword": str,
    "term": str,
}
