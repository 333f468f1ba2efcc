"""Word-level vocabulary and tokenizer: jieba counts the words once; a Unigram model then segments without jieba.

The tokenizer is one ``tokenizer.json``: a precompiled character map (NFKC, lower case, traditional to simplified,
invisible characters removed), then Viterbi over word log-probabilities, as in jieba without its HMM.
"""

from __future__ import annotations

import json
import math
import random
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import tokenizers
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from core.train import data
from core.train.config import LOG, data_dir, labelled_dir, parse, work_dir

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
EMOTICON = re.compile(r"\[[\u4e00-\u9fffa-z0-9]{1,8}\]")
HANZI = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[a-z]{2,}")


@dataclass(frozen=True)
class VocabConfig:
    """Settings of ``vocab``."""

    size: int = 24000  # pieces; an int8 embedding row of width 256 costs 256 bytes each
    sample: float = 0.16  # share of the corpus lines counted by jieba
    hanzi_min: int = 12  # rarer hanzi in the sample remain unknown
    latin_words: int = 1500
    emoticons: int = 400
    emoji_min: int = 3
    seed: int = 1


def fold_char(char: str, simplified: dict[str, str]) -> str:
    """Return the replacement of one character before tokenising.

    Args:
        char: One code point.
        simplified: Traditional to simplified hanzi.

    Returns:
        Zero or more characters: NFKC, lower case, simplified; invisible characters and skin tones are removed.

    Example:
        >>> fold_char("Ａ", {}), fold_char("愛", {"愛": "爱"}), fold_char("\\u200b", {})
        ('a', '爱', '')
    """
    code = ord(char)
    if (
        (unicodedata.category(char) in {"Cf", "Cc"} and char not in "\t\n\r")
        or 0xFE00 <= code <= 0xFE0F
        or 0x1F3FB <= code <= 0x1F3FF
    ):
        return ""
    if char.isspace():
        return " "
    return "".join(simplified.get(c, c) for c in unicodedata.normalize("NFKC", char).lower())


def traditional_map() -> dict[str, str]:
    """Return OpenCC's traditional-to-simplified map of single hanzi."""
    import opencc

    table = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    rows = (line.split("\t") for line in table.read_text("utf-8").splitlines() if "\t" in line)
    return {old: new.split(" ")[0] for old, new in rows if len(old) == 1 and old != new.split(" ")[0]}


def precompiled_map() -> bytes:
    """Compile `fold_char` over all of Unicode into SentencePiece's trie (fast in the Rust tokenizer)."""
    import sentencepiece

    simplified = traditional_map()
    folder = Path(tempfile.mkdtemp())
    with (folder / "rules.tsv").open("w") as rules:
        for code in range(1, sys.maxunicode + 1):
            if 0xD800 <= code <= 0xDFFF:
                continue
            new = fold_char(chr(code), simplified)
            if new != chr(code):
                rules.write(f"{code:X}\t{' '.join(f'{ord(c):X}' for c in new)}\n")
    (folder / "text.txt").write_text("一 二\n三 四\n", "utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / "text.txt"), model_prefix=str(folder / "m"), vocab_size=16, hard_vocab_limit=False,
        normalization_rule_tsv=str(folder / "rules.tsv"), minloglevel=2, character_coverage=1.0,
    )  # fmt: skip
    from sentencepiece import sentencepiece_model_pb2

    model = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
    model.ParseFromString((folder / "m.model").read_bytes())
    return bytes(model.normalizer_spec.precompiled_charsmap)


def normalizer() -> normalizers.Normalizer:
    """Return the normaliser of the shipped tokenizer: fold characters, remove URLs, mask @names."""
    return normalizers.Sequence([
        normalizers.Precompiled(precompiled_map()),
        normalizers.Replace(Regex(r"https?:[\w./?=&%#:~+-]*"), " "),
        # A name must be followed by a space or colon, so that text joined to it is never removed.
        normalizers.Replace(Regex(r"@[\w-]{2,20}(?=[ :,/]|$)"), "@"),
    ])  # fmt: skip


def _count(lines: Iterable[str]) -> Counter[str]:
    """Count jieba's words, emoticons and other tokens in normalised lines."""
    import jieba

    jieba.setLogLevel(60)
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(EMOTICON.findall(line))
        for word in jieba.cut(EMOTICON.sub(" ", line)):
            if not word.isspace():
                counts[word] += 1
    return counts


def count_words(config: VocabConfig, fold: normalizers.Normalizer) -> Counter[str]:
    """Count words over a sample of the corpus and all train texts.

    Single-process: a fork of a threaded process may inherit a lock that is never released, and a spawned process
    executes the current main module, which under Streamlit's tests is a page.
    """
    rng = random.Random(config.seed)
    corpus = (line for line in data.corpus_lines(data_dir()) if rng.random() < config.sample)
    texts = (text for name in data.SETS for text in data.read(labelled_dir(), name, "train").text)
    return _count(fold.normalize_str(line) for source in (texts, corpus) for line in source)


def choose(counts: Counter[str], config: VocabConfig) -> list[tuple[str, float]]:
    """Pick the pieces and their log-probabilities.

    Args:
        counts: Word counts of the sample.
        config: Sizes and thresholds.

    Returns:
        ``(piece, log probability)``: special tokens first, then by kind and count, at most ``config.size``.
    """
    chars: Counter[str] = Counter()
    for word, n in counts.items():
        if not EMOTICON.fullmatch(word):
            for char in word:
                chars[char] += n
    single = [
        c for c, n in chars.most_common() if not c.isspace() and n >= (config.hanzi_min if HANZI.match(c) else 30)
    ]
    emoji = [
        c
        for c, n in chars.most_common()
        if ord(c) >= 0x2600 and unicodedata.category(c) == "So" and n >= config.emoji_min
    ]
    faces = [w for w, _ in counts.most_common() if EMOTICON.fullmatch(w)][: config.emoticons]
    latin = [w for w, _ in counts.most_common() if LATIN.fullmatch(w)][: config.latin_words]
    pieces = dict.fromkeys([*"abcdefghijklmnopqrstuvwxyz0123456789", *single, *emoji, *faces, *latin])
    for word, _ in counts.most_common():
        if len(pieces) >= config.size - len(SPECIAL):
            break
        # Runs of one repeated mark (.. !! ~~) and words of hanzi; mixed strings are excluded.
        if 2 <= len(word) <= 6 and (
            all(HANZI.match(c) for c in word) or (len(set(word)) == 1 and len(word) <= 3 and not word.isdigit())
        ):
            pieces.setdefault(word)
    whole = sum(counts.values())
    scored = [(p, math.log(max(counts[p], 0.3) / whole) + (20.0 if EMOTICON.fullmatch(p) else 0.0)) for p in pieces]
    return [(token, 0.0) for token in SPECIAL] + scored


def build(pieces: list[tuple[str, float]], fold: normalizers.Normalizer) -> Tokenizer:
    """Assemble the tokenizer: fold, split at whitespace, Viterbi over words, add [CLS] and [SEP]."""
    tok = Tokenizer(models.Unigram(pieces, unk_id=1, byte_fallback=False))
    tok.normalizer = fold
    tok.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tok.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tok.add_special_tokens([tokenizers.AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    return tok


def main(argv: list[str]) -> int:
    """Write ``tokenizer.json``, ``vocab.txt`` and ``counts.json`` to the work folder."""
    config = parse(VocabConfig, "vocab", argv)
    fold = normalizer()
    LOG.info("vocab: character map ready")
    counts = count_words(config, fold)
    LOG.info("vocab: %d distinct words, %d running", len(counts), sum(counts.values()))
    kept = {w: n for w, n in counts.items() if n > 1}
    (work_dir() / "counts.json").write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
    pieces = choose(counts, config)
    build(pieces, fold).save(str(work_dir() / "tokenizer.json"))
    (work_dir() / "vocab.txt").write_text("".join(f"{p}\n" for p, _ in pieces), "utf-8")
    LOG.info("vocab: %d pieces", len(pieces))
    return 0
