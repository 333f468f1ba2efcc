"""Measure how badly a text file fits an encoding: invalid sequences, their lines, and the valid characters."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

BLOCK_BYTES: Final = 1 << 20
_HEAD_CHARS: Final = 1 << 16
#: Counting stops once invalid sequences exceed both this and the number of valid characters.
_HOPELESS: Final = 1000
#: Display names of encodings, and the maximum number of lines a note names.
TITLES: Final = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "gb18030": "GB18030(GBK)", "big5hkscs": "Big5"}
_LINES_NAMED: Final = 10
#: Marks an invalid byte sequence while counting; no decoder produces it.
_MARK: Final = "\udfff"
_MARKING: Final = "core.read.decoding_errors.mark"
_ABOVE_LATIN = re.compile("[\u0800-\ud7ff\ue000-\U0010ffff]+")


@dataclass(slots=True)
class DecodingErrors:
    """How a file fits a codec that does not decode all of it.

    Attributes:
        codec: The codec.
        places: Number of invalid byte sequences.
        characters: Number of valid characters of Chinese and other scripts, and emoji.
        lines: Numbers of the first lines with an invalid sequence.
        more_lines: Whether there are more such lines.
        head: Text from the beginning.
    """

    codec: str
    places: int = 0
    characters: int = 0
    lines: list[int] = field(default_factory=list)
    more_lines: bool = False
    head: str = ""

    @classmethod
    def of(cls, path: Path, codec: str) -> DecodingErrors:
        """Scan a file and count, stopping once too much is invalid for the codec to be right."""
        found = cls(codec)
        decoder = codecs.getincrementaldecoder(codec)(_MARKING)
        line = 1
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                line = found._take(decoder.decode(block), line)
                if found.is_hopeless:
                    return found
            found._take(decoder.decode(b"", True), line)
        return found

    @property
    def is_hopeless(self) -> bool:
        """Whether so much is invalid that the rest of the file is not counted."""
        return self.places > max(_HOPELESS, self.characters)

    @property
    def share(self) -> float:
        """Invalid sequences per valid character."""
        return self.places / max(self.characters, 1)

    def note(self) -> str:
        """Return a note on how many invalid places there are and on which lines."""
        shown = "、".join(map(str, self.lines)) + (" 等" if self.more_lines else "")
        title = TITLES.get(self.codec, self.codec)
        least = "至少" if self.is_hopeless else ""
        return f"{least}有 {self.places:,} 处字节不合 {title} 编码,已显示为 �,在第 {shown} 行。"

    def _take(self, text: str, line: int) -> int:
        """Count in a piece of text that begins on a given line; return the line on which it ends."""
        self.head = self.head or text[:_HEAD_CHARS]
        self.places += text.count(_MARK)
        self.characters += sum(map(len, _ABOVE_LATIN.findall(text)))
        parts = text.split("\n")
        for number, part in enumerate(parts if _MARK in text and not self.more_lines else (), line):
            if _MARK in part and number not in self.lines[-1:]:
                self.more_lines = self.more_lines or len(self.lines) == _LINES_NAMED
                self.lines += [] if self.more_lines else [number]
        return line + len(parts) - 1


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _MARK, error.end


codecs.register_error(_MARKING, _mark)
