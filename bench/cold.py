"""Cold start: time to the first answer, and the cost of ``import core``."""

from __future__ import annotations

import statistics

from bench.process import measure
from bench.tables import Section

CASES = {
    "bare interpreter": ["-c", "pass"],
    "`import core`": ["-c", "import core"],
    "`core check` one text": ["-m", "core", "check", "充电很慢,客服也不理人"],
    "import torch alone": ["-c", "import torch"],
    "import modelscope.pipelines alone": ["-c", "from modelscope.pipelines import pipeline"],
}
ROUNDS = 5


def run() -> list[Section]:
    """Start each command several times in a fresh process and take the median."""
    rows = []
    for name, arguments in CASES.items():
        runs = [measure(arguments) for _ in range(ROUNDS)]
        if any(done.code for done in runs):
            raise RuntimeError(f"{name} failed")
        seconds = statistics.median(done.seconds for done in runs)
        rows.append([name, f"{seconds:.2f}", f"{max(done.peak_mb for done in runs):,.0f}"])
    what = f"Median wall time of {ROUNDS} fresh processes, files already in the page cache."
    return [Section("Cold start", what, ["", "seconds", "peak MiB"], rows)]
