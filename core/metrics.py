"""Quality of labels and probabilities: accuracy, F1, calibration, each with a 95 % interval.

One implementation for ``evaluate``, the training steps and the model card, so that their numbers are comparable.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import InputError
from core.schema import Share

__all__ = [
    "SIGNIFICANCE_LEVEL",
    "ClassMetrics",
    "Estimate",
    "Metrics",
    "ReliabilityBin",
    "evaluate_labels",
    "restrict",
    "wilson",
]

#: Largest p-value, corrected for the number of comparisons, of a difference that is called significant.
SIGNIFICANCE_LEVEL: Final = 0.05
BINS: Final = 15
RESAMPLES: Final = 1000
_Z: Final = 1.959963984540054
#: Confidences are resampled on this grid, which keeps a million rows as cheap as a thousand.
_GRID: Final = 1500


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval; NaN if undefined."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """Precision, recall and F1 of one class.

    Attributes:
        label: Class name.
        support: Number of rows whose true class this is.
        predicted: Number of rows predicted as this class.
        precision: Share of the predicted that are correct; NaN if none was predicted.
        recall: Share of the true that were found; NaN if there are none.
        f1: Harmonic mean of both, 0 if none was found; NaN if the class neither occurs nor was predicted.
    """

    label: str
    support: int
    predicted: int
    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Rows of similar confidence: their mean confidence and their accuracy; NaN in an empty bin."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Metrics:
    """The quality of one set of predictions.

    Attributes:
        n: Number of rows.
        accuracy: Share of correct labels, Wilson interval.
        macro_f1: Mean F1 of the classes that truly occur, bootstrap interval.
        ece: Expected calibration error of the predicted label's probability, 15 equal-width bins, bootstrap interval.
        classes: Per class, in label order.
        confusion: ``confusion[i][j]`` counts the rows of true class i predicted as class j.
        reliability: The bins behind ``ece``.
    """

    n: int
    accuracy: Share
    macro_f1: Estimate
    ece: Estimate
    classes: tuple[ClassMetrics, ...]
    confusion: tuple[tuple[int, ...], ...]
    reliability: tuple[ReliabilityBin, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; undefined ones are None."""
        return {key: _plain(value) for key, value in asdict(self).items()}


def evaluate_labels(
    true: ArrayLike,
    probabilities: ArrayLike,
    labels: Sequence[str],
    *,
    predicted: ArrayLike | None = None,
    seed: int = 1,
) -> Metrics:
    """Compare predictions with the true labels.

    Args:
        true: Class indices, shape (n,), each in [0, k).
        probabilities: Shape (n, k), rows sum to 1.
        labels: The k class names.
        predicted: Predicted class indices, shape (n,), if not simply the most probable ones.
        seed: Seed of the bootstrap; equal seeds give equal intervals.

    Returns:
        Metrics with 95 % intervals: Wilson for the accuracy, percentile bootstrap over rows (1,000 resamples) for
        the rest. The interval of ``ece`` is corrected for the upward bias of the estimate and of its resamples; its
        lower end is 0 if the data do not reject perfect calibration.

    Raises:
        InputError: M20 no rows, mismatched lengths, a class index outside the labels, or NaN.

    Source:
        Wilson 1927, JASA 22; Efron 1979, Annals of Statistics 7; Guo et al. 2017, "On Calibration of Modern Neural
        Networks" (expected calibration error); Bröcker & Smith 2007, Weather and Forecasting 22 (resamples of a
        calibrated model).

    Example:
        >>> m = evaluate_labels([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], ["负面", "正面"])
        >>> m.accuracy.count, m.confusion
        (2, ((1, 0), (1, 1)))
    """
    truth, p, given = _checked(true, probabilities, labels, predicted)
    n, k = p.shape
    confusion = np.bincount(truth * k + given, minlength=k * k)
    right = truth == given
    confidence = np.clip(p[np.arange(n), given], 0, 1)
    rng = np.random.default_rng(seed)
    resampled = rng.multinomial(n, confusion / n, RESAMPLES).reshape(RESAMPLES, k, k)
    confusion = confusion.reshape(k, k)
    occurs = confusion.sum(axis=1) > 0
    point, spread = _rates(confusion[None]), _rates(resampled)
    classes = tuple(
        ClassMetrics(
            str(labels[c]),
            int(confusion[c].sum()),
            int(confusion[:, c].sum()),
            *(_interval(float(one[0, c]), many[:, c]) for one, many in zip(point, spread, strict=True)),
        )
        for c in range(k)
    )
    macro = _interval(float(_mean_f1(point[2], occurs)[0]), _mean_f1(spread[2], occurs))
    cells = _calibration_cells(confidence, right)
    hits = int(right.sum())
    return Metrics(
        n,
        wilson(hits, n),
        macro,
        _ece_interval(cells, n, rng),
        classes,
        tuple(tuple(map(int, row)) for row in confusion),
        _reliability(cells),
    )


def wilson(count: int, n: int, effect: float = 1.0) -> Share:
    """Return a proportion with its Wilson 95 % interval; all NaN for n = 0.

    Args:
        count: Successes, at most ``n``.
        n: Trials.
        effect: Design effect, 1 or more: the effective number of trials is ``n / effect``.

    Source:
        Wilson 1927, "Probable inference", JASA 22, 209–212.

    Example:
        >>> s = wilson(8, 10)
        >>> round(s.low, 3), round(s.high, 3)
        (0.49, 0.943)
    """
    if n == 0:
        return Share(count, n, math.nan, math.nan, math.nan)
    p, worth = count / n, n / effect
    centre = (p + _Z**2 / (2 * worth)) / (1 + _Z**2 / worth)
    half = _Z / (1 + _Z**2 / worth) * math.sqrt(p * (1 - p) / worth + _Z**2 / (4 * worth**2))
    return Share(count, n, p, max(0.0, centre - half) if count else 0.0, min(1.0, centre + half) if count < n else 1.0)


def restrict(probabilities: ArrayLike, columns: Sequence[int]) -> NDArray[np.float64]:
    """Return the probabilities conditional on a subset of the classes.

    For a file labelled only negative and positive, it makes a three-class model comparable:
    ``restrict(p, [0, 2])``.

    Args:
        probabilities: Shape (n, k).
        columns: The classes to keep, in the desired order.

    Returns:
        Shape (n, columns), rows sum to 1; uniform where all kept probabilities are 0.

    Example:
        >>> restrict([[0.2, 0.5, 0.3]], [0, 2]).round(2).tolist()
        [[0.4, 0.6]]
    """
    part = np.asarray(probabilities, np.float64)[:, list(columns)]
    total = part.sum(axis=1, keepdims=True)
    return np.where(total > 0, part / np.where(total > 0, total, 1), 1 / len(columns))


def _checked(
    true: ArrayLike, probabilities: ArrayLike, labels: Sequence[str], predicted: ArrayLike | None
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    p = np.asarray(probabilities, np.float64)
    truth = np.asarray(true)
    if p.ndim != 2 or not len(p) or p.shape[1] != len(labels) or truth.shape != (len(p),):
        raise InputError(
            "M20",
            f"无法评估:{truth.size} 个标注、形状为 {p.shape} 的预测、{len(labels)} 个类别。",
            "标注与预测须行数相同且至少一行。",
        )
    given = p.argmax(axis=1) if predicted is None else np.asarray(predicted)
    numbers = np.concatenate([truth, given])
    if not np.isfinite(p).all() or given.shape != truth.shape or not np.isin(numbers, np.arange(len(labels))).all():
        raise InputError(
            "M20", "无法评估:预测中有 NaN,或标注不在类别之内。", f"标注须为 0 到 {len(labels) - 1} 的整数。"
        )
    return truth.astype(np.int64), p, given.astype(np.int64)


def _rates(confusion: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return precision, recall and F1 of stacked confusion matrices, each (resamples, classes)."""
    hit = np.diagonal(confusion, axis1=1, axis2=2).astype(np.float64)
    true, given = confusion.sum(axis=2), confusion.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return hit / given, hit / true, 2 * hit / (true + given)


def _mean_f1(f1: NDArray[np.float64], occurs: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean over the classes that occur; a class missing from a resample has F1 0."""
    return np.asarray(np.nan_to_num(f1[:, occurs]).mean(axis=1))


def _interval(value: float, resampled: NDArray[np.float64]) -> Estimate:
    defined = resampled[~np.isnan(resampled)]
    if math.isnan(value) or not len(defined):
        return Estimate(value, math.nan, math.nan)
    low, high = np.quantile(defined, [0.025, 0.975])
    return Estimate(value, float(low), float(high))


def _calibration_cells(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return counts (wrong, right) and the sum of confidences on a fine grid, shape (3, grid)."""
    cell = np.clip((confidence * _GRID).astype(np.int64), 0, _GRID - 1)
    return np.stack([np.bincount(cell, w, _GRID) for w in (~right, right, confidence)])


def _ece(wrong: NDArray[Any], right: NDArray[Any], mean: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Return the expected calibration error of stacked grid counts, shape (resamples,)."""
    gap = right - (wrong + right) * mean
    return np.asarray(np.abs(gap.reshape(*gap.shape[:-1], BINS, -1).sum(axis=-1)).sum(axis=-1) / n)


def _ece_interval(cells: NDArray[np.float64], n: int, rng: np.random.Generator) -> Estimate:
    wrong, right, total = cells
    mean = total / np.maximum(wrong + right, 1)
    value = float(_ece(wrong, right, mean, n))
    counts = rng.multinomial(n, np.concatenate([wrong, right]) / n, RESAMPLES)
    resampled = _ece(counts[:, :_GRID], counts[:, _GRID:], mean, n)
    bias = float(resampled.mean()) - value
    low, high = np.quantile(resampled, [0.025, 0.975])
    # The estimate has the bias once and a resample of it twice. Only the lower end is corrected for both, so that the
    # interval contains the estimate; it is 0 if a calibrated model would often look as bad.
    filled = wrong + right > 0
    size = (wrong + right)[filled].astype(np.int64)
    calibrated = np.zeros((RESAMPLES, _GRID))
    calibrated[:, filled] = rng.binomial(size, np.clip(mean[filled], 0, 1), (RESAMPLES, len(size)))
    none = value <= float(np.quantile(_ece(wrong + right - calibrated, calibrated, mean, n), 0.975))
    return Estimate(value, 0.0 if none else max(0.0, float(low) - 2 * bias), float(high) - bias)


def _reliability(cells: NDArray[np.float64]) -> tuple[ReliabilityBin, ...]:
    wrong, right, total = (row.reshape(BINS, -1).sum(axis=1) for row in cells)
    bins = []
    for i in range(BINS):
        n = int(wrong[i] + right[i])
        rates = (float(total[i] / n), float(right[i] / n)) if n else (math.nan, math.nan)
        bins.append(ReliabilityBin(i / BINS, (i + 1) / BINS, n, *rates))
    return tuple(bins)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
