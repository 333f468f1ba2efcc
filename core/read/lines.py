"""The lines of a text file, one at a time, with the ability to rewind to the start of the current record."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

BLOCK_CHARS: Final = 1 << 18
#: Replaces a carriage return inside a line while the csv module parses it; a noncharacter, absent from real text.
INNER_CR: Final = "\ufdd0"
_QUOTED = re.compile(r'"[^"]*"')
_ANY_END = re.compile(r"\r\n|\n|\r")


class RecordTooLongError(Exception):
    """Raised when one record exceeds the maximum number of characters."""


class Lines:
    """Iterates over physical lines, including their ends, in constant memory.

    Lines end with LF or CR LF, and a lone CR is an ordinary character, unless most line ends outside quotes are
    lone CRs (old Macintosh files): then every CR and LF ends a line.

    Args:
        file: Text opened with ``newline=""``.
        max_chars: A longer line is truncated to this length; more than this between two ``mark`` calls raises.

    Attributes:
        number: 1-based number of the last returned line.
        taken: The lines returned since ``mark``.
        has_inner_cr: Whether a line since ``mark`` contains ``INNER_CR``.
    """

    def __init__(self, file: TextIO, max_chars: int) -> None:
        self.number = 0
        self.taken: list[str] = []
        self.has_inner_cr = False
        self._max_chars = max_chars
        self._chars = 0
        self._returned: deque[str] = deque()
        self._source = _split(file, max_chars)

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        if self._chars > self._max_chars:
            raise RecordTooLongError
        line = self._returned.popleft() if self._returned else next(self._source)
        self.number += 1
        self.taken.append(line)
        self._chars += len(line)
        if INNER_CR in line:
            self.has_inner_cr = True
        return line

    def mark(self) -> None:
        """Forget the lines returned so far."""
        self.taken.clear()
        self._chars = 0
        self.has_inner_cr = False

    def unread(self) -> None:
        """Put back all lines since ``mark``."""
        self._returned.extendleft(reversed(self.taken))
        self.number -= len(self.taken)
        self.mark()

    def rewind(self) -> str:
        """Put back all lines since ``mark`` but the first, and return that first one."""
        self.unread()
        first = next(self)
        self.mark()
        return first


def open_text(path: Path, encoding: str) -> TextIO:
    """Open a text file without newline translation; invalid bytes become U+FFFD."""
    return path.open(encoding=encoding, errors="replace", newline="")


def _split(file: TextIO, max_chars: int) -> Iterator[str]:
    block = file.read(BLOCK_CHARS)
    plain = _QUOTED.sub("", block)
    feeds = plain.count("\n")
    if plain.count("\r") - plain.count("\r\n") > feeds:
        yield from _split_any(file, block, max_chars)
    else:
        yield from _split_lf(file, block, max_chars)


def _split_lf(file: TextIO, block: str, max_chars: int) -> Iterator[str]:
    tail = ""
    while block:
        parts = (tail + block).split("\n")
        tail = parts.pop()[: max_chars + 1]
        for part in parts:
            if "\r" in part[:-1]:
                yield part[:-1].replace("\r", INNER_CR) + part[-1] + "\n"
            else:
                yield part + "\n"
        block = file.read(BLOCK_CHARS)
    if tail:
        yield tail[:-1].replace("\r", INNER_CR) + tail[-1]


def _split_any(file: TextIO, block: str, max_chars: int) -> Iterator[str]:
    tail = ""
    while block:
        block = tail + block
        start = 0
        for end in _ANY_END.finditer(block):
            if end.end() == len(block):
                break  # a CR at the end of the block may be half of a CR LF
            yield block[start : end.end()]
            start = end.end()
        tail = block[start:][: max_chars + 1]
        block = file.read(BLOCK_CHARS)
    yield from [piece for piece in re.split(r"(?<=\n)|(?<=\r)(?!\n)", tail) if piece]
