"""Synthetic and altered training rows for what the sets lack: negation, turns, irony, slang, emoji, very short texts.

Everything comes from ``lexicon.toml``, the grammar of `phrases`, our own comments and train rows; no sentence of the
stress set is used.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pandas as pd

from core.train import comments, data, phrases
from core.train.alterations import BAD, GOOD, PLAIN, alter

PHRASES = 40_000
Row = tuple[str, int]
_BREAK = re.compile(r"[,，。.!！?？;；\s]+")


def turns(clauses: dict[int, list[str]], rng: random.Random, n: int) -> list[Row]:
    """Join a good and a bad clause by 虽然…但是…: the clause after the turn decides the label."""
    rows: list[Row] = []
    joins = [
        "虽然{0}，但是{1}",
        "{0}，但是{1}",
        "{0}，不过{1}",
        "{0}，可是{1}",
        "虽说{0}，可{1}",
        "尽管{0}，还是{1}",
        "{0}，然而{1}",
        "{0}，就是{1}",
    ]
    for _ in range(n):
        first = rng.choice([BAD, GOOD])
        last = GOOD if first == BAD else BAD
        rows.append((rng.choice(joins).format(rng.choice(clauses[first]), rng.choice(clauses[last])), last))
    return rows


def short(words: dict[str, list[str]], rng: random.Random, copies: int) -> list[Row]:
    """Generate very short comments with and without punctuation."""
    ends = ["", "", "！", "。", "！！！", "~", "…", "了", " "]
    kinds = (("short_good", GOOD), ("short_bad", BAD), ("short_plain", PLAIN))
    return [(w + rng.choice(ends), label) for kind, label in kinds for w in words[kind] for _ in range(copies)]


def altered(frame: pd.DataFrame, rng: random.Random) -> pd.DataFrame:
    """Rewrite known rows in other variants that keep their labels, see `alter`."""
    rows, words, misspelt = frame.copy(), phrases.lexicon(), phrases.grammar()["misspelt"]
    rows["text"] = [
        alter(text, label, words, misspelt, rng) for text, label in zip(rows["text"], rows["sentiment"], strict=True)
    ]
    return rows[rows["text"].str.strip() != ""].reset_index(drop=True)


def short_clauses(frame: pd.DataFrame) -> dict[int, list[str]]:
    """Collect train rows of one short clause, by label."""
    clean = frame[frame["text"].str.len().between(4, 14)]
    good = clean[~clean["text"].str.contains(r"但|不过|可是|虽|然而|就是|[?？]", regex=True)]
    return {label: [_BREAK.sub("", t) for t in good.loc[good["sentiment"] == label, "text"]] for label in (BAD, GOOD)}


def as_table(rows: list[Row]) -> pd.DataFrame:
    """Convert synthetic rows to the format of `data.read`."""
    frame = pd.DataFrame(rows, columns=["text", "sentiment"]).drop_duplicates("text")
    return frame.assign(emotion=-1, offensive=-1, two=False)


def tables(
    known: list[tuple[str, pd.DataFrame]], folder: Path, weight: float, seed: int = 1
) -> list[tuple[str, pd.DataFrame, float]]:
    """Build all augmented tables.

    Args:
        known: The train tables by set.
        folder: Of the labelled sets (to reread weibo_senti with its emoticons).
        weight: Of each row.
        seed: Equal seeds give equal rows.

    Returns:
        ``(origin, table, weight of each row)``.
    """
    rng, own = random.Random(seed), comments.read("train")
    two = pd.concat([t[t["sentiment"] >= 0] for name, t in known if data.SETS[name].kind in {"two", "three"}])
    clauses = short_clauses(
        pd.concat([t for name, t in known if name in {"waimai10k", "online_shopping", "nlpcc2014_sentiment"}])
    )
    rows = [
        *((one.text, one.label) for one in phrases.sample(PHRASES, seed)),
        *turns(clauses, rng, 6000),
        *short(phrases.lexicon(), rng, 6),
    ]
    with_faces = "weibo_senti_100k_partial"
    faces = data.read(folder, with_faces, "train", keep_emoticons=True)
    if with_faces not in dict(known):
        faces = faces[:0]
    # A synthetic row may coincide with a held-out comment.
    held = set(comments.read("dev")["text"])
    return [
        ("made_up", as_table([row for row in rows if row[0] not in held]), weight),
        ("altered", altered(two.sample(min(16_000, len(two)), random_state=seed), rng), weight),
        ("own_comments", altered(own, rng).query("text not in @held"), weight),
        ("weibo_senti_faces", faces.sample(min(6000, len(faces)), random_state=seed), weight),
    ]
