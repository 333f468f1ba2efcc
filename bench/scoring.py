"""Scoring alone, with one and two threads, versus SnowNLP and TF-IDF with logistic regression on the same texts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bench.label import MODELS, snownlp_rate
from bench.process import ROOT
from bench.tables import Section
from bench.texts import texts_of
from core.score import SHIPPED

SETS = ("waimai10k", "online_shopping")
ROWS, SNOW_ROWS, FIT_ROWS = 6_000, 400, 8_000
_WORKER = """
import json, sys, time
from core.score import load, score
texts, model = json.load(sys.stdin), load(sys.argv[1])
score(texts[: max(20, len(texts) // 15)], model)
started = time.perf_counter()
score(texts, model)
print(len(texts) / (time.perf_counter() - started))
"""


def run() -> list[Section]:
    """Measure rows per second and return one section."""
    rows = []
    for name in SETS:
        texts = texts_of(name)[:ROWS]
        rates = {model: [ours(texts, threads, model) for threads in (1, 2)] for model in MODELS}
        snow = snownlp_rate(texts[:: max(1, len(texts) // SNOW_ROWS)])
        tfidf = tfidf_rate(name, texts)
        for model, (one, two) in rates.items():
            ratios = [f"{two / snow:.1f} ×", f"{two / tfidf:.2f} ×"]
            speeds = (f"{rate:,.0f}" for rate in (one, two, snow, tfidf))
            rows.append([name, model, f"{len(texts):,}", *speeds, *ratios])
    what = (
        "`core.score.score` on texts in memory, with the model loaded and warm, against SnowNLP and character 1–3-gram "
        "TF-IDF with logistic regression (one thread each: neither uses more)."
    )
    header = [
        "texts",
        "model",
        "rows",
        "1 thread",
        "2 threads",
        "SnowNLP",
        "TF-IDF",
        "2 threads : SnowNLP",
        "2 threads : TF-IDF",
    ]
    return [Section("Scoring alone, rows/s", what, header, rows)]


def ours(texts: list[str], threads: int, model: str = SHIPPED[0]) -> float:
    """Return our rows per second in a separate process with that many threads."""
    done = subprocess.run(
        [sys.executable, "-c", _WORKER, model],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "TINGFENG_THREADS": str(threads)},
    )
    return float(done.stdout)


def tfidf_rate(name: str, texts: list[str]) -> float:
    """Return the rows per second of the model card's baseline; its training data does not affect its speed."""
    known = texts_of(name, "train")[:FIT_ROWS]
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=3, sublinear_tf=True)
    model = LogisticRegression(max_iter=200).fit(vectorizer.fit_transform(known), [len(t) % 2 for t in known])
    started = time.perf_counter()
    model.predict_proba(vectorizer.transform(texts))
    return len(texts) / (time.perf_counter() - started)
