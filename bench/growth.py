"""Whether cost grows with the rows alone: ``label`` on ten thousand, a hundred thousand and a million comments."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.label import label
from bench.tables import Section
from bench.texts import mixed, write_csv

SIZES = (10_000, 100_000, 1_000_000)


def run() -> list[Section]:
    """Measure rows a second and memory by size; returns one section. Takes ten minutes."""
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for n in SIZES:
            report, seconds, memory = label(write_csv(Path(place) / f"{n}.csv", mixed(n)), Path(place))
            stages = report["seconds"]
            assert isinstance(stages, dict)
            job = float(stages["total"]) + float(stages["export"])
            cells = [
                f"{n:,}",
                f"{seconds:.1f}",
                f"{n / seconds:,.0f}",
                f"{job:.1f}",
                f"{n / job:,.0f}",
                f"{memory:,.0f}",
            ]
            rows.append(cells)
    return [
        Section(
            "Growth",
            "`label`, CSV in, CSV out: the whole process, and the job in it without the start of Python and the model.",
            ["rows", "process, s", "rows/s", "job, s", "rows/s", "peak MiB"],
            rows,
        )
    ]
