"""JSON: an array of objects, objects one a line, or objects within an answer of some web service."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Final

import ijson

from core.errors import ReadError
from core.read.cells import repaired, text_of
from core.read.lines import BLOCK_CHARS, open_text
from core.read.names import name_points
from core.read.rows import Row
from core.read.transcript import are_turns, transcript
from core.schema import Reason, Role
from core.settings import get_settings

#: As many columns as a spreadsheet program has.
MAX_COLUMNS: Final = 16_384
_LONE = re.compile(r"\\u[dD][89a-fA-F]")
#: An escape in JSON text; a pair of surrogates is one, a surrogate without its other half stands in the group.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)?", re.DOTALL
)
_LONGEST_ESCAPE: Final = 12
#: The beginning of an array whose first item is no object, told from a line of text such as ``[怒]太差了``.
_ARRAY = re.compile(r'\[\s*(?:\[\s*["\[\d]|null\s*,|"(?:[^"\\]|\\.)*"\s*,)', re.DOTALL)
_PROBE_LINES: Final = 20
_PROBE_EVENTS: Final = 50_000


def find_format(path: Path, encoding: str) -> str | None:
    """Tell whether a text file is ``json`` or ``jsonl``; None = neither."""
    with open_text(path, encoding) as file:
        head = file.read(BLOCK_CHARS).lstrip("\ufeff \t\r\n")
        whole = len(head) < BLOCK_CHARS and not file.read(1)
    if head.startswith("["):
        return "json" if re.match(r"\[\s*(\{|\]\s*$)", head) or _is_array(head) else None
    if not head.startswith("{"):
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
        raise ReadError("R15", f"{path.name} 是 JSON,但里面没有评论对象。", '每条评论应当形如 {"评论":"…"}。')
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
        prefix = _items_prefix(path, encoding)
        with _utf8(path, encoding) as file:
            for number, value in enumerate(ijson.items(file, prefix, multiple_values=True), 1):
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
    return _sound(value) if _LONE.search(line) else value


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


def _items_prefix(path: Path, encoding: str) -> str:
    """Where the objects are: "item" in an array, such as "data.list.item" in an answer, "" at the top.

    Of several lists in an answer it is the one whose objects have the most telling name of a comment, else the first.
    """
    points: dict[str, float] = {}
    keys: dict[str, set[str]] = {}
    before, key = "", ""
    # A file that breaks off is told of when its rows are read: then it is known after how many.
    with _utf8(path, encoding) as file, suppress(ijson.JSONError):
        events: Iterable[tuple[str, str, Any]] = ijson.parse(file, multiple_values=True)
        for prefix, event, value in islice(events, _PROBE_EVENTS):
            if event == "start_map" and f".{prefix}".endswith(".item"):
                points.setdefault(prefix, 0.0)
                if prefix == "item":
                    break
            elif event == "string" and before == "map_key":
                parent = prefix[: -len(key) - 1]
                if parent in points:
                    points[parent] = max(points[parent], name_points(Role.TEXT, key))
                    keys.setdefault(parent, set()).add(key)
            before, key = event, value if event == "map_key" else ""
    for prefix in [each for each in points if are_turns(keys.get(each, ())) and _list_above(each) in points]:
        del points[prefix]  # the turns of one dialogue among several: the dialogue is the row
    rows_above = [prefix for prefix, found in points.items() if found]
    for prefix in points:
        if any(prefix.startswith(f"{above}.") for above in rows_above):
            points[prefix] = 0.0  # answers below a comment
    return max(points, key=points.__getitem__, default="")


def _list_above(prefix: str) -> str:
    """Return the prefix of the objects in whose list these ones stand; "" = none.

    Example:
        >>> _list_above("data.item.turns.item"), _list_above("turns.item")
        ('data.item', '')
    """
    above, within, _ = prefix.removesuffix(".item").rpartition(".item.")
    return f"{above}.item" if within else ""


def _utf8(path: Path, encoding: str) -> io.BufferedReader:
    """Open a file as UTF-8 bytes without a BOM, whatever its encoding."""
    return io.BufferedReader(_Transcoder(path, encoding), BLOCK_CHARS)


class _Transcoder(io.RawIOBase):
    """The UTF-8 bytes of a JSON file; escapes that stand for half a character become U+FFFD."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._text = open_text(path, encoding)
        self._waiting = ""
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            block = self._text.read(BLOCK_CHARS)
            if not block and not self._waiting:
                return 0
            text = self._waiting + block
            whole, self._waiting = _whole_escapes(text) if block else (text, "")
            if _LONE.search(whole):
                whole = _ESCAPE.sub(_repaired_escape, whole)
            self._ready = whole.encode("utf-8", "replace")
        taken = min(len(buffer), len(self._ready))
        buffer[:taken] = self._ready[:taken]
        self._ready = self._ready[taken:]
        return taken

    def close(self) -> None:
        self._text.close()
        super().close()


def _whole_escapes(text: str) -> tuple[str, str]:
    """Split text before an escape that may go on in the next block."""
    if "\\" not in text[-_LONGEST_ESCAPE:]:
        return text, ""
    for escape in _ESCAPE.finditer(text):
        if escape.end() > len(text) - _LONGEST_ESCAPE:
            return text[: escape.start()], text[escape.start() :]
    return text, ""


def _repaired_escape(match: re.Match[str]) -> str:
    return "\\ufffd" if match[1] else match[0]
