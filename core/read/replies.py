"""Comments nested in a list below a comment, such as its replies: each becomes a row of its own after its parent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from core.read.lists import LIST_COLUMN
from core.read.nests import opened
from core.read.paths import path_points
from core.read.transcript import transcript
from core.schema import Role

#: Names of lists of comments.
_CALLED = re.compile(r"repl(?:y|ies)|comment|child|回复|评论|追评", re.IGNORECASE)
#: Minimum share of a reply's keys that its parent comment has too.
_SHARED: Final = 0.5
#: Number of replies inspected to decide what a list holds.
_LOOKED_AT: Final = 5


class Replies:
    """Extracts the replies from comments, and counts them.

    Attributes:
        counts: Name of a list → number of replies read from lists of this name.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def rows(self, value: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield a comment unchanged, then the comments in lists below it, recursively.

        Example:
            >>> below = [{"content": "我也是"}, {"content": "没有呀"}]
            >>> [row["content"] for row in Replies().rows({"id": 1, "content": "有异味", "replies": below})]
            ['有异味', '我也是', '没有呀']
        """
        yield value
        if list not in map(type, value.values()):
            return
        for name, below in value.items():
            if type(below) is list and _CALLED.search(name) and _are_replies(below, value):
                self.counts[name] += len(below)
                for one in below:
                    yield from self.rows(_beside(one, value))


def may_hold_replies(line: str) -> bool:
    """Test cheaply whether an object on a line can contain a list of objects."""
    return re.search(r"\[\s*\{", line) is not None


def _are_replies(below: list[Any], above: Mapping[str, Any]) -> bool:
    """Return whether a list holds comments like their parent: the same text key, and mostly the same keys."""
    if not below or not all(type(one) is dict for one in below) or transcript(below) is not None:
        return False
    text = _text_name(above)
    return bool(text) and all(
        isinstance(opened(one).get(text), str) and len(one.keys() & above.keys()) >= _SHARED * len(one)
        for one in below[:_LOOKED_AT]
    )


def _text_name(value: Mapping[str, Any]) -> str:
    """Return the column name of an object's comment, "" = it has none."""
    texts = [name for name, child in opened(value).items() if type(child) is str]
    best = max(texts, key=_points, default="")
    return best if best and _points(best) else ""


@lru_cache(maxsize=4096)
def _points(name: str) -> float:
    return path_points(Role.TEXT, name)


def _beside(one: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return a reply with the name of its parent's list, if the file has several."""
    return {**one, LIST_COLUMN: above[LIST_COLUMN]} if LIST_COLUMN in above else one
