"""Exports of well-known crawlers, one row per layout: recognised by their columns, named, and mapped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.schema import UNITED_EXPORT_COLUMNS, Mapping


@dataclass(frozen=True, slots=True)
class Layout:
    """One export, recognised if all of ``needs`` and none of ``lacks`` are among the columns."""

    name: str
    source: str
    needs: frozenset[str]
    lacks: frozenset[str]
    mapping: Mapping
    rating_unit: float


def _layout(
    name: str, source: str, needs: str, mapping: Mapping, lacks: str = "", *, rating_unit: float = 1.0
) -> Layout:
    return Layout(name, source, frozenset(needs.split()), frozenset(lacks.split()), mapping, rating_unit)


def _media(
    time: str = "create_time",
    author: str = "nickname",
    *,
    text: tuple[str, ...] = ("content",),
    id_: str = "comment_id",
) -> Mapping:
    return Mapping(text=text, time=time, author=author, comment_id=id_)


def _united_mapping() -> Mapping:
    _, text, time, source, product, rating, author = UNITED_EXPORT_COLUMNS
    return Mapping((text,), time, source=source, product=product, rating=rating, author=author)


_POST = ("title", "desc")
#: Douyin and Kuaishou exports repeat the caption in both columns.
_CAPTION = ("desc",)

#: Taken from the public sources of MediaCrawler, weibo-search, weibo-crawler and weiboSpider and from public
#: Meituan and JD scripts. The first match wins, so the more specific ones come first.
LAYOUTS: Final[tuple[Layout, ...]] = (
    # our own export of tables with different column names: only these columns hold all rows
    _layout("听风多表结果", "", " ".join(UNITED_EXPORT_COLUMNS), _united_mapping()),
    _layout("MediaCrawler 微博评论", "微博", "comment_id note_id content create_date_time", _media("create_date_time")),
    _layout(
        "MediaCrawler 微博正文",
        "微博",
        "note_id content create_date_time nickname",
        _media("create_date_time", id_="note_id"),
        "comment_id",
    ),
    _layout(
        "MediaCrawler 贴吧评论",
        "贴吧",
        "comment_id content tieba_name publish_time",
        _media("publish_time", "user_nickname"),
    ),
    _layout(
        "MediaCrawler 贴吧帖子",
        "贴吧",
        "note_id title desc tieba_name publish_time",
        _media("publish_time", "user_nickname", text=_POST, id_="note_id"),
        "comment_id",
    ),
    _layout(
        "MediaCrawler 知乎评论",
        "知乎",
        "comment_id content content_id publish_time",
        _media("publish_time", "user_nickname"),
    ),
    _layout(
        "MediaCrawler 知乎内容",
        "知乎",
        "content_id content_text title created_time",
        _media("created_time", "user_nickname", text=("title", "content_text"), id_="content_id"),
    ),
    _layout(
        "MediaCrawler 小红书评论",
        "小红书",
        "comment_id note_id content create_time nickname",
        _media(),
        "create_date_time",
    ),
    _layout(
        "MediaCrawler 小红书笔记",
        "小红书",
        "note_id title desc time nickname",
        _media("time", text=_POST, id_="note_id"),
        "comment_id",
    ),
    _layout("MediaCrawler 抖音评论", "抖音", "comment_id aweme_id content create_time", _media()),
    _layout(
        "MediaCrawler 抖音视频",
        "抖音",
        "aweme_id title desc create_time",
        _media(text=_CAPTION, id_="aweme_id"),
        "comment_id",
    ),
    _layout("MediaCrawler B站评论", "B站", "comment_id video_id content create_time parent_comment_id", _media()),
    _layout(
        "MediaCrawler B站视频",
        "B站",
        "video_id title desc create_time video_danmaku",
        _media(text=_POST, id_="video_id"),
        "comment_id",
    ),
    _layout(
        "MediaCrawler 快手评论",
        "快手",
        "comment_id video_id content create_time nickname",
        _media(),
        "parent_comment_id sex",
    ),
    _layout(
        "MediaCrawler 快手视频",
        "快手",
        "video_id title desc create_time viewd_count",
        _media(text=_CAPTION, id_="video_id"),
        "comment_id",
    ),
    _layout(
        "weibo-search 微博搜索",
        "微博",
        "id bid 微博正文 发布时间 用户昵称",
        Mapping(("微博正文",), "发布时间", author="用户昵称", comment_id="id"),
    ),
    _layout("weibo-crawler 微博", "微博", "id bid 正文 日期 完整日期", Mapping(("正文",), "完整日期", comment_id="id")),
    _layout("weibo-crawler 微博", "微博", "id bid 正文 日期", Mapping(("正文",), "日期", comment_id="id")),
    _layout(
        "weiboSpider 微博", "微博", "微博id 微博正文 发布时间", Mapping(("微博正文",), "发布时间", comment_id="微博id")
    ),
    _layout(
        "美团店铺评论",
        "美团",
        "评论店铺 评论用户星级 评论用户内容 评论时间",
        Mapping(
            ("评论用户内容",),
            "评论时间",
            product="评论店铺",
            rating="评论用户星级",
            author="评论用户姓名",
            comment_id=None,
        ),
        rating_unit=10.0,
    ),
    _layout("京东商品评论", "京东", "评论内容 得分 购买时间", Mapping(("评论内容",), "购买时间", rating="得分")),
)


def find_layout(columns: Sequence[str]) -> Layout | None:
    """Return the layout that matches these columns, else None.

    Example:
        >>> find_layout(["微博id", "微博正文", "发布位置", "发布时间"]).name
        'weiboSpider 微博'
    """
    present = set(columns)
    return next((one for one in LAYOUTS if one.needs <= present and not one.lacks & present), None)
