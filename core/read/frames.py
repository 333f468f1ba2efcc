"""JSON that pandas writes other than as one object per row: by column, ``orient="split"`` and ``"index"``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import ijson

from core.errors import ReadError
from core.read.cells import text_of
from core.read.header import unique_names
from core.read.per_file import per_file
from core.read.transcoder import open_utf8

#: By column, the file is read once per column, all in parallel: the maximum number of columns.
MAX_FRAME_COLUMNS: Final = 100
INDEX_COLUMN: Final = "index"
_SPLIT: Final = {"columns", "index", "data"}
_ORIENTS: Final = {"columns": "一列一个对象(pandas to_json 的默认格式)", "split": "split", "index": "index"}


@dataclass(frozen=True, slots=True)
class Frame:
    """The layout of a table written by pandas.

    Attributes:
        orient: columns, split or index, as in pandas.
        names: Column names, for ``columns`` and ``split``.
        counts: Whether the index of ``split`` merely counts the rows from 0.
    """

    orient: str
    names: tuple[str, ...] = ()
    counts: bool = True

    def note(self) -> str:
        """Return a Chinese note on how the file is read."""
        return f"文件是 pandas 导出的表,格式是{_ORIENTS[self.orient]},已还原成一行一条。"


@per_file(maxsize=64)
def find_frame(path: Path, encoding: str) -> Frame | None:
    """Return the pandas layout of a JSON file; None = it is something else.

    Raises:
        ReadError: R15 it is written by column and has too many columns.
    """
    with open_utf8(path, encoding) as file, suppress(ijson.JSONError, ValueError, OverflowError):
        return _frame_of(path, encoding, ijson.basic_parse(file, multiple_values=True))
    return None


def frame_rows(path: Path, encoding: str, frame: Frame) -> Iterator[object]:
    """Yield the rows of a pandas table as objects, in constant memory.

    Raises:
        ReadError: R08 its columns hold different rows.
    """
    if frame.orient == "index":
        with open_utf8(path, encoding) as file:
            for _, value in ijson.kvitems(file, ""):
                yield value
    elif frame.orient == "split":
        yield from _split_rows(path, encoding, frame)
    else:
        yield from _column_rows(path, encoding, frame.names)


def _split_rows(path: Path, encoding: str, frame: Frame) -> Iterator[object]:
    with open_utf8(path, encoding) as data, open_utf8(path, encoding) as beside:
        index = ijson.items(beside, "index.item") if not frame.counts else iter(())
        own = unique_names((*frame.names, INDEX_COLUMN))[-1]
        for row in ijson.items(data, "data.item"):
            if not isinstance(row, list) or len(row) != len(frame.names):
                yield row  # not a row of this table: reported later as such
                next(index, None)
                continue
            cells = dict(zip(frame.names, row, strict=True))
            yield cells if frame.counts else cells | {own: next(index, None)}


def _column_rows(path: Path, encoding: str, names: tuple[str, ...]) -> Iterator[object]:
    with ExitStack() as stack:
        columns = [ijson.kvitems(stack.enter_context(open_utf8(path, encoding)), name) for name in names]
        for row in zip_longest(*columns):
            if None in row or len({key for key, _ in row}) > 1:
                raise ReadError(
                    "R08",
                    f"{path.name} 是一列一个对象的 JSON,各列的行却对不上。",
                    '请用 to_json(…, orient="records", lines=True) 重新导出。',
                )
            yield dict(zip(names, (value for _, value in row), strict=True))


def _frame_of(path: Path, encoding: str, events: Iterator[tuple[str, Any]]) -> Frame | None:
    top = [next(events, ("", None)) for _ in range(4)]
    if [event for event, _ in top[:2]] != ["start_map", "map_key"]:
        return None
    key, (opening, _), (after, inner) = str(top[1][1]), top[2], (top[3][0], str(top[3][1]))
    if key in _SPLIT and opening == "start_array":
        return _split(path, encoding)
    if opening != "start_map" or after != "map_key":
        return None
    if key.isdecimal():
        return None if inner.isdecimal() else Frame("index")
    return _by_columns(path, key, inner, events) if inner.isdecimal() else None


def _split(path: Path, encoding: str) -> Frame | None:
    """Return a table with columns, index and rows in three lists, if the file holds nothing else."""
    keys: dict[str, str] = {}
    counts, rows = True, 0
    names: list[str] = []
    with open_utf8(path, encoding) as file:
        for prefix, event, value in ijson.parse(file):
            if prefix == "" and event == "map_key":
                keys[value] = ""
            elif prefix == "data.item" and event != "end_array":
                keys["data"] = event
                if keys.keys() == _SPLIT:
                    break
                if event != "start_array":
                    return None
            elif prefix == "columns.item":
                names.append(text_of(value))
            elif prefix == "index.item":
                counts = counts and value == rows
                rows += 1
    if keys.keys() != _SPLIT or keys["data"] != "start_array" or not names:
        return None
    return Frame("split", unique_names(names), counts)


def _by_columns(path: Path, first: str, row: str, events: Iterator[tuple[str, Any]]) -> Frame | None:
    """Return a table by column, if the objects of all keys begin with the same row."""
    names, depth, begins = [first], 2, False
    for event, value in events:
        if event in ("start_map", "start_array"):
            if depth == 1 and event == "start_array":
                return None
            begins = depth == 1
            depth += 1
        elif event in ("end_map", "end_array"):
            depth -= 1
        elif event == "map_key" and depth == 1:
            names.append(value)
        elif depth == 1 or (begins and value != row):
            return None
        else:
            begins = False
    if len(names) > MAX_FRAME_COLUMNS:
        raise ReadError(
            "R15",
            f"{path.name} 是一列一个对象的 JSON,有 {len(names):,} 列,超过上限 {MAX_FRAME_COLUMNS}。",
            '请用 to_json(…, orient="records", lines=True) 重新导出。',
        )
    # Columns are addressed by key: a dot, an empty or a duplicate key would be ambiguous.
    return Frame("columns", tuple(names)) if len(set(names)) == len(names) and all(names) else None
