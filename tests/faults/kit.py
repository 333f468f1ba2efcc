"""Start ``label`` as a user would and disturb it."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHUNK_ROWS = 200


@dataclass(frozen=True)
class Labelling:
    """One command line with its own data folder."""

    source: Path
    out: Path
    model: str
    data: Path

    def start(self, file_limit_bytes: int | None = None) -> subprocess.Popen[str]:
        def limit() -> None:
            if file_limit_bytes is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit_bytes, file_limit_bytes))

        line = ["label", str(self.source), "-o", str(self.out), "--backend", self.model, "--json"]
        return subprocess.Popen(
            [sys.executable, "-m", "core", *line],
            cwd=ROOT,
            env={**os.environ, "TINGFENG_DATA_DIR": str(self.data), "TINGFENG_CHUNK_ROWS": str(CHUNK_ROWS)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=limit,  # noqa: PLW1509 - the child has no threads yet
        )

    def finish(self) -> dict[str, object]:
        """Run to the end and return the report without anything that depends on time or paths."""
        process = self.start()
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        report: dict[str, object] = json.loads(out)
        return {key: value for key, value in report.items() if key not in {"seconds", "out"}}

    def told(self) -> tuple[int, str]:
        """Run to the end, whatever the outcome; return (exit code, standard error)."""
        process = self.start()
        _, err = process.communicate(timeout=120)
        return process.returncode, err

    def strike_at(self, chunks: int, sign: signal.Signals, delay_seconds: float = 0.0) -> tuple[int, str]:
        """Start, wait until this many chunk files are written, send a signal; return (exit code, standard error)."""
        process = self.start()
        until = time.monotonic() + 60
        while process.poll() is None and self.stored() < chunks and time.monotonic() < until:
            time.sleep(0.003)
        time.sleep(delay_seconds)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        _, err = process.communicate(timeout=60)
        return process.returncode, err

    def stored(self) -> int:
        """Number of chunk files on disk."""
        return len(list(self.data.glob("jobs/*/*.parquet")))
