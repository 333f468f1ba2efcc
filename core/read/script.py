"""JSON within JavaScript calls or assignments (JSONP): ``callback({…});``, ``var data = {…};``; never executed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from core.errors import ReadError
from core.read.lines import BLOCK_CHARS, open_text

#: How a response in a script begins, including the prefix that keeps browsers from executing it elsewhere.
_BEGINNING = re.compile(
    r"\ufeff?\s*(?P<said>(?:/\*.{0,80}?\*/\s*)?(?:typeof\s+[\w$.]{1,80}\s*===?\s*['\"]function['\"]\s*&&\s*)?"
    r"(?:(?:var|let|const)\s+)?[A-Za-z_$][\w$.]{0,120}\s*(?P<opener>\(|=))\s*(?=[{\[]\s*[\"\[{])",
    re.DOTALL,
)
_HEAD_CHARS: Final = 1024
_TAIL_CHARS: Final = 1024
_TAILS: Final = {"(": re.compile(r"(?<=[}\]])\s*\)\s*;?\s*\Z"), "=": re.compile(r"(?<=[}\]])\s*;?\s*\Z")}
_ENDINGS: Final = {"(": ")", "=": "}"}
#: Where one call or assignment ends and the next begins. No text within JSON contains an unescaped quote or bracket
#: in this form.
_CALL: Final = r"(?:/\*.{0,80}?\*/\s{0,20})?[A-Za-z_$][\w$.]{0,120}\s{0,20}"
_BEHIND: Final = r"\s{0,20}(?=(?:\[\s{0,200})?\{\s{0,200}\")"
_SEAMS: Final = {
    "(": re.compile(r"([}\]])\s{0,200}\)\s{0,20};?\s{0,200}" + _CALL + r"\(" + _BEHIND),
    "=": re.compile(r"([}\]])\s{0,200};?\s{0,200}(?:(?:var|let|const)\s{1,20})?" + _CALL + "=" + _BEHIND),
}


@dataclass(frozen=True, slots=True)
class Script:
    """What surrounds the JSON of a script.

    Attributes:
        beginning: The text before the JSON, for display: ``callback(``.
        opener: ``(`` or ``=``.
        chars: Characters before the JSON.
    """

    beginning: str
    opener: str
    chars: int

    def joined(self, text: str) -> str:
        """Return the JSON of consecutive calls or assignments, without what separates them."""
        return _SEAMS[self.opener].sub(r"\1\n", text)

    def without_tail(self, text: str) -> str:
        """Return the end of a script without its closing characters."""
        return _TAILS[self.opener].sub("", text)


def find_script(head: str) -> Script | None:
    """Detect a script prefix before the JSON at the beginning of a file; None = it is not a script.

    Example:
        >>> find_script('cb_1({"a": 1});').beginning, find_script('{"a": 1}'), find_script("好(真的)")
        ('cb_1(', None, None)
    """
    found = _BEGINNING.match(head[: _HEAD_CHARS * 2])
    return Script(found["said"].strip(), found["opener"], found.end()) if found else None


def check_end(path: Path, encoding: str, script: Script) -> None:
    """Check that nothing but its closing characters follows the JSON of a script.

    Raises:
        ReadError: R15 something else follows.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 4 * _TAIL_CHARS) // 4 * 4)  # whole characters of UTF-16 and UTF-32
        tail = file.read().decode(encoding, "replace")
    if _TAILS[script.opener].search(tail[-_TAIL_CHARS:]) is None:
        ending = _ENDINGS[script.opener]
        raise ReadError(
            "R15",
            f"{path.name} 是网页脚本(JSONP),以「{script.beginning[:40]}」开头,末尾却不是「{ending}」。",
            "请删去 JSON 前后的脚本,只留下 JSON。",
        )


def open_json(path: Path, encoding: str) -> TextIO | Bare:
    """Open the JSON of a file: the whole file, or the JSON within a script."""
    file = open_text(path, encoding)
    script = find_script(file.read(_HEAD_CHARS))
    file.seek(0)
    return file if script is None else Bare(file, script)


class Bare:
    """The text of a script without its prefix and suffix, read block by block."""

    def __init__(self, file: TextIO, script: Script) -> None:
        self._file = file
        self._script = script
        self._held = file.read(max(script.chars, BLOCK_CHARS))[script.chars :]

    def read(self, chars: int) -> str:
        """Return approximately this many characters; "" at the end."""
        while True:
            block = self._file.read(chars)
            text, self._held = self._held + block, ""
            if not block:
                return self._script.without_tail(self._script.joined(text))
            text = self._script.joined(text)
            if len(text) > _TAIL_CHARS:
                self._held = text[-_TAIL_CHARS:]
                return text[:-_TAIL_CHARS]
            self._held = text

    def close(self) -> None:
        """Close the file."""
        self._file.close()
