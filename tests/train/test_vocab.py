"""The tokenizer: what is folded together, what stays whole."""

import json
from collections import Counter
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from core.train import main, vocab


@pytest.mark.parametrize(
    ("char", "folded"),
    [("Ａ", "a"), ("①", "1"), ("\u200b", ""), ("\ufe0f", ""), ("\U0001f3fd", ""), ("　", " "), ("，", ",")],
)
def test_characters_fold(char: str, folded: str) -> None:
    assert vocab.fold_char(char, {}) == folded


@pytest.fixture(scope="module")
def tok() -> Tokenizer:
    counts = Counter(
        {
            "喜欢": 50,
            "不": 90,
            "我": 200,
            "爱": 60,
            "国": 40,
            "[怒]": 5,
            "😄": 40,
            "喜": 3,
            "欢": 3,
            "好": 70,
            ",": 99,
            "a": 99,
            "b": 99,
        }
    )
    return vocab.build(vocab.choose(counts, vocab.VocabConfig(size=80, hanzi_min=1)), vocab.normalizer())


def test_words_emoticons_and_emoji_stay_whole(tok: Tokenizer) -> None:
    assert tok.encode("我不喜欢[怒]😄").tokens == ["[CLS]", "我", "不", "喜欢", "[怒]", "😄", "[SEP]"]


def test_traditional_full_width_and_case_do_not_matter(tok: Tokenizer) -> None:
    assert tok.encode("我愛國，ＡB").ids == tok.encode("我爱国,ab").ids


def test_web_addresses_go_and_names_are_hidden(tok: Tokenizer) -> None:
    assert tok.encode("好 http://t.cn/abc @小明 好").ids == tok.encode("好 @ 好").ids


def test_one_unknown_character_does_not_hide_its_neighbours(tok: Tokenizer) -> None:
    assert tok.encode("我龘喜欢").tokens[1::2] == ["我", "喜欢"]


def test_the_step_writes_a_loadable_tokenizer(workplace: Path) -> None:
    assert main(["vocab", "--size", "400", "--sample", "1", "--hanzi-min", "1"]) == 0
    loaded = Tokenizer.from_file(str(workplace / "work" / "tokenizer.json"))
    words = (workplace / "work" / "vocab.txt").read_text("utf-8").split("\n")
    assert loaded.get_vocab_size() == len(words) - 1
    assert [loaded.token_to_id(t) for t in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")] == [0, 1, 2, 3, 4]
    assert json.loads((workplace / "work" / "counts.json").read_text("utf-8"))["喜欢"] > 100
