"""All labelled rows as one multi-task set, and the common evaluation of all models on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax
from tokenizers import Tokenizer

from core.metrics import Metrics
from core.train import comments, data, suite
from core.train.config import LOG, labelled_dir, work_dir
from core.train.net import SPANS

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
SIX = np.isin(np.arange(8), suite.SIX)


@dataclass
class Rows:
    """Texts with one target per head.

    ``target``: head → class of each row, -1 = unknown. ``two``: sentiment is only negative or positive.
    ``six``: emotion was chosen among SMP's six. ``weight``: importance in the loss. ``origin``: name of the set.
    """

    text: list[str]
    target: dict[str, Ints]
    two: NDArray[np.bool_]
    six: NDArray[np.bool_]
    weight: Floats
    origin: NDArray[np.str_]
    facts: dict[str, Any] = field(default_factory=dict)

    def frame(self, at: Ints) -> pd.DataFrame:
        """Return the targets of some rows in the format of `data.read`."""
        return pd.DataFrame({name: y[at] for name, y in self.target.items()} | {"two": self.two[at]})

    def take(self, at: Ints) -> Rows:
        """Return some of the rows."""
        target = {name: y[at] for name, y in self.target.items()}
        return Rows([self.text[i] for i in at], target, self.two[at], self.six[at], self.weight[at], self.origin[at])


def make_rows(tables: Iterable[tuple[str, pd.DataFrame, float]]) -> Rows:
    """Stack tables of `data.read`, each with its weight."""
    parts = [(name, table, weight) for name, table, weight in tables if len(table)]
    frame = pd.concat([table for _, table, _ in parts], ignore_index=True)
    origin = np.concatenate([np.full(len(table), name) for name, table, _ in parts])
    return Rows(
        text=frame["text"].tolist(),
        target={head: frame[head].to_numpy(np.int64) for head in SPANS},
        two=frame["two"].to_numpy(bool),
        six=np.array([name.startswith("smp2020") for name in origin]),
        weight=np.concatenate([np.full(len(table), weight, np.float32) for _, table, weight in parts]),
        origin=origin,
    )


def set_weight(rows: int, power: float) -> float:
    """Return the weight of each row of a set: large sets count less than proportionally, small ones more."""
    return float((rows / 10_000) ** -power)


def train_rows(
    power: float = 0.3,
    neutral: float = 1.0,
    *,
    augment: bool = True,
    own: float = 3.0,
    made: float = 0.4,
    without: tuple[str, ...] = (),
) -> Rows:
    """Return the train part of every set (except `none` sets), followed by our own and augmented rows.

    Args:
        power: See `set_weight`.
        neutral: Extra weight of the sets with three sentiment classes: the two-class sets outnumber them ten to one and
            would teach that shoppers never write anything neutral.
        augment: Add the comments written for this project and the synthetic and altered rows.
        own: Weight of each of our own comments.
        made: Weight of each synthetic or altered row.
        without: Sets to exclude entirely, including altered copies.
    """
    from core.train import augment as augmenting

    names = [name for name, item in data.SETS.items() if item.kind != "none" and name not in without]
    tables = [(name, data.read(labelled_dir(), name, "train")) for name in names]
    weighted = [
        (name, table, set_weight(max(len(table), 2000), power) * (neutral if data.SETS[name].kind == "three" else 1.0))
        for name, table in tables
    ]
    if augment:
        weighted += [("own_comments", comments.read("train"), own), *augmenting.tables(tables, labelled_dir(), made)]
    rows = make_rows(weighted)
    known = np.stack([rows.target[head] >= 0 for head in SPANS]).any(0)
    return rows.take(np.flatnonzero(known))


def dev_rows(most: int = 1200) -> Rows:
    """Return the dev part of every set that has one, at most ``most`` rows of each."""
    tables = [
        (name, data.read(labelled_dir(), name, "dev"), 1.0) for name, item in data.SETS.items() if item.kind != "none"
    ]
    rows = make_rows(
        (name, table.sample(min(most, len(table)), random_state=1), weight) for name, table, weight in tables
    )
    known = np.stack([rows.target[head] >= 0 for head in SPANS]).any(0)
    return rows.take(np.flatnonzero(known))


def tokenizer(max_length: int) -> Tokenizer:
    """Load the tokenizer of the work folder, truncating texts to ``max_length`` tokens including [CLS] and [SEP]."""
    tok = Tokenizer.from_file(str(work_dir() / "tokenizer.json"))
    tok.enable_truncation(max_length)
    return tok


def encode(tok: Tokenizer, texts: list[str]) -> list[list[int]]:
    """Return token ids with [CLS] and [SEP] for each text."""
    return [item.ids for item in tok.encode_batch_fast(texts)]


def score_rows(rows: Rows, logits: Floats) -> dict[str, Metrics]:
    """Measure every set on its own classes.

    Args:
        rows: Rows of one split.
        logits: Shape (rows, 13), or log-probabilities.

    Returns:
        set → metrics. Two-class sets are scored on negative against positive, SMP's emotion sets on their six.
    """
    result: dict[str, Metrics] = {}
    for name in dict.fromkeys(rows.origin.tolist()):
        at = np.flatnonzero(rows.origin == name)
        p = softmax(logits[at][:, SPANS[suite.head_of(name)]], axis=1)
        result[name] = suite.measure_set(name, rows.frame(at), p).metrics
    return result


def report_dev(title: str, tok: Tokenizer, predict: Callable[[list[list[int]]], Floats]) -> dict[str, Metrics]:
    """Log and return the dev metrics of a model given as a function from token ids to logits."""
    rows = dev_rows()
    result = score_rows(rows, predict(encode(tok, rows.text)))
    log_table(title, result)
    own = comments.read("dev")
    p = softmax(predict(encode(tok, own["text"].tolist()))[:, SPANS["sentiment"]], axis=1)
    comments.log_measures(title, comments.measure(own, p))
    return result


def log_table(title: str, result: dict[str, Metrics]) -> None:
    """Log one line per set and the mean accuracy of the two-class sets."""
    for name, row in result.items():
        LOG.info("%s  %-26s n=%-6d acc %.4f  F1 %.4f", title, name, row.n, row.accuracy.value, row.macro_f1.value)
    LOG.info("%s  mean accuracy of the two-class sets %.4f", title, mean_two_class(result))


def mean_two_class(result: dict[str, Metrics]) -> float:
    """Return the mean accuracy over the two-class sets of at least 400 rows."""
    two = [row.accuracy.value for name, row in result.items() if data.SETS[name].kind == "two" and row.n >= 400]
    return float(np.mean(two)) if two else float("nan")
