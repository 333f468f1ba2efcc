"""kill -9 at ten random moments of a 50,000-row job; the result must equal an uninterrupted run byte for byte."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.process import ROOT
from bench.tables import Section
from bench.texts import mixed, write_csv

ROWS, KILLS, SEED = 50_000, 10, 20261123


def run() -> list[Section]:
    """Run the job once undisturbed and once with kills; return one section."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = write_csv(folder / "in.csv", mixed(ROWS))
        started = time.perf_counter()
        finish(source, folder / "calm.csv", folder / "calm")
        calm = time.perf_counter() - started
        moments = random.Random(SEED)
        survived = 0
        started = time.perf_counter()
        for _ in range(KILLS):
            survived += kill_after(moments.uniform(0.03, 0.11) * calm, source, folder / "fire.csv", folder / "fire")
        finish(source, folder / "fire.csv", folder / "fire")
        fire = time.perf_counter() - started
        equal = digest(folder / "calm.csv") == digest(folder / "fire.csv")
    if not equal:
        raise RuntimeError("the interrupted job gave another result")
    cells = [f"{ROWS:,}", f"{KILLS - survived}", f"{calm:.1f}", f"{fire:.1f}", "yes"]
    return [
        Section(
            "kill -9",
            f"`label` killed with SIGKILL at {KILLS} random moments (seed {SEED}) and restarted each time.",
            ["rows", "effective kills", "seconds undisturbed", "seconds with kills", "output byte-identical"],
            [cells],
        )
    ]


def command(source: Path, out: Path, data: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "core", "label", str(source), "-o", str(out)],
        cwd=ROOT,
        env={**os.environ, "TINGFENG_DATA_DIR": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def finish(source: Path, out: Path, data: Path) -> None:
    process = command(source, out, data)
    if process.wait():
        raise RuntimeError(f"label ended with {process.returncode}")


def kill_after(seconds: float, source: Path, out: Path, data: Path) -> int:
    """Start the job and kill it after some seconds; return 1 if it had already finished."""
    process = command(source, out, data)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return 0
    return 1


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
