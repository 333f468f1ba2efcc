"""Lists of words that come with the program: words apart by blanks, # begins a remark."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["word_list"]


def word_list(name: str) -> frozenset[str]:
    """Read a list of core/analyse/data.

    Args:
        name: Of the file.
    """
    text = files("core.analyse").joinpath("data", name).read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() for word in line.split("#")[0].split())
