"""Corpus and train texts → flat uint16 token shards; texts most like comments come first and more often."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from core.train import data
from core.train.config import LOG, data_dir, labelled_dir, parse, work_dir
from core.train.packed import Texts

Tokens = NDArray[np.uint16]


@dataclass(frozen=True)
class PackConfig:
    """Settings of ``pack``."""

    keep: float = 0.5  # share of zh_more kept: the lines whose words most resemble the labelled sets' words
    labelled_copies: int = 2  # number of copies of the train texts in the shards
    max_tokens: int = 254  # longer texts are split into pieces of this many tokens
    min_tokens: int = 4
    lines: int = 0  # 0 = all; a small number for a trial run
    seed: int = 1


def encode(tok: Tokenizer, lines: Iterable[str], config: PackConfig) -> Iterator[list[int]]:
    """Yield the ids of every text with [CLS] and [SEP], long texts in pieces."""
    stream = iter(lines)
    while batch := list(islice(stream, 20000)):
        for item in tok.encode_batch_fast(batch, add_special_tokens=False):
            ids = item.ids
            for start in range(0, len(ids), config.max_tokens):
                piece = ids[start : start + config.max_tokens]
                if len(piece) >= config.min_tokens:
                    yield [2, *piece, 3]


def flatten(docs: Iterable[list[int]]) -> tuple[Tokens, NDArray[np.int64]]:
    """Join texts into one array.

    Returns:
        The token ids and the start offset of each text (the end offset is the last element).
    """
    texts = Texts.of(docs)
    return texts.ids, texts.starts


def most_alike(score: NDArray[np.float64], name: str, keep: float) -> NDArray[np.int64]:
    """Select the texts of a corpus to keep: of zh_more those most like the target, of others nearly all."""
    share = keep if name == "zh_more" else 0.95
    return np.flatnonzero(score >= np.quantile(score, 1 - share))


def likeness(tokens: Tokens, starts: NDArray[np.int64], target: Tokens, size: int) -> NDArray[np.float64]:
    """Score each text by its mean log-ratio of word probabilities, target texts against this corpus.

    Returns:
        Shape (texts,); larger is more like the target. Source: Moore and Lewis 2010, with unigrams.
    """
    wanted = np.bincount(target, minlength=size) + 1.0
    common = np.bincount(tokens, minlength=size) + 1.0
    ratio = np.log(wanted / wanted.sum()) - np.log(common / common.sum())
    return np.add.reduceat(ratio[tokens], starts[:-1]) / np.diff(starts)


def main(argv: list[str]) -> int:
    """Write ``pretrain.npy`` (shuffled texts, uint16) and ``pack.json`` to the work folder."""
    config = parse(PackConfig, "pack", argv)
    rng = np.random.default_rng(config.seed)
    tok = Tokenizer.from_file(str(work_dir() / "tokenizer.json"))
    limit = config.lines or None
    texts = (text for name in data.SETS for text in data.read(labelled_dir(), name, "train").text)
    labelled, labelled_at = flatten(encode(tok, islice(texts, limit), config))
    LOG.info("pack: labelled %d tokens", len(labelled))
    parts = [(labelled, labelled_at, np.tile(np.arange(len(labelled_at) - 1), config.labelled_copies))]
    for name in data.CORPORA:
        tokens, starts = flatten(encode(tok, islice(data.corpus_lines(data_dir(), (name,)), limit), config))
        score = likeness(tokens, starts, labelled, tok.get_vocab_size())
        chosen = most_alike(score, name, config.keep)
        parts.append((tokens, starts, chosen))
        LOG.info(
            "pack: %s %d tokens, unknown %.4f, kept %d texts",
            name,
            len(tokens),
            float(np.mean(tokens == 1)),
            len(chosen),
        )
    offsets = np.cumsum([0, *(len(tokens) for tokens, _, _ in parts)])
    every = np.concatenate([tokens for tokens, _, _ in parts])
    begin = np.concatenate(
        [starts[:-1][rows] + shift for (_, starts, rows), shift in zip(parts, offsets, strict=False)]
    )
    length = np.concatenate([np.diff(starts)[rows] for _, starts, rows in parts])
    order = rng.permutation(len(begin))
    packed = np.concatenate([every[b : b + n] for b, n in zip(begin[order], length[order], strict=True)])
    np.save(work_dir() / "pretrain.npy", packed)
    facts = {
        "config": asdict(config),
        "tokens": len(packed),
        "texts": len(begin),
        "unknown": float(np.mean(packed == 1)),
    }
    (work_dir() / "pack.json").write_text(json.dumps(facts, indent=1), "utf-8")
    LOG.info("pack: %s", facts)
    return 0
