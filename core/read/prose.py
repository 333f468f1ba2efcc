"""Distinguish lines of text from rows of a table: a possible delimiter may split text evenly by chance."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from core.read.header import Header, find_header, is_data

#: These also occur in sentences, and fewer lines than this may have equally many of them by chance; more lines for the
#: full-width ones, which programs hardly ever write.
PUNCTUATION: Final = {",": 20, ";": 20, "，": 1000, "；": 1000}
#: Occurs in kaomoji such as ^_^.
_IN_FACES: Final = "^"
#: Comments are at least this many times longer than names in other columns.
_LONGER: Final = 3
#: Rows inspected, and the minimum number needed to judge how a column reads.
_LOOKED_AT: Final = 500
_TELLING: Final = 10
#: In the pieces of split comments, about three quarters of each column's cells have evaluative words; products, places
#: and nicknames stay below a half.
_SPOKEN_SHARE: Final = 0.6
#: In unquoted tables, texts contain the other comma or end a sentence before the delimiter; a piece of a sentence
#: before its comma does neither.
_OTHER_SHARE: Final = 0.3
_ENDED_SHARE: Final = 0.05
_ENDED = re.compile(r"[。!?！？~…]$")
#: Similarly repetitive columns differ at most by this factor in distinct cells; they have more distinct cells, or
#: longer ones, than a rating scale.
_ALIKE: Final = 5
_FEW_RATINGS: Final = 8
_CLAUSE_CHARS: Final = 4
#: Words typical of evaluations and rare in names: adverbs and particles, then judgements.
_ADVERB: Final = "很太不没真挺了吧吗呢啊也还都就是会能着得过被把又再才最超更较蛮点"
_SPOKEN = re.compile(f"[{_ADVERB}好差快慢贵香棒赞喜推值满失方便适吃用买看送]")
_SAID = re.compile(f"[{_ADVERB}]")
#: Fixed short labels that accompany a comment.
_LABEL = re.compile(
    r"(非常|比较|基本|很|较|十分|极其?|特别|完全)?(不|未)?(满意|推荐|好评|中评|差评|正面|负面|中性|积极|消极|好|差|高兴|生气|愤怒|喜欢|一般|"
    r"正常|赞|踩|喜悦|悲伤|失望|开心|难过|同意|有用|相关|重要)(评价?|的|度)?"
)
_POLITE = re.compile(r"感谢|谢谢|亲|您|抱歉|致歉|欢迎|反馈给|我们会")
#: Endings of unusual column names, including 满意之处 and 还要改进的方面.
_NAMED = re.compile(
    r"(处|点|方|面|地方|原因|理由|建议|意见|问题|内容|感受|体会|想法|看法|印象|名|称|号|率|度|项)[?？]?$"
)


def may_be_prose(rows: Sequence[Sequence[str]], delimiter: str, text: str) -> bool:
    """Return whether rows that a delimiter yields may be lines of text, in which it is punctuation.

    Args:
        rows: The filled rows as split by that delimiter; their header has no two known column names.
        delimiter: One character.
        text: The unsplit text.
    """
    if delimiter == _IN_FACES:
        return True
    if not rows or delimiter not in PUNCTUATION or f'{delimiter}"' in text:
        return False
    top = rows[:_LOOKED_AT]
    header = find_header(list(enumerate(top, 1)))
    if len(rows) < PUNCTUATION[delimiter] and not header.row and not _has_table_column(rows):
        return True
    return f'"{delimiter}' not in text and _are_clauses(top, header, delimiter)


def _has_table_column(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether a column holds numbers, dates, names or repeated words."""
    columns = [[cell.strip() for cell in column if cell.strip()] for column in zip_longest(*rows, fillvalue="")]
    return any(
        2 * sum(map(is_data, cells)) >= len(cells)
        or _are_repeated(cells)
        or (len(cells) == len(rows) and _are_names(cells, columns))
        for cells in columns
        if cells
    )


def _are_repeated(cells: Sequence[str]) -> bool:
    return len(cells) >= 4 and 2 * len(set(cells)) <= len(cells)


def _are_names(cells: list[str], columns: list[list[str]]) -> bool:
    """Return whether all cells have the same length, two or three characters, beside a column of much longer ones."""
    lengths = set(map(len, cells))
    longest = max(sum(map(len, column)) / len(column) for column in columns if column)
    return len(cells) >= 3 and len(lengths) == 1 and lengths < {2, 3} and longest > _LONGER * len(cells[0])


def _are_clauses(rows: Sequence[Sequence[str]], header: Header, delimiter: str) -> bool:
    """Return whether every column reads like pieces of sentences, for any number of rows; False if in doubt."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths or sum(widths.values()) < _TELLING or not _is_line(rows, header):
        return False
    width = widths.most_common(1)[0][0]
    usual = [[cell.strip() for cell in row] for row in rows if len(row) == width]
    others = "".join(PUNCTUATION).replace(delimiter, "")
    if sum(any(other in cell for cell in row for other in others) for row in usual) > _OTHER_SHARE * len(usual):
        return False
    columns = list(zip(*usual, strict=True))
    ended = any(_share(_ENDED, cells) > _ENDED_SHARE for cells in columns[:-1])
    spoken = all(_share(_SPOKEN, cells) >= _SPOKEN_SHARE for cells in columns)
    if not spoken or ended:
        return False
    *rest, _ = sorted(columns, key=_different)
    repeated = list(filter(_are_repeated, rest))
    return not any(map(_are_repeated, columns)) or _are_stock(columns) or all(map(_are_endings, repeated))


def _different(cells: Sequence[str]) -> int:
    return len(set(cells))


def _are_endings(cells: Sequence[str]) -> bool:
    """Return whether a repetitive column beside a varied one holds clauses that end comments, not labels.

    A label is only a rating word, and a shop's reply is polite.
    """
    different = set(cells)
    labels = sum(_LABEL.fullmatch(cell) is not None for cell in different)
    answers = sum(_POLITE.search(cell) is not None for cell in different)
    long = sum(map(len, different)) >= _CLAUSE_CHARS * len(different)
    return long and not answers and (labels == 0 or len(different) > 2 * labels)


def _are_stock(columns: Sequence[Sequence[str]]) -> bool:
    """Return whether all columns repeat alike, as short comments do; ratings and replies repeat beside varied texts."""
    different = [len(set(cells)) for cells in columns]
    if not all(map(_are_repeated, columns)) or max(different) > _ALIKE * min(different):
        return False
    return min(different) >= _FEW_RATINGS or all(
        sum(map(len, cells)) >= _CLAUSE_CHARS * len(cells) for cells in columns
    )


def _is_line(rows: Sequence[Sequence[str]], header: Header) -> bool:
    """Return whether there is no header, or the supposed one is worded unlike any column name."""
    if not header.row:
        return True
    cells = [cell.strip() for cell in rows[header.row - 1]]
    return header.guessed and any(map(_SAID.search, cells)) and not any(map(_NAMED.search, cells))


def _share(pattern: re.Pattern[str], cells: Sequence[str]) -> float:
    return sum(pattern.search(cell) is not None for cell in cells) / len(cells)
