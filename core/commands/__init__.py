"""The command line: one module per command, with ``add`` for its options and a function named after it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import FrameType
from typing import Final, NoReturn

from core.commands import console
from core.errors import TingfengError
from core.invocation import command

__all__ = ["COMMANDS", "main"]

#: Name → what it does. ``train`` passes all its arguments to ``core.train``.
COMMANDS: Final = {
    "label": "给表格文件里的每条评论打上情感标签",
    "analyse": "把走势、方面、话题、对比、对话等分析写成表格",
    "check": "分析一句或几句话",
    "models": "列出可用的模型",
    "evaluate": "用带标签的文件检验模型",
    "jobs": "列出、继续或删除任务",
    "serve": "启动网页看板和 REST 接口",
    "train": "训练与导出模型的各个步骤",
}
DONE, BAD_INPUT, INTERRUPTED = 0, 2, 130


def main(argv: Sequence[str]) -> int:
    """Run one command.

    Args:
        argv: Arguments without the program's name.

    Returns:
        0 on success, 2 on an error the user can fix (reported on standard error), 130 if interrupted.
    """
    try:
        with _interruptible():
            return _run(list(argv))
    except TingfengError as exc:
        console.warn(str(exc))
        return BAD_INPUT
    except KeyboardInterrupt:
        console.warn("已中断。重新运行同一条命令会从断点继续。")
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of the pipe has gone, as with `| head`: nobody is left to write to
        sys.stderr.close()
        return DONE


def _run(argv: list[str]) -> int:
    if argv and argv[0] == "train":
        from core.train import main as train

        return train(argv[1:])
    parser = console.Parser(prog=command(""), description="听风:中文评论情感分析")
    commands = parser.add_subparsers(title="命令", dest="command", required=True, metavar="命令")
    for name, sentence in COMMANDS.items():
        one = commands.add_parser(name, help=sentence, description=sentence)
        # import only the requested command
        if argv and argv[0] == name:
            module = import_module(f"core.commands.{name}")
            module.add(one)
            one.set_defaults(run=getattr(module, name))
    arguments = parser.parse_args(argv)
    return int(arguments.run(arguments))


@contextmanager
def _interruptible() -> Iterator[None]:
    """Make SIGINT and SIGTERM raise KeyboardInterrupt, and restore the caller's handlers afterwards."""
    # also if the shell started us with SIGINT ignored, as it does for a background command
    before = signal.signal(signal.SIGINT, signal.default_int_handler), signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Treat SIGTERM like Ctrl-C: finished work is kept and the job can be resumed."""
    raise KeyboardInterrupt
