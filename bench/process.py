"""Run a command as a user would and measure it: wall seconds and peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Measured:
    """What a finished process took.

    Attributes:
        seconds: Wall time.
        peak_mb: Highest resident memory of the process, MiB.
        code: Exit status.
        stdout: What it printed.
    """

    seconds: float
    peak_mb: float
    code: int
    stdout: str


def measure(arguments: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Measured:
    """Run ``python`` with arguments in the project folder and wait for it.

    Memory is the kernel's own ``ru_maxrss`` of that process, not a sampled value.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        stdout = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return Measured(time.perf_counter() - started, usage.ru_maxrss / 1024, process.returncode, stdout)
