"""Console output: results on standard output, progress and errors on standard error. Argparse in Chinese."""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NoReturn

from core.errors import InputError

if TYPE_CHECKING:
    from core.jobs import Progress

__all__ = ["Parser", "ProgressLine", "StepLine", "say", "say_json", "warn"]

#: Translations of all argparse messages that our options can cause.
_ARGPARSE: Final = (
    (r"the following arguments are required: (.+)", r"缺少参数:\1。"),
    (r"unrecognized arguments: (.+)", r"不认识的参数:\1。"),
    (r"argument (\S+): invalid choice: (.+?) \(choose from (.+)\)", r"参数 \1 不能是 \2,可选:\3。"),
    (r"argument (\S+): expected one argument", r"参数 \1 后面要有一个值。"),
    (r"argument (\S+): expected at least one argument", r"参数 \1 后面至少要有一个值。"),
    (r"argument (\S+): invalid (?:int|float) value: (.+)", r"参数 \1 的值 \2 不是数字。"),
    (r"ambiguous option: (\S+) could match (.+)", r"参数 \1 不明确,可能是 \2。"),
    (r"argument (\S+): ignored explicit argument (.+)", r"参数 \1 不需要值 \2。"),
)


class _Help(argparse.HelpFormatter):
    """Help with a Chinese heading."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法:" if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """An argument parser with Chinese messages that raises instead of exiting."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"add_help": False, "formatter_class": _Help, "allow_abbrev": False, **options})
        self._positionals.title = "参数"
        self._optionals.title = "选项"
        self.add_argument("-h", "--help", action="help", help="显示这份说明")

    def error(self, message: str) -> NoReturn:
        """Raise I03 with the message in Chinese."""
        for pattern, chinese in _ARGPARSE:
            message = re.sub(f"^{pattern}$", chinese, message)
        raise InputError("I03", message, f"用法见:{self.prog} --help")


def say(text: str = "") -> None:
    """Write a line of the result."""
    sys.stdout.write(text + "\n")


def say_json(value: object) -> None:
    """Write a value as one line of JSON; NaN becomes null."""
    say(json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, default=str))


def warn(text: str) -> None:
    """Write a line to standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


class ProgressLine:
    """Shows progress on standard error: one self-updating line on a terminal, otherwise a line now and then.

    Args:
        clock: Returns seconds.
    """

    _TERMINAL_SECONDS: Final = 0.2
    _FILE_SECONDS: Final = 5.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._renews = sys.stderr.isatty()
        self._next = 0.0
        self._open = False

    def __call__(self, progress: Progress) -> None:
        """Show the progress of a job, unless a line was shown very recently."""
        self.show(describe(progress))

    def show(self, line: str) -> None:
        """Show a line, unless one was shown very recently."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + (self._TERMINAL_SECONDS if self._renews else self._FILE_SECONDS)
        # "\x1b[K" erases what remains of a longer previous line
        sys.stderr.write(f"\r{line}\x1b[K" if self._renews else f"{line}\n")
        sys.stderr.flush()
        self._open = self._renews

    def close(self) -> None:
        """End the line, so that later output starts on its own."""
        if self._open:
            sys.stderr.write("\n")
            self._open = False


class StepLine:
    """A ``ProgressLine`` for work that counts in its own units, such as ``core.derive``: shows the completed share.

    Args:
        title: What is being done.
        clock: Returns seconds.
    """

    def __init__(self, title: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._title = title
        self._line = ProgressLine(clock)

    def __call__(self, done: int, total: int) -> None:
        """Show the completed share; nothing while the total is unknown."""
        if total:
            self._line.show(f"{self._title}:{done / total:.0%}")

    def close(self) -> None:
        """End the line."""
        self._line.close()


def describe(progress: Progress) -> str:
    """Describe the progress of a job.

    Example:
        >>> from core.jobs import Progress, Stage
        >>> describe(Progress(500, 2000, 250.0, 6.0, Stage.SCORING))
        '正在打标:500/2,000 行(25.0%),250 行/秒,约剩 6 秒'
    """
    # not at the top: commands without a job need not load the modules of jobs
    from core.jobs.progress import STAGE_TITLES, duration

    text = STAGE_TITLES[progress.stage]
    if progress.rows_total is None:
        return text
    text += f":{progress.rows_done:,}/{progress.rows_total:,} 行"
    if progress.rows_total:
        text += f"({progress.rows_done / progress.rows_total:.1%})"
    if progress.rows_per_second:
        text += f",{progress.rows_per_second:,.0f} 行/秒"
    if progress.eta_seconds is not None and progress.rows_done < progress.rows_total:
        text += f",约剩 {duration(progress.eta_seconds)}"
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
