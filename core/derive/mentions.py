"""Derived table of aspect mentions in the comments of a job: found, judged by the model, one row per mention."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from core.analyse.sample import PLACE, sampled_rows
from core.clean import clean_text
from core.derive.recipe import Report
from core.mine.aspects import (
    Aspect,
    Matcher,
    Mention,
    Pack,
    choose,
    discover,
    judge,
    matcher,
    mentions,
    opinion_words,
    rows_of,
    verdict,
    write,
)
from core.schema import LABELS, Backend, Col
from core.store import LabelledTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "Mentions", "Scorer", "find_mentions"]

#: Increment it when equal comments and packs would give other mentions.
_REVISION: Final = 4
#: Columns of the derived table: the comment; where in it the piece begins; the aspect; label and probabilities of the
#: mention; the piece of the comment, the word that names the aspect and the opinion words; the verdict over all
#: mentions of the aspect in the comment; whether this is the first of them, and the first of all, so that comments can
#: be counted.
COLUMNS: Final = (
    "row",
    "place",
    "aspect",
    "label",
    "p",
    "p_negative",
    "p_neutral",
    "p_positive",
    "piece",
    "word",
    "opinions",
    "verdict",
    "first",
    "opens",
)
#: Comments used to choose the pack, and to search for further aspects.
_CHOOSING: Final = 2000
_DISCOVERING: Final = 20_000
_BATCH_ROWS: Final = 1000
#: Most cached pieces before the cache is cleared; short ones recur all the time.
_KEPT_PIECES: Final = 200_000
#: Text after a retweet mark was written by others.
_CHAIN: Final = ("//@", "// @")
_P: Final = (Col.P_NEGATIVE, Col.P_NEUTRAL, Col.P_POSITIVE)


@dataclass(frozen=True)
class Mentions:
    """The recipe for mentions.

    Attributes:
        packs: One pack to use, or several to choose from by the comments.
        model: Version of the model.
        backend: Loads the model.
        found: Also discover aspects that are not in the pack.
        sample: Most comments, sampled evenly; None = all.
        user_words: The user's dictionary.
    """

    packs: tuple[Pack, ...]
    model: str
    backend: Callable[[], Backend] = field(compare=False)
    found: bool = True
    sample: int | None = None
    user_words: tuple[str, ...] = ()
    kind: str = "mentions"
    label_free: bool = True
    title: str = "正在找出各方面的说法"

    def cache_key(self) -> tuple[object, ...]:
        """See ``Recipe``."""
        packs = tuple((pack.title, write(pack)) for pack in self.packs)
        return _REVISION, packs, self.model, self.found, self.sample, self.user_words

    def make(self, table: LabelledTable, facts: dict[str, Any], report: Report) -> Iterator[pd.DataFrame]:
        """See ``Recipe``."""
        total = _count(table)
        share = 1.0 if self.sample is None or total <= self.sample else self.sample / total
        condition = f"{Col.LABEL} >= 0" + (f" AND {sampled_rows(share)}" if share < 1 else "")
        n = _count(table, condition) if share < 1 else total
        report(0, n)
        pack = self._pack(table, condition, facts)
        facts |= {"n": n, "sampled_from": total if share < 1 else None, "share": share, "mentions": 0}
        scorer, done = Scorer(self.backend()), 0
        yield find_mentions([], np.zeros((0, 3), np.float32), pack, scorer)
        for frame in _frames(table, condition, sampled=share < 1):
            texts = [own_words(str(text)) for text in frame[Col.TEXT].tolist()]
            found = find_mentions(texts, frame[list(_P)].to_numpy(np.float32), pack, scorer)
            found["row"] = frame[Col.ROW].to_numpy(np.int64)[found["row"].to_numpy()]
            facts["mentions"] += len(found)
            done += len(frame)
            report(done, n)
            yield found

    def _pack(self, table: LabelledTable, condition: str, facts: dict[str, Any]) -> Pack:
        """Choose the pack, add discovered aspects, and record both in the facts."""
        sample = _texts(table, condition, _DISCOVERING if self.found else _CHOOSING)
        fit = choose(sample[:: max(1, len(sample) // _CHOOSING)], self.packs)
        chosen = len(self.packs) > 1
        more: tuple[Aspect, ...] = ()
        if self.found and sample:
            more = discover(sample, matcher(fit.pack), user_words=self.user_words)
        names = {one.name for one in fit.pack.aspects}
        more = tuple(one for one in more if one.name not in names)
        facts |= {
            "pack": fit.pack.title,
            "chosen": chosen,
            "sure": round(fit.sure, 4),
            "covered": round(fit.covered, 4),
            "found": rows_of(Pack("", more)),
        }
        return Pack(fit.pack.title, (*fit.pack.aspects, *more))


class Scorer:
    """Scores pieces, each distinct one once."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._known: dict[str, NDArray[np.float32]] = {}

    def __call__(self, pieces: Sequence[str]) -> NDArray[np.float32]:
        """Return the probabilities of verbatim pieces, shape (n, 3)."""
        from core.score import score

        cleaned = [clean_text(piece) for piece in pieces]
        if len(self._known) > _KEPT_PIECES:
            self._known.clear()
        asked = [text for text in dict.fromkeys(cleaned) if text not in self._known]
        for text, p in zip(asked, score(asked, self._backend).probabilities, strict=True):
            self._known[text] = p
        return np.array([self._known[text] for text in cleaned], np.float32).reshape(-1, len(LABELS))


def own_words(text: str) -> str:
    """Return the part of a post that its author wrote, without the posts it forwards."""
    ends = [place for place in map(text.find, _CHAIN) if place >= 0]
    return text[: min(ends)] if ends else text


def find_mentions(
    texts: Sequence[str],
    whole: NDArray[np.float32],
    pack: Pack,
    score_pieces: Callable[[Sequence[str]], NDArray[np.float32]],
) -> pd.DataFrame:
    """Find and judge the mentions in some comments.

    Args:
        texts: n comments as written.
        whole: Their probabilities, shape (n, 3); NaN = not known.
        pack: The pack with the aspects to look for.
        score_pieces: Returns the probabilities of pieces of comments.

    Returns:
        Columns as in ``COLUMNS``, one row per mention; ``row`` is the index into ``texts``.
    """
    import pandas as pd

    finder = matcher(pack)
    known = {text: mentions(text, finder) for text in dict.fromkeys(texts)}
    where = [(i, one) for i, text in enumerate(texts) for one in known[text]]
    rows = np.array([i for i, _ in where], np.int64)
    found = [one for _, one in where]
    pieces = [texts[i][one.start : one.end] for i, one in where]
    wholes = np.nan_to_num(np.asarray(whole, np.float32), nan=1 / 3)[rows].reshape(-1, 3)
    p = judge(found, pieces, score_pieces(pieces), wholes)
    names = np.array([one.name for one in pack.aspects], dtype=object)
    label = p.argmax(axis=1) if len(p) else np.zeros(0, np.int64)
    frame = pd.DataFrame(
        {
            "row": rows,
            "place": np.array([one.start for one in found], np.int32),
            "aspect": pd.Series([str(names[one.aspect]) for one in found], dtype="str"),
            "label": label.astype(np.int8),
            "p": p[np.arange(len(p)), label].astype(np.float32),
            "p_negative": p[:, 0].astype(np.float32),
            "p_neutral": p[:, 1].astype(np.float32),
            "p_positive": p[:, 2].astype(np.float32),
            "piece": pd.Series(pieces, dtype="str"),
            "word": pd.Series([texts[i][slice(*one.word)] for i, one in where], dtype="str"),
            "opinions": pd.Series(_opinions(texts, where, finder), dtype="str"),
        }
    )
    return _together(frame)


def _opinions(texts: Sequence[str], where: Sequence[tuple[int, Mention]], finder: Matcher) -> list[str]:
    """Return the opinion words of each mention, separated by blanks."""
    return [" ".join(opinion_words(texts[i], one, finder)) for i, one in where]


def _together(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the verdict over all mentions of an aspect in a comment."""
    both = frame.groupby(["row", "aspect"], sort=False)
    means = both[["p_negative", "p_neutral", "p_positive"]].transform("mean").to_numpy(np.float64)
    said = verdict(means.reshape(-1, len(LABELS)))
    single = both["label"].transform("size").to_numpy() == 1
    frame["verdict"] = np.where(single, frame["label"].to_numpy(), said).astype(np.int8)
    frame["first"] = both.cumcount().to_numpy() == 0
    frame["opens"] = ~frame["row"].duplicated().to_numpy()
    return frame[list(COLUMNS)]


def _frames(table: LabelledTable, condition: str, *, sampled: bool) -> Iterator[pd.DataFrame]:
    """Yield the comments in order; a sample is fetched in one query, as it is small and scattered."""
    columns = [Col.ROW, Col.TEXT, *_P]
    if not sampled:
        yield from table.frames(condition, columns=columns, batch_rows=_BATCH_ROWS)
        return
    whole = table.query(f"SELECT {', '.join(columns)} FROM comments WHERE {condition} ORDER BY {Col.ROW}")
    for start in range(0, len(whole), _BATCH_ROWS):
        yield whole.iloc[start : start + _BATCH_ROWS]


def _count(table: LabelledTable, condition: str = f"{Col.LABEL} >= 0") -> int:
    return int(table.query(f"SELECT count(*) AS n FROM comments WHERE {condition}")["n"].iloc[0])


def _texts(table: LabelledTable, condition: str, most: int) -> list[str]:
    """Return at most this many distinct texts of comments, sampled evenly."""
    sql = f"""SELECT {Col.TEXT} AS text FROM comments WHERE {condition}
              QUALIFY row_number() OVER (PARTITION BY {Col.TEXT_KEY} ORDER BY {Col.ROW}) = 1
              ORDER BY {PLACE} LIMIT {most}"""
    return [own_words(str(text)) for text in table.query(sql)["text"].tolist()]
