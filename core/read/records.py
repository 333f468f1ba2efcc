"""Read JSON: an array of objects, one object per line, or objects within a web-service response."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import ijson

from core.errors import ReadError
from core.read.cells import text_of
from core.read.frames import find_frame, frame_rows
from core.read.json_format import BROKEN, PYTHON, is_status, parsed
from core.read.lines import open_text
from core.read.lists import LIST_COLUMN, find_lists, items, with_sizes
from core.read.nests import Opener, Shape
from core.read.paths import path_points
from core.read.replies import Replies, may_hold_replies
from core.read.rows import Row
from core.read.script import find_script
from core.read.transcoder import open_utf8
from core.read.transcript import transcript
from core.schema import Reason, Role
from core.settings import get_settings

#: The maximum number of columns of a spreadsheet.
MAX_COLUMNS: Final = 16_384
_SHAPE: Final = '每条评论应当形如 {"评论":"…"}。用 pandas 导出时请写 to_json(…, orient="records", lines=True)。'


def look(path: Path, encoding: str, kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of all columns and Chinese notes; the whole file is read.

    Columns are the keys of all objects in order of first occurrence, with dotted names for nested objects:
    ``user.name``.

    Raises:
        ReadError: R08 the JSON is truncated, R15 no comment objects or too many distinct keys.
    """
    shape = Shape(MAX_COLUMNS)
    holds_text, first, values, replies = False, None, 0, Replies()
    for values, (_, value, _) in enumerate(_values(path, encoding, kind, replies), 1):  # noqa: B007 - used below
        if isinstance(value, dict):
            first = first or value
            flat = shape.add(value)
            holds_text = holds_text or any(map(_is_cell, value.values())) or _says_text(flat)
            if len(shape) > MAX_COLUMNS:
                raise ReadError("R15", f"{path.name} 里有超过 {MAX_COLUMNS:,} 个不同的键。", "请只导出评论对象。")
    refused = values == 1 and first is not None and is_status(first)  # 没有权限 is not a comment
    if refused or not holds_text:  # no text: such as a settings file of nested objects
        raise ReadError("R15", f"{path.name} 是 JSON,但里面没有评论对象。", _SHAPE)
    said = notes(path, encoding, kind)
    if replies.counts:
        said = (*said, f"评论下面的回复也读了,每条一行:{with_sizes(replies.counts)}。")
    if shape.example():
        said = (*said, f"里层对象的键也是列,列名用点连接,如「{shape.example()[:60]}」。")
    return shape.names(), said


def rows(path: Path, encoding: str, kind: str, keys: tuple[str, ...]) -> Iterator[Row]:
    """Yield the objects of a JSON file as rows.

    Args:
        path: The file.
        encoding: Codec.
        kind: ``json`` or ``jsonl``.
        keys: From ``look``.

    Returns:
        Rows numbered by line (JSONL; blank lines are not rows) or by item from 1 (JSON).

    Raises:
        ReadError: R08 the JSON array is truncated.
    """
    limit = get_settings().max_cell_chars
    opener = Opener(keys)
    for number, value, raw in _values(path, encoding, kind):
        if not isinstance(value, dict):
            reason = Reason.BAD_JSON if value is BROKEN else Reason.NOT_AN_OBJECT
            yield (number, [raw[:limit] if raw is not None else text_of(value)[:limit]], reason)
            continue
        cells = list(map(text_of, opener.values(value)))
        if max(map(len, cells), default=0) > limit:
            yield (number, [max(cells, key=len)[:limit]], Reason.CELL_TOO_LONG)
        else:
            yield (number, cells, "")


def notes(path: Path, encoding: str, kind: str) -> tuple[str, ...]:
    """Return Chinese notes on what surrounds the objects of a JSON file, and on lists that are not read."""
    with open_text(path, encoding) as file:
        head = file.read(1024)
    if kind == "jsonl":
        python = head.lstrip("\ufeff \t\r\n").startswith(PYTHON)
        return ("每行是 Python 的字典写法(单引号),不是标准的 JSON,已照样读取。",) if python else ()
    said = []
    script = find_script(head)
    if script is not None:
        said.append(
            f"文件是网页脚本(JSONP):去掉了开头的「{script.beginning[:40]}」和对应的结尾,只读其中的 JSON(有几段时都读)。"
        )
    frame = find_frame(path, encoding)
    if frame is not None:
        return (*said, frame.note())
    found = find_lists(path, encoding)
    if len(found.chosen) > 1:
        read = with_sizes(found.chosen)
        said.append(f"文件里有几个同样的列表,都读了:{read}。每行来自哪个列表,见列「{LIST_COLUMN}」。")
    if found.groups:
        said.append(f"有的对象里还有一组同样的评论,也读了,每条一行:{with_sizes(found.groups)}。")
    if found.others:
        said.append(f"文件里还有别的列表,没有读取:{with_sizes(found.others)}。需要时请把它另存为一个文件。")
    return tuple(said)


def count(path: Path, encoding: str, kind: str) -> int:
    """Return the number of rows that ``rows`` yields."""
    if kind == "jsonl":
        lines, replies = _filled_lines(path, encoding), Replies()
        return sum(len(_of_line(line, replies)) if may_hold_replies(line) else 1 for _, line in lines)
    return sum(1 for _ in _values(path, encoding, kind))


def _values(
    path: Path, encoding: str, kind: str, replies: Replies | None = None
) -> Iterator[tuple[int, object, str | None]]:
    """Yield (number, value, raw line if any); a comment's replies follow it and are counted."""
    replies = replies or Replies()
    if kind == "jsonl":
        for number, line in _filled_lines(path, encoding):
            for value in _of_line(line, replies):
                yield number, value, line
        return
    number = 0
    try:
        for one in _objects(path, encoding):
            for value in replies.rows(one) if isinstance(one, dict) else (one,):
                number += 1
                yield number, value, None
    except (ijson.JSONError, UnicodeError, ValueError, OverflowError) as exc:
        raise ReadError(
            "R08", f"{path.name} 的 JSON 在第 {number} 条之后中断或有错。", "请重新导出,或改成每行一个对象的 JSONL。"
        ) from exc


def _of_line(line: str, replies: Replies) -> list[object]:
    value = parsed(line)
    return list(replies.rows(value)) if isinstance(value, dict) else [value]


def _objects(path: Path, encoding: str) -> Iterator[object]:
    frame = find_frame(path, encoding)
    if frame is not None:
        yield from frame_rows(path, encoding, frame)
        return
    with open_utf8(path, encoding) as file:
        yield from items(file, find_lists(path, encoding))


def _filled_lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    # Not str.splitlines, which also splits at U+2028 and other characters that JSON text may contain.
    with path.open(encoding=encoding, errors="replace", newline="\n") as file:
        for number, line in enumerate(file, 1):
            stripped = line.strip("\ufeff \t\r\n")
            if stripped:
                yield number, stripped


def _is_cell(value: object) -> bool:
    """Return whether a value is readable in a cell, such as a text or the turns of a dialogue."""
    return not isinstance(value, dict | list | None) or transcript(value) is not None


def _says_text(flat: Mapping[str, Any]) -> bool:
    """Return whether some column holds a text under a comment-like name, or a dialogue."""
    return any(
        path_points(Role.TEXT, name) > 0 if isinstance(child, str) else transcript(child) is not None
        for name, child in flat.items()
    )
