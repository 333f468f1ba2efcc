"""Shared by the tests of jobs, the command line and faults: a file of comments, a model, a spec."""

from __future__ import annotations

import csv
import hashlib
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.jobs import new_spec
from core.read import inspect
from core.schema import LABELS, JobSpec
from core.settings import load

#: Comments in the file that most tests of jobs use.
ROWS = 1000
WORDS = (
    "物流",
    "客服",
    "味道",
    "包装",
    "价格",
    "很好",
    "难吃",
    "太慢",
    "喜欢",
    "一般",
    "退款",
    "再也不买",
    "😄",
    "[怒]",
)


class Rule:
    """A real, if simple, model that counts good and bad words and records the texts it scored.

    Args:
        version: Its version.
        pause_after: Texts after which it blocks until ``go`` is set; None = never.
    """

    name, labels, window_tokens = "rule", LABELS, 1000

    def __init__(self, version: str = "rule-1-0123456789", pause_after: int | None = None) -> None:
        self.version = version
        self.asked: list[str] = []
        self.go = threading.Event()
        self.paused = threading.Event()
        self._pause_after = pause_after

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        if self._pause_after is not None and len(self.asked) > self._pause_after:
            self.paused.set()
            self.go.wait(20)
        good = np.array([sum(w in t for w in ("很好", "喜欢", "😄")) for t in texts], np.float32)
        bad = np.array([sum(w in t for w in ("难吃", "太慢", "再也不买", "[怒]")) for t in texts], np.float32)
        weights = np.stack([np.exp(bad), np.full(len(texts), 1.5, np.float32), np.exp(good)], axis=1).reshape(-1, 3)
        return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)

    def lengths(self, texts: Sequence[str]) -> NDArray[np.int32]:
        return np.array([len(t) for t in texts], np.int32)


@lru_cache(maxsize=1)
def _only_rule() -> Rule:
    return Rule()


def open_rule(folder: Path, name: str) -> Rule:
    """Open a registered model: always the same one, until it is forgotten."""
    del folder, name
    return _only_rule()


def forget_rule() -> None:
    """Make the next call open a new one."""
    _only_rule.cache_clear()
    return Rule()


def comments(path: Path, rows: int, *, seed: int = 1) -> Path:
    """Write a CSV with distinct, repeated, blank and undated comments."""
    rng = np.random.default_rng(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["编号", "评论内容", "评论时间", "店铺"])
        for i in range(rows):
            text = "".join(rng.choice(WORDS, size=int(rng.integers(1, 8)))) + (f" 第{i}单" if i % 3 else "")
            when = "看不清" if i % 50 == 7 else f"2026-09-{1 + i % 28:02d} 12:00:00"
            writer.writerow([f"{10**18 + i}", "" if i % 20 == 5 else text, when, f"店{i % 7}"])
    return path


def spec_of(path: Path, backend: Rule, **options: object) -> JobSpec:
    """A job over one file."""
    return new_spec(inspect([path]), backend, settings=load({}), **options)  # type: ignore[arg-type]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
