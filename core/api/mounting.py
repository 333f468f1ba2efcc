"""Where the API stands in a larger application."""

from __future__ import annotations

import re
from typing import Final

from starlette.routing import Mount
from starlette.types import ASGIApp

__all__ = ["mounted"]

PREFIX: Final = "/api"


def mounted(api: ASGIApp) -> Mount:
    """Return the API under ``/api``, with every address below it.

    Starlette's own pattern ends at a line break (``/api/%0A``): such an address would reach what stands beside us.
    """
    mount = Mount(PREFIX, app=api)
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount
