"""The encoding of a text file: detected by trying encodings in order over the whole file, or named by the user.

BOM → NUL bytes (UTF-16 without BOM) → UTF-8 → mixed lines of UTF-8 and GB18030 → UTF-8 with a few bad bytes → strict
GB18030 → Big5 → either of them with a few bad bytes → ask. GB18030 comes after UTF-8 because it decodes much foreign
text without an error; for the same reason, a file valid in both GB18030 and Big5, or with a few broken bytes, is
assigned to the one whose text looks like Chinese.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Final

from core.errors import ReadError
from core.read.decoding_errors import BLOCK_BYTES, TITLES, DecodingErrors
from core.read.patchwork import LINES, TWICE, find_patchwork, is_twice, may_be_patchwork

SAMPLE_BYTES: Final = 1 << 16

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CUT_NOTE: Final = "文件末尾的一个字不完整,可能没有下载完。"
#: Bytes that text does not contain; audio, video and programs are full of them.
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\f\r\x01\x1a\x1b"))
_TEXT_SHARE: Final = 0.98
#: A file is in an encoding if it has at least this many characters per invalid byte sequence: every multi-byte
#: character of UTF-8 is evidence for it, whereas in the others nearly any two bytes are a character.
_GOOD_UTF8: Final = 4
_GOOD_WIDE: Final = 8
#: In addition, at least this share of its hanzi are common ones.
_LIKE_CHINESE: Final = 0.06
#: Common name → the superset codec that reads all such files.
_WIDER: Final = {"gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "big5": "big5hkscs"}
#: The most common hanzi, simplified and traditional: a quarter of any running Chinese text.
_COMMON: Final = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行"
    "好很没都太真买喜欢差快慢小还看想给吃点服务质量东西這個們來為國說時會對過發後裡還買歡點務質東給沒"
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec and a Chinese note about it, "" if there is none."""

    codec: str
    note: str = ""


def find_encoding(path: Path, named: str | None = None) -> Encoding:
    """Detect the encoding of a text file, which is read to its end.

    Args:
        path: The file.
        named: The encoding named by the user; None = detect.

    Raises:
        ReadError: R05 the file is not text, R06 the name is not a text encoding, or no encoding fits.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    marked = next((codec for bom, codec in _BOMS if head.startswith(bom)), None)
    if named is not None:
        return _named(path, named, marked, head)
    if marked is not None:
        patched = _patchwork(path) if marked == "utf-8-sig" and not decodes(path, marked) else None
        return patched or Encoding(marked, _damage_note(path, marked))
    wide = _utf16_without_bom(head)
    if wide is not None and decodes(path, wide):
        return Encoding(wide)
    return _by_ladder(path, head)


def decodes(path: Path, codec: str, *, cut_end: bool = False) -> bool:
    """Return whether a whole file is valid in a codec; ``cut_end`` tolerates a truncated last character."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK_BYTES):
                decoder.decode(block)
            if not cut_end:
                decoder.decode(b"", True)
        except (UnicodeError, ValueError):
            return False
    return True


def _by_ladder(path: Path, head: bytes) -> Encoding:
    if decodes(path, "utf-8"):
        return _once_or_twice(head)
    if not head.isascii() and decodes(path, "utf-8", cut_end=True):
        return Encoding("utf-8", _CUT_NOTE)
    patched = _patchwork(path)
    if patched is not None:
        return patched
    utf8 = DecodingErrors.of(path, "utf-8")
    if utf8.characters >= _GOOD_UTF8 * utf8.places:
        return Encoding("utf-8", utf8.note())
    return _whole_in_wide(path, head) or _damaged_in_wide(path, head, utf8)


def _once_or_twice(head: bytes) -> Encoding:
    if not head.isascii() and is_twice(head.decode("utf-8", "ignore")):
        return Encoding(TWICE, "文件的字被错误地转换过两次编码(形如 ç‰©æµ),已还原成汉字;不要还原时请指定编码 utf-8。")
    return Encoding("utf-8")


def _patchwork(path: Path) -> Encoding | None:
    if not may_be_patchwork(path, BLOCK_BYTES):
        return None
    found = find_patchwork(path, BLOCK_BYTES)
    return Encoding(LINES, found.note()) if found is not None else None


def _whole_in_wide(path: Path, head: bytes) -> Encoding | None:
    if decodes(path, "gb18030"):
        if _reads_as_big5(head) and decodes(path, "big5hkscs"):
            return Encoding("big5hkscs", "按繁体 Big5 编码读取;如果是乱码,请改选 GB18030。")
        return Encoding("gb18030")
    if decodes(path, "big5hkscs") and _common_share(head, "big5hkscs") >= _common_share(head, "gb18030"):
        return Encoding("big5hkscs")
    return Encoding("gb18030", _CUT_NOTE) if decodes(path, "gb18030", cut_end=True) else None


def _damaged_in_wide(path: Path, head: bytes, utf8: DecodingErrors) -> Encoding:
    if len(head.translate(None, _CONTROLS)) < _TEXT_SHARE * len(head):
        raise ReadError("R05", f"{path.name} 的内容不是文字,也不是认识的表格格式。", "请选择表格文件。")
    wide = max((DecodingErrors.of(path, codec) for codec in ("gb18030", "big5hkscs")), key=_common_share_of)
    if wide.characters >= _GOOD_WIDE * wide.places and _common_share_of(wide) >= _LIKE_CHINESE:
        return Encoding(wide.codec, wide.note() if wide.places else "")
    likely = min(utf8, wide, key=attrgetter("share"))
    raise ReadError(
        "R06",
        f"{path.name} 的文字编码认不出来:最像 {TITLES[likely.codec]},但至少有 {likely.places:,} 处不合。",
        f"请在预览里选择编码(命令行用 --encoding {likely.codec}),不合的字显示为 �;或用表格软件另存为 UTF-8 的 CSV。",
    )


def _damage_note(path: Path, codec: str) -> str:
    """Return a note on what in a file does not fit a given codec; "" = nothing."""
    if decodes(path, codec):
        return ""
    try:
        damage = DecodingErrors.of(path, codec)
    except ValueError:  # a rare codec with its own error handling
        damage = DecodingErrors(codec)
    return damage.note() if damage.places else f"有些字节不合 {codec} 编码,已显示为 �。"


def _named(path: Path, named: str, marked: str | None, head: bytes) -> Encoding:
    try:
        name = codecs.lookup(named.strip()).name
        "".encode(name)  # rejects bytes-to-bytes codecs, such as zip
        codecs.getincrementaldecoder(name)("replace").decode(b"a\xff\xff", True)
    except (LookupError, ValueError, TypeError, OSError) as exc:
        raise ReadError("R06", f"没有叫做 {named!r} 的文字编码。", "常用的有:utf-8、gb18030、big5、utf-16。") from exc
    codec = _WIDER.get(name, name)
    if marked is not None and name.startswith(marked.removesuffix("-sig")):
        codec = marked  # otherwise the BOM would become part of the first cell
    try:
        codecs.getincrementaldecoder(codec)("replace").decode(head)
    except UnicodeError as exc:  # such as UTF-32 without a byte order
        raise ReadError(
            "R06", f"{path.name} 不是 {codec} 编码。", "请不指定编码,或换一个:utf-8、gb18030、big5。"
        ) from exc
    return Encoding(codec, _damage_note(path, codec))


def _utf16_without_bom(head: bytes) -> str | None:
    # Every ASCII character, at least commas and line ends, has its NUL on one side only.
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 100 < len(head) or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _reads_as_big5(head: bytes) -> bool:
    if _holds_private(head, "gb18030") and not _holds_private(head, "big5hkscs"):
        return _common_share(head, "big5hkscs", least=1) >= _common_share(head, "gb18030", least=1)
    return _common_share(head, "big5hkscs") > 0.1 and _common_share(head, "gb18030") < 0.02


def _holds_private(head: bytes, codec: str) -> bool:
    """Return whether decoding yields private-use characters, which real text hardly ever has; a few hanzi suffice."""
    return any("\ue000" <= c <= "\uf8ff" for c in head.decode(codec, "ignore"))


def _common_share(head: bytes, codec: str, *, least: int = 8) -> float:
    return _common_share_in(head.decode(codec, "ignore"), least)


def _common_share_of(damage: DecodingErrors) -> float:
    return _common_share_in(damage.head, least=1)


def _common_share_in(text: str, least: int) -> float:
    hanzi = [c for c in text if "\u4e00" <= c <= "\u9fff"]
    return sum(c in _COMMON for c in hanzi) / len(hanzi) if len(hanzi) >= least else 0.0
