"""Parse ratings as numbers."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

__all__ = ["parse_ratings"]

_NUMBER = re.compile(
    r"(?:allstar|(?!第)[^\d.+\-]{0,6})([+-]?(?:\d{1,6}(?:\.\d{1,6})?|\.\d{1,6}))\s*"
    # 第3次购买 and 1万 count something else
    r"(?:%|/\s*\d{1,3}|(?![万千百亿次个件条人元天月年])[^\d.\s/][^\d]{0,7})?"
)
_STARS = re.compile(r"([★⭐🌟]*)[☆✩\s]*")
_SCALE = re.compile(r"[(（](?:(?:满分|总分|共)\s*\d{1,3}\s*[分星]?|\d{1,3}\s*[分星]制?)[)）]$")
_HANZI_STARS = re.compile(r"([零一二两三四五六七八九十]|[0-9])\s*(?:(半)\s*)?(?:颗星|星级?|分)(半)?(?:好评|中评|差评)?")
_HANZI_DIGITS: Final = dict(zip("零一二两三四五六七八九十", (0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10), strict=True))
#: Douban's words for its star ratings, and the five satisfaction levels of surveys.
_WORDS: Final = {"力荐": 5.0, "推荐": 4.0, "还行": 3.0, "较差": 2.0, "很差": 1.0} | {
    **dict.fromkeys(("非常满意", "很满意", "十分满意"), 5.0),
    **dict.fromkeys(("满意", "比较满意", "较满意"), 4.0),
    **dict.fromkeys(("一般", "基本满意"), 3.0),
    **dict.fromkeys(("不满意", "比较不满意", "较不满意"), 2.0),
    **dict.fromkeys(("非常不满意", "很不满意", "十分不满意"), 1.0),
}


def parse_ratings(values: pd.Series[str]) -> pd.Series[float]:
    """Parse ratings as the numbers that the file states, on the file's own scale.

    Args:
        values: n cells such as ``4``, ``4.5分``, ``50``, ``4/5``, ``五星``, ``★★★☆☆``, ``力荐`` or ``非常满意``.

    Returns:
        (n,) float32 with the same index; NaN where a cell is empty or states no number (好评 alone is not a number).

    Source: docs/cleaning.md, "Ratings".

    Example:
        >>> parse_ratings(pd.Series(["4.5分", "五星", "★★☆☆☆", "好评"])).tolist()
        [4.5, 5.0, 2.0, nan]
    """
    cells = values.to_list()
    known = {cell: _parse(cell.strip()) for cell in set(cells)}
    numbers = np.array([known[cell] for cell in cells], dtype=np.float32)
    return pd.Series(numbers, index=values.index)


def _parse(value: str) -> float:
    if value in _WORDS:
        return _WORDS[value]
    if value and (stars := _STARS.fullmatch(value.replace("\ufe0f", ""))):
        return float(len(stars.group(1)))
    value = _SCALE.sub("", value).rstrip()
    if hanzi := _HANZI_STARS.fullmatch(value):
        count = hanzi.group(1)
        return float(_HANZI_DIGITS.get(count, count)) + (0.5 if hanzi.group(2) or hanzi.group(3) else 0.0)
    number = _NUMBER.fullmatch(value)
    return float(number.group(1)) if number else float("nan")
