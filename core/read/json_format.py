"""Detect whether a text file is JSON, and of which kind: one value, or one object per line."""

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

#: How a dictionary formatted by Python's str() begins.
PYTHON: Final = "{'"
#: The value of a line that is not JSON.
BROKEN: Final = object()
#: Start of an array whose first item is not an object, distinguished from a line of text such as ``[怒]太差了``.
_ARRAY = re.compile(r'\[\s*(?:\[\s*["\[\d]|null\s*,|"(?:[^"\\]|\\.)*"\s*,)', re.DOTALL)
_PROBE_LINES: Final = 20
#: Keys with which a web service reports the status of a request, and those of the accompanying messages.
_STATUS: Final = frozenset(
    {"code", "errno", "err_no", "errcode", "errorcode", "error_code", "retcode", "ret", "ok", "success", "status_code"}
)
_STATUS_WORDS: Final = frozenset({"message", "msg", "errmsg", "error_msg", "status_msg"})


def find_format(path: Path, encoding: str) -> str | None:
    """Return ``json`` or ``jsonl``, or None if a text file is neither.

    Raises:
        ReadError: R15 it is JSON within a script that continues after it.
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
    """Return the value of a line, ``BROKEN`` if it is not JSON."""
    try:
        value = json.loads(line, parse_float=Decimal, parse_constant=_nothing)
    except (ValueError, RecursionError, ArithmeticError):
        return _otherwise(line)
    return sound(value) if LONE.search(line) else value


def _otherwise(line: str) -> object:
    """Parse a line with a trailing list comma, or in Python's notation; return ``BROKEN`` if it is neither."""
    if line.endswith("},"):
        return parsed(line[:-1])
    if not line.startswith(PYTHON) or len(line) > get_settings().max_cell_chars:
        return BROKEN
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about invalid backslash escapes
            value = ast.literal_eval(line)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return BROKEN
    return {repaired(str(key)): child for key, child in value.items()} if isinstance(value, dict) else BROKEN


def sound(value: object) -> object:
    """Return an object with keys that can be encoded; anything else unchanged."""
    if isinstance(value, dict):
        return {repaired(key): sound(child) for key, child in value.items()}
    return value


def is_envelope(keys: set[str] | dict[str, Any]) -> bool:
    """Return whether an object with these keys reports a request status; the comments may be elsewhere in it.

    Example:
        >>> is_envelope({"code": 0, "message": "0", "data": {}}), is_envelope({"id": 1, "message": "好"})
        (True, False)
    """
    return not _STATUS.isdisjoint(keys)


def is_status(value: dict[str, Any]) -> bool:
    """Return whether an object only reports a request status and holds nothing that could be a comment.

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
    """Map NaN and Infinity to None: they are not JSON, but pandas writes them for empty cells."""
    del constant


def _begins_like_json(head: str, whole: bool) -> bool:
    """Return whether text that begins with a brace is multi-line JSON, complete or truncated."""
    try:
        _, end = json.JSONDecoder().raw_decode(head)
    except (ValueError, RecursionError):
        return not whole or re.match(r'\{\s*("|\}|$)', head) is not None
    return head[end:].lstrip()[:1] in ("", "{")


def _is_array(head: str) -> bool:
    """Return whether text that begins with a bracket is a JSON array, complete or truncated, or several of them."""
    try:
        _, end = json.JSONDecoder().raw_decode(head)
    except (ValueError, RecursionError):
        return _ARRAY.match(head) is not None
    return head[end:].lstrip()[:1] in ("", "[")


def _is_answer(value: dict[str, Any]) -> bool:
    """Return whether an object is a web-service response that contains comments, not a comment with replies."""
    envelope = is_envelope(value)
    cells = (value if envelope else opened(value)).values()
    if any(map(transcript, cells)) or not _holds_table(value):
        return False
    said = [key for key, child in value.items() if isinstance(child, str) and path_points(Role.TEXT, key) > 0]
    if set(said) - (_STATUS_WORDS if envelope else set()):
        return False
    # A comment may be nested whole in an object, as in the "_source" of a search-engine hit.
    return envelope or _text_points(value) <= max(_points_in_lists(value), default=0.0)


def _text_points(value: dict[str, Any], above: str = "") -> float:
    """Return the highest score of any text key in an object and its nested objects."""
    texts = [key for key, child in opened(value).items() if isinstance(child, str)]
    return max((path_points(Role.TEXT, above + key) for key in texts), default=0.0)


def _points_in_lists(value: object, above: str = "") -> Iterator[float]:
    """Yield the same for the first object of each list; deeper ones score lower."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        yield _text_points(value[0], above)
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from _points_in_lists(child, f"{above}{key}.")


def _holds_table(value: object) -> bool:
    """Return whether a value that is not itself a row contains a list of objects anywhere."""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict)
    return isinstance(value, dict) and any(map(_holds_table, value.values()))
