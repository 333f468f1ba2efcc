"""Run a command as a user would and measure its wall time and peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: An intermediate process: the kernel's peak memory of a child starts from that of the process it was forked
#: from, and ours holds a hundred thousand texts.
_BETWEEN = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(process.pid, 0)
with open(sys.argv[1], "w") as file:
    file.write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True)
class Measured:
    """Measurements of a finished process.

    Attributes:
        seconds: Wall time.
        peak_mb: Peak resident memory of the process, MiB.
        code: Exit status.
        stdout: Its output.
    """

    seconds: float
    peak_mb: float
    code: int
    stdout: str


def measure(arguments: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Measured:
    """Run ``python`` with arguments in the project folder and wait for it.

    Memory is the kernel's own ``ru_maxrss`` of that process, not a sampled value.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "maxrss"
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-S", "-c", _BETWEEN, str(told), sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - started
        return Measured(seconds, int(told.read_text()) / 1024, done.returncode, done.stdout)
