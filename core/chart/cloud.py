"""A word cloud laid out without a font: words are boxes, and the renderer draws the text.

A hanzi fills a square, so the width of a Chinese word is known without a font file; that of Latin letters is slightly
overestimated. The boxes are packed with the occupancy map of the ``wordcloud`` package, whose own layout needs a font.
So the layout is identical on every machine, and each word can be clicked in a browser.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from random import Random
from typing import Any, Final

import numpy as np

from core.chart.contrast import side_colors
from core.chart.image import svg_to_png
from core.chart.keywords import clearest
from core.chart.text import text_width
from core.chart.theme import FONT, LABEL_COLORS, palette
from core.results import Contrast, Keywords, PlacedWord
from core.schema import NEGATIVE, word_title

__all__ = ["cloud", "png", "svg"]

_SMALLEST: Final = 13
#: Free pixels around a word, and height of its box in em: hanzi extend from 0.88 above the baseline to 0.12 below.
_MARGIN, _HEIGHT, _ASCENT = 3, 1.04, 0.88


@dataclass(frozen=True, slots=True)
class _Entry:
    """A word of the cloud: how many of its side's comments contain it, and how strongly it is associated with them."""

    word: str
    title: str
    n: int
    z: float
    log_odds: float


def cloud(
    result: Keywords | Contrast,
    *,
    label: int = NEGATIVE,
    width: int = 720,
    height: int = 320,
    most: int = 60,
    dark: bool = False,
) -> tuple[PlacedWord, ...]:
    """Lay out the words of one side.

    The area of a word is proportional to the contrast, not the frequency: to how surely it belongs to the side (|z|).
    Its colour is the stronger the more frequent it is on that side than on the other (log-odds). Without a contrast,
    the area is proportional to the number of comments. Words are selected by z and placed with a fixed random seed.

    Args:
        result: From ``core.analyse.keywords`` or ``contrast``.
        label: ``NEGATIVE`` or ``POSITIVE``; for a contrast, the first or the second side.
        width: Pixels.
        height: Pixels.
        most: Most words tried; those that do not fit at 13 pixels are left out.
        dark: Dark theme.

    Returns:
        The placed words, largest first; () when there are none.
    """
    words = sorted(clearest(_entries(result, label), most), key=_falling)
    if not words:
        return ()
    strongest = max(abs(word.log_odds) for word in words)
    full = _color(result, label)
    # imported here because the package loads matplotlib, which takes a quarter of a second
    from wordcloud.wordcloud import IntegralOccupancyMap

    random = Random(20)  # noqa: S311
    room = IntegralOccupancyMap(height, width, None)
    taken = np.zeros((height, width), np.uint8)
    placed = []
    for word, size in zip(words, _sizes(words, width, height), strict=True):
        box = _place(word.title, size, room, taken, random)
        if box is not None:
            color = _mix(palette(dark).quiet, full, abs(word.log_odds) / strongest if strongest else 1.0)
            placed.append(_word(word, box, color))
    return tuple(placed)


def _entries(result: Keywords | Contrast, label: int) -> list[_Entry]:
    if isinstance(result, Keywords):
        terms = result.negative if label == NEGATIVE else result.positive
        return [_Entry(t.term, word_title(t.term), t.counts[label], t.z, t.log_odds) for t in terms]
    if label == NEGATIVE:
        return [_Entry(w.word, word_title(w.word), w.first.count, w.z, w.log_odds) for w in result.first]
    return [_Entry(w.word, word_title(w.word), w.second.count, w.z, w.log_odds) for w in result.second]


def _color(result: Keywords | Contrast, label: int) -> str:
    return LABEL_COLORS[label] if isinstance(result, Keywords) else side_colors(result)[0 if label == NEGATIVE else 1]


def svg(words: Sequence[PlacedWord], *, title: str, width: int = 720, height: int = 320, dark: bool = False) -> str:
    """Render placed words as an SVG file; a word whose font is wider than its box is squeezed into it.

    Args:
        words: From ``cloud``.
        title: Title for screen readers.
        width: Pixels, as given to ``cloud``.
        height: Pixels, as given to ``cloud``.
        dark: Dark theme, as given to ``cloud``.
    """
    drawn = "".join(
        f'<text x="{w.x:g}" y="{w.baseline:g}" font-size="{w.size:g}" fill="{w.color}" '
        f'textLength="{w.width:g}" lengthAdjust="spacingAndGlyphs">{escape(w.text)}</text>'
        for w in words
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img"><title>{escape(title)}</title><rect width="100%" height="100%" fill="{palette(dark).background}"/>'
        f'<g font-family="{FONT}" font-weight="600">{drawn}</g></svg>'
    )


def png(words: Sequence[PlacedWord], *, title: str, width: int = 720, height: int = 320, dark: bool = False) -> bytes:
    """Render placed words as a PNG file at twice their size; the arguments are those of ``svg``.

    Raises:
        ExportError: N10 no font with hanzi on this machine.
    """
    return svg_to_png(svg(words, title=title, width=width, height=height, dark=dark))


def _falling(word: _Entry) -> tuple[float, str]:
    return -_weight(word), word.word


def _weight(word: _Entry) -> float:
    return abs(word.z) or max(1, word.n)


def _sizes(words: Sequence[_Entry], width: int, height: int) -> list[float]:
    """Font sizes whose squares are proportional to the contrast, such that the boxes fill about half of the picture."""
    roots = [math.sqrt(_weight(word)) for word in words]
    areas = sum(text_width(word.title) * root * root for word, root in zip(words, roots, strict=True))
    scale = math.sqrt(0.5 * width * height / max(areas, 1.0))
    widest = max(text_width(word.title) for word in words[:3])
    largest = min(height * 0.3, width * 0.6 / max(widest, 1.0))
    scale = min(scale, largest / roots[0])
    return [max(_SMALLEST, scale * root) for root in roots]


def _place(text: str, size: float, room: Any, taken: np.ndarray, random: Random) -> tuple[float, float, float] | None:
    """Left, top and font size of a free place; the size is reduced until there is one."""
    while size >= _SMALLEST:
        high, wide = math.ceil(size * _HEIGHT) + 2 * _MARGIN, math.ceil(size * text_width(text)) + 2 * _MARGIN
        found = room.sample_position(high, wide, random)
        if found is not None:
            top, left = found
            taken[top : top + high, left : left + wide] = 1
            room.update(taken, top, left)
            return float(left + _MARGIN), float(top + _MARGIN), size
        size = size * 0.92 if size > _SMALLEST / 0.92 else (_SMALLEST if size > _SMALLEST else 0)
    return None


def _word(word: _Entry, box: tuple[float, float, float], color: str) -> PlacedWord:
    left, top, size = box
    return PlacedWord(
        text=word.title,
        x=left,
        baseline=round(top + _ASCENT * size, 1),
        size=round(size, 1),
        width=round(size * text_width(word.title), 1),
        color=color,
        n=word.n,
        z=word.z,
        word=word.word,
    )


def _mix(weak: str, strong: str, amount: float) -> str:
    pairs = ((int(weak[i : i + 2], 16), int(strong[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * amount):02X}" for a, b in pairs)
