"""Parse the true labels of a labelled file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError

__all__ = ["parse_labels"]

_WORDS: Final = (
    ("负面", "负向", "消极", "差评", "负", "negative", "neg"),
    ("中性", "中立", "中评", "中", "neutral", "neu"),
    ("正面", "正向", "积极", "好评", "正", "positive", "pos"),
)
#: Numbers are ambiguous individually: 1 is positive in {0, 1} and {-1, 0, 1}, neutral in {0, 1, 2}.
_NUMBERS: Final = (
    {"0": 0, "1": 2},
    {"-1": 0, "1": 2},
    {"-1": 0, "0": 1, "1": 2},
    {"0": 0, "1": 1, "2": 2},
)
_SHOWN_CHARS, _SHOWN_VALUES = 8, 6


def parse_labels(values: Sequence[str]) -> NDArray[np.int64]:
    """Convert the labels of a file to indices into ``LABELS``.

    Accepts Chinese and English names and the numbers {0, 1}, {-1, 1}, {-1, 0, 1} and {0, 1, 2}.

    Args:
        values: One label per row, none empty.

    Returns:
        (n,) indices.

    Raises:
        InputError: I04 no labels, or some are not recognised.

    Example:
        >>> parse_labels(["差评", "Positive", "中性"]).tolist()
        [0, 2, 1]
    """
    plain = [value.strip().lower().removesuffix(".0") for value in values]
    seen = set(plain)
    tables_ = [{word: i for i, words in enumerate(_WORDS) for word in words}, *_NUMBERS]
    known = next((table for table in tables_ if seen <= table.keys()), None)
    if known is None or not seen:
        # a wrong column may hold comments, so show only short values
        shown = [value for value in sorted(seen) if 0 < len(value) <= _SHOWN_CHARS][:_SHOWN_VALUES]
        raise InputError(
            "I04",
            f"看不懂标签列里的值({len(seen)} 种,如 {'、'.join(shown) or '较长的文字'})。",
            "请用 负面/中性/正面、negative/neutral/positive、0/1、-1/0/1 或 0/1/2。",
        )
    return np.array([known[value] for value in plain], np.int64)
