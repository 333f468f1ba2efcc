"""Convert a list of turns in a JSON cell to a transcript: one line per turn, ``speaker:text``, preceded by the time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.settings import get_settings

__all__ = ["are_turns", "transcript"]

_SPEAKER: Final = ("speaker", "role", "from", "sender", "角色", "说话人", "发言人", "发送方", "身份")
_TEXT: Final = ("text", "content", "utterance", "message", "msg", "value", "内容", "文本", "消息", "消息内容")
_TIME: Final = ("time", "timestamp", "datetime", "created_at", "时间", "发送时间", "消息时间")
_PLAIN: Final = (str, int, float)
#: Characters that would end a speaker's name before its colon, and the maximum length kept.
_ENDS = re.compile(r"[\s:：,，。！？!?]+")
_NAME_CHARS: Final = 24
_CLOCK = re.compile(
    r"((?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ T]+)?\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?"
)
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")


def are_turns(keys: Iterable[str]) -> bool:
    """Return whether objects with these keys are turns of a dialogue, with a speaker and a text.

    Example:
        >>> are_turns(["speaker", "text"]), are_turns(["user", "text"])
        (True, False)
    """
    known = set(keys)
    return not known.isdisjoint(_SPEAKER) and not known.isdisjoint(_TEXT)


def transcript(value: object) -> str | None:
    """Convert a list of turns to a transcript; None if it is something else.

    Line breaks within a turn become spaces, so that each line is one turn.

    Example:
        >>> transcript([{"speaker": "客户", "text": "还没到"}, {"speaker": "客服", "text": "在查", "time": "10:02"}])
        '客户:还没到\\n[10:02] 客服:在查'
        >>> transcript([{"user": "a", "text": "b"}]) is None
        True
    """
    if not isinstance(value, list | tuple) or not value:
        return None
    lines = []
    for turn in value:
        if not isinstance(turn, dict) or not are_turns(turn):
            return None
        speaker, text, time = (_first(turn, names) for names in (_SPEAKER, _TEXT, _TIME))
        if speaker is None or text is None:
            return None
        clock = _clock(time or "")
        name = _ENDS.sub("-", speaker).strip("-")[:_NAME_CHARS]
        lines.append((f"[{clock}] " if clock else "") + f"{name or '-'}:{text}")
    return "\n".join(lines)


def _first(turn: dict[object, object], names: tuple[str, ...]) -> str | None:
    """Return the value of the first key present, on one line; None if it is neither text nor number."""
    value = next((turn[name] for name in names if name in turn), "")
    if value is None:
        return ""
    return " ".join(str(value).split()) if isinstance(value, _PLAIN) else None


def _clock(time: str) -> str:
    """Return a time of day, with its date if given, without zone and fractions; "" for anything else.

    Example:
        >>> _clock("2026-03-01T10:22:01.5+08:00"), _clock("昨天")
        ('2026-03-01 10:22:01', '')
    """
    if _EPOCH.fullmatch(time):
        seconds = float(time) if float(time) < 1e11 else float(time) / 1000
        return f"{datetime.fromtimestamp(seconds, ZoneInfo(get_settings().timezone)):%Y-%m-%d %H:%M:%S}"
    found = _CLOCK.fullmatch(time)
    return found[1].replace("T", " ") if found else ""
