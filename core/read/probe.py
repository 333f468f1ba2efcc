"""A subprocess that opens a workbook under a memory limit; its exit status reports success.

Run as a script: ``python probe.py PATH LIMIT_BYTES``. It imports nothing of core, so that it starts quickly.
A parser that requests too much memory kills its process; better this one than the dashboard.
"""

from __future__ import annotations

import contextlib
import sys


def main(path: str, limit_bytes: int) -> None:
    """Open every sheet of a workbook; errors the parser raises are ignored, because the caller meets them again."""
    from python_calamine import CalamineError, CalamineWorkbook

    with contextlib.suppress(ImportError):  # not available on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))
    with contextlib.suppress(CalamineError, OSError, ValueError), CalamineWorkbook.from_path(path) as book:
        for name in book.sheet_names:
            book.get_sheet_by_name(name)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
