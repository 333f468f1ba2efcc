"""The syntax of ``Filter.term``: a term of ``Col.TERMS``, with its synonyms, or a phrase of several terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["PHRASE_GAP", "join_word", "split_word", "word_forms", "word_title"]

#: Full-width characters, which no cleaned term contains.
_OR: Final = "｜"
_THEN: Final = "＋"
#: Maximum number of hanzi between two parts of a phrase: 物流真的慢.
PHRASE_GAP: Final = 2


def join_word(parts: Iterable[Sequence[str]]) -> str:
    """Encode a word: its parts in order, each with the forms that count as the same.

    Example:
        >>> join_word([["物流"], ["慢", "太慢"]])
        '物流＋慢｜太慢'
    """
    return _THEN.join(_OR.join(forms) for forms in parts)


def split_word(word: str) -> tuple[tuple[str, ...], ...]:
    """Decode what ``join_word`` wrote; a plain term is one part with one form. Accepts arbitrary user input.

    Example:
        >>> split_word("物流＋慢｜太慢")
        (('物流',), ('慢', '太慢'))
    """
    parts = (tuple(form for form in part.split(_OR) if form) for part in word.split(_THEN))
    return tuple(part for part in parts if part)


def word_forms(word: str) -> tuple[str, ...]:
    """Return all terms of a word, which a list of comments highlights.

    Example:
        >>> word_forms("物流＋慢｜太慢")
        ('物流', '慢', '太慢')
    """
    return tuple(dict.fromkeys(form for part in split_word(word) for form in part))


def word_title(word: str) -> str:
    """Return the display name of a word: the first form of each part.

    Example:
        >>> word_title("物流＋慢｜太慢"), word_title("air＋pods")
        ('物流慢', 'air pods')
    """
    title = ""
    for forms in split_word(word):
        apart = title[-1:].isascii() and title and forms[0].isascii()
        title += (" " if apart else "") + forms[0]
    return title
