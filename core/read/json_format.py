"""Whether a text file is JSON, and of which kind: one value, or objects one a line."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from core.read.cells import repaired
from core.read.frames import find_frame
from core.read.lines import BLOCK_CHARS, open_text
from core.read.nests import opened
from core.read.paths import path_points
from core.read.script import check_end, find_script
from core.read.transcoder import LONE
from core.read.transcript import transcript
from core.schema import Role
from core.settings import get_settings

#: How a dictionary begins that Python wrote with str().
PYTHON: Final = "{'"
#: What a line is that is no JSON.
BROKEN: Final = object()
#: The beginning of an array whose first item is no object, told from a line of text such as ``[怒]太差了``.
_ARRAY = re.compile(r'\[\s*(?:\[\s*["\[\d]|null\s*,|"(?:[^"\\]|\\.)*"\s*,)', re.DOTALL)
_PROBE_LINES: Final = 20
#: Keys with which a web service says how a request went, and those that hold the words to it.
_STATUS: Final = frozenset(
    {"code", "errno", "err_no", "errcode", "errorcode", "error_code", "retcode", "ret", "ok", "success", "status_code"}
)
_STATUS_WORDS: Final = frozenset({"message", "msg", "errmsg", "error_msg", "status_msg"})


def find_format(path: Path, encoding: str) -> str | None:
    """Tell whether a text file is ``json`` or ``jsonl``; None = neither.

    Raises:
        ReadError: R15 it is JSON within a script, and the script goes on behind it.
    """
    with open_text(path, encoding) as file:
        head = file.read(BLOCK_CHARS).lstrip("\ufeff \t\r\n")
        whole = len(head) < BLOCK_CHARS and not file.read(1)
    if head.startswith("["):
        return "json" if re.match(r"\[\s*(\{|\]\s*$)", head) or _is_array(head) else None
    if not head.startswith("{"):
        script = find_script(head)
        if script is None:
            return None
        check_end(path, encoding, script)
        return "json"
    lines = [line for line in head.split("\n")[: _PROBE_LINES + 1] if line.strip()]
    objects = [value for value in map(parsed, lines) if isinstance(value, dict)]
    if whole and len(lines) == 1 and objects and find_frame(path, encoding):
        return "json"
    if objects:
        return "json" if 2 * sum(map(_is_answer, objects)) > len(objects) else "jsonl"
    return "json" if _begins_like_json(head, whole) else None


def parsed(line: str) -> object:
    """Return the value of a line, ``BROKEN`` if it is no JSON."""
    try:
        value = json.loads(line, parse_float=Decimal, parse_constant=_nothing)
    except (ValueError, RecursionError, ArithmeticError):
        return _otherwise(line)
    return sound(value) if LONE.search(line) else value


def _otherwise(line: str) -> object:
    """Return the value of a line with the comma of a list behind it, or as Python shows it; ``BROKEN`` if neither."""
    if line.endswith("},"):
        return parsed(line[:-1])
    if not line.startswith(PYTHON) or len(line) > get_settings().max_cell_chars:
        return BROKEN
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of backslashes that mean nothing
            value = ast.literal_eval(line)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return BROKEN
    return {repaired(str(key)): child for key, child in value.items()} if isinstance(value, dict) else BROKEN


def sound(value: object) -> object:
    """Return an object with keys that a file can hold, anything else as it is."""
    if isinstance(value, dict):
        return {repaired(key): sound(child) for key, child in value.items()}
    return value


def is_envelope(keys: set[str] | dict[str, Any]) -> bool:
    """Tell whether an object with these keys says how a request went: what it holds besides may be the comments.

    Example:
        >>> is_envelope({"code": 0, "message": "0", "data": {}}), is_envelope({"id": 1, "message": "好"})
        (True, False)
    """
    return not _STATUS.isdisjoint(keys)


def is_status(value: dict[str, Any]) -> bool:
    """Tell whether an object says how a request went and nothing else that could be a comment.

    Example:
        >>> is_status({"code": 404, "data": {"message": "没有权限"}}), is_status({"code": 0, "content": "好"})
        (True, False)
    """
    texts = {
        name.rpartition(".")[2]
        for name, child in opened(value).items()
        if transcript(child) or (isinstance(child, str) and path_points(Role.TEXT, name) > 0)
    }
    return is_envelope(value) and bool(texts) and texts <= _STATUS_WORDS


def _nothing(constant: str) -> None:
    """NaN and Infinity are not JSON; pandas writes them for empty cells."""
    del constant


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


def _is_answer(value: dict[str, Any]) -> bool:
    """Tell whether an object is an answer of a web service with comments in it, not a comment with answers below."""
    envelope = is_envelope(value)
    cells = (value if envelope else opened(value)).values()
    if any(map(transcript, cells)) or not _holds_table(value):
        return False
    said = [key for key, child in value.items() if isinstance(child, str) and path_points(Role.TEXT, key) > 0]
    if set(said) - (_STATUS_WORDS if envelope else set()):
        return False
    # A comment may stand whole in an object of its own, as a hit of a search engine does in "_source".
    return envelope or _text_points(value) <= max(_points_in_lists(value), default=0.0)


def _text_points(value: dict[str, Any], above: str = "") -> float:
    """Return the points of the most telling name of a text in an object and the objects in it."""
    texts = [key for key, child in opened(value).items() if isinstance(child, str)]
    return max((path_points(Role.TEXT, above + key) for key in texts), default=0.0)


def _points_in_lists(value: object, above: str = "") -> Iterator[float]:
    """Yield the same of the first object of each list, of which those further down count less."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        yield _text_points(value[0], above)
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from _points_in_lists(child, f"{above}{key}.")


def _holds_table(value: object) -> bool:
    """Tell whether objects stand in a list somewhere within a value that is not itself a row."""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict)
    return isinstance(value, dict) and any(map(_holds_table, value.values()))
