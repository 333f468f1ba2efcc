"""Distant labels: posts of the corpora whose emoticons say on which side their writer is.

Weibo's ``[泪]`` and ``[哈哈]`` are the writer's own verdict. Which of them speak plainly is counted in the labels of
weibo_senti_100k_partial; a post whose plain ones all agree becomes a row with that label and without its emoticons.
Source: Go, Bhayani and Huang 2009, Twitter Sentiment Classification using Distant Supervision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.train import data
from core.train.characters import folded
from core.train.config import LOG, data_dir, labelled_dir, parse, work_dir

#: The set that teaches what emoticons mean. Where it is left out, so are these rows: they are of its kind.
GUIDE = "weibo_senti_100k_partial"


@dataclass(frozen=True)
class EmoticonsConfig:
    """Settings of ``emoticons``."""

    sure: float = 0.9  # share of an emoticon's texts that bear one label, so that it speaks plainly
    seen: int = 100  # in fewer texts than that it says nothing
    letters: int = 4  # a post with fewer characters beside its emoticons is left out


def meanings(texts: Iterable[str], labels: Iterable[int], config: EmoticonsConfig) -> dict[str, int]:
    """Count which emoticons speak plainly.

    Args:
        texts: With their emoticons.
        labels: 0 negative, 2 positive.
        config: How sure and how often seen.

    Returns:
        Emoticon → 0 or 2.
    """
    pairs = {(row, one) for row, text in enumerate(texts) for one in data.EMOTICON.findall(text)}
    table = pd.DataFrame(sorted(pairs), columns=["row", "emoticon"])
    table["positive"] = np.array(list(labels), np.int64)[table["row"].to_numpy(np.int64)] == 2
    share = table.groupby("emoticon")["positive"].agg(["mean", "size"])
    share = share[share["size"] >= config.seen]
    good, bad = share.index[share["mean"] >= config.sure], share.index[share["mean"] <= 1 - config.sure]
    return dict.fromkeys(map(str, good), 2) | dict.fromkeys(map(str, bad), 0)


def labelled(
    lines: Iterable[str], meaning: Mapping[str, int], letters: int, known: set[str]
) -> Iterator[tuple[str, int]]:
    """Yield (text without emoticons, label) of posts whose plain emoticons agree, no text twice.

    Args:
        lines: Posts.
        meaning: From `meanings`.
        letters: Fewest characters of a text.
        known: Folded texts that must not come (dev and test); those that came are added.
    """
    for line in lines:
        said = {meaning[one] for one in data.EMOTICON.findall(line) if one in meaning}
        if len(said) != 1:
            continue
        text = data.EMOTICON.sub("", line).strip()
        name = folded(text)
        if len(text) >= letters and name not in known:
            known.add(name)
            yield text, said.pop()


def read() -> pd.DataFrame:
    """Read the rows that the step wrote, with the columns of `data.read`."""
    table = pd.read_csv(work_dir() / "emoticons.csv.gz", dtype={"text": str}, keep_default_na=False, encoding="utf-8")
    return table.assign(emotion=-1, offensive=-1, two=True)


def asked() -> set[str]:
    """Return all dev and test texts, folded and without emoticons: with another emoticon they stand in the corpora."""
    return {
        folded(data.EMOTICON.sub("", text))
        for name in data.SETS
        for split in ("dev", "test")
        for text in data.read(labelled_dir(), name, split)["text"]
    }


def main(argv: list[str]) -> int:
    """Write ``emoticons.csv.gz`` (text, sentiment) to the work folder."""
    config = parse(EmoticonsConfig, "emoticons", argv)
    guide = data.read(labelled_dir(), GUIDE, "train", keep_emoticons=True)
    meaning = meanings(guide["text"], guide["sentiment"], config)
    LOG.info("emoticons: %s", " ".join(f"{name}{'+' if side else '-'}" for name, side in sorted(meaning.items())))
    rows = list(labelled(data.corpus_lines(data_dir()), meaning, config.letters, asked()))
    table = pd.DataFrame(rows, columns=["text", "sentiment"])
    table.to_csv(work_dir() / "emoticons.csv.gz", index=False, encoding="utf-8")
    LOG.info("emoticons: %d posts, %d of them positive", len(table), int((table["sentiment"] == 2).sum()))
    return 0
