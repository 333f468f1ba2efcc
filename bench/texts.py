"""Real comments for measurements, taken from ../shared/data and never stored."""

from __future__ import annotations

import csv
import gzip
import random
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from bench.process import ROOT
from core.clean import clean_text

DATA = ROOT.parent / "shared/data/labelled"
SEED = 20261126
#: Sets of plain comments.
SETS = (
    "online_shopping",
    "weibo_senti_100k_partial",
    "waimai10k",
    "smp2020_usual",
    "weibo_emotion8",
    "ecom_reviews_3class",
)


def texts_of(name: str, split: str = "train") -> list[str]:
    """Return the distinct texts of one set, in file order."""
    with gzip.open(DATA / f"{name}.{split}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(dict.fromkeys(row["text"].replace("\n", " ").strip() for row in csv.DictReader(file)))


def mixed(n: int) -> list[str]:
    """Return n distinct texts, one of each set in turn until a set is exhausted: smaller n gives longer texts.

    If there are too few distinct texts, a counter is appended to make more.
    """
    return _more(list(dict.fromkeys(_round_robin())), n)


def alike(n: int) -> list[str]:
    """Return the texts of ``mixed`` in a fixed random order, so that any n of them have the same mix of sets."""
    distinct = list(dict.fromkeys(_round_robin()))
    random.Random(SEED).shuffle(distinct)
    return _more(distinct, n)


def cleaned(texts: Iterable[str]) -> list[str]:
    """Return the texts as a model reads them, without those that have no words.

    A job and the API clean their input, which leaves a tenth less to read: whatever is compared with them must not be
    given more.
    """
    return [text for text in map(clean_text, texts) if text]


def _more(distinct: list[str], n: int) -> list[str]:
    rounds = (f"{text} {turn}" if turn else text for turn in range(n // len(distinct) + 1) for text in distinct)
    return list(islice(rounds, n))


def _round_robin() -> Iterator[str]:
    sets = [iter(texts_of(name)) for name in SETS]
    while sets:
        for texts in list(sets):
            text = next(texts, None)
            if text is None:
                sets.remove(texts)
            elif text:
                yield text


def write_csv(path: Path, texts: list[str]) -> Path:
    """Write an export-like CSV: id, time, platform, product, stars and the comment."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["订单号", "评论时间", "平台", "商品", "评分", "评论内容"])
        for i, text in enumerate(texts):
            day, hour = divmod(i, 24)
            time = f"2026-{8 + day // 28 % 3:02d}-{day % 28 + 1:02d} {hour:02d}:{i % 60:02d}:00"
            platform = ("微博", "小红书", "京东", "美团")[i % 4]
            writer.writerow([str(10**17 + i), time, platform, f"商品{i % 40}", i % 5 + 1, text])
    return path
