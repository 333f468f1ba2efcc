"""Present a JSON file of any encoding as the UTF-8 bytes that its parser needs."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any, Final

from core.read.lines import BLOCK_CHARS
from core.read.script import open_json

#: An escape of a surrogate, possibly a lone one.
LONE = re.compile(r"\\u[dD][89a-fA-F]")
#: An escape in JSON text; a surrogate pair counts as one, a lone surrogate is captured in the group.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)?", re.DOTALL
)
_LONGEST_ESCAPE: Final = 12
#: A trailing comma after the last item of a list, as people and scripts leave it; strings contain no line breaks.
_NEEDLESS: Final = re.compile(r",([ \t\r]*\n\s*[\]}])")
_LAST_COMMA: Final = re.compile(r",\s*\Z")
_GAP_CHARS: Final = 200


def open_utf8(path: Path, encoding: str) -> io.BufferedReader:
    """Open the JSON of a file as UTF-8 bytes without a BOM, whatever its encoding and surrounding script."""
    return io.BufferedReader(_Transcoder(path, encoding), BLOCK_CHARS)


class _Transcoder(io.RawIOBase):
    """The UTF-8 bytes of a JSON file; escapes of lone surrogates become U+FFFD."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._text = open_json(path, encoding)
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
            if block and (comma := _LAST_COMMA.search(whole, max(0, len(whole) - _GAP_CHARS))):
                whole, self._waiting = whole[: comma.start()], whole[comma.start() :] + self._waiting
            whole = _NEEDLESS.sub(r"\1", whole)
            if LONE.search(whole):
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
    """Split text before an escape that may continue in the next block."""
    if "\\" not in text[-_LONGEST_ESCAPE:]:
        return text, ""
    for escape in _ESCAPE.finditer(text):
        if escape.end() > len(text) - _LONGEST_ESCAPE:
            return text[: escape.start()], text[escape.start() :]
    return text, ""


def _repaired_escape(match: re.Match[str]) -> str:
    return "\\ufffd" if match[1] else match[0]
