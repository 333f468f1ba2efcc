"""Measure the shipped file on the labelled sets, with intervals: dev at any time, test once."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from core.metrics import evaluate_labels, restrict
from core.train import calibrate, data, export, tasks
from core.train.config import LOG, data_dir, model_dir, parse, work_dir

STRESS = Path(__file__).parents[2] / "tests" / "stress" / "stress.csv"


@dataclass(frozen=True)
class EvaluateConfig:
    """Settings of ``evaluate``."""

    split: str = "dev"
    max_length: int = 256
    out: str = ""  # default: <work folder>/evaluate.<split>.json


def split_rows(split: str) -> tasks.Rows:
    """Return every set's rows of one split that have a known label."""
    tables = [
        (name, data.read(data_dir(), name, split), 1.0) for name, item in data.SETS.items() if item.kind != "none"
    ]
    rows = tasks.make_rows(tables)
    known = np.stack([rows.target[head] >= 0 for head in tasks.SPANS]).any(0)
    return rows.take(np.flatnonzero(known))


def stress_rows(path: Path = STRESS) -> list[dict[str, str]]:
    """Read the stress set: rows of category, text, label."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def measure_stress(logp: tasks.Floats, rows: list[dict[str, str]]) -> dict[str, Any]:
    """Return accuracy on the stress set (negative against positive), over all and by category."""
    p = restrict(np.exp(logp[:, :3]), [0, 2])
    y = np.array([row["label"] == "positive" for row in rows], np.int64)
    category = np.array([row["category"] for row in rows])
    names = ("negative", "positive")
    by = {
        name: evaluate_labels(y[category == name], p[category == name], names)
        for name in dict.fromkeys(category.tolist())
    }
    whole = evaluate_labels(y, p, names)
    return whole.as_dict() | {"by_category": {name: m.accuracy.value for name, m in by.items()}}


def main(argv: list[str]) -> int:
    """Write the metrics of the shipped file on one split and on the stress set."""
    config = parse(EvaluateConfig, "evaluate", argv)
    tok = Tokenizer.from_file(str(model_dir() / "tokenizer.json"))
    tok.enable_truncation(config.max_length)
    model = str(model_dir() / "model.onnx")
    rows = split_rows(config.split)
    logp = export.onnx_logp(model, tasks.encode(tok, rows.text))
    sets, whole = tasks.score_rows(rows, logp), calibrate.pooled(rows, logp)
    tasks.log_table(config.split, sets)
    LOG.info("%s ECE %.4f", config.split, whole.ece.value)
    result: dict[str, Any] = {"version": export.version_of(model_dir()), "pooled": whole.as_dict()}
    result["sets"] = {name: m.as_dict() for name, m in sets.items()}
    if STRESS.exists():
        stress = stress_rows()
        result["stress"] = measure_stress(
            export.onnx_logp(model, tasks.encode(tok, [row["text"] for row in stress])), stress
        )
        LOG.info("stress %.4f of %d", result["stress"]["accuracy"]["value"], len(stress))
    path = Path(config.out) if config.out else work_dir() / f"evaluate.{config.split}.json"
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")
    return 0
