"""Times as written in chats, with or without a date, and the seconds between two messages."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

__all__ = ["MOMENT", "moment_of", "seconds_between"]

_DAY: Final = r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/月]\d{1,2}日?)"
#: Pattern of a time, for use within other patterns.
MOMENT: Final = rf"(?:{_DAY}[ T]*)?\d{{1,2}}[:：]\d{{2}}(?:[:：]\d{{2}}(?:\.\d{{1,6}})?)?(?![:：]?\d)"
_PARTS = re.compile(
    r"(?:(?:(?P<year>\d{4})[-/.年])?(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?[ T]*)?"
    r"(?P<hour>\d{1,2})[:：](?P<minute>\d{2})(?:[:：](?P<second>\d{2}))?"
)
_NO_YEAR: Final = 1900
#: After a longer gap, a message is not an answer but another conversation.
LONGEST: Final = timedelta(days=7)


def moment_of(text: str) -> datetime | None:
    """Parse a time; None if there is none.

    Example:
        >>> moment_of("2026-03-01 10:22:01"), moment_of("10:22"), moment_of("昨天")
        (datetime.datetime(2026, 3, 1, 10, 22, 1), datetime.datetime(1900, 1, 1, 10, 22), None)
    """
    found = _PARTS.search(text)
    if found is None:
        return None
    parts = {name: int(value) for name, value in found.groupdict().items() if value is not None}
    try:
        return datetime(**{"year": _NO_YEAR, "month": 1, "day": 1, **parts})  # type: ignore[arg-type]
    except ValueError:
        return None


def seconds_between(before: datetime | None, after: datetime | None) -> float:
    """Return the seconds an answer took; NaN when a time is missing or the gap is implausible.

    Times without a date may cross midnight.

    Example:
        >>> seconds_between(moment_of("23:59:50"), moment_of("0:00:10"))
        20.0
    """
    if before is None or after is None:
        return float("nan")
    gap = after - before
    if gap < timedelta() and after.year == before.year == _NO_YEAR:
        gap += timedelta(days=1)
    return gap.total_seconds() if timedelta() <= gap <= LONGEST else float("nan")
