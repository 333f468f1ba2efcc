"""What of a text file does not fit an encoding: how many places, on which lines, beside how many characters that do."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

BLOCK_BYTES: Final = 1 << 20
_HEAD_CHARS: Final = 1 << 16
#: From so many on, and more than there are characters, counting on is of no use.
_HOPELESS: Final = 1000
#: What people call an encoding, and how many lines a remark names.
TITLES: Final = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "gb18030": "GB18030(GBK)", "big5hkscs": "Big5"}
_LINES_NAMED: Final = 10
#: Stands for a sequence of bytes that does not fit while they are counted; no decoder gives it.
_MARK: Final = "\udfff"
_MARKING: Final = "core.read.damage.mark"
_ABOVE_LATIN = re.compile("[\u0800-\ud7ff\ue000-\U0010ffff]+")


@dataclass(slots=True)
class Damage:
    """What a file is like in a codec that does not fit it everywhere.

    Attributes:
        codec: The codec.
        places: Sequences of bytes that do not fit.
        characters: Characters of Chinese and other scripts, and of pictures, that do.
        lines: Numbers of the first lines with such a sequence.
        more_lines: There are more such lines.
        head: Text from the beginning.
    """

    codec: str
    places: int = 0
    characters: int = 0
    lines: list[int] = field(default_factory=list)
    more_lines: bool = False
    head: str = ""

    @classmethod
    def of(cls, path: Path, codec: str) -> Damage:
        """Go through a file and count, up to where so much does not fit that it can be no slip."""
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
        """Whether so much does not fit that the rest of the file is not counted."""
        return self.places > max(_HOPELESS, self.characters)

    @property
    def share(self) -> float:
        """Sequences that do not fit per character that does."""
        return self.places / max(self.characters, 1)

    def note(self) -> str:
        """Say how many places there are and on which lines."""
        shown = "、".join(map(str, self.lines)) + (" 等" if self.more_lines else "")
        title = TITLES.get(self.codec, self.codec)
        least = "至少" if self.is_hopeless else ""
        return f"{least}有 {self.places:,} 处字节不合 {title} 编码,已显示为 �,在第 {shown} 行。"

    def _take(self, text: str, line: int) -> int:
        """Count in a piece of text that begins on a line; return the line on which it ends."""
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
