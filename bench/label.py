"""File to file: ``python -m core label`` on 100,000 distinct comments, and on every sample, compared with SnowNLP."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from snownlp import SnowNLP

from bench.process import ROOT, measure
from bench.tables import Section
from bench.texts import mixed, texts_of, write_csv
from core.score import QUICK, SHIPPED

#: The models that need no download, and the cascade of the two.
MODELS = (*SHIPPED, QUICK)
ROWS = 100_000
SNOW_ROWS = 1_500
SETS = {"waimai10k": 8_000, "online_shopping": 8_000}


def run() -> list[Section]:
    """Measure labelling; return one section for the large file, one per kind of text and one for the samples."""
    with tempfile.TemporaryDirectory() as folder:
        return [large(Path(folder)), beside_snownlp(Path(folder)), samples(Path(folder))]


def label(
    source: Path, folder: Path, suffix: str = ".csv", model: str = SHIPPED[0]
) -> tuple[dict[str, object], float, float]:
    """Label one file with an empty cache; return (report, seconds, peak MiB)."""
    with tempfile.TemporaryDirectory(dir=folder) as data:
        out = str(Path(data) / f"out{suffix}")
        done = measure(
            ["-m", "core", "label", str(source), "-o", out, "--backend", model, "--json"],
            environment={"TINGFENG_DATA_DIR": data},
        )
    if done.code:
        raise RuntimeError(f"label ended with {done.code} on {source.name}")
    return json.loads(done.stdout), done.seconds, done.peak_mb


def snownlp_rate(texts: list[str]) -> float:
    """Return SnowNLP's rows per second on the texts, with its model preloaded."""
    SnowNLP("预热").sentiments  # noqa: B018  # loads the model outside the measured time
    started = time.perf_counter()
    for text in texts:
        SnowNLP(text).sentiments  # noqa: B018
    return len(texts) / (time.perf_counter() - started)


def large(folder: Path) -> Section:
    texts = mixed(ROWS)
    path = write_csv(folder / "large.csv", texts)
    done = {model: label(path, folder, model=model) for model in MODELS}
    step = max(1, ROWS // SNOW_ROWS)
    rate = snownlp_rate(texts[::step])
    rows = []
    for model, (_, seconds, peak) in done.items():
        mine = ROWS / seconds
        rows.append(
            [f"`{model}`", f"{ROWS:,}", f"{seconds:.1f}", f"{mine:,.0f}", f"{peak:,.0f}", f"{mine / rate:.1f} ×"]
        )
    rows.append(["SnowNLP, scoring alone", f"{len(texts[::step]):,}", "", f"{rate:,.0f}", "", ""])
    stages = done[MODELS[0]][0]["seconds"]
    assert isinstance(stages, dict)
    split = ", ".join(f"{name} {float(value):.1f} s" for name, value in stages.items())
    return Section(
        "100,000 comments, file to file",
        "`label --backend`, CSV in, CSV out: distinct texts of six sets of ../shared/data, empty cache, fresh process; "
        f"SnowNLP on every {step}th of the same texts in the same run.",
        ["", "rows", "seconds", "rows/s", "peak MiB", ": SnowNLP"],
        rows,
        [f"Seconds by stage with `{MODELS[0]}` (stages overlap): {split}."],
    )


def beside_snownlp(folder: Path) -> Section:
    rows = []
    for name, count in SETS.items():
        texts = texts_of(name)[:count]
        path = write_csv(folder / f"{name}.csv", texts)
        rates = {model: len(texts) / label(path, folder, model=model)[1] for model in MODELS}
        rate = snownlp_rate(texts[:: max(1, len(texts) // 800)])
        for model, mine in rates.items():
            rows.append([name, model, f"{len(texts):,}", f"{mine:,.0f}", f"{rate:,.0f}", f"{mine / rate:.1f} ×"])
    return Section(
        "Compared with SnowNLP, by kind of text",
        "`label` file to file, including process start, against SnowNLP's scoring alone.",
        ["texts", "model", "rows", "Tingfeng rows/s", "SnowNLP rows/s", "ratio"],
        rows,
    )


def samples(folder: Path) -> Section:
    rows = []
    suffixes = {".csv", ".xlsx", ".jsonl"}
    for path in sorted(p for p in (ROOT / "data/samples").iterdir() if p.suffix in suffixes):
        report, seconds, peak = label(path, folder)
        counts = [f"{report[key]:,}" for key in ("rows_in", "scored", "duplicates", "blank", "rejected")]
        rows.append([path.name, *counts, f"{seconds:.1f}", f"{peak:,.0f}"])
    return Section(
        "Every sample",
        "`label` on each file of data/samples, with a fresh process and an empty cache each time.",
        ["file", "rows in", "scored", "duplicates", "blank", "rejected", "seconds", "peak MiB"],
        rows,
    )
