"""``evaluate``: how good a model is on a file whose right labels are known."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.clean import clean
from core.commands import console
from core.commands.files import add_reading, tables
from core.errors import InputError
from core.jobs.progress import Meter, Stage
from core.metrics import Estimate, Metrics, evaluate_labels, restrict
from core.read import count, read
from core.schema import (
    LABEL_NAMES,
    LABELS,
    NEUTRAL,
    Backend,
    CleanOptions,
    Col,
    ScoreOptions,
    Share,
    Status,
    TableSource,
    original,
)
from core.score import load, score
from core.settings import get_settings

__all__ = ["add", "evaluate", "parse_labels"]

_WORDS: Final = (
    ("负面", "负向", "消极", "差评", "负", "negative", "neg"),
    ("中性", "中立", "中评", "中", "neutral", "neu"),
    ("正面", "正向", "积极", "好评", "正", "positive", "pos"),
)
#: Numbers mean something only together: 1 is positive in {0, 1} and {-1, 0, 1}, neutral in {0, 1, 2}.
_NUMBERS: Final = (
    {"0": 0, "1": 2},
    {"-1": 0, "1": 2},
    {"-1": 0, "0": 1, "1": 2},
    {"0": 0, "1": 1, "2": 2},
)
_SHOWN_CHARS, _SHOWN_VALUES = 8, 6


@dataclass(frozen=True, slots=True)
class _Rows:
    """Scored rows with the labels of the file, and how many rows could not take part."""

    labels: list[str]
    probabilities: NDArray[np.float32]
    given: NDArray[np.int8]
    blank: int
    unlabelled: int


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("file", metavar="FILE", type=Path, help="带正确标签的表格文件")
    add_reading(parser)
    parser.add_argument("--label", metavar="列名", required=True, help="正确标签在哪一列")
    parser.add_argument("--backend", metavar="模型", help="builtin、structbert 或模型文件夹;默认见设置")
    parser.add_argument("--json", action="store_true", help="打印 JSON 对象")


def evaluate(arguments: argparse.Namespace) -> int:
    """Score the file, compare with its labels and write the metrics; returns the exit code.

    Raises:
        InputError: I04 the label column is missing or its values are not understood.
    """
    settings = get_settings()
    sources = tables([arguments.file], arguments)
    for source in sources:
        if arguments.label not in source.columns:
            names = "、".join(source.columns)
            raise InputError("I04", f"{source.name} 里没有标签列「{arguments.label}」。", f"文件里的列有:{names}。")
    backend = load(arguments.backend or settings.backend)
    options = ScoreOptions(settings.neutral_band, settings.review_below, settings.max_windows)
    rows = _scored(sources, arguments.label, backend, options)
    truth = parse_labels(rows.labels)
    metrics, asked = _compare(truth, rows, backend)
    if arguments.json:
        more = {
            "n_blank": rows.blank,
            "n_unlabelled": rows.unlabelled,
            "labels": [LABEL_NAMES[i] for i in asked],
            "backend": backend.name,
            "model_version": backend.version,
        }
        console.say_json({**metrics.as_dict(), **more})
    else:
        _tell(metrics, rows, backend)
    return 0


def parse_labels(values: Sequence[str]) -> NDArray[np.int64]:
    """Turn the labels of a file into indices into ``LABELS``.

    Chinese and English names and the numbers {0, 1}, {-1, 1}, {-1, 0, 1} and {0, 1, 2} are understood.

    Args:
        values: One label a row, none empty.

    Returns:
        (n,) indices.

    Raises:
        InputError: I04 no labels, or some are not understood.

    Example:
        >>> parse_labels(["差评", "Positive", "中性"]).tolist()
        [0, 2, 1]
    """
    plain = [value.strip().lower().removesuffix(".0") for value in values]
    seen = set(plain)
    tables_ = [{word: i for i, words in enumerate(_WORDS) for word in words}, *_NUMBERS]
    known = next((table for table in tables_ if seen <= table.keys()), None)
    if known is None or not seen:
        # a wrong column may hold comments: only short values are shown
        shown = [value for value in sorted(seen) if 0 < len(value) <= _SHOWN_CHARS][:_SHOWN_VALUES]
        raise InputError(
            "I04",
            f"看不懂标签列里的值({len(seen)} 种,如 {'、'.join(shown) or '较长的文字'})。",
            "请用 负面/中性/正面、negative/neutral/positive、0/1、-1/0/1 或 0/1/2。",
        )
    return np.array([known[value] for value in plain], np.int64)


def _scored(sources: Sequence[TableSource], column: str, backend: Backend, options: ScoreOptions) -> _Rows:
    """Read, clean and score all rows that have both words and a label."""
    settings = get_settings()
    labels: list[str] = []
    probabilities, given = [np.empty((0, len(LABELS)), np.float32)], [np.empty(0, np.int8)]
    blank = unlabelled = done = 0
    line = console.ProgressLine()
    meter = Meter(0, sum(count(source) for source in sources))
    for texts, right, unscored, unknown in _pairs(sources, column, settings.chunk_rows, settings.timezone):
        scores = score(texts, backend, options)
        labels += right
        probabilities.append(scores.probabilities)
        given.append(scores.label)
        blank, unlabelled, done = blank + unscored, unlabelled + unknown, done + len(texts) + unscored + unknown
        line(meter.at(done, Stage.SCORING))
    line.close()
    return _Rows(labels, np.concatenate(probabilities), np.concatenate(given), blank, unlabelled)


def _pairs(
    sources: Sequence[TableSource], column: str, chunk_rows: int, timezone: str
) -> Iterator[tuple[list[str], list[str], int, int]]:
    """Yield cleaned texts and their labels, with the number of blank and of unlabelled rows left out."""
    # the time plays no part here
    options = CleanOptions(datetime(2000, 1, 1), timezone)
    for source in sources:
        for chunk in read(source, chunk_rows=chunk_rows):
            frame = clean(chunk, source.mapping, options, first_row=0)
            labels = frame[original(column)].astype(str).str.strip()
            usable = frame[Col.STATUS] == Status.PENDING
            named = usable & (labels != "")
            yield (
                frame.loc[named, Col.CLEAN_TEXT].tolist(),
                labels[named].tolist(),
                int((~usable).sum()),
                int((usable & ~named).sum()),
            )


def _compare(truth: NDArray[np.int64], rows: _Rows, backend: Backend) -> tuple[Metrics, list[int]]:
    """Compare on the classes of the file: one without 中性 asks a three-class model the two-class question."""
    asked = [i for i in range(len(LABELS)) if i != NEUTRAL or NEUTRAL in truth]
    names = [LABELS[i] for i in asked]
    if len(asked) == len(LABELS):
        return evaluate_labels(truth, rows.probabilities, names, predicted=rows.given), asked
    places = np.searchsorted(asked, truth)
    return evaluate_labels(places, restrict(rows.probabilities, asked), names), asked


def _tell(metrics: Metrics, rows: _Rows, backend: Backend) -> None:
    console.say(f"模型 {backend.name}({backend.version[:12]}),{metrics.n:,} 行,括号内为 95% 区间")
    if rows.blank or rows.unlabelled:
        console.say(f"未计入:空白 {rows.blank:,} 行,没有标签 {rows.unlabelled:,} 行")
    console.say(f"准确率    {_percent(metrics.accuracy)}")
    console.say(f"宏平均 F1 {_percent(metrics.macro_f1)}")
    console.say(f"校准误差  {_percent(metrics.ece)}")
    for one in metrics.classes:
        console.say(f"{one.label}  精确率 {_percent(one.precision)}  召回率 {_percent(one.recall)}  n={one.support:,}")


def _percent(value: Estimate | Share) -> str:
    return f"{value.value:.1%}({value.low:.1%}–{value.high:.1%})"
