"""Mask personal identifiers: phone, identity-card and bank-card numbers, e-mail addresses, @names."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from core.clean.characters import INVISIBLE, ZERO_WIDTH_JOINER

__all__ = ["BANK_CARD", "EMAIL", "ID_CARD", "PHONE", "USER", "mask", "mask_cells"]

PHONE: Final = "〔手机号〕"
LANDLINE: Final = "〔电话〕"
ID_CARD: Final = "〔身份证号〕"
BANK_CARD: Final = "〔银行卡号〕"
EMAIL: Final = "〔邮箱〕"
USER: Final = "〔用户〕"

# Invisible characters may separate the digits of a number, and the digits may be full-width (\d matches those).
# Repeats are bounded, because two adjacent unbounded ones would take quadratic time.
_UNSEEN = f"[{INVISIBLE}{ZERO_WIDTH_JOINER}\x00-\x08\x0e-\x1f\x7f-\x9f]"
_GAP = f"{_UNSEEN}{{0,3}}"
_SEPARATOR = rf"{_GAP}[-—–\s.·]?{_GAP}"


def _digits(count: int) -> str:
    return _GAP.join([r"\d"] * count)


_MOBILE_START = rf"[1１]{_GAP}[3-9３-９]{_GAP}\d"
_PHONE = re.compile(
    rf"(?<!\d)(?:[+＋]?{_GAP}[8８]{_GAP}[6６]{_SEPARATOR}|[0０]{_GAP})?(?:"
    rf"{_MOBILE_START}{_SEPARATOR}{_digits(4)}{_SEPARATOR}{_digits(4)}"
    rf"|{_MOBILE_START}{_GAP}\d{_SEPARATOR}{_digits(3)}{_SEPARATOR}{_digits(4)})(?!\d)"
)
_LANDLINE = re.compile(
    r"(?<![\d-])[(（]?0(?:10|2\d|[3-9]\d{2})[)）]?[-—\s]?[2-8]\d{6,7}(?:\s?[-转]\s?\d{1,5})?(?![\d-])"
)
_ID_CARD = re.compile(
    rf"(?<!\d){_digits(6)}{_SEPARATOR}{_digits(8)}{_SEPARATOR}{_digits(3)}{_GAP}[\dXxＸｘ](?![\dA-Za-z])"
)
# Only one way to match a gap between two digits: with two ways, fifteen gaps took minutes for a row of 58 characters.
_BETWEEN = rf"(?:{_UNSEEN}{{0,6}}|{_GAP}[ -]{_GAP})"
_BANK_CARD = re.compile(rf"(?<![\dA-Za-z])\d(?:{_BETWEEN}\d){{15,18}}(?!\d)")
_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+[@＠](?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24}")
_NAME = re.compile(r"([@＠])[\w\-·]{1,30}")

#: Cheap test that most cells fail: without @ and with fewer than seven digits there is nothing to mask. Valid in RE2.
_SUSPECT = re.compile(r"[@＠]|(?:[\d０-９][^\d０-９]{0,12}){6}[\d０-９]")
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"


def mask(text: str) -> str:
    """Replace personal identifiers with fixed Chinese tokens.

    Detects mainland mobile numbers, landlines with an area code, 18-digit identity cards with a valid check digit, bank
    cards of 16–19 digits that pass the Luhn check, e-mail addresses and @names. Does not detect personal names, postal
    addresses or numbers written in hanzi.

    Args:
        text: Any string.

    Returns:
        The text with 〔手机号〕, 〔电话〕, 〔身份证号〕, 〔银行卡号〕, 〔邮箱〕 and @〔用户〕 in their place.

    Source: GB 11643-1999 (check digit of identity numbers); ISO/IEC 7812-1 (Luhn).

    Example:
        >>> mask("找@小王 或 138-0013-8000, wang@example.com")
        '找@〔用户〕 或 〔手机号〕, 〔邮箱〕'
    """
    if _SUSPECT.search(text) is None:
        return text
    text = _ID_CARD.sub(_mask_id_card, text)
    text = _BANK_CARD.sub(_mask_bank_card, text)
    text = _PHONE.sub(PHONE, text)
    text = _LANDLINE.sub(LANDLINE, text)
    return _NAME.sub(rf"\1{USER}", _EMAIL.sub(EMAIL, text))


def mask_cells(cells: pd.Series[str]) -> pd.Series[str]:
    """Mask every cell of a column; a column with nothing to mask costs one scan.

    Args:
        cells: n strings.

    Returns:
        (n,) str with the same index.

    Example:
        >>> mask_cells(pd.Series(["13800138000", "好"])).tolist()
        ['〔手机号〕', '好']
    """
    values = cells.to_list()
    changed = {cell: masked for cell in set(values) if (masked := mask(cell)) != cell}
    if not changed:
        return cells
    return pd.Series([changed.get(cell, cell) for cell in values], index=cells.index, dtype="str")


def _only_digits(text: str) -> str:
    # int() accepts digits of every script; X is check digit 10.
    return "".join(str(int(c)) if c.isdecimal() else "X" for c in text if c.isdecimal() or c in "XxＸｘ")


def _mask_id_card(match: re.Match[str]) -> str:
    digits = _only_digits(match.group())
    remainder = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False)) % 11
    dated = digits[6:8] in ("18", "19", "20") and "01" <= digits[10:12] <= "12" and "01" <= digits[12:14] <= "31"
    return ID_CARD if dated and digits[17] == _ID_CHECKS[remainder] else match.group()


def _mask_bank_card(match: re.Match[str]) -> str:
    digits = _only_digits(match.group())
    # A cell that is only a number may be an order or post id; in such cells only UnionPay's prefix 62 marks a card.
    bare = match.group() == match.string.strip() and match.group().isdecimal()
    issued = digits.startswith("62") or (digits[0] in "3456" and not bare)
    return BANK_CARD if issued and _passes_luhn(digits) else match.group()


def _passes_luhn(digits: str) -> bool:
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0
