"""Every example of docs/cleaning.md holds."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from core.clean import clean_text, mask, parse_ratings, parse_times, segment
from core.schema import Reason
from tests.clean.chunks import clean_rows

PAGE = Path(__file__).parents[2] / "docs" / "cleaning.md"
REFERENCE = datetime(2024, 3, 5, 10, 0)


def _unescape(cell: str) -> str:
    return re.sub(r"\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|([nt]))", _character, cell)


def _character(match: re.Match[str]) -> str:
    code, byte, letter = match.groups()
    return {"n": "\n", "t": "\t"}[letter] if letter else chr(int(code or byte, 16))


def _rows(section: str) -> Iterator[list[str]]:
    """Yield the back-quoted cells of each table row of a section."""
    body = PAGE.read_text(encoding="utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    for line in body.splitlines():
        if line.startswith("|") and "`" in line:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            yield [_unescape(cell.strip("`")) for cell in cells if cell.startswith("`")]


TEXTS = [row for row in _rows("Text") if row[0] not in set(Reason)]
BLANKS = [row for row in _rows("Text") if row[0] in set(Reason)]


def test_the_page_has_examples_for_every_section() -> None:
    counts = [len(TEXTS), len(BLANKS), *(len(list(_rows(name))) for name in ("Times", "Ratings", "Masking", "Terms"))]
    assert min(counts) >= 7


@pytest.mark.parametrize(("written", "expected"), TEXTS)
def test_text_is_cleaned_as_documented(written: str, expected: str) -> None:
    assert clean_text(written) == expected


@pytest.mark.parametrize(("reason", "written"), BLANKS)
def test_a_blank_row_has_the_documented_reason(reason: str, written: str) -> None:
    frame = clean_rows([written])
    assert frame.loc[0, ["status", "reason"]].tolist() == ["blank", reason]


@pytest.mark.parametrize(("written", "expected"), list(_rows("Times")))
def test_times_are_read_as_documented(written: str, expected: str) -> None:
    time = parse_times(pd.Series([written], dtype="str"), REFERENCE, "Asia/Shanghai")[0]
    assert ("" if time is pd.NaT else str(time)) == expected


@pytest.mark.parametrize(("written", "expected"), list(_rows("Ratings")))
def test_ratings_are_read_as_documented(written: str, expected: str) -> None:
    rating = parse_ratings(pd.Series([written], dtype="str"))[0]
    assert math.isnan(rating) if expected == "" else rating == float(expected)


@pytest.mark.parametrize(("written", "expected"), list(_rows("Masking")))
def test_masking_works_as_documented(written: str, expected: str) -> None:
    assert mask(written) == expected


@pytest.mark.parametrize(("written", "expected"), list(_rows("Terms")))
def test_terms_are_cut_as_documented(written: str, expected: str) -> None:
    assert segment([written], ("大王牌", "C位"))[0] == expected.split()
