"""Convert one typed cell of a workbook, JSON or Parquet file to text."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Collection
from decimal import Decimal
from typing import Final

from core.read.transcript import transcript

#: Integers above this lose digits in a float, and so in every spreadsheet program.
EXACT_INTEGER_LIMIT: Final = 2**53

#: Keys of a rich-text run, and the optional ones: a link, a user, a language.
_RUN: Final = {"type", "text"}
_RUN_KEYS: Final = {"type", "text", "href", "user_id", "document_id", "language", "collapsed", "currency"}

_RUN_TYPES: Final = frozenset(
    (
        *("plain", "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote"),
        *("link", "text_link", "mention", "mention_name", "hashtag", "cashtag", "bot_command", "email", "phone"),
        *("custom_emoji", "bank_card"),
    )
)


def text_of(value: object) -> str:
    """Return a cell as text: None is "", whole numbers have no decimal point, times are ISO, nested values are JSON.

    A list of dialogue turns becomes a readable transcript (``core.read.transcript``).

    Args:
        value: A parser's value: str, bool, int, float, Decimal, a date or time, bytes, list, dict or None.

    Returns:
        The text, always encodable as UTF-8.

    Example:
        >>> text_of(5.0), text_of(None), text_of({"赞": 3})
        ('5', '', '{"赞": 3}')
    """
    if isinstance(value, str):
        return value if value.isascii() else repaired(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        return _number(value)
    return _compound(value)


def repaired(text: str) -> str:
    r"""Return the text with each lone surrogate, which cannot be encoded, replaced by U+FFFD.

    Example:
        >>> repaired("好\ud83d") == "好\ufffd"
        True
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _number(value: float | Decimal) -> str:
    if not math.isfinite(value):
        return "" if math.isnan(value) else str(value)
    # A Decimal such as 1E+999999 is short as text but enormous as an integer.
    if -1e22 < value < 1e22 and value == int(value):
        # A float beyond 2**53 has 15 to 17 significant digits: padding zeros are as accurate as the spreadsheet itself.
        exact = isinstance(value, Decimal) or -EXACT_INTEGER_LIMIT <= value <= EXACT_INTEGER_LIMIT
        return str(int(value)) if exact else f"{Decimal(repr(value)):f}".removesuffix(".0")
    return str(value) if isinstance(value, Decimal) else repr(value)


def _compound(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | dict | tuple):
        spoken = _joined(value) if isinstance(value, list) else None
        spoken = transcript(value) if spoken is None else spoken
        return repaired(json.dumps(value, ensure_ascii=False, default=_plain) if spoken is None else spoken)
    return repaired(str(value))


def are_runs(keys: Collection[str]) -> bool:
    """Return whether objects with these keys are runs of one text, each with its own type, as Telegram writes them.

    Example:
        >>> are_runs({"type", "text"}), are_runs({"type", "text", "user"})
        (True, False)
    """
    return _RUN <= set(keys) <= _RUN_KEYS


def _joined(pieces: list[object]) -> str | None:
    """Return the text that plain and typed runs form; None = the list is something else."""
    texts = [
        piece.get("text") if isinstance(piece, dict) and are_runs(piece) and piece["type"] in _RUN_TYPES else piece
        for piece in pieces
    ]
    if texts == pieces or not all(isinstance(text, str) for text in texts):
        return None
    return repaired("".join(map(str, texts)))


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else text_of(value)
