"""Web archives (MHT), in which Excel and browsers save a page as one file: the text of their pages, part by part."""

from __future__ import annotations

import base64
import binascii
import codecs
import quopri
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

#: A longer line is split: no mail program writes one.
_LINE_BYTES: Final = 1 << 20
_CHARSET: Final = re.compile(rb"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_ENCODING: Final = re.compile(rb"^content-transfer-encoding:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_PAGE: Final = re.compile(rb"^content-type:\s*(text/html|application/xhtml)", re.IGNORECASE | re.MULTILINE)
_BOUNDARY: Final = re.compile(rb"""\bboundary\s*=\s*(?:"([^"\r\n]+)"|([^\s;"]+))""", re.IGNORECASE)
_HEADER_LINES: Final = 200


def texts(path: Path) -> Iterator[str]:
    """Yield the text of the pages in a web archive, in pieces; images and styles are skipped.

    Source: RFC 2557, RFC 2045 (quoted-printable, base64).
    """
    ends: tuple[bytes, ...] = ()
    with path.open("rb") as file:
        while head := _head(file):
            ends += tuple(b"--" + (quoted or plain) for quoted, plain in _BOUNDARY.findall(head))
            lines = _lines(file, ends or (b"--",))
            if _PAGE.search(head):
                yield from _decoded(head, lines)
            for _ in lines:  # whatever is left of the part, or all of an image
                pass


def _head(file: IO[bytes]) -> bytes:
    """Read the header lines of the whole or of the next part."""
    head = b""
    for _ in range(_HEADER_LINES):
        line = file.readline(_LINE_BYTES)
        if not line.strip() and (head or not line):
            break
        head += line
    return head


def _lines(file: IO[bytes], ends: tuple[bytes, ...]) -> Iterator[bytes]:
    """Yield the lines of a part up to the boundary after it; other lines may begin with dashes, too."""
    while line := file.readline(_LINE_BYTES):
        if line.startswith(ends):
            return
        yield line


def _decoded(head: bytes, lines: Iterator[bytes]) -> Iterator[str]:
    named = _CHARSET.search(head)
    try:
        decoder = codecs.getincrementaldecoder(named[1].decode("ascii") if named else "utf-8")("replace")
    except LookupError:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
    way = _ENCODING.search(head)
    for data in _bytes(way[1].lower() if way else b"", lines):
        yield decoder.decode(data)


def _bytes(way: bytes, lines: Iterator[bytes]) -> Iterator[bytes]:
    if way == b"quoted-printable":
        yield from map(quopri.decodestring, lines)
    elif way == b"base64":
        rest = b""
        for line in lines:
            rest += line.strip()
            whole = len(rest) // 4 * 4
            try:
                yield base64.b64decode(rest[:whole])
            except binascii.Error:
                return
            rest = rest[whole:]
    else:
        yield from lines
