"""Text with pieces in different encodings, such as exports that were appended to one another.

Importing this module registers two codecs for ``open``: ``tingfeng-lines`` decodes each line as UTF-8 if it is
valid, else as GB18030; ``tingfeng-twice`` undoes UTF-8 that was decoded as Windows-1252 and encoded
as UTF-8 again (``ç‰©æµ`` → ``物流``).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

LINES: Final = "tingfeng-lines"
TWICE: Final = "tingfeng-twice"
#: Consecutive hanzi in UTF-8; in GB18030 these bytes hardly ever occur.
_RUN: Final = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){3}")
_HANZI: Final = re.compile("[\u4e00-\u9fff]")
#: This many hanzi in one line cannot come from a broken character.
_TELLING: Final = 3
#: The lead byte of hanzi and their punctuation in UTF-8, decoded as Windows-1252, and any continuation bytes.
_TWICE: Final = re.compile(
    "[\xe3-\xe9\xef](?:[\x80-\xbf]|[\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]){2}"
)
_TWICE_SHARE: Final = 0.8
_ABOVE_ASCII: Final = re.compile("[^\0-\x7f]")
_WINDOWS: Final = {
    ord(bytes([byte]).decode("cp1252")): byte
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
#: A longer line is decoded in pieces.
_LINE_BYTES: Final = 1 << 24


@dataclass(slots=True)
class Patchwork:
    """How many lines with non-ASCII characters are in which encoding."""

    utf8: int = 0
    gb18030: int = 0

    def note(self) -> str:
        """Return a note on how the file is read."""
        return f"文件由两种编码拼成:{self.utf8:,} 行是 UTF-8,{self.gb18030:,} 行是 GB18030(GBK),已逐行识别。"


def find_patchwork(path: Path, most_bytes: int) -> Patchwork | None:
    """Count the UTF-8 and GB18030 lines of a mixed file; None = it is not mixed.

    Args:
        path: A file that is not UTF-8 as a whole.
        most_bytes: A line longer than this is not a line of a table.
    """
    found, telling = Patchwork(), False
    with path.open("rb") as file:
        while line := file.readline(most_bytes):
            if line.isascii():
                continue
            if _is_utf8(line):
                # some short words in GB18030 are also valid UTF-8; these prove nothing
                found.utf8 += _RUN.search(line) is not None
            elif _is_gb18030(line):
                found.gb18030 += 1
                # half a UTF-8 character can be a whole GB18030 one
                telling = telling or len(_HANZI.findall(line.decode("gb18030"))) >= _TELLING
    return found if found.utf8 and telling else None


def may_be_patchwork(path: Path, block_bytes: int) -> bool:
    """Return whether a run of hanzi in UTF-8 occurs anywhere in a file; fast, and seldom wrong."""
    with path.open("rb") as file:
        rest = b""
        while block := file.read(block_bytes):
            if _RUN.search(rest + block):
                return True
            rest = block[-9:]
    return False


def is_twice(text: str) -> bool:
    """Return whether hanzi in a text were decoded as Windows-1252.

    Example:
        >>> is_twice("ç\x89©æµ\x81å¤ªæ\x85¢"), is_twice("物流太慢"), is_twice("café à la crème")
        (True, False, False)
    """
    above = len(_ABOVE_ASCII.findall(text))
    return above > 0 and 3 * len(_TWICE.findall(text)) >= _TWICE_SHARE * above


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_gb18030(line: bytes) -> bool:
    """Return whether a line is GB18030 rather than UTF-8 with a broken byte."""
    try:
        line.decode("gb18030")
    except UnicodeDecodeError:
        return False
    broken = line.decode("utf-8", "replace")
    return broken.count("\ufffd") > len(_HANZI.findall(broken))


def _of_line(line: bytes, errors: str) -> str:
    try:
        return line.decode("utf-8-sig" if line.startswith(codecs.BOM_UTF8) else "utf-8")
    except UnicodeDecodeError:
        return line.decode("gb18030" if _is_gb18030(line) else "utf-8", errors)


def _of_lines(data: bytes, errors: str) -> str:
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        return "\n".join([_of_line(line, errors) for line in data.split(b"\n")])


def _once(data: bytes, errors: str) -> str:
    """Undo one of two encodings; a line for which that fails is left unchanged."""
    return "\n".join(map(_undone, data.decode("utf-8", errors).split("\n")))


def _undone(line: str) -> str:
    try:
        return line.translate(_WINDOWS).encode("latin-1").decode()
    except UnicodeError:
        return line


class _LineDecoder(codecs.BufferedIncrementalDecoder):
    """Decodes whole lines and buffers the beginning of the next one."""

    whole: Callable[[bytes, str], str]

    def _buffer_decode(self, input: Any, errors: str, final: bool) -> tuple[str, int]:  # noqa: A002 - its name there
        data = bytes(input)
        end = len(data) if final or len(data) > _LINE_BYTES else data.rfind(b"\n") + 1
        return type(self).whole(data[:end], errors), end


class _Lines(_LineDecoder):
    whole = staticmethod(_of_lines)


class _Twice(_LineDecoder):
    whole = staticmethod(_once)


def _found(name: str) -> codecs.CodecInfo | None:
    decoder = {LINES: _Lines, TWICE: _Twice}.get(name.replace("_", "-"))
    if decoder is None:
        return None

    def decode(data: Any, errors: str = "strict", /) -> tuple[str, int]:
        return decoder.whole(bytes(data), errors), len(data)

    return codecs.CodecInfo(
        name=name.replace("_", "-"), encode=codecs.lookup("utf-8").encode, decode=decode, incrementaldecoder=decoder
    )


codecs.register(_found)
