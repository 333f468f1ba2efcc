"""How ``Filter.term`` names a word: as it stands in ``Col.TERMS``, with its synonyms, or as a phrase of several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["PHRASE_GAP", "join_word", "split_word", "word_forms", "word_title"]

#: Full-width signs, which cleaning leaves in no term.
_OR: Final = "｜"
_THEN: Final = "＋"
#: Hanzi that may stand between two parts of a phrase: 物流真的慢.
PHRASE_GAP: Final = 2


def join_word(parts: Iterable[Sequence[str]]) -> str:
    """Write a word: its parts in their order, each with the forms that count as the same.

    Example:
        >>> join_word([["物流"], ["慢", "太慢"]])
        '物流＋慢｜太慢'
    """
    return _THEN.join(_OR.join(forms) for forms in parts)


def split_word(word: str) -> tuple[tuple[str, ...], ...]:
    """Read what ``join_word`` wrote; a plain term is one part with one form. Anybody may have typed it.

    Example:
        >>> split_word("物流＋慢｜太慢")
        (('物流',), ('慢', '太慢'))
    """
    parts = (tuple(form for form in part.split(_OR) if form) for part in word.split(_THEN))
    return tuple(part for part in parts if part)


def word_forms(word: str) -> tuple[str, ...]:
    """Return all terms that a word is made of, what a list of comments marks.

    Example:
        >>> word_forms("物流＋慢｜太慢")
        ('物流', '慢', '太慢')
    """
    return tuple(dict.fromkeys(form for part in split_word(word) for form in part))


def word_title(word: str) -> str:
    """Return what a word is called: the first form of each part.

    Example:
        >>> word_title("物流＋慢｜太慢"), word_title("air＋pods")
        ('物流慢', 'air pods')
    """
    title = ""
    for forms in split_word(word):
        apart = title[-1:].isascii() and title and forms[0].isascii()
        title += (" " if apart else "") + forms[0]
    return title
