"""Cache drawn charts: a page redraws all its charts whenever anything on it changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

__all__ = ["drawn", "forget"]

#: Charts kept, for all users together.
_KEPT = 128


def drawn(draw: Callable[..., Any], result: object, /, **options: Any) -> Any:
    """Draw a result, or return the cached drawing of an equal one.

    Args:
        draw: Takes the result and the options. Its return value is shared and must not be modified.
        result: What it draws.
        options: Its further arguments.
    """
    ordered = tuple(sorted(options.items()))
    try:
        return _seen(draw, result, ordered)
    except TypeError:  # a result that holds lists is not hashable
        return draw(result, **options)


def forget() -> None:
    """Clear all cached charts: those of a deleted job must not survive."""
    _seen.cache_clear()


@lru_cache(maxsize=_KEPT)
def _seen(draw: Callable[..., Any], result: object, options: tuple[tuple[str, Any], ...]) -> Any:
    return draw(result, **dict(options))
