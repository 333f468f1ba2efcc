"""Packs: what people talk about in one trade, and the words they use for it. Plain text that anybody can edit."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from core.errors import InputError

__all__ = ["COLUMNS", "PACKS", "Aspect", "Pack", "pack_from_rows", "parse", "rows_of", "shipped", "write"]

_FOLDER: Final = Path(__file__).with_name("data")
#: The shipped packs, in menu order.
PACKS: Final = ("餐饮", "电商", "酒店", "汽车", "手机数码", "快递", "客服", "银行", "医院", "政务")
#: Fields of an aspect and their column titles in an editor.
COLUMNS: Final[dict[str, str]] = {
    "name": "方面",
    "terms": "说到它的词",
    "good": "不提名字也知道的好话",
    "bad": "不提名字也知道的坏话",
    "praise": "常配的好话",
    "blame": "常配的坏话",
    "excepted": "不算的词",
}
_IN_FILE: Final = {"excepted": "except"}
_MOST_ASPECTS: Final = 200
_MOST_WORDS: Final = 5000


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing people talk about. In a word, ``…`` matches one to six characters: ``等了…小时``.

    Attributes:
        name: Display name.
        terms: Words that name it.
        good: Words that praise it without naming it: 便宜.
        bad: Words that criticise it without naming it: 贵.
        praise: Words that are good beside its name: 快 beside 物流.
        blame: Words that are bad beside its name.
        excepted: Longer words that contain one of the others and mean something else: 贵州.
    """

    name: str
    terms: tuple[str, ...] = ()
    good: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    praise: tuple[str, ...] = ()
    blame: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """The aspects of one trade."""

    title: str
    aspects: tuple[Aspect, ...]


@lru_cache(maxsize=len(PACKS))
def shipped(title: str) -> Pack:
    """Return a shipped pack.

    Args:
        title: One of ``PACKS``.

    Raises:
        InputError: N20 no such pack.

    Example:
        >>> shipped("餐饮").aspects[0].name
        '口味'
    """
    if title not in PACKS:
        raise InputError("N20", f"没有名为 {title} 的词库。", f"可选:{'、'.join(PACKS)}。")
    return parse((_FOLDER / f"{title}.toml").read_text(encoding="utf-8"), title)


def parse(text: str, title: str) -> Pack:
    """Parse a pack.

    Args:
        text: TOML with a list ``aspects``; each has ``name`` and, as words separated by blanks, ``terms``, ``good``,
            ``bad``, ``praise``, ``blame`` and ``except``.
        title: Title of the pack.

    Raises:
        InputError: N21 not a valid pack, or one of its aspects has no name, no words, or a duplicate name.
    """
    try:
        listed = tomllib.loads(text)["aspects"]
        records = [{name: one.get(_IN_FILE.get(name, name), "") for name in COLUMNS} for one in listed]
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as exc:
        raise InputError("N21", f"词库 {title} 的内容读不懂。", "可以恢复为自带的词库。") from exc
    return pack_from_rows(records, title)


def pack_from_rows(records: Iterable[Mapping[str, Any]], title: str) -> Pack:
    """Build a pack from the rows of an editor.

    Args:
        records: One per aspect, with the keys of ``COLUMNS``; words separated by blanks or commas. Rows with neither
            name nor words are skipped.
        title: Title of the pack.

    Raises:
        InputError: N21 an aspect has no name, no words, or a duplicate name; or there are too many.
    """
    aspects = []
    for record in records:
        name = str(record.get("name") or "").strip()
        words = {f.name: _words(record.get(f.name)) for f in fields(Aspect) if f.name != "name"}
        if not name and not any(words.values()):
            continue
        if not name or not (words["terms"] or words["good"] or words["bad"]):
            raise InputError("N21", f"词库 {title} 里有一行没有方面名称,或没有词。", "请补全这一行,或清空它。")
        aspects.append(Aspect(name, **words))
    names = [aspect.name for aspect in aspects]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError("N21", f"词库 {title} 里有两个方面都叫 {twice}。", "请改名或合并。")
    if len(aspects) > _MOST_ASPECTS or any(len(one.terms) > _MOST_WORDS for one in aspects):
        raise InputError("N21", f"词库 {title} 太大。", f"最多 {_MOST_ASPECTS} 个方面,每个 {_MOST_WORDS} 个词。")
    return Pack(title, tuple(aspects))


def rows_of(pack: Pack) -> list[dict[str, str]]:
    """Return the rows for an editor; ``pack_from_rows`` is the inverse.

    Example:
        >>> rows_of(Pack("例", (Aspect("价格", ("价格", "价钱")),)))[0]["terms"]
        '价格 价钱'
    """
    return [
        {name: aspect.name if name == "name" else " ".join(getattr(aspect, name)) for name in COLUMNS}
        for aspect in pack.aspects
    ]


def write(pack: Pack) -> str:
    """Serialise a pack; ``parse`` is the inverse.

    Example:
        >>> one = Pack("例", (Aspect("价格", ("价格",)),))
        >>> parse(write(one), "例") == one
        True
    """
    lines = []
    for record in rows_of(pack):
        lines.append("[[aspects]]")
        # a JSON string is a valid TOML string
        lines += [f"{_IN_FILE.get(k, k)} = {json.dumps(v, ensure_ascii=False)}" for k, v in record.items() if v]
    return "\n".join([*lines, ""])


def _words(cell: Any) -> tuple[str, ...]:
    text = str(cell or "").replace("\uff0c", " ").replace(",", " ").replace("、", " ")
    return tuple(dict.fromkeys(text.split()))
