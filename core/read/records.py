"""JSON: an array of objects, objects one a line, or objects within an answer of some web service."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import ijson

from core.errors import ReadError
from core.read.cells import repaired, text_of
from core.read.lines import BLOCK_CHARS, open_text
from core.read.lists import LIST_COLUMN, find_lists, items, with_sizes
from core.read.names import name_points
from core.read.rows import Row
from core.read.transcoder import LONE, open_utf8
from core.read.transcript import transcript
from core.schema import Reason, Role
from core.settings import get_settings

#: As many columns as a spreadsheet program has.
MAX_COLUMNS: Final = 16_384
#: The beginning of an array whose first item is no object, told from a line of text such as ``[怒]太差了``.
_ARRAY = re.compile(r'\[\s*(?:\[\s*["\[\d]|null\s*,|"(?:[^"\\]|\\.)*"\s*,)', re.DOTALL)
_PROBE_LINES: Final = 20
#: The answer of a web service within a call or an assignment of JavaScript: ``callback({"comments":[…]});``.
_SCRIPT = re.compile(r"(?:(?:var|let|const)\s+)?[A-Za-z_$][\w$.]*\s*(\(|=)\s*(?=[{\[]\s*[\"\[{])")
_SHAPE: Final = (
    '每条评论应当形如 {"评论":"…"}。用 pandas 导出时请写 to_json(…, orient="records", lines=True);'
    "评论在更里层的对象里时,先用 pandas.json_normalize 展开。"
)


def find_format(path: Path, encoding: str) -> str | None:
    """Tell whether a text file is ``json`` or ``jsonl``; None = neither.

    Raises:
        ReadError: R15 it is JSON within a script.
    """
    with open_text(path, encoding) as file:
        head = file.read(BLOCK_CHARS).lstrip("\ufeff \t\r\n")
        whole = len(head) < BLOCK_CHARS and not file.read(1)
    if head.startswith("["):
        return "json" if re.match(r"\[\s*(\{|\]\s*$)", head) or _is_array(head) else None
    if not head.startswith("{"):
        script = _SCRIPT.match(head)
        if script is not None:
            raise ReadError(
                "R15",
                f"{path.name} 是网页脚本(JSONP),JSON 在「{script[0].strip()[:40]}」之后。",
                "请删去这个开头和末尾的括号、分号,只留下 JSON。",
            )
        return None
    lines = [line for line in head.split("\n")[: _PROBE_LINES + 1] if line.strip()]
    objects = [value for value in map(_parsed, lines) if isinstance(value, dict)]
    if objects:
        return "json" if 2 * sum(map(_is_answer, objects)) > len(objects) else "jsonl"
    return "json" if _begins_like_json(head, whole) else None


def columns(path: Path, encoding: str, kind: str) -> tuple[str, ...]:
    """Return the keys of all objects in the order in which they first occur; the whole file is read.

    Raises:
        ReadError: R08 the JSON breaks off, R15 no objects with plain values or too many different keys.
    """
    seen: dict[str, None] = {}
    holds_text = False
    for _, value, _ in _values(path, encoding, kind):
        if isinstance(value, dict):
            seen.update(dict.fromkeys(value))
            holds_text = holds_text or any(map(_is_cell, value.values()))
            if len(seen) > MAX_COLUMNS:
                raise ReadError("R15", f"{path.name} 里有超过 {MAX_COLUMNS:,} 个不同的键。", "请只导出评论对象。")
    if not holds_text:  # such as a table column by column: each value is a nest of its own
        raise ReadError("R15", f"{path.name} 是 JSON,但里面没有评论对象。", _SHAPE)
    return tuple(seen)


def rows(path: Path, encoding: str, kind: str, keys: tuple[str, ...]) -> Iterator[Row]:
    """Yield the objects of a JSON file as rows.

    Args:
        path: The file.
        encoding: Codec.
        kind: ``json`` or ``jsonl``.
        keys: From ``columns``.

    Returns:
        Rows numbered by line (JSONL; blank lines are no rows) or by item from 1 (JSON).

    Raises:
        ReadError: R08 the JSON array breaks off.
    """
    limit = get_settings().max_cell_chars
    for number, value, raw in _values(path, encoding, kind):
        if not isinstance(value, dict):
            reason = Reason.BAD_JSON if value is _BROKEN else Reason.NOT_AN_OBJECT
            yield (number, [raw[:limit] if raw is not None else text_of(value)[:limit]], reason)
            continue
        cells = [text_of(value.get(key)) for key in keys]
        if max(map(len, cells), default=0) > limit:
            yield (number, [max(cells, key=len)[:limit]], Reason.CELL_TOO_LONG)
        else:
            yield (number, cells, "")


def notes(path: Path, encoding: str, kind: str) -> tuple[str, ...]:
    """Return Chinese remarks on a JSON file with several lists: which are read and which are not."""
    if kind == "jsonl":
        return ()
    found = find_lists(path, encoding)
    said = []
    if len(found.chosen) > 1:
        read = with_sizes(found.chosen)
        said.append(f"文件里有几个同样的列表,都读了:{read}。每行来自哪个列表,见列「{LIST_COLUMN}」。")
    if found.others:
        said.append(f"文件里还有别的列表,没有读取:{with_sizes(found.others)}。需要时请把它另存为一个文件。")
    return tuple(said)


def count(path: Path, encoding: str, kind: str) -> int:
    """Return how many rows ``rows`` yields."""
    if kind == "jsonl":
        return sum(1 for _ in _filled_lines(path, encoding))
    return sum(1 for _ in _values(path, encoding, kind))


_BROKEN: Final = object()


def _values(path: Path, encoding: str, kind: str) -> Iterator[tuple[int, object, str | None]]:
    """Yield (number, value, raw line where there is one)."""
    if kind == "jsonl":
        for number, line in _filled_lines(path, encoding):
            yield number, _parsed(line), line
        return
    number = 0
    try:
        prefixes = find_lists(path, encoding).chosen
        with open_utf8(path, encoding) as file:
            for number, value in enumerate(items(file, prefixes), 1):
                yield number, _sound(value), None
    except (ijson.JSONError, UnicodeError, ValueError, OverflowError) as exc:
        raise ReadError(
            "R08", f"{path.name} 的 JSON 在第 {number} 条之后中断或有错。", "请重新导出,或改成每行一个对象的 JSONL。"
        ) from exc


def _filled_lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    # Not str.splitlines: it also splits at U+2028 and others that JSON text may hold.
    with path.open(encoding=encoding, errors="replace", newline="\n") as file:
        for number, line in enumerate(file, 1):
            stripped = line.strip("\ufeff \t\r\n")
            if stripped:
                yield number, stripped


def _parsed(line: str) -> object:
    try:
        value = json.loads(line, parse_float=Decimal, parse_constant=_nothing)
    except (ValueError, RecursionError, ArithmeticError):
        return _BROKEN
    return _sound(value) if LONE.search(line) else value


def _nothing(constant: str) -> None:
    """NaN and Infinity are not JSON; pandas writes them for empty cells."""
    del constant


def _is_cell(value: object) -> bool:
    """Tell whether a value is something a person can read in a cell, such as a text or the turns of a dialogue."""
    return not isinstance(value, dict | list | None) or transcript(value) is not None


def _sound(value: object) -> object:
    if isinstance(value, dict):
        return {repaired(key): child for key, child in value.items()}
    return value


def _begins_like_json(head: str, whole: bool) -> bool:
    """Tell whether text that begins with a brace is JSON over several lines, whole or broken off."""
    try:
        _, end = json.JSONDecoder().raw_decode(head)
    except (ValueError, RecursionError):
        return not whole or re.match(r'\{\s*("|\}|$)', head) is not None
    return head[end:].lstrip()[:1] in ("", "{")


def _is_array(head: str) -> bool:
    """Tell whether text that begins with a bracket is a JSON array, whole or broken off, or several of them."""
    try:
        _, end = json.JSONDecoder().raw_decode(head)
    except (ValueError, RecursionError):
        return _ARRAY.match(head) is not None
    return head[end:].lstrip()[:1] in ("", "[")


def _is_answer(value: dict[str, object]) -> bool:
    """Tell whether an object is an answer of a web service with comments in it, not a comment with answers below."""
    is_row = any(isinstance(child, str) and name_points(Role.TEXT, key) > 0 for key, child in value.items())
    return not is_row and not any(map(transcript, value.values())) and _holds_table(value)


def _holds_table(value: object) -> bool:
    """Tell whether objects stand in a list somewhere within a value that is not itself a row."""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict)
    return isinstance(value, dict) and any(map(_holds_table, value.values()))
