"""Whether cost is linear in the rows: ``label`` on ten thousand, a hundred thousand and a million comments.

The machine's speed varies over time, so the sizes alternate, and the bare engine runs between any two of them.
"""

from __future__ import annotations

import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.label import label
from bench.scoring import ours
from bench.tables import Section
from bench.texts import alike, cleaned, write_csv

#: Sizes in the order they run: small ones throughout.
TURNS = (10_000, 100_000, 10_000, 1_000_000, 10_000, 100_000, 10_000, 1_000_000, 10_000, 100_000, 10_000)
ENGINE_TEXTS, THREADS = 3_000, 2


@dataclass(frozen=True)
class Turn:
    """One run of ``label``.

    Attributes:
        process: Rows per second of the whole process.
        job: Rows per second of the job within it.
        engine: Rows per second of the bare engine, the mean of just before and just after.
        peak: Peak memory, MiB.
    """

    process: float
    job: float
    engine: float
    peak: float


def run() -> list[Section]:
    """Measure rows per second and memory by size and return one section. Takes half an hour."""
    texts = alike(max(TURNS))
    some = cleaned(texts[:: len(texts) // ENGINE_TEXTS])
    sizes = dict.fromkeys(TURNS)
    with tempfile.TemporaryDirectory() as place:
        paths = {n: write_csv(Path(place) / f"{n}.csv", texts[:n]) for n in sizes}
        characters = {n: sum(map(len, texts[:n])) / n for n in sizes}
        del texts
        turns: dict[int, list[Turn]] = {n: [] for n in sizes}
        engine = [ours(some, THREADS)]
        for n in TURNS:
            report, seconds, peak = label(paths[n], Path(place))
            engine.append(ours(some, THREADS))
            stages = report["seconds"]
            assert isinstance(stages, dict)
            job = float(stages["total"]) + float(stages["export"])
            turns[n].append(Turn(n / seconds, n / job, (engine[-2] + engine[-1]) / 2, peak))
    jobs = [statistics.median(turn.job for turn in turns[n]) for n in sizes]
    parts = [statistics.median(turn.job / turn.engine for turn in turns[n]) for n in sizes]
    return [
        Section(
            "Growth",
            "`label`, CSV in, CSV out: the job, and the whole process with the start of Python and the model; medians "
            f"of {len(TURNS)} interleaved runs ({', '.join(f'{n:,}' for n in TURNS)} rows). Between runs `score` "
            f"scored {len(some):,} cleaned texts in memory: {'; '.join(f'{rate:,.0f}' for rate in engine)} "
            "rows/s. Every size has the same share of each set: a prefix of one random order.",
            ["rows", "runs", "characters per row", "job, rows/s", "job : engine", "process, rows/s", "peak MiB"],
            [
                [
                    f"{n:,}",
                    str(len(turns[n])),
                    f"{characters[n]:.1f}",
                    f"{job:,.0f}{_spread([turn.job for turn in turns[n]])}",
                    f"{part:.0%}",
                    f"{statistics.median(t.process for t in turns[n]):,.0f}",
                    f"{max(t.peak for t in turns[n]):,.0f}",
                ]
                for n, job, part in zip(sizes, jobs, parts, strict=True)
            ],
            [
                f"The slowest size runs {1 - min(jobs) / max(jobs):.0%} fewer rows/s than the fastest; relative to the "
                f"engine {1 - min(parts) / max(parts):.0%} fewer."
            ],
        )
    ]


def _spread(rates: list[float]) -> str:
    """Return the minimum and maximum of several runs; nothing for a single run."""
    return f" ({min(rates):,.0f}–{max(rates):,.0f})" if len(rates) > 1 else ""
