"""CPU capabilities, and the number of threads used for scoring."""

from __future__ import annotations

import os
from pathlib import Path

from core.settings import get_settings

__all__ = ["cpu_threads", "has_vnni"]


def cpu_threads() -> int:
    """Return the number of scoring threads: the setting, else every core this process may use."""
    if get_settings().threads:
        return get_settings().threads
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def has_vnni() -> bool:
    """Return whether the CPU has int8 dot products without saturation (AVX-VNNI or AVX512-VNNI); False if unknown."""
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return False
    return "avx512_vnni" in flags or "avx_vnni" in flags
