"""Whether cost grows with the rows alone: ``label`` on ten thousand, a hundred thousand and a million comments."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.label import label
from bench.tables import Section
from bench.texts import alike, write_csv

SIZES = (10_000, 100_000, 1_000_000)


def run() -> list[Section]:
    """Measure rows a second and memory by size; returns one section. Takes ten minutes."""
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for n in SIZES:
            texts = alike(n)
            characters = sum(map(len, texts)) / n
            report, seconds, memory = label(write_csv(Path(place) / f"{n}.csv", texts), Path(place))
            del texts
            stages = report["seconds"]
            assert isinstance(stages, dict)
            job = float(stages["total"]) + float(stages["export"])
            cells = [
                f"{n:,}",
                f"{characters:.1f}",
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
            "`label`, CSV in, CSV out: the whole process, and the job in it without the start of Python and the model. "
            "Texts of every set in the same share at every size: the first ones of one random order.",
            ["rows", "characters a row", "process, s", "rows/s", "job, s", "rows/s", "peak MiB"],
            rows,
        )
    ]
