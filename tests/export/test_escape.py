from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.export import neutralise
from core.export.escape import neutralise_all

DANGEROUS = "=+-@\t\r\n＝＋－＠"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+86 138",
        "-很好",
        "@张三 不错",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝SUM(A1)",
        "＠x",
        "  =1+1",
        "\u3000=1",
        "\ufeff=1",
        "-1+1",
        "--1",
        "-",
        "+",
        "=",
        "-1.5.2",
        "-1e",
        "- 5",
        "-5 ",
        "-1,23",
        "-.",
    ],
)
def test_what_could_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert neutralise(text) == "'" + text


@pytest.mark.parametrize(
    "text",
    ["", "很好", "a=b", "'=1", "-5", "+3.2", "-1,234.50", "-1e-5", "+.5", "-7.", "-12%", "5", "\u200b很好"],
)
def test_words_and_plain_numbers_stay(text: str) -> None:
    assert neutralise(text) == text


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(DANGEROUS + "0123456789.,eE% 　'"))))
def test_twice_is_the_same_as_once_and_nothing_is_lost(text: str) -> None:
    once = neutralise(text)
    assert neutralise(once) == once
    assert once in {text, "'" + text}


@given(st.text(alphabet=DANGEROUS + "ab1.,(' ", max_size=12))
def test_no_result_begins_with_a_formula_sign_unless_it_is_a_number(text: str) -> None:
    result = neutralise(text).strip(" ")
    if result[:1] in DANGEROUS and result:
        assert float(result.replace(",", "")) is not None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_as_a_program_writes_it_stays_a_number(value: float) -> None:
    assert neutralise(repr(value)) == repr(value)


@given(st.lists(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(DANGEROUS + " 　1")))))
def test_a_column_is_treated_like_its_cells(texts: list[str]) -> None:
    assert neutralise_all(texts) == [neutralise(text) for text in texts]
