"""The baseline: character 1–3-gram TF-IDF with logistic regression, one model per kind of label."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from core.metrics import evaluate_labels
from core.train import data, evaluate, suite
from core.train.config import LOG, labelled_dir, parse, work_dir

# kind → sets trained together; the two-class model is the one of ../shared/data/README.md.
GROUPS = {
    "two": [name for name, item in data.SETS.items() if item.kind == "two"],
    "three": ["ecom_reviews_3class"],
    "car": ["bdci_car2018"],
    "smp": ["smp2020_usual", "smp2020_virus"],
    "emotion8": ["weibo_emotion8"],
    "offensive": ["cold_offensive"],
}


@dataclass(frozen=True)
class BaselineConfig:
    """Settings of ``baseline``."""

    features: int = 400_000
    c: float = 4.0
    split: str = "test"


def fit(names: list[str], config: BaselineConfig) -> tuple[TfidfVectorizer, LogisticRegression]:
    """Train on the train files of some sets."""
    tables = [data.read(labelled_dir(), name, "train") for name in names]
    texts = [text for table in tables for text in table["text"]]
    y = np.concatenate([table[suite.head_of(name)].to_numpy() for name, table in zip(names, tables, strict=True)])
    vectorizer = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 3), min_df=3, max_features=config.features, sublinear_tf=True, dtype=np.float32
    )
    x = vectorizer.fit_transform(texts)
    return vectorizer, LogisticRegression(C=config.c, max_iter=60).fit(x[y >= 0], y[y >= 0])


def main(argv: list[str]) -> int:
    """Write the baseline's accuracy and macro-F1 on every set and the stress set."""
    config = parse(BaselineConfig, "baseline", argv)
    path = work_dir() / f"baseline.{config.split}.json"
    result: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    for kind, names in GROUPS.items():
        if any(name in result for name in names):
            continue  # measured by an earlier, interrupted run
        vectorizer, model = fit(names, config)
        for name in names:
            table = data.read(labelled_dir(), name, config.split)
            y = table[suite.head_of(name)].to_numpy(np.int64)
            if not len(y):
                continue
            classes = [int(c) for c in model.classes_]
            measured = evaluate_labels(
                np.searchsorted(classes, y),
                model.predict_proba(vectorizer.transform(table["text"])),
                [str(c) for c in classes],
            )
            result[name] = measured.as_dict()
            LOG.info("baseline %s acc %.4f F1 %.4f", name, measured.accuracy.value, measured.macro_f1.value)
        if kind == "two" and evaluate.STRESS.exists():
            rows = evaluate.stress_rows()
            p = model.predict_proba(vectorizer.transform([row["text"] for row in rows]))
            three = np.stack([p[:, 0], np.zeros(len(p)), p[:, 1]], 1).astype(np.float32)
            result["stress"] = evaluate.measure_stress(three, rows)
            LOG.info("baseline stress %.4f", result["stress"]["accuracy"]["value"])
        path.write_text(json.dumps(result, indent=1), "utf-8")
    return 0
