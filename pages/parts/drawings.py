"""What was drawn before is not drawn again: a page draws all its pictures anew whenever anything on it changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

__all__ = ["drawn", "forget"]

#: Pictures kept, those of all people together.
_KEPT = 128


def drawn(draw: Callable[..., Any], result: object, /, **options: Any) -> Any:
    """Draw a result, or return what was drawn of an equal one.

    Args:
        draw: Takes the result and the options. What it returns is shared: nobody may change it.
        result: What it draws.
        options: Its further arguments.
    """
    ordered = tuple(sorted(options.items()))
    try:
        return _seen(draw, result, ordered)
    except TypeError:  # a result that holds lists cannot be looked up
        return draw(result, **options)


def forget() -> None:
    """Let go of all pictures: those of a job that was deleted must not live on."""
    _seen.cache_clear()


@lru_cache(maxsize=_KEPT)
def _seen(draw: Callable[..., Any], result: object, options: tuple[tuple[str, Any], ...]) -> Any:
    return draw(result, **dict(options))
