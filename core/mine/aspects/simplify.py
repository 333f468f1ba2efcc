"""Traditional characters as simplified ones, each in its place: packs are written with these."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Final

__all__ = ["simplified"]

_PAIRS: Final = Path(__file__).with_name("data") / "characters.toml"


def simplified(text: str) -> str:
    """Return a text of the same length in simplified characters.

    Args:
        text: Of any kind; one without traditional characters comes back as it is.

    Example:
        >>> simplified("客服態度很差,CP值不高")
        '客服态度很差,CP值不高'
    """
    any_traditional, table = _pairs()
    return text.translate(table) if any_traditional.search(text) else text


@lru_cache(maxsize=1)
def _pairs() -> tuple[re.Pattern[str], dict[int, str]]:
    """Return what finds a traditional character, and the table of all: most comments need only the former."""
    lists = tomllib.loads(_PAIRS.read_text(encoding="utf-8"))
    traditional, simple = ("".join(lists[name].split()) for name in ("traditional", "simplified"))
    table = {ord(one): other for one, other in zip(traditional, simple, strict=True)}
    return re.compile(f"[{traditional}]"), table
