"""Place the labels of dots so that none covers another: beside, above or below a dot, or nowhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.chart.text import text_width

__all__ = ["PlacedName", "place_words"]

_SIZE: Final = 11
_GAP: Final = 6
_HEIGHT: Final = 13


@dataclass(frozen=True, slots=True)
class PlacedName:
    """A name and the upper left corner of its box, in pixels from the upper left corner of the plot."""

    text: str
    x: float
    y: float


def place_words(
    dots: Sequence[tuple[str, float, float]], domain: tuple[float, float], size: tuple[int, int], *, most: int
) -> list[PlacedName]:
    """Place the names of dots on two logarithmic axes with the same domain.

    Args:
        dots: Name, x and y of each, the most important first.
        domain: Domain of both axes, both ends above 0.
        size: Width and height of the plot, pixels.
        most: Most names tried.

    Returns:
        The names that fit: none overlaps another or a dot of the list, none leaves the plot.
    """
    centres = [(_pixel(x, domain) * size[0], (1 - _pixel(y, domain)) * size[1]) for _, x, y in dots]
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in centres]
    placed = []
    for (name, _, _), centre in list(zip(dots, centres, strict=True))[:most]:
        for box in _boxes(name, centre):
            inside = box[0] >= 0 and box[1] >= 0 and box[2] <= size[0] and box[3] <= size[1]
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                placed.append(PlacedName(name, round(box[0], 1), round(box[1], 1)))
                break
    return placed


Box = tuple[float, float, float, float]


def _boxes(name: str, centre: tuple[float, float]) -> list[Box]:
    width = text_width(name) * _SIZE
    x, y = centre
    half = _HEIGHT / 2
    corners = (
        (x + _GAP, y - half),
        (x - _GAP - width, y - half),
        (x - width / 2, y - _GAP - _HEIGHT),
        (x - width / 2, y + _GAP),
    )
    return [(left, top, left + width, top + _HEIGHT) for left, top in corners]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _pixel(value: float, domain: tuple[float, float]) -> float:
    low, high = map(math.log, domain)
    return (math.log(value) - low) / (high - low)
