"""Score dotted column names, such as ``mblog.user.screen_name``: which role they indicate, and about whom."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from core.read.names import NAMES, name_points, normal
from core.schema import Role

#: Keys joined by dots; a number after the dot, as in 评论.1, is not a key but distinguishes equal names.
_PATH = re.compile(r"[^\W\d][\w$@-]*(?:\.[^\W\d][\w$@-]*)+")
#: A search engine's metadata about its hits, not about the comments in them.
_OF_THE_HIT: Final = frozenset({"_index", "_score", "_type", "_version", "_routing", "_ignored"})
#: Objects that describe a person: their values are about the author, not what was written.
_PERSON = re.compile(
    r"(user|member|author|account|profile|sender|poster|creator|reviewer|customer|buyer|用户|作者|会员|买家|博主)"
    r"(info|base|信息)?$"
)
#: Objects that the comment is about.
_THING = re.compile(
    r"(product|goods|sku|spu|shop|store|hotel|movie|film|book|app|poi|business|merchant|brand|restaurant|"
    r"商品|产品|店铺|门店|酒店|电影)(info|base|detail|信息)?$"
)
#: Another comment, which this one replies to or forwards.
_OTHER = re.compile(r"retweet|quote|repl(?:y|ies)|parent|root|orig|forward|repost|refer|target|转发|引用|回复|原")
#: Other elements around a comment on its page.
_TRIM = re.compile(
    r"(label|button|vip|medal|badge|icon|emotes?|pics?|images?|videos?|music|topics?|pageinfo|control|notice|error|"
    r"highlight|strategy)$"
)
#: Keys that name a person or a thing, given what the key above describes.
_PERSON_CALLED: Final = frozenset({"name", "nick", "uname", "名称"})
_THING_CALLED: Final = frozenset({"name", "title", "名称"})
_COMMENT = re.compile(r"comment|review|feedback|评")
#: Factor for names from another comment: below all those of the comment itself, but above none.
_OTHER_SHARE: Final = 0.3
#: Penalty per level below the top: more than the gap between text and content, less than a name's points.
_LEVEL_POINTS: Final = 5.0


def path_points(role: Role, name: str) -> float:
    """Score how clearly a column name indicates a role; a dotted name by its last key and the enclosing objects.

    Returns:
        As ``name_points``, less for deeper keys and for those of another comment.

    Example:
        >>> path_points(Role.TEXT, "text") > path_points(Role.TEXT, "mblog.text")
        True
        >>> path_points(Role.TEXT, "mblog.text") > path_points(Role.TEXT, "mblog.retweeted_status.text") > 0
        True
        >>> path_points(Role.AUTHOR, "user.name") > 0, path_points(Role.TEXT, "user.description")
        (True, 0.0)
    """
    if name in _OF_THE_HIT:
        return 0.0
    keys = _keys(name)
    if not keys:
        return name_points(role, name)
    points = max(name_points(role, keys[-1]), _exact(role, keys[-2] + keys[-1])) * _share(role, keys)
    points = max(points, _called(role, keys[-2], keys[-1]))
    if not points:
        return 0.0
    if any(map(_OTHER.search, keys[:-1])) or any(map(_TRIM.search, keys[:-1])):
        points *= _OTHER_SHARE
    return max(points - _LEVEL_POINTS * (len(keys) - 1), 1.0)


def is_aside(name: str) -> bool:
    """Return whether a dotted name belongs to a person, a thing or another comment, so that its values are no evidence.

    Example:
        >>> is_aside("user.description"), is_aside("mblog.text"), is_aside("description")
        (True, False, False)
    """
    return any(kind.search(key) for key in _keys(name)[:-1] for kind in (_PERSON, _THING, _OTHER, _TRIM))


@lru_cache(maxsize=4096)
def _keys(name: str) -> tuple[str, ...]:
    """Return the keys of a dotted name in normal form, () for any other name."""
    if "." not in name or not _PATH.fullmatch(name):
        return ()
    return tuple(map(normal, name.split(".")))


def _exact(role: Role, name: str) -> float:
    return name_points(role, name) if name in NAMES[role].exact else 0.0


def _share(role: Role, keys: tuple[str, ...]) -> float:
    """Return 0 if the objects enclosing a key show that it is about something else, else 1."""
    if any(map(_PERSON.search, keys[:-1])):
        return float(role is Role.AUTHOR)
    if any(map(_THING.search, keys[:-1])):
        return float(role is Role.PRODUCT or _COMMENT.search(keys[-1]) is not None)
    return 1.0


def _called(role: Role, above: str, last: str) -> float:
    """Return the points of a key such as name or title that names the object right above it."""
    if role is Role.AUTHOR and last in _PERSON_CALLED and _PERSON.search(above):
        return name_points(role, "username")
    if role is Role.PRODUCT and last in _THING_CALLED and _THING.search(above):
        return name_points(role, "productname")
    return 0.0
