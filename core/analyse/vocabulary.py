"""Word lists for keyword extraction that people may edit: stop words and synonyms."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from core.analyse.word_lists import word_list

__all__ = ["read_synonyms", "stop_words", "synonyms"]


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Return our stop words: words that are frequent everywhere and carry no information about a product.

    Example:
        >>> "的" in stop_words(), "差" in stop_words()
        (True, False)
    """
    return word_list("stopwords.txt")


@lru_cache(maxsize=16)
def synonyms(own: str = "") -> tuple[tuple[str, ...], ...]:
    """Return groups of synonyms, the name of the group first.

    Args:
        own: The user's groups, as for ``read_synonyms``; a word in one of them is removed from ours.

    Example:
        >>> next(group for group in synonyms() if group[0] == "难吃")[:2]
        ('难吃', '不好吃')
    """
    text = files("core.analyse").joinpath("data/synonyms.txt").read_text(encoding="utf-8")
    return read_synonyms("\n".join([own, *(line.split("#")[0] for line in text.splitlines())]))


def read_synonyms(text: str) -> tuple[tuple[str, ...], ...]:
    """Parse groups of words: one group per line (or between semicolons), words separated by ``=``, commas or blanks.

    A word belongs to the first group that names it; groups of one word are dropped.

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
