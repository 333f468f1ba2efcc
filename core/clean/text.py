"""Clean a comment as written into the text the model reads; docs/cleaning.md gives every rule with an example."""

from __future__ import annotations

import html
import re
import sys
import unicodedata
from functools import cache
from hashlib import blake2b
from typing import Final

from core.clean.characters import CONTROL, EMOJI, INVISIBLE, ZERO_WIDTH_JOINER
from core.clean.placeholders import is_placeholder

__all__ = ["clean_text", "is_default_text", "text_key"]

#: Full-width letters, digits, ＃ and ＠ become ASCII; full-width punctuation keeps its Chinese meaning.
_WIDTH: Final = {
    code: code - 0xFEE0
    for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF03, 0xFF20)
}
_WIDE = re.compile("[\uff03\uff10-\uff19\uff20-\uff3a\uff41-\uff5a]")
_UNSEEN = re.compile(f"[{INVISIBLE}{CONTROL}]")
# A joiner may remain only between two emoji (or after a skin tone, which is in the same block).
_STRAY_JOINER = re.compile(f"(?<![{EMOJI}]){ZERO_WIDTH_JOINER}|{ZERO_WIDTH_JOINER}(?![{EMOJI}])")
_SPACES = re.compile(r"\s+")

_RETWEET = re.compile(r"(?<![:：/])//\s*@")
_EMOTICON_IMAGE = re.compile(r"<img\b(?=[^<>]*>)[^<>]*?\balt\s*=\s*[\"']?(\[[^\[\]<>]{1,12}\])[^<>]*>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:a|abbr|article|b|blockquote|br|center|code|dd|div|dl|dt|em|font|h[1-6]|hr|i|iframe|img|input|ins"
    r"|label|li|mark|nobr|ol|p|pre|q|s|script|section|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|tfoot|th"
    r"|thead|time|tr|tt|u|ul|video|wbr)(?:\s+[A-Za-z][\w:-]*\s*=[^<>]*|\s*)/?>",
    re.IGNORECASE,
)
_URL = re.compile(
    r"(?:(?:https?|ftp)://|https?:(?=[a-z0-9]))[!-;=?-~]*|(?<![A-Za-z0-9.@])www\.[!-;=?-~]+"
    r"|(?<![A-Za-z0-9.@/])[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,6}/[!-;=?-~]+",
    re.IGNORECASE,
)
_AMPERSAND = re.compile(r"&(?:(?:amp|#0*38|#x0*26);)+", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
_MENTION = re.compile(
    r"(?:回复\s*|Reply\s+to\s+)?(?<![A-Za-z0-9._%+-])@"
    # a long name must be followed by a delimiter; kaomoji such as @_@ are not names
    r"(?:〔[^〔〕]{1,6}〕|(?=[_\-·]*[^\W_])(?:[\w\-·]{1,20}(?=[\s:：@)）])|[\w\-·]{1,12}(?![\w\-·])))\s*[:：]?"
)
# Too long for a name: text that continues without a space. Only the @ is removed.
_LONE_AT = re.compile(r"(?<![A-Za-z0-9._%+-])@(?=[^\W_])")
_TOPIC = re.compile(r"#([^#]{1,60})#")
_LONE_HASH = re.compile(r"#(?=\w)")

_PLACEHOLDER = re.compile(
    r"\[(?:图片|视频|图片评论|评论图片|话题|超话|链接|网页链接|语音|动画表情|表情|文件|位置|定位|音乐|直播)\]"
    r"|[OL]?网页链接"
)
_TAIL = re.compile(
    r"(?:(?:[.…]+\s*)?(?:(?:展开|收起)(?:全文)?[cd]|(?:展开|收起)全文)|(?:\.{2,}|…+)\s*(?:展开|全文)[cd]?"
    r"|查看(?:图片|大图|动图|原图)|评论配图|(?:(?<=\s)|^)L?[\w·-]{1,30}的(?:微博|秒拍|抖音|快手)视频)\s*$"
)
_TAIL_ENDS: Final = ("c", "d", "文", "开", "图", "片", "频")
#: Upper bound on a tail's length; the pattern is tried at every position, so it searches only the end of a text.
_TAIL_CHARS: Final = 60
_DEFAULT = re.compile(
    r"(?:(?:此|该)?(?:用户|买家|顾客|会员)(?:没有|未|暂未|尚未)(?:及时)?(?:填写|作出|做出|发表|写下?)?(?:任何)?(?:文字)?"
    r"(?:(?:评价|评论|点评)(?:内容)?|内容)"
    r"|(?:评价方|\d+天内(?:买家|用户))?未(?:及时)?[作做]出评价)"
    r"(?:[,，]\s?(?:系统|平台)?(?:自动默认|自动|默认)(?:[五5]星)?(?:好评|评价))?"
    r"|(?:系统|平台)(?:自动默认|自动|默认)(?:[五5]星)?(?:好评|评价|评论)"
    r"|(?:该|此)?用户默认(?:给出)?(?:[五5]星)?好评|默认好评"
    r"|该用户觉得商品\w{1,4}(?:[,，]给出了?[1-5一二三四五]星?好?评)?"
    r"|(?:抱歉[,，])?(?:此|该)条?(?:微博|评论|评价|内容|回复|动态|帖子|笔记|视频)已被?(?:作者|用户|管理员|发布者|博主)?删除"
    r"|(?:评论|评价|回复|微博|内容)已被?(?:作者|用户|管理员|发布者|博主)?删除|(?:此|该)?条?(?:评论|评价|内容)(?:暂时?)?不可见"
    r"|转发微博|轻转发|快转微博|转发图片|Repost"
)
_DEFAULT_END: Final = " !！。.~～"

_RUN = re.compile(r"([^\d\s])\1{3,}")
_REFRAIN = re.compile(r"([^\d\s]{2,8}?)\1{3,}")
# Necessary conditions for a run and a refrain, found much faster than the full match: a pair of characters that
# occurs twice within this distance, and four times.
_REPEATS = re.compile(r"(..).{0,6}?\1", re.DOTALL)
_REPEATS_FOURFOLD = re.compile(r"(..).{0,6}?\1.{0,6}?\1.{0,6}?\1", re.DOTALL)
_WORD = re.compile(rf"[^\W_]|[{EMOJI}]")
_LEADING = re.compile(r"^[\s:：,，、;；]+")
#: Below this length, no number of accents is slow.
_LONG: Final = 1_000
# Each pass shortens the text or folds characters, and nested markup is rare: real text needs two.
_MOST_PASSES = 50


def clean_text(raw: str) -> str:
    """Clean a comment into what the model reads: one line without platform and file markup.

    Keeps emoticons, emoji, punctuation and letter case. Idempotent.

    Args:
        raw: Any string, as exported.

    Returns:
        The text in NFC without control characters; "" when no letter, digit, emoticon or emoji is left, and for
        sentences written by the platform (``is_default_text``) and placeholders (``is_placeholder``).

    Source: docs/cleaning.md, "Text"; Unicode Standard Annex 15 (NFC).

    Example:
        >>> clean_text("回复@小王:太差了！！！！！！<br>&quot;再也不买&quot; http://t.cn/A6x [怒]//@某店: 亲")
        '太差了！！！ "再也不买" [怒]'
    """
    if is_placeholder(raw):  # before markup is stripped: #N/A
        return ""
    text = raw
    for _ in range(_MOST_PASSES):
        before = text
        text = _shorten(_strip_marks(_fold_characters(text)))
        if text == before:
            break
    return "" if _WORD.search(text) is None or is_default_text(text) or is_placeholder(text) else text


def text_key(clean: str) -> str:
    """Return a key for a clean text, so that equal texts are scored once.

    Args:
        clean: A result of ``clean_text``.

    Returns:
        32 hex digits, BLAKE2b-128 of the UTF-8 bytes; "" for "".

    Source: RFC 7693.

    Example:
        >>> text_key("好"), text_key("")
        ('d7fc1f822b8676d01757058a2d99b113', '')
    """
    return blake2b(clean.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() if clean else ""


def is_default_text(text: str) -> bool:
    """Return whether the platform wrote the whole text because the user wrote none.

    Example:
        >>> is_default_text("此用户没有填写评论!"), is_default_text("默认好评吧,其实一般")
        (True, False)
    """
    return _DEFAULT.fullmatch(text.strip().strip("[]【】").rstrip(_DEFAULT_END)) is not None


def _fold_characters(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    if _WIDE.search(text):
        text = text.translate(_WIDTH)
    text = _UNSEEN.sub("", _SPACES.sub(" ", text))
    if ZERO_WIDTH_JOINER in text:
        text = _STRAY_JOINER.sub("", text)
    if len(text) > _LONG:
        text = _too_many_marks().sub(r"\1", text)
    return unicodedata.normalize("NFC", text)


@cache
def _too_many_marks() -> re.Pattern[str]:
    """Return a pattern for more accents on one letter than UAX 15's stream-safe limit of 30.

    NFC sorts them in time quadratic in their number.
    """
    marks = "".join(filter(unicodedata.combining, map(chr, range(sys.maxunicode + 1))))
    return re.compile(f"([{marks}]{{30}})[{marks}]+")


def _strip_marks(text: str) -> str:
    # Each removal leaves a space, so that the text on both sides never joins into new markup.
    if "@" in text and (chain := _RETWEET.search(text)):
        text = text[: chain.start()]
    if "<" in text:
        text = _TAG.sub(" ", _EMOTICON_IMAGE.sub(r" \1 ", _without_comments(text)))
    if "/" in text or "www." in text.lower():
        text = _URL.sub(" ", text)
    if "&" in text:
        text = _ENTITY.sub(_decode_entity, _AMPERSAND.sub("&amp;", text))
    if "@" in text:
        text = _LONE_AT.sub(" ", _MENTION.sub(" ", _EMAIL.sub(" ", text)))
    if "[" in text or "网页链接" in text:
        text = _PLACEHOLDER.sub(" ", text)
    if "#" in text:
        text = _LONE_HASH.sub(" ", _TOPIC.sub(r" \1 ", text))
    return _without_tail(text) if text.rstrip().endswith(_TAIL_ENDS) else text


def _without_comments(text: str) -> str:
    """Remove HTML comments. Not by a regular expression, which would rescan for the end after every ``<!--``."""
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        kept.append(text[at:start])
        at = end + 3
    return " ".join([*kept, text[at:]])


def _without_tail(text: str) -> str:
    end = len(text)
    while (tail := _TAIL.search(text, max(0, end - _TAIL_CHARS), end)) is not None:
        end = tail.start()
    return text[:end]


def _decode_entity(match: re.Match[str]) -> str:
    return html.unescape(match.group())


def _shorten(text: str) -> str:
    if _REPEATS.search(text):
        text = _RUN.sub(r"\1\1\1", text)
        if _REPEATS_FOURFOLD.search(text):
            text = _REFRAIN.sub(r"\1\1\1", text)
    return _SPACES.sub(" ", _LEADING.sub("", text)).strip()
