"""Made-up and altered training rows for what the sets lack: negation, turns, irony, slang, emoji, very short texts.

Everything comes from ``lexicon.toml`` and from train rows; no sentence of the stress set is used.
"""

from __future__ import annotations

import random
import re
import tomllib
from pathlib import Path

import pandas as pd

from core.train import data

WEIGHT = 0.4  # of an augmented row in the loss
BAD, PLAIN, GOOD = 0, 1, 2
Row = tuple[str, int]
_BREAK = re.compile(r"[,，。.!！?？;；\s]+")
_MARKS = re.compile(r"[,，。.!！?？;；、~～…]+")


def lexicon() -> dict[str, list[str]]:
    """Return the word lists of ``lexicon.toml``."""
    return tomllib.loads((Path(__file__).parent / "lexicon.toml").read_text("utf-8"))


def negations(words: dict[str, list[str]], rng: random.Random, n: int) -> list[Row]:
    """Make contrast pairs: plain, negated and doubly negated judgements of one thing."""
    rows: list[Row] = []
    for _ in range(n):
        thing = rng.choice(words["things"] + words["things_any"])
        up, down = rng.choice(words["adj_good"]), rng.choice(words["adj_bad"])
        no, less = rng.choice(words["negate"]), rng.choice(words["negate_less"])
        rows += [
            (f"{thing}{no}{up}", BAD),
            (f"{thing}{rng.choice(['很', '非常', '真', '挺', '太'])}{up}", GOOD),
            (f"{thing}{rng.choice(['很', '非常', '真', '挺', '太'])}{down}", BAD),
            (f"{thing}{rng.choice(['不', '一点也不', '一点都不', '完全不', '并不'])}{down}", GOOD),
            (f"{thing}{less}{up}", BAD),
            (f"{thing}{less}{down}", GOOD),
            (f"{rng.choice(words['double_good'])}{up}", GOOD),
            (f"不是{thing}不{up}，是真的没法更{up}了", GOOD)
            if rng.random() < 0.2
            else (f"{thing}没有不{up}的地方", GOOD),
        ]
    return rows


def turns(words: dict[str, list[str]], clauses: dict[int, list[str]], rng: random.Random, n: int) -> list[Row]:
    """Join a good and a bad clause by 虽然…但是…: what comes after the turn decides."""
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


def made_up(words: dict[str, list[str]], rng: random.Random, n: int) -> list[Row]:
    """Make irony, slang, very short texts and plain texts whose only feeling is an emoji."""
    rows: list[Row] = []
    for _ in range(n):
        rows.append((f"{rng.choice(words['mishap'])}，{rng.choice(words['mock_praise'])}", BAD))
        for side, label in (("good", GOOD), ("bad", BAD)):
            slang, thing = rng.choice(words[f"slang_{side}"]), rng.choice(words["things_any"] + words["things"])
            rows.append((rng.choice([f"{thing}{slang}", f"{slang}，{thing}", f"{thing}真的{slang}", slang]), label))
            face = rng.choice(words[f"emoji_{side}"])
            rows.append(
                (
                    rng.choice(
                        [f"{rng.choice(words['plain'])}{face}", f"{rng.choice(words['plain'])}{face * 3}", face]
                    ),
                    label,
                )
            )
        rows.append((rng.choice(words["plain"]), PLAIN))
    return rows


def short(words: dict[str, list[str]], rng: random.Random, copies: int) -> list[Row]:
    """Make very short comments with and without marks."""
    ends = ["", "", "！", "。", "！！！", "~", "…", "了", " "]
    kinds = (("short_good", GOOD), ("short_bad", BAD), ("short_plain", PLAIN))
    return [(w + rng.choice(ends), label) for kind, label in kinds for w in words[kind] for _ in range(copies)]


def altered(frame: pd.DataFrame, words: dict[str, list[str]], rng: random.Random) -> pd.DataFrame:
    """Alter known rows without touching their label: a fitting emoji, no marks, a lost or doubled character."""
    rows = frame.copy()
    texts = []
    for original, label in zip(rows["text"], rows["sentiment"], strict=True):
        text, way = original, rng.random()
        if way < 0.4 and label in (BAD, GOOD):
            text = text.rstrip("。.") + rng.choice(words["emoji_good" if label == GOOD else "emoji_bad"]) * rng.choice(
                [1, 1, 3]
            )
        elif way < 0.7:
            text = _MARKS.sub(rng.choice(["", " "]), text)
        elif len(text) > 8:
            at = rng.randrange(len(text) - 1)
            text = (
                text[:at] + rng.choice([text[at] * 2, "", text[at + 1] + text[at]]) + text[at + rng.choice([1, 1, 2]) :]
            )
        texts.append(text)
    rows["text"] = texts
    return rows


def short_clauses(frame: pd.DataFrame) -> dict[int, list[str]]:
    """Collect train rows of one short clause, by label."""
    clean = frame[frame["text"].str.len().between(4, 14)]
    good = clean[~clean["text"].str.contains(r"但|不过|可是|虽|然而|就是|[?？]", regex=True)]
    return {label: [_BREAK.sub("", t) for t in good.loc[good["sentiment"] == label, "text"]] for label in (BAD, GOOD)}


def as_table(rows: list[Row]) -> pd.DataFrame:
    """Turn made-up rows into the shape of `data.read`."""
    frame = pd.DataFrame(rows, columns=["text", "sentiment"]).drop_duplicates("text")
    return frame.assign(emotion=-1, offensive=-1, two=False)


def tables(known: list[tuple[str, pd.DataFrame]], folder: Path, seed: int = 1) -> list[tuple[str, pd.DataFrame, float]]:
    """Make all augmented tables.

    Args:
        known: The train tables by set.
        folder: Of the labelled sets (to read weibo_senti once more with its emoticons).
        seed: Same seed, same rows.

    Returns:
        ``(origin, table, weight of each row)``.
    """
    rng, words = random.Random(seed), lexicon()
    two = pd.concat([t[t["sentiment"] >= 0] for name, t in known if data.SETS[name].kind in {"two", "three"}])
    clauses = short_clauses(
        pd.concat([t for name, t in known if name in {"waimai10k", "online_shopping", "nlpcc2014_sentiment"}])
    )
    rows = [
        *negations(words, rng, 1200),
        *turns(words, clauses, rng, 6000),
        *made_up(words, rng, 1200),
        *short(words, rng, 6),
    ]
    faces = data.read(folder, "weibo_senti_100k_partial", "train", keep_emoticons=True)
    return [
        ("made_up", as_table(rows), WEIGHT),
        ("altered", altered(two.sample(min(16_000, len(two)), random_state=seed), words, rng), WEIGHT),
        ("weibo_senti_faces", faces.sample(min(6000, len(faces)), random_state=seed), WEIGHT),
    ]
