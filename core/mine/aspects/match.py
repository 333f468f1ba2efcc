"""Find the words of a pack's aspects in a text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from core.mine.aspects.pack import PACKS, Pack
from core.mine.aspects.simplify import simplified

__all__ = ["Hit", "Matcher", "denied_from", "general", "matcher"]

_GENERAL: Final = Path(__file__).with_name("data") / "general.toml"
_GAP: Final = "[^,，。!！?？;；\\n]{1,6}?"
#: Negation right before a word: 不太, 没有那么.
_DENIED: Final = re.compile(
    "(?:不|没有?|无|未|别|缺乏|谈不上|称不上|算不上|毫无|并非)(?:太|是|很|特别|那么|这么|怎么|够|算|觉得|什么|多|大|能|会|可能|非常|十分|得|要){0,2}$"
)
_WINDOW: Final = 6
#: Most characters between a name and the opinion word after it.
_NEAR: Final = 4
_DEGREE: Final = re.compile("^(?:太|很|好|偏|挺|蛮|真|超|有点|略|比较|非常)+(?=.)")


@dataclass(frozen=True, slots=True)
class Hit:
    """An aspect word in a text.

    Attributes:
        aspect: Index into ``Pack.aspects``.
        start: Start of the word in the text.
        end: End of the word, exclusive.
        sign: +1 or -1 for words that are good or bad by themselves, 0 for a name.
    """

    aspect: int
    start: int
    end: int
    sign: int


@dataclass(frozen=True, slots=True)
class _Lists:
    """The regular expression of some word lists and the sign of each word; None = exception."""

    pattern: re.Pattern[str]
    signs: dict[str, int | None]
    loose: tuple[tuple[re.Pattern[str], int], ...]

    def find(self, text: str) -> Iterable[tuple[int, int, int]]:
        """Yield start, end and sign; negation inverts the sign."""
        for found in self.pattern.finditer(text):
            sign = self.signs[found.group().lower()]
            if sign is not None:
                yield found.start(), found.end(), _turned(text, found.start(), sign)
        for pattern, sign in self.loose:
            for found in pattern.finditer(text):
                yield found.start(), found.end(), sign


class Matcher:
    """Finds the aspect words of a pack, and opinion words.

    Args:
        pack: The pack.
    """

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._names = [_lists(one.terms, one.good, one.bad, one.excepted) for one in pack.aspects]
        self._beside = [_lists((), one.praise, one.blame, ()) for one in pack.aspects]
        words = general()
        self._anything = frozenset((*words["good"], *words["bad"]))
        self._said_of = [frozenset(map(_plain, (*one.good, *one.bad, *one.praise, *one.blame))) for one in pack.aspects]
        self._general = _lists((), words["good"], words["bad"], words["except"])

    def hits(self, text: str) -> list[Hit]:
        """Return the words of all aspects in reading order; those of one aspect do not overlap."""
        text = simplified(text)
        found = [Hit(i, *where) for i, lists in enumerate(self._names) for where in lists.find(text)]
        return sorted((hit for hit in found if not self._taken(text, hit, found)), key=_by_place)

    def _taken(self, text: str, cue: Hit, found: Sequence[Hit]) -> bool:
        """Tell whether a general word (清晰) belongs to another aspect, whose name it stands beside."""
        word = text[cue.start : cue.end].lower()
        if not cue.sign or _plain(word) not in self._anything:
            return False
        others = [one for one in found if one.aspect != cue.aspect]
        if any(one.start <= cue.start and cue.end <= one.end and one.end - one.start > len(word) for one in others):
            return True
        beside = [one for one in found if not one.sign and _is_beside(one, cue)]
        said_of = any(_plain(word) in self._said_of[one.aspect] for one in beside)
        return said_of and all(one.aspect != cue.aspect for one in beside)

    def opinions(self, text: str) -> list[tuple[int, int, int]]:
        """Return start, end and sign of general opinion words: 好, 失望."""
        return sorted(self._general.find(simplified(text)))

    def beside(self, aspect: int, text: str) -> list[tuple[int, int, int]]:
        """Return start, end and sign of words that are good or bad beside an aspect's name."""
        return sorted(self._beside[aspect].find(simplified(text)))


# all that ship, and a few that somebody edited: choosing among them asks for each in turn
@lru_cache(maxsize=2 * len(PACKS))
def matcher(pack: Pack) -> Matcher:
    """Return the matcher of a pack."""
    return Matcher(pack)


@lru_cache(maxsize=1)
def general() -> dict[str, tuple[str, ...]]:
    """Return the word lists that apply to every pack, by name; ``data/general.toml`` documents them."""
    lists = tomllib.loads(_GENERAL.read_text(encoding="utf-8"))
    return {name: tuple(text.split()) for name, text in lists.items()}


def denied_from(text: str, start: int) -> int:
    """Return the start of the negation of the word at ``start``; ``start`` if there is none.

    Example:
        >>> denied_from("服务不太好", 4)
        2
    """
    found = _DENIED.search(text, max(0, start - _WINDOW), start)
    return found.start() if found else start


def _plain(word: str) -> str:
    """Return a word without its leading degree adverb: 太慢 is 慢."""
    return _DEGREE.sub("", word) or word


def _is_beside(name: Hit, cue: Hit) -> bool:
    return 0 <= cue.start - name.end <= _NEAR or 0 <= name.start - cue.end <= 1


def _by_place(hit: Hit) -> tuple[int, int, int]:
    return hit.start, -hit.end, hit.aspect


def _turned(text: str, start: int, sign: int) -> int:
    return -sign if sign and denied_from(text, start) < start else sign


def _lists(terms: Iterable[str], good: Iterable[str], bad: Iterable[str], excepted: Iterable[str]) -> _Lists:
    signs: dict[str, int | None] = {}
    loose: list[tuple[re.Pattern[str], int]] = []
    for words, sign in ((terms, 0), (good, 1), (bad, -1), (excepted, None)):
        for word in map(simplified, words):
            if "…" in word and sign is not None:
                parts = _GAP.join(map(re.escape, word.split("…")))
                loose.append((re.compile(parts, re.IGNORECASE), sign))
            else:
                signs[word.lower()] = sign
    pattern = _trie(signs) if signs else "(?!)"
    return _Lists(re.compile(pattern, re.IGNORECASE), signs, tuple(loose))


def _trie(words: Iterable[str]) -> str:
    """Compile words into one trie-shaped regular expression, which prefers the longest word."""
    root: dict[str, Any] = {}
    for word in words:
        node = root
        for character in word:
            node = node.setdefault(character, {})
        node[""] = {}
    return _branch(root)


def _branch(node: dict[str, Any]) -> str:
    ends = "" in node
    leaves = [c for c, below in node.items() if c and set(below) == {""}]
    parts = [re.escape(c) + _branch(below) for c, below in node.items() if c and set(below) != {""}]
    if leaves:
        parts.append(f"[{''.join(map(re.escape, leaves))}]" if len(leaves) > 1 else re.escape(leaves[0]))
    if not parts:
        return ""
    body = parts[0] if len(parts) == 1 and not ends else f"(?:{'|'.join(parts)})"
    return f"{body}?" if ends else body
