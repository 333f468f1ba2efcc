"""The rows of all tables in a markup text, in order: HTML as browsers show it, XML Spreadsheet 2003.

A hand-written scanner finds the tags: the parser of Python 3.11 takes quadratic time on unterminated tags, and XML
parsers reject what these files contain (HTML entities, unclosed tags).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.read import mht
from core.read.lines import BLOCK_CHARS, open_text
from core.schema import Reason
from core.settings import get_settings

#: The size limits of a sheet: positions beyond are errors. Then the maximum spans that browsers accept.
MOST_COLUMNS: Final = 16_384
MOST_ROWS: Final = 1_048_576
_MOST_ACROSS: Final = 1_000
_MOST_DOWN: Final = 65_534
#: A row's only cell, if it spans all columns and at least this many, is a caption.
_CAPTION_COLUMNS: Final = 3
#: Names are possessive (++) here and below: a long unterminated one took quadratic time.
_TAG: Final = re.compile(r"<!--|<!\[CDATA\[|<(/?)([A-Za-z][\w:.-]*+)([^<>]*)>|<[!?][^<>]*>")
#: Anything longer than this is not a tag.
_TAG_CHARS: Final = 1 << 16
_SPACES: Final = re.compile(r"[ \t\r\n\f]+")
_AROUND_BREAK: Final = re.compile(r" ?\n ?")
_ATTRIBUTE: Final = re.compile(r"""(?<![\w:-])([\w:-]++)\s*+=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_PLACED: Final = re.compile(r"span|index|merge", re.IGNORECASE)
#: Equivalent tags in both formats: XML Spreadsheet has Worksheet, Row and Cell.
_ROLES: Final = {
    "html": {"table": "table", "tr": "row", "td": "cell", "th": "cell"},
    "xml": {"worksheet": "table", "row": "row", "cell": "cell"},
}
_BREAKS: Final = frozenset({"br", "p", "div", "li"})
#: Text within these tags is never shown; in XML it is a cell's comment.
_UNSEEN: Final = {"html": frozenset({"script", "style", "title", "xml", "template"}), "xml": frozenset({"comment"})}
_ENDS: Final = {"<!--": "-->", "<![CDATA[": "]]>"}
_DATE_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.0+)?")


@dataclass(slots=True)
class MarkupRow:
    """One row: its table's position from 0, its number from 1, its cells, how many of them extend below it."""

    table: int
    name: str
    number: int
    cells: list[str]
    merges: int
    reason: str = ""


@dataclass(slots=True)
class _Table:
    """A table being read."""

    place: int
    name: str
    number: int = 0
    #: the current row: (column, text, columns, rows); None = no row is open
    row: list[tuple[int, str, int, int]] | None = None
    column: int = 0
    #: column → (last row, text) of cells that extend below their row
    below: dict[int, tuple[int, str]] = field(default_factory=dict)
    too_long: bool = False
    #: number of columns of its rows with more than one cell
    width: int = 0


def markup_rows(path: Path, kind: str, encoding: str | None, filled_from: int | None) -> Iterator[MarkupRow]:
    """Yield the rows of all tables of a file; those of a table within a cell come before the enclosing row.

    Args:
        path: The file.
        kind: ``html``, ``mht`` or ``xml``.
        encoding: Codec; None for MHT.
        filled_from: Row number from which vertically merged cells repeat their text; None = nowhere.
    """
    reader = _Reader("xml" if kind == "xml" else "html", filled_from)
    blocks = mht.texts(path) if kind == "mht" else _blocks(path, encoding or "utf-8")
    for closing, tag, attributes, text in _events(blocks):
        if text:
            reader.take_text(text)
        if tag:
            done = reader.take_tag(tag, closing, attributes)
            if done is not None:
                yield done
    yield from reader.rest()


def _blocks(path: Path, encoding: str) -> Iterator[str]:
    with open_text(path, encoding) as file:
        while block := file.read(BLOCK_CHARS):
            yield block


def _events(blocks: Iterator[str]) -> Iterator[tuple[bool, str, str, str]]:
    """Yield (closing, lower-case tag, its attributes, the text before it); "" where there is none."""
    rest, ending = "", ""  # ending: what closes the open comment or CDATA section
    for block in blocks:
        text, at, rest = rest + block, 0, ""
        while True:
            if ending:
                end = text.find(ending, at)
                if end < 0:
                    keep = max(at, len(text) - len(ending))
                    if ending == "]]>":
                        yield False, "", "", html.escape(text[at:keep])
                    rest = text[keep:]
                    break
                if ending == "]]>":
                    yield False, "", "", html.escape(text[at:end])
                at, ending = end + len(ending), ""
            found = _TAG.search(text, at)
            if found is None:
                cut = text.find("<", at)
                end = len(text) if cut < 0 or len(text) - cut > _TAG_CHARS else cut
                # an entity may be split too: &nb|sp;
                amp = text.rfind("&", max(at, end - 10), end) if end == len(text) else -1
                end = amp if amp >= 0 else end
                yield False, "", "", text[at:end]
                rest = text[end:]
                break
            name = found[2]
            yield bool(found[1]), (name or "").lower(), found[3] or "", text[at : found.start()]
            ending, at = _ENDS.get(found[0], ""), found.end()
    yield False, "", "", rest


class _Reader:
    """Assembles texts into cells and cells into rows."""

    def __init__(self, kind: str, filled_from: int | None) -> None:
        self._kind = kind
        self._roles = _ROLES[kind]
        self._filled_from = filled_from
        self._limit = get_settings().max_cell_chars
        self._tables: list[_Table] = []
        self._count = 0
        self._unseen = ""
        #: the texts and position of the current cell; a cell is open if it has a position
        self._texts: list[str] = []
        self._chars = 0
        self._place: tuple[int, int, int] | None = None
        self._end_or_begin = {"table": self._table, "row": self._row, "cell": self._cell}

    def take_text(self, text: str) -> None:
        if self._place is not None and not self._unseen and self._chars <= self._limit:
            self._texts.append(text)
            self._chars += len(text)

    def take_tag(self, tag: str, closing: bool, attributes: str) -> MarkupRow | None:
        """Process the next tag; return the row that it ends."""
        if self._kind == "xml":
            tag = tag.rpartition(":")[2]
        if self._unseen:
            self._unseen = "" if closing and tag == self._unseen else self._unseen
        elif tag in _UNSEEN[self._kind]:
            self._unseen = "" if closing or attributes.endswith("/") else tag
        elif tag in self._roles:
            return self._end_or_begin[self._roles[tag]](closing, attributes)
        elif self._kind == "html" and self._place is not None:
            self._show(tag, attributes)
        return None

    def rest(self) -> Iterator[MarkupRow]:
        """Yield the rows that no tag closed."""
        while self._tables:
            done = self._end_row()
            self._tables.pop()
            if done is not None:
                yield done

    def _show(self, tag: str, attributes: str) -> None:
        if tag in _BREAKS:
            self._texts.append("\0")  # a line break: newlines in the source are mere spaces
        elif tag == "img":  # an emoticon shown as an image
            self._texts.append(dict(_attributes(attributes)).get("alt", ""))

    def _table(self, closing: bool, attributes: str) -> MarkupRow | None:
        done = None
        if closing:
            done = self._end_row()
            if self._tables:
                self._tables.pop()
        else:
            # a table within a cell: the cell's other text is dropped
            self._place = None
            name = dict(_attributes(attributes)).get("name", "") if self._kind == "xml" else ""
            self._tables.append(_Table(self._count, name))
            self._count += 1
        return done

    def _row(self, closing: bool, attributes: str) -> MarkupRow | None:
        done = self._end_row()
        if self._tables and not closing:
            table = self._tables[-1]
            given = dict(_attributes(attributes)).get("index", "") if self._kind == "xml" else ""
            table.number = max(table.number + 1, min(_number(given, 0), MOST_ROWS))
            table.row, table.column = [], 0
            if attributes.endswith("/"):
                return self._end_row()
        return done

    def _cell(self, closing: bool, attributes: str) -> MarkupRow | None:
        self._end_cell()
        if closing or not self._tables:
            return None
        table = self._tables[-1]
        if table.row is None:  # a cell outside a row starts one
            table.number += 1
            table.row, table.column = [], 0
        across, down, index = self._spans(attributes)
        table.column = index if index > table.column else table.column
        while table.below and table.column in table.below and table.below[table.column][0] >= table.number:
            table.column += 1
        self._place = (table.column, across, down)
        table.column = min(table.column + across, MOST_COLUMNS)
        if attributes.endswith("/"):
            self._end_cell()
        return None

    def _spans(self, attributes: str) -> tuple[int, int, int]:
        """Return the column and row spans of a cell, and the column it declares (-1 = the next one)."""
        if _PLACED.search(attributes) is None:  # nearly always
            return 1, 1, -1
        given = dict(_attributes(attributes))
        if self._kind == "xml":
            across, down = _number(given.get("mergeacross", ""), 0) + 1, _number(given.get("mergedown", ""), 0) + 1
            index = _number(given.get("index", ""), 0) - 1
        else:
            across, down, index = _number(given.get("colspan", ""), 1), _number(given.get("rowspan", ""), 1), -1
        return min(max(across, 1), _MOST_ACROSS), min(max(down, 1), _MOST_DOWN), min(index, MOST_COLUMNS)

    def _end_cell(self) -> None:
        if self._place is None:
            return
        column, across, down = self._place
        self._place = None
        text = self._text()
        self._texts, self._chars = [], 0
        table = self._tables[-1]
        if len(text) > self._limit:
            text, table.too_long = text[: self._limit], True
        if table.row is not None and column < MOST_COLUMNS:
            table.row.append((column, text, across, down))

    def _text(self) -> str:
        text = "".join(self._texts)
        text = html.unescape(text) if "&" in text else text
        if self._kind == "xml":
            text = text.strip(" \t\r\n")
            return _DATE_TIME.sub(r"\1 \2", text) if _DATE_TIME.fullmatch(text) else text
        text = _SPACES.sub(" ", text).replace("\xa0", " ").replace("\0", "\n")
        return (_AROUND_BREAK.sub("\n", text) if "\n" in text else text).strip()

    def _end_row(self) -> MarkupRow | None:
        self._end_cell()
        if not self._tables or self._tables[-1].row is None:
            return None
        table = self._tables[-1]
        given, table.row = table.row or [], None
        cells: list[str] = []
        if table.below:
            self._fill(table, cells)
        merges = 0
        for column, text, across, down in given:
            cells += [""] * (column + 1 - len(cells))
            cells[column] = text
            if down > 1:
                merges += 1
                repeats = self._filled_from is not None and table.number >= self._filled_from
                last = table.number + down - 1
                # Repeated in rows only: a text merged across columns belongs to the first of them.
                table.below[column] = (last, text if repeats else "")
                table.below.update(dict.fromkeys(range(column + 1, min(column + across, MOST_COLUMNS)), (last, "")))
        return MarkupRow(table.place, table.name, table.number, cells, merges, self._reason(table, given))

    def _reason(self, table: _Table, given: list[tuple[int, str, int, int]]) -> str:
        """Return why a row is not a record: a cell is too long, or its only cell is a caption over all columns."""
        reason, table.too_long = Reason.CELL_TOO_LONG if table.too_long else "", False
        if len(given) > 1:
            table.width = max(table.width, given[-1][0] + 1)
        elif given and given[0][2] >= table.width >= _CAPTION_COLUMNS and not reason:
            below = self._filled_from is not None and table.number >= self._filled_from
            return Reason.ASIDE if below else ""
        return reason

    def _fill(self, table: _Table, cells: list[str]) -> None:
        """Fill a row with the cells that extend into it from above."""
        table.below = {column: one for column, one in table.below.items() if one[0] >= table.number}
        for column, (_, text) in table.below.items():
            if text:
                cells += [""] * (column + 1 - len(cells))
                cells[column] = text


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    """Yield the attributes of a tag, with lower-case names and without namespace prefix."""
    for name, *values in _ATTRIBUTE.findall(text):
        yield name.lower().rpartition(":")[2], html.unescape("".join(values))


def _number(text: str, otherwise: int) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else otherwise
