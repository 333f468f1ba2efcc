"""Parse relative times as people and apps write them: 刚刚, 3分钟前, 昨天 12:30, 上周三."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

__all__ = ["read_spoken", "tidy"]

_DIGITS: Final = dict(zip("一二两三四五六七八九", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_SECONDS: Final = {"秒": 1, "秒钟": 1, "分": 60, "分钟": 60, "小时": 3600, "个小时": 3600, "钟头": 3600, "个钟头": 3600,
                   "天": 86_400, "日": 86_400, "周": 604_800, "星期": 604_800, "个星期": 604_800}  # fmt: skip
_MONTHS: Final = {"个月": 1, "月": 1, "年": 12}
_DAYS: Final = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2, "大前天": 3}
_WEEKDAYS: Final = dict(zip("一二三四五六日天", (0, 1, 2, 3, 4, 5, 6, 6), strict=True))
_NOON: Final = {"下午": 12, "傍晚": 12, "晚上": 12, "晚": 12, "上午": 0, "早上": 0, "早": 0, "凌晨": 0, "中午": 0}

_COUNT = r"\d{1,4}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]"
_AGO: Final = re.compile(
    rf"(?:约|大约)?({_COUNT}|半)\s*(秒钟?|分钟?|个?小时|个?钟头|天|日|周|个?星期|个月|月|年)\s*(?:之)?前"
)
_CLOCK = r"(?:\s*(上午|下午|中午|晚上|晚|凌晨|早上|早|傍晚)?\s*(\d{1,2})[:点时](?:(\d{1,2})分?|(半))?(?::(\d{1,2}))?)?"
_DAY: Final = re.compile(rf"(今[天日]|昨[天日]|大?前天|(?:{_COUNT})\s*[天日](?:之)?前)" + _CLOCK)
_WEEKDAY: Final = re.compile(r"(上|本|这)?(?:个)?(?:周|星期|礼拜)([一二三四五六日天])" + _CLOCK)
_SIMPLIFIED: Final = str.maketrans("剛鐘鍾時個週後號點", "刚钟钟时个周后号点")
_JUST_NOW: Final = frozenset(("刚刚", "刚才", "现在", "just now"))

_AROUND: Final = " \t\r\n\"'“”‘’`"
_BEFORE: Final = re.compile(
    r"^(?:(?:最后)?(?:编辑|发布|发表|回复|评论|创建|更新|评价|购买)(?:日期|时间)?(?:于|[:：])?|于|时间[:：]|日期[:：])\s*"
)
#: What apps append to a time: 来自 iPhone客户端, 转赞人数超过3, and the province of the IP address.
_BEHIND: Final = re.compile(
    r"\s*(?:来自|转赞|IP属地|发布于).*$|(?<=[\d前天日刚])(?:\s+|\s*[·•・|]\s*)[\u4e00-\u9fff]{2,8}$|\s*(?:发布|更新)$"
)


def read_spoken(text: str, reference: datetime) -> datetime | None:
    """Parse a time relative to the reference.

    Args:
        text: One cell, stripped of white space.
        reference: The time it is relative to, naive.

    Returns:
        The time, with the stated precision: 3天前 keeps the reference's clock time three days earlier, 昨天 alone is
        midnight, 3个月前 is the same day of that month. None if the text is not a relative time.

    Example:
        >>> read_spoken("昨天 12:30", datetime(2024, 3, 5, 10, 0))
        datetime.datetime(2024, 3, 4, 12, 30)
    """
    if text.lower() in _JUST_NOW:
        return reference
    try:
        if ago := _AGO.fullmatch(text):
            return _before(reference, ago.group(1), ago.group(2))
        if day := _DAY.fullmatch(text):
            return _at_clock(reference - timedelta(days=_days_back(day.group(1))), *day.groups()[1:])
        if weekday := _WEEKDAY.fullmatch(text):
            return _on_weekday(reference, *weekday.groups())
    except (OverflowError, ValueError):  # 今天 25:00, 9999年前
        return None
    return None


def tidy(text: str) -> str:
    """Remove words and quotes around a time, and convert full-width digits to ASCII and 剛剛, 3分鐘前 to simplified.

    Example:
        >>> tidy("发布于 2024-03-05 12:00 来自 iPhone客户端")
        '2024-03-05 12:00'
    """
    plain = unicodedata.normalize("NFKC", text).translate(_SIMPLIFIED).strip(_AROUND)
    return _BEHIND.sub("", _BEFORE.sub("", plain)).strip()


def _before(reference: datetime, count: str, unit: str) -> datetime | None:
    if count == "半":
        half = {"小时": 1800, "个小时": 1800, "天": 43_200}.get(unit)
        return None if half is None else reference - timedelta(seconds=half)
    number = _number(count)
    if unit in _SECONDS:
        return reference - timedelta(seconds=number * _SECONDS[unit])
    months = reference.year * 12 + reference.month - 1 - number * _MONTHS[unit]
    first = reference.replace(year=months // 12, month=months % 12 + 1, day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return first.replace(day=min(reference.day, (following - timedelta(days=1)).day))


def _days_back(day: str) -> int:
    return _DAYS[day] if day in _DAYS else _number(day.rstrip(" 天日之前"))


def _number(text: str) -> int:
    """Parse 12 and 十二 as 12, 二十 as 20."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)


def _at_clock(day: datetime, *clock: str | None) -> datetime:
    noon, hour, minute, half, second = clock
    number = int(hour or 0)
    number += _NOON.get(noon or "", 0) if number < 12 else 0
    number += 12 if noon == "中午" and number < 6 else 0
    number = 0 if noon in ("上午", "早上", "早", "凌晨") and number == 12 else number
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    if number == 24 or (noon in ("晚上", "晚") and number == 12):
        midnight, number = midnight + timedelta(days=1), 0
    return midnight.replace(hour=number, minute=30 if half else int(minute or 0), second=int(second or 0))


def _on_weekday(reference: datetime, week: str | None, weekday: str, *clock: str | None) -> datetime:
    monday = reference - timedelta(days=reference.weekday())
    day = monday + timedelta(days=_WEEKDAYS[weekday])
    if week == "上" or (week is None and day > reference):
        day -= timedelta(days=7)
    return _at_clock(day, *clock)
