"""Comments in traditional characters, read with packs in simplified ones."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mine.aspects import PACKS, Aspect, Pack, choose, matcher, mentions, opinion_words, shipped
from core.mine.aspects.simplify import simplified

DATA = Path(__file__).parents[2] / "core" / "mine" / "aspects" / "data" / "characters.toml"


@given(st.text())
def test_every_character_keeps_its_place(text: str) -> None:
    assert len(simplified(text)) == len(text)


@pytest.mark.parametrize("title", PACKS)
def test_the_words_of_the_packs_are_left_as_they_are(title: str) -> None:
    for one in shipped(title).aspects:
        assert simplified(" ".join((one.name, *one.terms, *one.good, *one.bad))) == " ".join(
            (one.name, *one.terms, *one.good, *one.bad)
        )


def test_the_characters_are_those_of_opencc() -> None:
    convert = pytest.importorskip("opencc").OpenCC("t2s").convert
    lists = tomllib.loads(DATA.read_text(encoding="utf-8"))
    traditional, simple = ("".join(lists[name].split()) for name in ("traditional", "simplified"))
    assert len(set(traditional)) == len(traditional) == len(simple) > 1400
    assert [convert(one) for one in traditional] == list(simple)


def test_a_comment_in_traditional_characters_speaks_of_the_same_aspects() -> None:
    finder, text = matcher(shipped("酒店")), "服務態度惡劣,價格不高,隔音太差"
    plain = "服务态度恶劣,价格不高,隔音太差"
    assert mentions(text, finder) == mentions(plain, finder)
    found = mentions(text, finder)
    assert [text[one.start : one.end] for one in found] == ["服務態度惡劣", "價格不高", "隔音太差"]
    assert opinion_words(text, found[0], finder) == ["惡劣"]


def test_a_pack_may_be_written_in_traditional_characters() -> None:
    finder = matcher(Pack("例", (Aspect("價格", ("價格",), ("便宜",), ("貴",)),)))
    assert len(mentions("价格很贵", finder)) == len(mentions("價格很貴", finder)) == 1


def test_comments_in_traditional_characters_choose_the_pack_of_their_trade() -> None:
    packs = [shipped(name) for name in PACKS]
    assert choose(["房間很小,隔音差", "櫃檯熱情,早餐豐富", "離地鐵近,床很舒服"], packs).pack.title == "酒店"


def test_what_is_stepped_on_in_speech_only_is_no_damaged_parcel() -> None:
    finder = matcher(shipped("快递"))
    assert not mentions("踩雷,再也不會買", finder)
    assert mentions("快递被踩了", finder)
