"""Combine the wide and the deep logits into calibrated probabilities; fitted on dev, never on test."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import expit, log_softmax, softmax

from core.metrics import Metrics
from core.train import suite, tasks, wide
from core.train.config import BUILTIN, LOG, facts_path, parse, work_dir
from core.train.net import SPANS

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class CalibrateConfig:
    """Settings of ``calibrate``."""

    name: str = "finetune"  # the fine-tuned checkpoint
    model: str = BUILTIN  # the shipped model to build
    weights: str = "ema"  # or "model": the last weights instead of the averaged ones
    max_length: int = 512
    seed: int = 1


def join_sentiment(wide_logits: Floats, deep_logits: Floats, p: Doubles) -> Doubles:
    """Mix the polarity axis (positive minus negative) and the neutral axis, each with its own weights.

    Args:
        wide_logits: Shape (n, 3).
        deep_logits: Shape (n, 3).
        p: wide and deep weight of polarity, its bias, wide and deep weight of neutrality, its bias; see `stretch`.

    Returns:
        Logits, shape (n, 3).
    """
    polarity = p[0] * axis(wide_logits)[0] + p[1] * stretch(axis(deep_logits)[0], float(p[6])) + p[2]
    neutral = p[3] * axis(wide_logits)[1] + p[4] * axis(deep_logits)[1] + p[5]
    return np.stack([-polarity / 2, neutral, polarity / 2], 1)


def stretch(polarity: Doubles, k: float) -> Doubles:
    """Return sinh(k·x)/k: label smoothing compresses confident polarities, and this undoes it.

    Example:
        >>> stretch(np.array([-1.0, 0.0, 4.0]), 0.5).round(2).tolist()
        [-1.04, 0.0, 7.25]
        >>> stretch(np.array([4.0]), 0.0).tolist()
        [4.0]
    """
    return np.sinh(k * polarity) / k if k else polarity


def axis(logits: Floats) -> tuple[Doubles, Doubles]:
    """Return polarity (positive − negative) and neutrality (neutral − mean of the other two)."""
    negative, neutral, positive = logits.astype(np.float64).T
    return positive - negative, neutral - (negative + positive) / 2


def join(wide_logits: Floats, deep_logits: Floats, p: Doubles) -> Doubles:
    """Mix any other head: wide weight, deep weight, then a bias per class."""
    return np.asarray(p[0] * wide_logits + p[1] * deep_logits + p[2:])


def sentiment_loss(logits: Doubles, y: tasks.Ints, two: NDArray[np.bool_]) -> float:
    """Return the mean loss: two-class rows on polarity alone, the others on three classes."""
    sign = np.where(y == 2, 1.0, -1.0)
    pair = -np.log(np.clip(expit(sign * (logits[:, 2] - logits[:, 0])), 1e-12, 1))
    full = -log_softmax(logits, 1)[np.arange(len(y)), y]
    # A tenth of the three-class loss keeps the neutral class from swallowing plain reviews.
    return float(np.where(two, pair + 0.1 * full, full).mean())


def class_loss(logits: Doubles, y: tasks.Ints, six: NDArray[np.bool_]) -> float:
    """Return the mean cross-entropy of a head over the classes of each row's set."""
    if logits.shape[1] == len(tasks.SIX):
        logits = np.where(six[:, None] & ~tasks.SIX[None, :], -1e4, logits)
    return float(-log_softmax(logits, 1)[np.arange(len(y)), y].mean())


def sentiment_nll(p: Doubles, w: Floats, d: Floats, y: tasks.Ints, two: NDArray[np.bool_]) -> float:
    """Return the loss of a mixture of sentiment logits."""
    return sentiment_loss(join_sentiment(w, d, p), y, two)


def head_nll(p: Doubles, w: Floats, d: Floats, y: tasks.Ints, six: NDArray[np.bool_]) -> float:
    """Return the loss of a mixture of another head's logits."""
    return class_loss(join(w, d, p), y, six)


def fit(rows: tasks.Rows, w: Floats, d: Floats) -> dict[str, list[float]]:
    """Fit the mixture of every head on dev rows.

    Returns:
        head → parameters as `join_sentiment` and `join` take them.
    """
    result = {}
    for name, span in SPANS.items():
        y = rows.target[name]
        at = np.flatnonzero(y >= 0)
        if name == "sentiment":
            start = np.array([0.5, 0.5, 0, 0.5, 0.5, 0, 0.5])
            args: tuple[Any, ...] = (w[at][:, span], d[at][:, span], y[at], rows.two[at])
            limits = [(None, None)] * 6 + [(0.0, 1.0)]
            best = optimize.minimize(sentiment_nll, start, args, method="L-BFGS-B", bounds=limits)
        else:
            start = np.array([0.5, 0.5] + [0.0] * (span.stop - span.start))
            best = optimize.minimize(
                head_nll, start, (w[at][:, span], d[at][:, span], y[at], rows.six[at]), method="L-BFGS-B"
            )
        result[name] = [float(v) for v in best.x]
        LOG.info("calibrate: %s %s", name, np.round(best.x, 3).tolist())
    return result


def combine(params: dict[str, list[float]], w: Floats, d: Floats) -> Floats:
    """Return calibrated log-probabilities of all heads, shape (n, 13)."""
    parts = []
    for name, span in SPANS.items():
        mix = join_sentiment if name == "sentiment" else join
        parts.append(log_softmax(mix(w[:, span], d[:, span], np.array(params[name])), 1))
    return np.concatenate(parts, 1).astype(np.float32)


def pooled(rows: tasks.Rows, logp: Floats) -> Metrics:
    """Measure all sentiment rows together, see `suite.pooled`."""
    found = suite.pooled([(rows.frame(np.arange(len(rows.text))), softmax(logp[:, 0:3], 1))])
    if found is None:
        raise ValueError("no row has a sentiment")
    return found


def main(argv: list[str]) -> int:
    """Write the mixture (parameters, dev metrics of wide, deep and both) to the work folder."""
    from core.train import finetune

    config = parse(CalibrateConfig, "calibrate", argv)
    tok = tasks.tokenizer(config.max_length)
    rows = tasks.dev_rows()
    encoded = tasks.encode(tok, rows.text)
    w = wide.logits(wide.load(work_dir() / "wide.npz"), encoded)
    d = finetune.predict(finetune.load(work_dir() / f"{config.name}.pt", config.weights), encoded)
    params = fit(rows, w, d)
    both = combine(params, w, d)
    results = {title: tasks.score_rows(rows, x) for title, x in (("wide", w), ("deep", d), ("both", both))}
    for title, result in results.items():
        tasks.log_table(title, result)
    ece = pooled(rows, both).ece
    LOG.info("calibrate: dev ECE %.4f", ece.value)
    dev = {title: {name: m.as_dict() for name, m in result.items()} for title, result in results.items()}
    facts = {"params": params, "dev": dev, "dev_ece": ece.value, "name": config.name, "weights": config.weights}
    facts_path("mix", config.model).write_text(json.dumps(facts, ensure_ascii=False, indent=1), "utf-8")
    return 0
