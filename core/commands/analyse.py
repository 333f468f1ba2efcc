"""``analyse NAME``: one analysis of a file or a job, as on the pages, as a CSV file; one module each in analyses/."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Final

from core.commands import console
from core.commands.files import checked_csv

__all__ = ["ANALYSES", "add", "analyse"]

#: Modules of ``core.commands.analyses``, in the order of the help.
ANALYSES: Final = ("brief", "trend", "aspects", "tags", "keywords", "compare", "dialogue", "topics", "floods")


def add(parser: argparse.ArgumentParser) -> None:
    """Add one subcommand per analysis."""
    names = parser.add_subparsers(title="分析", dest="analysis", required=True, metavar="分析")
    for name in ANALYSES:
        module = import_module(f"core.commands.analyses.{name}")
        one = names.add_parser(name, help=module.TITLE, description=module.TITLE)
        module.add(one)
        one.set_defaults(rows=module.rows)


def analyse(arguments: argparse.Namespace) -> int:
    """Run one analysis, write its table and return the exit code.

    Raises:
        TingfengError: Any error the user can fix: E01, E02, E05, N05, J04 and the codes of reading and labelling.
    """
    from core.export import write_small

    checked_csv(arguments.out)
    frame = arguments.rows(arguments)
    write_small(frame, arguments.out)
    console.say(f"{len(frame):,} 行,已写入 {arguments.out}。")
    return 0
