"""Character classes shared by several cleaning rules, as bodies of ``[...]`` in a regular expression."""

from __future__ import annotations

from typing import Final

#: Hanzi, including extension A and 〇.
HANZI: Final = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"

#: Emoji and the symbols used like them (★ ✔ ❤). Numbers, © and arrows are excluded on purpose.
EMOJI: Final = "\u203c\u2049\u231a\u231b\u23e9-\u23f3\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff"

#: Characters that draw nothing or only control layout: soft hyphen, zero-width marks, direction marks, variation
#: selectors, tags, fillers. The zero-width joiner U+200D is separate because emoji need it.
INVISIBLE: Final = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)

#: Control characters (white-space ones have already become spaces), lone surrogates and private-use characters.
CONTROL: Final = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff"

ZERO_WIDTH_JOINER: Final = "\u200d"

#: A platform's emoticon code, ``[怒]`` or ``[doge]``; it never starts with a digit, because ``[1]`` is a footnote.
EMOTICON: Final = rf"\[[{HANZI}A-Za-z][{HANZI}A-Za-z0-9]{{0,9}}\]"
