"""The one-page overview as a self-contained web page: opens anywhere, prints on one sheet, makes no requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

__all__ = ["BriefItem", "brief"]

_STYLE: Final = """
body { font: 15px/1.6 "Noto Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei", sans-serif;
       color: #1b1f24; max-width: 760px; margin: 24px auto; padding: 0 16px }
h1 { font-size: 22px; margin: 0 0 4px } h2 { font-size: 16px; margin: 18px 0 2px }
p { margin: 2px 0 } .facts, .foot, .where { color: #5b6470; font-size: 13px }
blockquote { margin: 6px 0; padding-left: 10px; border-left: 3px solid #D55E00;
             white-space: pre-wrap; overflow-wrap: anywhere }
@media print { body { margin: 0 } h2, blockquote { break-inside: avoid } }
"""


@dataclass(frozen=True, slots=True)
class BriefItem:
    """One finding.

    Attributes:
        headline: The finding.
        evidence: Its numbers.
        quotes: Comments as written, and where each is.
    """

    headline: str
    evidence: str
    quotes: Sequence[tuple[str, str]]


def brief(title: str, facts: Sequence[str], items: Sequence[BriefItem], foot: Sequence[str]) -> bytes:
    """Render the overview as HTML; every text is escaped, so that no comment can become markup or a script.

    Args:
        title: Heading.
        facts: Lines below it: what was analysed, how many comments, which model.
        items: The findings in order.
        foot: Lines at the end: rules, time.

    Returns:
        A complete page, UTF-8.

    Example:
        >>> b"&lt;b&gt;" in brief("一页纸", [], [BriefItem("<b>", "", [])], [])
        True
    """
    parts = [f"<h1>{escape(title)}</h1>", *(f'<p class="facts">{escape(line)}</p>' for line in facts)]
    for number, item in enumerate(items, 1):
        parts += [f"<h2>{number}. {escape(item.headline)}</h2>", f"<p>{escape(item.evidence)}</p>"]
        for text, where in item.quotes:
            parts.append(f'<blockquote>{escape(text)}<br><span class="where">{escape(where)}</span></blockquote>')
    parts += [f'<p class="foot">{escape(line)}</p>' for line in foot]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
    )
    return f'<!doctype html><html lang="zh-CN"><head>{head}</head><body>{"".join(parts)}</body></html>'.encode()
