"""A separate process that opens a workbook under a memory limit and says by its exit whether that went well.

Run as a script: ``python probe.py PATH LIMIT_BYTES``. It imports nothing of core, so that it starts at once.
A parser that asks for too much memory ends the process it runs in; better this one than the dashboard.
"""

from __future__ import annotations

import contextlib
import sys


def main(path: str, limit_bytes: int) -> None:
    """Open every sheet of a workbook; a file the parser refuses politely is refused again by the caller."""
    from python_calamine import CalamineError, CalamineWorkbook

    with contextlib.suppress(ImportError):  # Windows has no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))
    with contextlib.suppress(CalamineError, OSError, ValueError), CalamineWorkbook.from_path(path) as book:
        for name in book.sheet_names:
            book.get_sheet_by_name(name)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
