"""The built-in model: its bare engine, the whole pipeline around it, and common alternatives."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import peaks
from bench.engine import THREADS, beside_peaks, rate, spread
from bench.label import label, snownlp_rate
from bench.scoring import tfidf_rate
from bench.tables import Section
from bench.texts import cleaned, mixed, write_csv
from core.score import TokenBackend, load, score
from core.score.builtin import FOLDER
from core.score.pool import in_order
from core.settings import get_settings

BARE_TEXTS, LABEL_ROWS = 8_000, 100_000
SNOW_TEXTS, TFIDF_TEXTS = 600, 6_000
#: Alternations of the bare engine and `score` before the file is labelled, and as many after it.
TURNS = 3


def run() -> list[Section]:
    """Measure with two threads and return one section."""
    os.environ["TINGFENG_THREADS"] = str(THREADS)
    get_settings.cache_clear()
    with tempfile.TemporaryDirectory() as place:
        return [pipeline(Path(place))]


class Turns:
    """The bare engine and ``score``, alternating on the same texts.

    Args:
        model: The built-in model.
        texts: Texts.
    """

    def __init__(self, model: TokenBackend, texts: Sequence[str]) -> None:
        self._model = model
        self._texts = texts
        self._batches = list(model.batched(model.encode(texts)))
        self.bare: list[float] = []
        self.memory: list[float] = []

    def take(self, number: int) -> None:
        """Measure some alternations of both, in rows per second."""
        for _ in range(number):
            self.bare.append(rate(self._bare, len(self._texts)))
            self.memory.append(rate(lambda: score(self._texts, self._model), len(self._texts)))

    def _bare(self) -> None:
        for _ in in_order(lambda batch: self._model.run(batch, ["sentiment"]), self._batches):
            pass


def pipeline(folder: Path) -> Section:
    """The built-in model: bare, in memory, file to file, and compared with others."""
    model = load("builtin")
    assert isinstance(model, TokenBackend)
    texts = mixed(LABEL_ROWS)
    some = cleaned(spread(texts, BARE_TEXTS))
    score(some[:200], model)
    turns = Turns(model, some)
    path = write_csv(folder / "texts.csv", texts)
    turns.take(TURNS)
    report, seconds, _ = label(path, folder)
    turns.take(TURNS)
    bare, memory = statistics.median(turns.bare), statistics.median(turns.memory)
    whole = LABEL_ROWS / seconds
    useful, done, peak = beside_peaks(model, FOLDER / "model.onnx", some)
    top, best = peak[peaks.FIRST]
    rows = [
        ["bare engine: cleaned, tokenised and packed in advance", f"{len(some):,}", f"{bare:,.0f}", "100%"],
        ["`score` on cleaned texts in memory", f"{len(some):,}", f"{memory:,.0f}", f"{memory / bare:.0%}"],
        ["`label`, CSV in, CSV out", f"{LABEL_ROWS:,}", f"{whole:,.0f}", f"{whole / bare:.0%}"],
        ["SnowNLP, texts in memory", str(SNOW_TEXTS), f"{snownlp_rate(spread(texts, SNOW_TEXTS)):,.0f}", ""],
        ["TF-IDF + LR", f"{TFIDF_TEXTS:,}", f"{tfidf_rate('waimai10k', spread(texts, TFIDF_TEXTS)):,.0f}", ""],
    ]
    stages = report["seconds"]
    assert isinstance(stages, dict)
    split = ", ".join(f"{name} {float(value):.1f} s" for name, value in stages.items())
    shown = "; ".join(f"{one:,.0f}" for one in turns.bare)
    return Section(
        "The built-in model: bare engine and whole pipeline, rows/s",
        "Distinct real comments of six sets, nothing cached; `label` includes process start. The bare engine and "
        f"`score` ran alternately, {TURNS} times each before `label` and {TURNS} times after it; the table has the "
        f"medians. The bare engine: {shown} rows/s.",
        ["", "rows", "rows/s", "of the bare engine"],
        rows,
        [
            f"Seconds by stage of `label` (stages overlap): {split}.",
            f"The bare engine does {useful:,.0f} useful int8 GFLOP/s, {useful / top:.0%} of MatMulInteger in "
            f"interleaved rounds ({useful / best:.0%} of its fastest call); without the skipped part of the last "
            f"layer, {done:,.0f} and {done / top:.0%}.",
        ],
    )
