"""Find labels that are probably wrong: confident learning over out-of-fold probabilities of every train row.

The judge is a character model that never saw the row it judges (copies of a text share a fold). The available encoders
could not judge: all of them come from checkpoints trained on these very labels. Our own comments are not judged: they
were written to defeat such a model. Source: Northcutt, Jiang and Chuang 2021, Confident Learning (JAIR 70).
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import softmax

from core.metrics import wilson
from core.train import baseline, characters, data, suite, tasks
from core.train.config import LOG, labelled_dir, parse, work_dir

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
#: Label space → sets judged by one model; label errors are then counted per set.
SPACES = baseline.GROUPS | {"aspects": ["absa_zhang_triplets"]}
#: The space whose averaged fold models serve as a teacher in `teach`.
VOICE = "two"
_WIDEST = max(len(names) for names in suite.HEADS.values())


@dataclass(frozen=True)
class NoiseConfig:
    """Settings of ``noise``."""

    name: str = "noise"  # stem of the files written
    folds: int = 5
    bits: int = 18  # hash buckets of character n-grams, as a power of two
    c: float = 4.0
    iterations: int = 40
    threads: int = 2  # folds fitted concurrently
    show: int = 0  # print this many of the most doubtful rows
    without: str = ""  # comma-separated sets that no judge learns from, see `holdout`
    seed: int = 1


@dataclass(frozen=True)
class Judged:
    """Rows of one label space. ``classes``: labels in the order of the columns of ``p`` (rows, classes)."""

    table: pd.DataFrame
    label: Ints
    classes: list[int]
    p: Floats


def keys(origin: Sequence[str], text: Sequence[str]) -> Keys:
    """Return an id for each row that does not contain its text: a hash of set and text."""
    return np.array(
        [
            int.from_bytes(hashlib.blake2b(f"{one}\0{words}".encode(), digest_size=8).digest(), "little")
            for one, words in zip(origin, text, strict=True)
        ],
        np.uint64,
    )


def confident_joint(p: Floats, label: Ints) -> Ints:
    """Find the confident class of each row.

    Args:
        p: Out-of-fold probabilities (rows, classes).
        label: Given class of each row.

    Returns:
        The confident class of each row: the likeliest among those whose probability is at least its mean over the rows
        labelled with it; -1 where there is none. A row whose confident class differs from its given one is suspect.

    Example:
        >>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.9, 0.1]], np.float32)
        >>> confident_joint(p, np.array([0, 0, 1, 1])).tolist()
        [0, -1, 1, 0]
    """
    mean = [p[label == j, j].mean() if (label == j).any() else np.inf for j in range(p.shape[1])]
    sure = np.where(p >= np.array(mean, np.float32), p, -1.0)
    return np.where(sure.max(1) >= 0, sure.argmax(1), -1).astype(np.int64)


def wrong_share(confident: Ints, label: Ints, classes: int) -> float:
    """Estimate the share of wrong labels: the joint's off-diagonal mass, each row scaled to its label's count."""
    known = confident >= 0
    joint = np.zeros((classes, classes))
    np.add.at(joint, (label[known], confident[known]), 1)
    size = np.bincount(label, minlength=classes)
    total = joint.sum(1)
    joint = joint * np.divide(size, total, out=np.zeros(classes), where=total > 0)[:, None]
    return float(1 - np.trace(joint) / max(joint.sum(), 1.0))


def folds_of(texts: Sequence[str], folds: int, seed: int) -> Ints:
    """Return the fold of each text; copies of a text share one."""
    return np.array([int(n % folds) for n in keys([str(seed)] * len(texts), [characters.folded(t) for t in texts])])


def judge(names: Sequence[str], config: NoiseConfig) -> tuple[Judged, characters.Model]:
    """Compute out-of-fold probabilities for every train row of some sets.

    Returns:
        The rows, and the mean of the fold models.
    """
    tables = [data.read(labelled_dir(), name, "train").assign(origin=name) for name in names]
    table = pd.concat([one[one[suite.head_of(one["origin"].iloc[0])] >= 0] for one in tables if len(one)])
    table = table.reset_index(drop=True)
    given = table[suite.head_of(names[0])].to_numpy(np.int64)
    classes = [int(c) for c in np.unique(given)]
    label = np.searchsorted(classes, given)
    raw = characters.counts(table["text"].tolist(), 1 << config.bits)
    idf = characters.rarity(raw)
    x, fold = characters.scaled(raw, idf), folds_of(table["text"].tolist(), config.folds, config.seed)

    def one(f: int) -> tuple[Floats, Floats]:
        rows = np.flatnonzero(fold != f)
        return characters.fit(sparse.csr_matrix(x[rows]), label[rows], len(classes), config.c, config.iterations)

    with ThreadPoolExecutor(config.threads) as pool:
        models = list(pool.map(one, range(config.folds)))
    p = np.zeros((len(label), len(classes)), np.float32)
    for f, (weights, bias) in enumerate(models):
        at = np.flatnonzero(fold == f)
        p[at] = softmax(np.asarray(x[at] @ weights) + bias, axis=1)
    weights, bias = (np.mean([model[i] for model in models], axis=0) for i in range(2))
    return Judged(table, label, classes, p), characters.Model(idf, weights, bias)


def weigh(judged: Judged) -> tuple[Floats, dict[str, dict[str, Any]]]:
    """Weight every row and count the suspects of every set.

    Returns:
        1 for an unsuspected row; for a suspect its self-confidence: the given label's probability divided by the
        likeliest one's. And per set: n, suspects, share with interval, the estimated share of wrong labels.
    """
    weight, report = np.ones(len(judged.label), np.float32), {}
    origin = judged.table["origin"].to_numpy(str)
    for name in dict.fromkeys(origin.tolist()):
        at = np.flatnonzero(origin == name)
        p, label = judged.p[at], judged.label[at]
        confident = confident_joint(p, label)
        doubted = (confident >= 0) & (confident != label) & (p.argmax(1) != label)
        trust = p[np.arange(len(at)), label] / p.max(1)
        weight[at] = np.where(doubted, np.maximum(trust, 1e-3), 1.0)
        share = wilson(int(doubted.sum()), len(at))
        report[name] = {
            "n": len(at),
            "suspects": int(doubted.sum()),
            "share": share.value,
            "low": share.low,
            "high": share.high,
            "wrong": wrong_share(confident, label, len(judged.classes)),
            "judge": float(np.mean(p.argmax(1) == label)),
        }
        LOG.info("noise: %s %s", name, report[name])
    return weight, report


def find(config: NoiseConfig) -> None:
    """Write ``<name>.npz`` (key, weight, label, probabilities of each row; the model) and ``<name>.json`` (counts)."""
    stored: dict[str, list[NDArray[Any]]] = {"key": [], "weight": [], "label": [], "p": []}
    report: dict[str, Any] = {}
    voice: dict[str, NDArray[Any]] = {}
    without = config.without.split(",")
    for space, every in SPACES.items():
        names = [name for name in every if name not in without]
        if not any(data.set_path(labelled_dir(), name, "train").exists() for name in names):
            continue
        judged, model = judge(names, config)
        weight, counted = weigh(judged)
        report |= counted
        p = np.full((len(weight), _WIDEST), np.nan, np.float16)
        p[:, judged.classes] = judged.p
        stored["key"].append(keys(judged.table["origin"].tolist(), judged.table["text"].tolist()))
        stored["weight"].append(weight)
        stored["label"].append(np.array(judged.classes)[judged.label].astype(np.int8))
        stored["p"].append(p)
        if space == VOICE:
            voice = {"idf": model.idf, "weights": model.weights, "bias": model.bias}
    path = work_dir() / f"{config.name}.npz"
    arrays: dict[str, Any] = {name: np.concatenate(parts) for name, parts in stored.items()} | voice
    np.savez_compressed(path, **arrays)
    facts = {"config": asdict(config), "sets": report}
    path.with_suffix(".json").write_text(json.dumps(facts, indent=1), "utf-8")


def voice(name: str) -> characters.Model:
    """Read the character model that separates positive from negative."""
    stored = np.load(work_dir() / f"{name}.npz")
    return characters.Model(*(stored[part] for part in ("idf", "weights", "bias")))


def weights(rows: tasks.Rows, name: str, least: float, strength: float) -> Floats:
    """Return the trust in the label of each row.

    Args:
        rows: Training rows; rows that were not judged get 1.
        name: Stem of the file that ``noise`` wrote.
        least: Weight of a maximally doubtful row.
        strength: Exponent of the self-confidence; 0 trusts every label, 2 squares the self-confidence.

    Returns:
        Shape (rows,), in [least, 1].
    """
    stored = np.load(work_dir() / f"{name}.npz")
    order = np.argsort(stored["key"])
    known, trust = stored["key"][order], stored["weight"][order]
    wanted = keys(rows.origin.tolist(), rows.text)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    found = np.where(known[at] == wanted, trust[at], 1.0)
    return np.asarray(least + (1 - least) * found**strength, np.float32)


def most_doubtful(name: str, n: int) -> list[str]:
    """Return readable lines for the most doubtful rows with set, label, probabilities and text."""
    stored = np.load(work_dir() / f"{name}.npz")
    place = {int(key): i for i, key in enumerate(stored["key"])}
    worst = set(stored["key"][np.argsort(stored["weight"], kind="stable")[:n]].tolist())
    found = []
    for origin in (one for names in SPACES.values() for one in names):
        texts = data.read(labelled_dir(), origin, "train")["text"].tolist()
        for key, text in zip(keys([origin] * len(texts), texts).tolist(), texts, strict=True):
            if key in worst:
                worst.discard(key)
                found.append((place[key], origin, text))
    lines = []
    for at, origin, text in sorted(found, key=_weight_first(stored["weight"])):
        names = suite.HEADS[suite.head_of(origin)]
        shown = " ".join(f"{one} {p:.3f}" for one, p in zip(names, stored["p"][at], strict=False) if np.isfinite(p))
        lines.append(f"{origin}\t{names[stored['label'][at]]}\t{shown}\t{text[:200]!r}")
    return lines


def _weight_first(weight: Floats) -> Any:
    def order(row: tuple[int, str, str]) -> float:
        return float(weight[row[0]])

    return order


def main(argv: list[str]) -> int:
    """Judge the train rows unless already done and, with ``--show N``, print the most doubtful on the terminal."""
    config = parse(NoiseConfig, "noise", argv)
    if not (work_dir() / f"{config.name}.npz").exists():
        find(config)
    if config.show:
        sys.stdout.write("\n".join(most_doubtful(config.name, config.show)) + "\n")
    return 0
