"""The learning curve of a fine-tuning: tokens seen → accuracy of the averaged weights on part of dev."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from core.train import tasks
from core.train.config import LOG, work_dir

#: Dev rows per set: enough for a curve, and fast.
ROWS = 400


@dataclass(frozen=True)
class Point:
    """The state of a run at one measurement.

    Attributes:
        step: Steps taken.
        tokens: Padded tokens seen.
        accuracy: Set → accuracy on ``ROWS`` dev rows, deep part alone.
        mean: Of the two-class sets, see `tasks.mean_two_class`.
    """

    step: int
    tokens: int
    accuracy: dict[str, float]
    mean: float


class Curve:
    """Measures a run periodically and stores the results beside its checkpoint.

    Args:
        name: Of the run.
        max_length: Tokens per text.
    """

    def __init__(self, name: str, max_length: int) -> None:
        self._path = path(name)
        self._rows = tasks.dev_rows(ROWS)
        self._encoded = tasks.encode(tasks.tokenizer(max_length), self._rows.text)
        self._points = read(name)

    def note(self, step: int, tokens: int, predict: Callable[[list[list[int]]], tasks.Floats]) -> None:
        """Measure a model and write the curve so far; a repeated step replaces its earlier measurement.

        Args:
            step: Steps taken.
            tokens: Padded tokens seen.
            predict: Token ids of n texts → logits (n, 13).
        """
        threads = torch.get_num_threads()
        torch.set_num_threads(max(threads, 2))  # the other ranks wait
        found = tasks.score_rows(self._rows, predict(self._encoded))
        torch.set_num_threads(threads)
        accuracy = {name: metrics.accuracy.value for name, metrics in found.items()}
        point = Point(step, tokens, accuracy, tasks.mean_two_class(found))
        LOG.info("curve: step %d, %d tokens, mean accuracy of the two-class sets %.4f", step, tokens, point.mean)
        self._points = [*(one for one in self._points if one.step < step), point]
        self._path.write_text(json.dumps([asdict(one) for one in self._points], indent=1), "utf-8")


def path(name: str) -> Path:
    """Return the file of a run's curve."""
    return work_dir() / f"{name}.curve.json"


def read(name: str) -> list[Point]:
    """Return the points measured so far in a run."""
    file = path(name)
    return [Point(**one) for one in json.loads(file.read_text("utf-8"))] if file.exists() else []
