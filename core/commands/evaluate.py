"""``evaluate``: measure a model on a file, or on a folder of files, with known labels."""

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
from core.commands.model_options import add_model, chosen
from core.errors import InputError
from core.gold_labels import parse_labels
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
from core.score import score, short_version
from core.settings import get_settings

__all__ = ["add", "evaluate"]


#: The task of a set, by head.
_HEADS: Final = {"sentiment": "{} 类情感", "emotion": "{} 类情绪", "offensive": "是否冒犯"}


@dataclass(frozen=True, slots=True)
class _Rows:
    """Scored rows with the labels of the file, and how many rows were left out."""

    labels: list[str]
    probabilities: NDArray[np.float32]
    given: NDArray[np.int8]
    blank: int
    unlabelled: int


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help="带正确标签的表格文件")
    add_reading(parser)
    parser.add_argument("--label", metavar="列名", help="正确标签在哪一列")
    parser.add_argument(
        "--suite", metavar="文件夹", type=Path, help="评测整个文件夹:每个 <名称>.test.csv[.gz],有 text 和 label 两列"
    )
    parser.add_argument(
        "--split", default="test", choices=("train", "dev", "test"), help="--suite 用哪一部分,默认 test"
    )
    add_model(parser)
    parser.add_argument("--json", action="store_true", help="打印 JSON 对象")


def evaluate(arguments: argparse.Namespace) -> int:
    """Score the file, compare with its labels, write the metrics and return the exit code.

    Raises:
        InputError: I03 neither a file with its label column nor a folder is named, I04 the label column is missing or
            its values are not understood, I06 the folder holds no labelled set.
    """
    if arguments.suite is not None:
        return _evaluate_suite(arguments)
    if arguments.file is None or arguments.label is None:
        raise InputError("I03", "缺少 FILE 和 --label,或 --suite。", "评测一个文件要写 FILE --text 列名 --label 列名。")
    settings = get_settings()
    sources = tables([arguments.file], arguments)
    for source in sources:
        if arguments.label not in source.columns:
            names = "、".join(source.columns)
            raise InputError("I04", f"{source.name} 里没有标签列「{arguments.label}」。", f"文件里的列有:{names}。")
    _, backend = chosen(arguments)
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


def _evaluate_suite(arguments: argparse.Namespace) -> int:
    """Write one line per labelled set of a folder."""
    from core.train.suite import measure  # lazy: loads pandas and the sets

    _, backend = chosen(arguments)
    suite = measure(backend, arguments.suite, arguments.split, _announce)
    if arguments.json:
        sets = {one.name: {"head": one.head, "labels": one.classes, **one.metrics.as_dict()} for one in suite.sets}
        whole = suite.pooled.as_dict() if suite.pooled else None
        facts = {"split": arguments.split, "backend": backend.name, "model_version": backend.version}
        console.say_json({**facts, "sets": sets, "pooled": whole, "skipped": suite.skipped})
        return 0
    console.say(f"模型 {backend.name}({short_version(backend.version)}),{arguments.split} 部分,括号内为 95% 区间")
    console.say("| 数据集 | 判断 | n | 准确率 | 宏平均 F1 | 校准误差 |")
    console.say("|---|---|---:|---|---|---|")
    for one in suite.sets:
        console.say(_line(one.name, _HEADS[one.head].format(len(one.classes)), one.metrics))
    if suite.pooled:
        console.say(_line("全部有情感标签的行", "情感", suite.pooled))
    for name, why in suite.skipped.items():
        console.say(f"未评测 {name}:{why}")
    return 0


def _announce(name: str) -> None:
    console.warn(f"正在评测 {name}…")


def _line(name: str, asked: str, metrics: Metrics) -> str:
    parts = (_percent(metrics.accuracy), _percent(metrics.macro_f1), _percent(metrics.ece))
    return f"| {name} | {asked} | {metrics.n:,} | {' | '.join(parts)} |"


def _scored(sources: Sequence[TableSource], column: str, backend: Backend, options: ScoreOptions) -> _Rows:
    """Read, clean and score all rows that have both text and a label."""
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
    # the reference time is irrelevant here
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
    """Compare on the classes of the file: without 中性, a three-class model is evaluated on two classes."""
    asked = [i for i in range(len(LABELS)) if i != NEUTRAL or NEUTRAL in truth]
    names = [LABELS[i] for i in asked]
    if len(asked) == len(LABELS):
        return evaluate_labels(truth, rows.probabilities, names, predicted=rows.given), asked
    places = np.searchsorted(asked, truth)
    return evaluate_labels(places, restrict(rows.probabilities, asked), names), asked


def _tell(metrics: Metrics, rows: _Rows, backend: Backend) -> None:
    console.say(f"模型 {backend.name}({short_version(backend.version)}),{metrics.n:,} 行,括号内为 95% 区间")
    if rows.blank or rows.unlabelled:
        console.say(f"未计入:空白 {rows.blank:,} 行,没有标签 {rows.unlabelled:,} 行")
    console.say(f"准确率    {_percent(metrics.accuracy)}")
    console.say(f"宏平均 F1 {_percent(metrics.macro_f1)}")
    console.say(f"校准误差  {_percent(metrics.ece)}")
    for one in metrics.classes:
        console.say(f"{one.label}  精确率 {_percent(one.precision)}  召回率 {_percent(one.recall)}  n={one.support:,}")


def _percent(value: Estimate | Share) -> str:
    return f"{value.value:.1%}({value.low:.1%}–{value.high:.1%})"
