"""Combine several models' logits into one distribution; the method is chosen on dev by log loss.

Two-fold cross-fitting: the mixture is fitted on half of the rows and judged on the other half.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import log_softmax, logsumexp

from core.train import calibrate, tasks
from core.train.net import SPANS

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]
WEIGHED = "weighed log-probabilities"
MEAN, MEAN_LOG = "mean of probabilities", "mean of log-probabilities"


@dataclass(frozen=True)
class TeacherLogits:
    """Teacher outputs: ``logits`` (teachers, texts, 13); ``polar``: teachers without neutral, emotion and offence."""

    logits: Floats
    polar: tuple[bool, ...]


def pooled(p: Doubles, teachers: TeacherLogits, head: str) -> Doubles:
    """Combine the logits of a head (a log-linear pool).

    Args:
        p: Sentiment: a weight per teacher for polarity, its bias, a weight per teacher for neutrality, its bias.
            Another head: a weight per teacher, then a bias per class.
        teachers: Their outputs.
        head: A key of `SPANS`.

    Returns:
        Logits, shape (texts, classes).
    """
    n, x = len(teachers.logits), teachers.logits[:, :, SPANS[head]].astype(np.float64)
    if head != "sentiment":
        return np.asarray(np.tensordot(p[:n], x, 1) + p[n:])
    negative, neutral, positive = np.moveaxis(x, 2, 0)
    polarity = p[:n] @ (positive - negative) + p[n]
    plain = p[n + 1 : 2 * n + 1] @ (neutral - (negative + positive) / 2) + p[2 * n + 1]
    return np.stack([-polarity / 2, plain, polarity / 2], 1)


def head_loss(logits: Doubles, rows: tasks.Rows, head: str) -> float:
    """Return the mean log loss of rows, each over the classes of its set."""
    y = rows.target[head]
    if head == "sentiment":
        return calibrate.sentiment_loss(logits, y, rows.two)
    return calibrate.class_loss(logits, y, rows.six)


def fit(teachers: TeacherLogits, rows: tasks.Rows, head: str) -> Doubles:
    """Fit the mixture of a head on rows that all have a label for it."""
    n = len(teachers.logits)
    shares = np.full(n, 1 / n)
    span = SPANS[head]
    start = np.concatenate(
        [shares, [0], shares, [0]] if head == "sentiment" else [shares, np.zeros(span.stop - span.start)]
    )

    def loss(p: Doubles) -> float:
        return head_loss(pooled(p, teachers, head), rows, head)

    return np.asarray(optimize.minimize(loss, start, method="L-BFGS-B").x)


def one(teachers: TeacherLogits, chosen: list[int]) -> TeacherLogits:
    """Return a subset of the teachers."""
    return TeacherLogits(teachers.logits[chosen], tuple(teachers.polar[i] for i in chosen))


def whole_teachers(teachers: TeacherLogits) -> list[int]:
    """Return the indices of the teachers that have every head."""
    return [i for i, polar in enumerate(teachers.polar) if not polar]


def part_of(teachers: TeacherLogits, at: Ints) -> TeacherLogits:
    """Return the outputs of all teachers for some texts."""
    return TeacherLogits(teachers.logits[:, at], teachers.polar)


def mean_of(teachers: TeacherLogits, fitted: list[Doubles], head: str, *, logs: bool) -> Doubles:
    """Return the log of the mean probability, or the mean log-probability, of individually scaled teachers."""
    said = np.stack([log_softmax(pooled(p, one(teachers, [i]), head), 1) for i, p in enumerate(fitted)])
    return np.asarray(said.mean(0) if logs else logsumexp(said, 0) - np.log(len(said)))


def compare(teachers: TeacherLogits, rows: tasks.Rows, names: list[str], head: str = "sentiment") -> dict[str, float]:
    """Return the held-out log loss of each teacher and of three blends, each fitted on the other half of the rows."""
    whole = whole_teachers(teachers)
    found: dict[str, list[float]] = {}
    half = np.random.default_rng(1).permutation(len(rows.text)) % 2
    for side in range(2):
        train, test = np.flatnonzero(half != side), np.flatnonzero(half == side)
        heard, told = part_of(teachers, train), part_of(teachers, test)
        judge = rows.take(test)
        alone = [fit(one(heard, [i]), rows.take(train), head) for i in whole]
        for i, p in zip(whole, alone, strict=True):
            found.setdefault(names[i], []).append(head_loss(pooled(p, one(told, [i]), head), judge, head))
        for title, logs in ((MEAN, False), (MEAN_LOG, True)):
            blend = mean_of(one(told, whole), alone, head, logs=logs)
            found.setdefault(title, []).append(head_loss(blend, judge, head))
        weighed = pooled(fit(heard, rows.take(train), head), told, head)
        found.setdefault(WEIGHED, []).append(head_loss(weighed, judge, head))
    return {name: float(np.mean(values)) for name, values in found.items()}


@dataclass(frozen=True)
class Blend:
    """A combination: ``way`` is a key of `compare`; ``fitted`` maps head → parameters (per teacher if averaged)."""

    way: str
    fitted: dict[str, list[Doubles]]

    def probabilities(self, teachers: TeacherLogits) -> NDArray[np.float16]:
        """Return probabilities of all heads, shape (texts, 13)."""
        parts = []
        for head, fitted in self.fitted.items():
            if self.way == WEIGHED:
                logits = pooled(fitted[0], teachers, head)
            else:
                whole = one(teachers, whole_teachers(teachers))
                logits = mean_of(whole, fitted, head, logs=self.way == MEAN_LOG)
            parts.append(np.exp(log_softmax(logits, 1)))
        return np.concatenate(parts, 1).astype(np.float16)


def choose(teachers: TeacherLogits, rows: tasks.Rows, names: list[str]) -> tuple[Blend, dict[str, float]]:
    """Choose the blend by its sentiment log loss and fit it on all dev rows."""
    known = {head: np.flatnonzero(rows.target[head] >= 0) for head in SPANS}
    at = known["sentiment"]
    found = compare(part_of(teachers, at), rows.take(at), names)
    ways = [way for way in found if way not in names]
    way = min(ways, key=found.__getitem__)
    groups = [list(range(len(names)))] if way == WEIGHED else [[i] for i in whole_teachers(teachers)]
    fitted = {
        head: [fit(part_of(one(teachers, group), rows_at), rows.take(rows_at), head) for group in groups]
        for head, rows_at in known.items()
    }
    return Blend(way, fitted), found
