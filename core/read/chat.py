"""Chats that messengers save as text (企业微信, 钉钉, QQ, WhatsApp …): one message a row, with time and speaker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

from core.read.lines import INNER_CR, Lines, open_text
from core.read.rows import Row
from core.schema import Reason
from core.settings import get_settings

COLUMNS: Final = ("时间", "发言人", "内容")
NOTE: Final = (
    "文件是聊天记录:每条消息当作一行,分成时间、发言人和内容。如果它其实是普通的文本,请指定表头行(没有表头填 0)。"
)
#: Spaces are possessive (++): otherwise a time before thousands of them took cubic time.
_TIME: Final = (
    r"(?P<time>(?:\d{4}\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]\s*\d{1,2}日?(?:\s*+[(（]?(?:星期|周)[一二三四五六日天][)）]?)?"
    r"[\s,]*+(?:上午|下午|中午|凌晨|早上|晚上|[AaPp][Mm])?\s*+\d{1,2}:\d{2}(?::\d{2})?(?:\.\d{1,6})?(?:\s*+[AaPp][Mm])?)"
)
_NAME: Final = r"(?P<name>[^\s,，;；|:：\t][^,，;；|:：\t]{0,39}?)"
#: The message on the line that names the speaker, or on the lines below it.
_INLINE: Final = re.compile(rf"\s*+\[?{_TIME}\]?(?:\s*+[-–])?\s++{_NAME}\s?[:：]\s*(?P<text>.*)")
_ABOVE: Final = (
    re.compile(rf"\s*+{_NAME}[  \u3000]++\[?{_TIME}\]?\s*"),
    re.compile(rf"\s*+\[?{_TIME}\]?[  \u3000]++{_NAME}\s*"),
)
#: QQ writes such lines around the name of each conversation.
_RULE: Final = re.compile(r"\s*[=*─—-]{8,}\s*")
#: Start and end of a quoted cell that continues on the next line.
_OPENED: Final = re.compile(r'[,;\t|]"[^"\n]+$', re.MULTILINE)
_CLOSED: Final = re.compile(r'^[^"\n]*"(?:[,;\t|]|\s*$)', re.MULTILINE)
#: Lines inspected, those of them within which the first message must begin, and the minimum number of messages.
_LOOKED_AT: Final = 500
_FIRST_WITHIN: Final = 30
_LEAST: Final = 3
#: Shares of the filled lines that name a speaker: with the message after it, or above the message.
_INLINE_SHARE: Final = 0.4
_ABOVE_SHARES: Final = (0.15, 0.55)
#: Share of the latter that must be followed by another line.
_FOLLOWED: Final = 0.8


@dataclass(slots=True)
class _Message:
    number: int
    time: str
    name: str
    lines: list[str] = field(default_factory=list)
    chars: int = 0


def is_chat(head: str) -> bool:
    """Return whether a text is a saved chat, from its beginning; a table whose quoted cells hold chats is not.

    Example:
        >>> is_chat("小鱼 2024-05-01 10:20:00\\n在吗\\n\\n客服 2024-05-01 10:21:00\\n在的\\n\\n" * 2)
        True
        >>> is_chat("2024-05-01 10:20,小鱼,在吗\\n" * 9)
        False
    """
    return _form(head) is not None and not (_OPENED.search(head) and _CLOSED.search(head))


def rows(path: Path, encoding: str) -> Iterator[Row]:
    """Yield the messages of a chat; lines outside any message get reason ``ASIDE``.

    Args:
        path: The file.
        encoding: Codec.

    Returns:
        Rows of ``COLUMNS`` numbered by the line on which a message begins.
    """
    limit = get_settings().max_cell_chars
    with open_text(path, encoding) as file:
        head = file.read(1 << 16)
        file.seek(0)
        form = _form(head) or _INLINE
        message: _Message | None = None
        lines = Lines(file, limit * 2)
        for line in lines:
            lines.mark()
            text = line.rstrip("\r\n").replace(INNER_CR, "\r").lstrip("\ufeff")
            found = form.fullmatch(text)
            if found is not None:
                if message is not None:
                    yield _row(message, limit)
                message = _Message(lines.number, found["time"].strip(), found["name"].strip())
                _add(message, found.groupdict().get("text") or "", limit)
            elif message is not None and not _RULE.fullmatch(text):
                _add(message, text, limit)
            else:
                if message is not None:
                    yield _row(message, limit)
                    message = None
                if text.strip():
                    yield (lines.number, [text[:limit]], Reason.ASIDE)
        if message is not None:
            yield _row(message, limit)


def _add(message: _Message, text: str, limit: int) -> None:
    if message.chars <= limit:
        message.lines.append(text)
        message.chars += len(text) + 1


def _row(message: _Message, limit: int) -> Row:
    text = "\n".join(message.lines).strip()
    if len(text) > limit:
        return (message.number, [text[:limit]], Reason.CELL_TOO_LONG)
    return (message.number, [message.time, message.name, text], "")


def _form(head: str) -> re.Pattern[str] | None:
    """Return the pattern by which a chat names its speakers; None = it is not a chat."""
    filled = [line for line in head.lstrip("\ufeff").splitlines() if line.strip()][:_LOOKED_AT]
    if len(filled) < _LEAST:
        return None
    for form in (_INLINE, *_ABOVE):
        named = [form.fullmatch(line) is not None for line in filled]
        if sum(named) < _LEAST or not any(named[:_FIRST_WITHIN]):
            continue
        share = sum(named) / (len(named) - named.index(True))
        if form is _INLINE:
            if share >= _INLINE_SHARE:
                return form
        elif _ABOVE_SHARES[0] <= share <= _ABOVE_SHARES[1] and _are_followed(named):
            return form
    return None


def _are_followed(named: list[bool]) -> bool:
    """Return whether most lines that name a speaker have a message below them."""
    followed = sum(one and not after for one, after in pairwise(named))
    return followed >= _FOLLOWED * sum(named[:-1])
