"""``analyse keywords``: the words that distinguish negative comments, or any other group."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.commands import console
from core.commands.opened import Opened, add_target, opened
from core.errors import InputError
from core.results import Contrast, ContrastWord
from core.schema import NEGATIVE, POSITIVE, Filter, word_title

if TYPE_CHECKING:
    import pandas as pd

    from core.results import Keyword

__all__ = ["TITLE", "add", "rows"]

TITLE = "关键词"
#: Terms per side.
_TERMS: Final = 2000
_PERIOD: Final = "时段"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_target(parser)
    parser.add_argument(
        "--by", metavar="列名", help="不比负面和正面,而比这一列的两组;也可写 商品、来源、文件、月份、时段"
    )
    parser.add_argument("--first", metavar="值", help="甲组的值;时段写成 2026-03-01~2026-03-31")
    parser.add_argument("--second", metavar="值", help="乙组的值;不写就是其余评论")
    parser.add_argument("--negative-only", action="store_true", help="与 --by 合用:只看负面评论")
    parser.add_argument("--no-phrases", action="store_true", help="只数单个的词,不数词组(如 物流慢)")
    parser.add_argument("--synonyms", action="store_true", help="合并自带的近义词(如 难吃、不好吃)")
    parser.add_argument("--synonyms-file", metavar="文件", type=Path, help="自己的近义词,每行一组,第一个词是名称")


def rows(arguments: argparse.Namespace) -> pd.DataFrame:
    """Return one row per term, the most negative (or most typical of the first side) first.

    Raises:
        InputError: I03 the options are incompatible, N02, N03, N07 a side is invalid.
    """
    if bool(arguments.by) != (arguments.first is not None):
        raise InputError("I03", "--by 和 --first 要一起用。", "例如 --by 商品 --first 耳机A --second 耳机B。")
    groups = _groups(arguments)
    with opened(arguments) as found:
        view = None if arguments.no_phrases else _view(found, groups)
        if arguments.by:
            return _contrast(found, arguments, view)
        return _keywords(found, view)


def _groups(arguments: argparse.Namespace) -> tuple[tuple[str, ...], ...]:
    from core.analyse import read_synonyms, synonyms

    own = ""
    if arguments.synonyms_file is not None:
        try:
            own = arguments.synonyms_file.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as exc:
            hint = "请检查路径,文件应为 UTF-8 文本。"
            raise InputError("N08", f"读不出近义词文件 {arguments.synonyms_file.name}。", hint) from exc
    return synonyms(own) if arguments.synonyms else read_synonyms(own)


def _view(found: Opened, groups: tuple[tuple[str, ...], ...]) -> str:
    from core.derive.words import Words

    return found.derive(Words(groups))


def _keywords(found: Opened, view: str | None) -> pd.DataFrame:
    import pandas as pd

    from core.analyse import keywords

    result = keywords(found.table, Filter(), limit=_TERMS, view=view)
    if result.sampled_from:
        console.warn(f"提示:共 {result.sampled_from:,} 条,词按其中均匀抽取的 {result.n:,} 条统计。")
    terms: list[Keyword] = [*result.negative, *reversed(result.positive)]
    return pd.DataFrame(
        {
            "词": [word_title(term.term) for term in terms],
            "负面次数": [term.counts[NEGATIVE] for term in terms],
            "正面次数": [term.counts[POSITIVE] for term in terms],
            "z": [round(term.z, 3) for term in terms],
        }
    )


def _contrast(found: Opened, arguments: argparse.Namespace, view: str | None) -> pd.DataFrame:
    import pandas as pd

    from core.analyse import contrast
    from core.chart import contrast_remark

    first, second = (_side(found, arguments.by, value) for value in (arguments.first, arguments.second))
    chosen = Filter(labels=("负面",)) if arguments.negative_only else Filter()
    result = contrast(found.table, chosen, first or Filter(), second, view=view, limit=_TERMS)
    _say(result, contrast_remark(result))
    words: tuple[ContrastWord, ...] = result.words
    return pd.DataFrame(
        {
            "词": [word_title(word.word) for word in words],
            "甲次数": [word.first.count for word in words],
            "乙次数": [word.second.count for word in words],
            "z": [round(word.z, 3) for word in words],
        }
    )


def _say(result: Contrast, remark: str) -> None:
    """Say which side is which and how many comments were counted."""
    console.warn(f"提示:甲对乙 = {remark}。z 大于 0 偏向甲。")
    if not all(side.n for side in result.sides):
        console.warn("提示:有一组没有评论,没有可以对比的词。")


def _side(found: Opened, by: str, value: str | None) -> Filter | None:
    from core.commands.grouping import group_column, group_filter

    if value is None:
        return None
    if by == _PERIOD:
        start, _, end = value.partition("~")
        return Filter(start=start or None, end=end or None)
    return group_filter(group_column(found.table, by), value)
