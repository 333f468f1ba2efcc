"""Word lists shipped with the program: words separated by blanks, # starts a comment."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["word_list"]


def word_list(name: str) -> frozenset[str]:
    """Read a word list from core/analyse/data.

    Args:
        name: File name.
    """
    text = files("core.analyse").joinpath("data", name).read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() for word in line.split("#")[0].split())
