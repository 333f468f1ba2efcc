"""Measure the shipped model on the labelled sets, with intervals: dev at any time, test once."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.metrics import evaluate_labels, restrict
from core.schema import Backend
from core.score import load
from core.train import comments, suite, tasks
from core.train.config import BUILTIN, LOG, facts_path, labelled_dir, model_dir, parse

STRESS = Path(__file__).parents[2] / "tests" / "stress" / "stress.csv"


@dataclass(frozen=True)
class EvaluateConfig:
    """Settings of ``evaluate``."""

    split: str = "dev"
    model: str = BUILTIN  # the shipped model to measure
    out: str = ""  # default: evaluate.<split>.json in the work folder, with the model's name if it is not the default


def stress_rows(path: Path = STRESS) -> list[dict[str, str]]:
    """Read the stress set: rows of category, text, label."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def measure_stress(p: NDArray[np.float32], rows: list[dict[str, str]]) -> dict[str, Any]:
    """Return accuracy on the stress set (negative against positive), overall and by category.

    Args:
        p: Sentiment probabilities, shape (rows, 3).
        rows: From `stress_rows`.
    """
    pair = restrict(p, [0, 2])
    y = np.array([row["label"] == "positive" for row in rows], np.int64)
    category = np.array([row["category"] for row in rows])
    names = ("negative", "positive")
    by = {
        name: evaluate_labels(y[category == name], pair[category == name], names)
        for name in dict.fromkeys(category.tolist())
    }
    whole = evaluate_labels(y, pair, names)
    return whole.as_dict() | {"by_category": {name: m.accuracy.value for name, m in by.items()}}


def measure_comments(backend: Backend) -> dict[str, Any]:
    """Return and log accuracy on the held-out part of our own comments, by category."""
    rows = comments.read("dev")
    found = comments.measure(rows, suite.ask(backend, rows["text"].tolist(), ())["sentiment"])
    comments.log_measures("dev", found)
    return {
        name: {
            "n": three.n,
            "accuracy": asdict(three.accuracy),
            "judged": pair.n,
            "judged_accuracy": asdict(pair.accuracy),
        }
        for name, (three, pair) in found.items()
    }


def main(argv: list[str]) -> int:
    """Write the metrics of the shipped model, run as in the product, on one split and on the stress set."""
    config = parse(EvaluateConfig, "evaluate", argv)
    folder = model_dir(config.model)
    backend = load(str(folder))
    found = suite.measure(backend, labelled_dir(), config.split)
    tasks.log_table(config.split, {one.name: one.metrics for one in found.sets})
    version = json.loads((folder / "labels.json").read_text("utf-8"))["version"]
    result: dict[str, Any] = {"version": version, "sets": {one.name: one.metrics.as_dict() for one in found.sets}}
    if found.pooled is not None:
        result["pooled"] = found.pooled.as_dict()
        LOG.info("%s ECE %.4f", config.split, found.pooled.ece.value)
    if config.split == "dev":
        result["comments"] = measure_comments(backend)
    if STRESS.exists():
        stress = stress_rows()
        p = suite.ask(backend, [row["text"] for row in stress], ())["sentiment"]
        result["stress"] = measure_stress(p, stress)
        LOG.info("stress %.4f of %d", result["stress"]["accuracy"]["value"], len(stress))
    path = Path(config.out) if config.out else facts_path("evaluate", config.model, config.split)
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")
    return 0
