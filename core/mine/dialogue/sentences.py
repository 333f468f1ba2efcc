"""Split a turn into sentences."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["sentences"]

#: An ASCII full stop, typed by people without 。, ends a sentence only after a non-ASCII character.
_STOP = re.compile(r"(?<=[^\x00-\x7f])\.(?=\s|$|[^\x00-\x7f])")
_SENTENCE = re.compile(
    r"[^。！？!?…~～;；\n\x00]*[。！？!?…~～;；\n\x00]+[\"”’』」)）\]]*(?:\[[^\[\]\s]{1,6}\])*|[^。！？!?…~～;；\n\x00]+$"
)
_WORD = re.compile(r"[^\W_]")
_MOST: Final = 40


def sentences(text: str) -> tuple[str, ...]:
    """Split a text into sentences, verbatim pieces of it without surrounding space.

    Args:
        text: One turn.

    Returns:
        At most 40 pieces, each with a letter, digit or hanzi, the last one with all the rest; the text itself if it
        has none.

    Example:
        >>> sentences("还没到.怎么回事?急![怒]")
        ('还没到.', '怎么回事?', '急![怒]')
    """
    marked = _STOP.sub("\x00", text)
    spans = [found.span() for found in _SENTENCE.finditer(marked)]
    if len(spans) > _MOST:
        spans = [*spans[: _MOST - 1], (spans[_MOST - 1][0], len(text))]
    pieces = [text[start:end].strip() for start, end in spans]
    return tuple(piece for piece in pieces if _WORD.search(piece)) or (text.strip(),)
