"""Tingfeng (听风): Chinese opinion monitoring on one ordinary machine.

The public names are imported on first use, so ``import core`` is cheap. A package named after a verb holds the function
of that name, because a package cannot export a function under its own name: ``core.read.read``, ``core.clean.clean``,
``core.score.score``, ``core.export.export``, ``core.check.check``.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from core.errors import TingfengError
    from core.jobs import Jobs, job_id, new_spec, run
    from core.read import count, inspect, preview, with_mapping
    from core.score import explain, load, models
    from core.settings import get_settings
    from core.store import open_store

# Set before pyarrow's first use: its own allocator retains 80 MiB of freed memory in every process that compacts.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

__all__ = [
    "Jobs",
    "TingfengError",
    "count",
    "explain",
    "get_settings",
    "inspect",
    "job_id",
    "load",
    "models",
    "new_spec",
    "open_store",
    "preview",
    "run",
    "with_mapping",
]

_HOMES: Final = {
    "core.errors": ("TingfengError",),
    "core.jobs": ("Jobs", "job_id", "new_spec", "run"),
    "core.read": ("count", "inspect", "preview", "with_mapping"),
    "core.score": ("explain", "load", "models"),
    "core.settings": ("get_settings",),
    "core.store": ("open_store",),
}
_HOME_OF: Final = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'core' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
