"""Read and clean 1,000,000 rows of CSV: rows per second and peak memory."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.process import measure
from bench.tables import Section
from bench.texts import mixed, write_csv

SIZES = (10_000, 100_000, 1_000_000)

CODE = """
import json, sys, time
from datetime import datetime
from pathlib import Path
from core.read import inspect, read
from core.clean import Deduper, clean
from core.schema import CleanOptions, Col
(source,) = inspect([Path(sys.argv[1])])
options, deduper, rows = CleanOptions(reference_time=datetime(2026, 11, 23)), Deduper(), 0
reading = cleaning = 0.0
mark = time.perf_counter()
for chunk in read(source, chunk_rows=2000):
    reading += time.perf_counter() - mark
    mark = time.perf_counter()
    comments = clean(chunk, source.mapping, options, first_row=rows)
    deduper.mark(comments[Col.TEXT_KEY].tolist())
    rows += len(comments)
    cleaning += time.perf_counter() - mark
    mark = time.perf_counter()
print(json.dumps({"rows": rows, "read": reading, "clean": cleaning}))
"""


def run() -> list[Section]:
    """Measure reading and cleaning at three sizes, each in a fresh process."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = write_csv(Path(folder) / f"{size}.csv", mixed(size))
            done = measure(["-c", CODE, str(path)])
            report = json.loads(done.stdout)
            if report["rows"] != size:
                raise RuntimeError(f"{report['rows']} rows came back of {size}")
            reading, cleaning = size / report["read"], size / report["clean"]
            cells = [f"{path.stat().st_size / 1e6:,.0f}", f"{reading:,.0f}", f"{cleaning:,.0f}", f"{done.peak_mb:,.0f}"]
            rows.append([f"{size:,}", *cells])
            path.unlink()
    return [
        Section(
            "Reading and cleaning",
            "CSV streamed in chunks of 2,000 rows through read, clean (with word segmentation) and duplicate marking.",
            ["rows", "file MB", "read rows/s", "clean rows/s", "peak MiB"],
            rows,
        )
    ]
