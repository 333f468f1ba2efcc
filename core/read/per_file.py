"""Remember what was found in a file for as long as the file is unchanged."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import TypeVar, TypeVarTuple

__all__ = ["per_file"]

Ts = TypeVarTuple("Ts")
R = TypeVar("R")


def per_file(maxsize: int) -> Callable[[Callable[[Path, *Ts], R]], Callable[[Path, *Ts], R]]:
    """Cache a function of a path and hashable arguments until the file's size or modification time changes.

    Args:
        maxsize: Maximum number of results kept; the least recently used are dropped.
    """

    def decorate(function: Callable[[Path, *Ts], R]) -> Callable[[Path, *Ts], R]:
        @lru_cache(maxsize)
        def remembered(_state: tuple[int, int], path: Path, *args: *Ts) -> R:
            return function(path, *args)

        @wraps(function)
        def look_up(path: Path, *args: *Ts) -> R:
            state = path.stat()
            return remembered((state.st_size, state.st_mtime_ns), path, *args)

        return look_up

    return decorate
