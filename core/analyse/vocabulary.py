"""Word lists of keyword work that people may read and change: stop words and synonyms."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from core.analyse.word_lists import word_list

__all__ = ["read_synonyms", "stop_words", "synonyms"]


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Return our stop words: words that are frequent everywhere and say nothing about a product.

    Example:
        >>> "的" in stop_words(), "差" in stop_words()
        (True, False)
    """
    return word_list("stopwords.txt")


@lru_cache(maxsize=16)
def synonyms(own: str = "") -> tuple[tuple[str, ...], ...]:
    """Return groups of words that say the same, each with the name of the group first.

    Args:
        own: The user's groups, as ``read_synonyms`` takes them; a word in one of them leaves ours.

    Example:
        >>> next(group for group in synonyms() if group[0] == "难吃")[:2]
        ('难吃', '不好吃')
    """
    text = files("core.analyse").joinpath("data/synonyms.txt").read_text(encoding="utf-8")
    return read_synonyms("\n".join([own, *(line.split("#")[0] for line in text.splitlines())]))


def read_synonyms(text: str) -> tuple[tuple[str, ...], ...]:
    """Read groups of words: one group a line (or between semicolons), words apart by ``=``, commas or blanks.

    A word stands in one group only, the first that names it; a group of one word says nothing.

    Example:
        >>> read_synonyms("物流=快递,配送; 慢 太慢")
        (('物流', '快递', '配送'), ('慢', '太慢'))
    """
    taken: set[str] = set()
    groups = []
    for line in text.translate(_LINE_ENDS).splitlines():
        words = [word for word in dict.fromkeys(line.translate(_GAPS).lower().split()) if word not in taken]
        if len(words) > 1:
            taken.update(words)
            groups.append(tuple(words))
    return tuple(groups)


_LINE_ENDS = str.maketrans(";；", "\n\n")
_GAPS = str.maketrans("=＝,，、｜＋", "       ")
