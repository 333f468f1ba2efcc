"""How this very program is called on this machine, for sentences that tell a person to call it."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

__all__ = ["command", "python"]


def python() -> str:
    """Return what to type for this Python: the way into a folder below this one, as ``make run`` makes it, else plain.

    No other folder of the machine is named: the sentence may stand in an answer of the API.
    """
    own = Path(sys.executable or "python")
    try:
        below = own.relative_to(Path.cwd())
    except (ValueError, OSError):  # elsewhere, or the working directory is gone
        return "python"
    if os.name == "nt":
        typed = str(below.with_suffix(""))
        return f'"{typed}"' if " " in typed else typed
    return shlex.quote(below.as_posix())


def command(words: str) -> str:
    """Return what to type for a command of this program.

    Args:
        words: The command and what follows it.

    Example:
        >>> command("jobs").endswith("python -m core jobs")
        True
    """
    return f"{python()} -m core {words}".rstrip()
