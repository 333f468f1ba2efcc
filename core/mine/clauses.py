"""Split comments into clauses, one statement each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["Clause", "Link", "split"]

_REST: Final = "…。!！?？;；\\n\\r~～"
#: Adversative words. The look-behinds exclude 不但, 非但, 只不过, the look-aheads 不过分, 但愿.
_TURN: Final = (
    "(?<![不非])但(?:是)?(?!愿|凡|求)|(?<!只)不过(?!分|如此|关|瘾|期|敏|来|去|审)|可是|然而|只是|只不过|唯一|美中不足"
    "|遗憾的是|可惜|反而|反倒|奈何|就是(?=有点|有些|太|稍|略|价格|价钱|人|味道|服务|环境|速度|物流|分量|份量|量|不)"
)
_EXCEPT: Final = "除了|除去|除开|撇开|抛开|不算上"
_ON: Final = (
    "而且|并且|另外|此外|还有(?=就是|一|,|，)|然后|其次|再次|最后|再来(?=说|看|就是)|再说|首先|同时|至于|总体|总的来说|总之|整体来说"
    "|虽然|尽管|因为|所以|唯独|特别是|尤其是|相比之下|比起|其他(?!人)|其它|别的(?!人)"
)
#: Statements about all the rest, after an exception with 除了 and without a comma: 除了上菜慢没毛病.
_ALL: Final = (
    "没(?:有)?(?:什么|啥|任何)?(?:大)?(?:毛病|缺点|问题)|没得挑|没的挑|没得说|没的说|挑不出|无可挑剔|一无是处"
    "|都(?:很|挺|还|蛮|超|非常|特别|比较|算|是){0,2}(?:好|不错|满意|可以|行|棒|赞|完美|ok|OK|差|烂|糟|一般|垃圾)"
)
#: A whole run of spaces: a look-behind at each of them took quadratic time.
_SPACES: Final = r"(?<![ \u3000\t])[ \u3000\t]++"
_CUT: Final = re.compile(
    rf"(?P<rest>[{_REST}]+)|(?P<pause>[,，:：|]+|{_SPACES}(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])[ \u3000\t]+)"
    rf"|(?P<turn>{_TURN})|(?P<except>{_EXCEPT})|(?P<on>{_ON})|(?P<all>{_ALL})"
)
#: Punctuation and white space to strip: at the start or end, it forms no clause of its own.
_EDGES: Final = " \u3000\t\n\r,，.。!！?？;；:：、~～…|-—"
#: A connective cuts only if the text before it has at least this many characters.
_LEAST_BEFORE: Final = 2


class Link(StrEnum):
    """How a clause relates to the one before it."""

    START = "start"  # first in a sentence
    ON = "on"  # continuation
    TURN = "turn"  # contrast: 但是
    EXCEPT = "except"  # exception: 除了


@dataclass(frozen=True, slots=True)
class Clause:
    """A span of a text, ``text[start:end]``, without surrounding punctuation."""

    start: int
    end: int
    link: Link


def split(text: str) -> list[Clause]:
    """Split a text into clauses: at punctuation, before adversative, exceptive and other connectives,
    and before statements about all the rest.

    Args:
        text: A comment as written.

    Returns:
        The clauses in reading order, none of them empty.

    Example:
        >>> comment = "味道不错,但是上菜太慢。除了贵其他都好"
        >>> [(comment[c.start : c.end], c.link.value) for c in split(comment)]
        [('味道不错', 'start'), ('但是上菜太慢', 'turn'), ('除了贵', 'except'), ('其他都好', 'on')]
        >>> ["除了上菜慢没毛病"[c.start : c.end] for c in split("除了上菜慢没毛病")]
        ['除了上菜慢', '没毛病']
    """
    clauses: list[Clause] = []
    begin, link = 0, Link.START
    for found in _CUT.finditer(text):
        kind = found.lastgroup
        if kind == "all" and link is not Link.EXCEPT:
            continue
        if kind in ("rest", "pause"):
            following = Link.START if kind == "rest" else Link.ON
            link = _close(text, (begin, found.start()), link, following, clauses)
            begin = found.end()
        else:
            opened = {"turn": Link.TURN, "except": Link.EXCEPT}.get(str(kind), Link.ON)
            if len(text[begin : found.start()].strip(_EDGES)) < _LEAST_BEFORE:
                link = opened if opened is not Link.ON else link
                continue
            _close(text, (begin, found.start()), link, opened, clauses)
            begin, link = found.start(), opened
    _close(text, (begin, len(text)), link, link, clauses)
    return clauses


def _close(text: str, span: tuple[int, int], link: Link, following: Link, clauses: list[Clause]) -> Link:
    """Append the clause of a span, if any; return the link of the next one."""
    begin, end = span
    while begin < end and text[begin] in _EDGES:
        begin += 1
    while end > begin and text[end - 1] in _EDGES:
        end -= 1
    if begin == end:
        return following if following is Link.START else link
    clauses.append(Clause(begin, end, link))
    return following
