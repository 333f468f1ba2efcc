"""The first table of docs/benchmarks.md: the five most-wanted figures, taken from the tables below it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.tables import Section


@dataclass(frozen=True)
class Figure:
    """One row of the summary.

    Attributes:
        question: The reader's question.
        case: Name of the benchmark case.
        title: Heading of the case's section.
        row: First cells of its row in the table.
        answer: Template of the answer; ``{column}`` is replaced by a cell of that row.
    """

    question: str
    case: str
    title: str
    row: tuple[str, ...]
    answer: str


FIGURES = (
    Figure(
        "100,000 comments, CSV in and CSV out, built-in model",
        "label",
        "100,000 comments, file to file",
        ("`builtin`",),
        "{rows/s} rows/s, {: SnowNLP} SnowNLP's scoring",
    ),
    Figure(
        "1,000,000 comments, CSV in and CSV out, built-in model",
        "growth",
        "Growth",
        ("1,000,000",),
        "{process, rows/s} rows/s in {peak MiB} MiB",
    ),
    Figure(
        "A base-size StructBERT, compiled to int8",
        "engine",
        "A base-size StructBERT, rows/s",
        ("Tingfeng, onnx int8",),
        "{rows/s} rows/s, {against the default loop} modelscope's default loop",
    ),
    Figure(
        "64 concurrent callers of the REST API, one text each",
        "api",
        "REST API under load",
        ("1", "1", "64"),
        "{texts/s} texts/s, p95 {p95 ms} ms",
    ),
    Figure(
        "Dashboard on 1,000,000 rows after a filter change",
        "dashboard",
        "The dashboard on 1,000,000 rows",
        ("all comments",),
        "{changed} ms, {cached} ms when cached",
    ),
)


def summary(kept: Mapping[str, str]) -> Section:
    """Build the summary from the measured cases.

    Args:
        kept: Markdown of the cases by name.
    """
    rows = [[one.question, _answer(one, kept[one.case]), f"`{one.case}`"] for one in FIGURES if one.case in kept]
    what = "Taken from the tables below, which state date and machine."
    return Section("In short", what, ["what", "measured", "case"], rows)


def _answer(figure: Figure, case: str) -> str:
    header, *rows = _table(case, figure.title)
    found = next(row for row in rows if tuple(row[: len(figure.row)]) == figure.row)
    cells = dict(zip(header, found, strict=True))
    return re.sub(r"\{([^}]+)\}", lambda match: cells[match[1]], figure.answer)


def _table(case: str, title: str) -> list[Sequence[str]]:
    """Return header and rows of the table under a heading."""
    section = case.split(f"## {title}\n", 1)[1].split("\n## ", maxsplit=1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in (lines[0], *lines[2:])]
