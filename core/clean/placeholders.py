"""Detect cells that hold a placeholder instead of a comment: null values of programs and their wording by people."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_placeholder"]

#: Null values of databases, spreadsheet programs and programming languages. Only the spellings they use: people write
#: NA and Nil in other cases.
_PROGRAMS: Final = frozenset(
    (
        *("NULL", "Null", "null", "None", "NONE", "none", "nil", "undefined", "NaN", "nan", "NAN", "NaT"),
        *("NA", "N/A", "n/a", "\\N", "#N/A", "#NULL!", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#NUM!"),
    )
)
_BRACKETS: Final = {"(": ")", "[": "]", "<": ">"}
# 没有, 没有内容, 无语 and 没有意见 are answers; only 无 alone, or before a word for a form field, is a placeholder.
_PEOPLE: Final = re.compile(
    r"无|暂无|未填写?"
    r"|(?:暂时?|尚|还)?(?:无|没有|未)(?:任何)?(?:文字)?(?:评价|评论|点评)(?:内容)?"
    r"|暂?无(?:文字)?(?:内容|数据|描述|备注)"
)
_END: Final = " \t\r\n。.；;"
_LONGEST: Final = 16


def is_placeholder(text: str) -> bool:
    """Return whether a whole cell only states that there is no content.

    Example:
        >>> is_placeholder("NULL"), is_placeholder("无。"), is_placeholder("无语"), is_placeholder("没有")
        (True, True, False, False)
    """
    if len(text) > _LONGEST and len(text.strip()) > _LONGEST:
        return False
    bare = text.strip()
    if bare in _PROGRAMS or (bare[1:-1] in _PROGRAMS and _BRACKETS.get(bare[0]) == bare[-1]):
        return True
    return _PEOPLE.fullmatch(bare.rstrip(_END)) is not None
