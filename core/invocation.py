"""How this program is invoked on this machine, for messages that tell a user to run it."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

__all__ = ["command", "python"]


def python() -> str:
    """Return what to type for this Python: its path if below the working directory, as with ``make run``, else plain.

    No other folder of the machine is revealed: the sentence may appear in an API response.
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
    """Return what to type to run a command of this program.

    Args:
        words: The command and its arguments.

    Example:
        >>> command("jobs").endswith("python -m core jobs")
        True
    """
    return f"{python()} -m core {words}".rstrip()
