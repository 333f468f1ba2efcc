"""How many CPU threads score."""

from __future__ import annotations

import os

from core.settings import get_settings

__all__ = ["cpu_threads"]


def cpu_threads() -> int:
    """Return the CPU threads to score with: the setting, else every core this process may use."""
    if get_settings().threads:
        return get_settings().threads
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
