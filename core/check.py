"""Score a few typed texts at once; shared by ``check``, the API and the page 单句分析."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clean import clean_text, why_blank
from core.schema import Backend, Reason, ScoreOptions, Scores
from core.score import score

if TYPE_CHECKING:
    import pandas as pd

    from core.jobs.cached_scorer import CachedScorer

__all__ = ["Checked", "check", "labelled_frame"]

UNSCORED = -1


@dataclass(frozen=True, slots=True)
class Checked:
    """One text and its score.

    Attributes:
        text: The text as given.
        clean_text: The text the model read.
        label: Index into ``schema.LABELS``; -1 = not scored.
        confidence: The highest class probability; NaN = not scored.
        probabilities: Negative, neutral, positive; NaN = not scored.
        needs_review: Whether the confidence is low.
        windows: Number of windows the text was scored in; 0 = not scored.
        cut: Whether the end of the text was left unscored.
        reason: Why it was not scored; "" if it was.
        emotion: Index into ``schema.EMOTIONS``; -1 = not scored or not requested.
        p_emotion: The probability of that emotion; NaN if there is none.
        p_offensive: The probability that the text is offensive; NaN if not requested or not supported by the model.
    """

    text: str
    clean_text: str
    label: int
    confidence: float
    probabilities: tuple[float, float, float]
    needs_review: bool
    windows: int
    cut: bool
    reason: Reason | str = ""
    emotion: int = -1
    p_emotion: float = math.nan
    p_offensive: float = math.nan


def check(
    texts: Sequence[str], backend: Backend, options: ScoreOptions, known: CachedScorer | None = None
) -> list[Checked]:
    """Clean and score texts, keeping their order; a blank text is returned unscored, with the reason.

    Args:
        texts: Raw texts, a few thousand at most: larger inputs belong in a job.
        backend: The model to run.
        options: How probabilities become labels.
        known: Cached scores shared with the jobs; None runs the model on every text.

    Returns:
        One result per text.
    """
    cleaned = [clean_text(text) for text in texts]
    places = [i for i, text in enumerate(cleaned) if text]
    scores = (known.score if known else score)([cleaned[i] for i in places], backend, options)
    found = dict(zip(places, _scored(texts, cleaned, places, scores), strict=True))
    return [found.get(i) or _unscored(text) for i, text in enumerate(texts)]


def _scored(texts: Sequence[str], cleaned: Sequence[str], places: Sequence[int], scores: Scores) -> Iterator[Checked]:
    # Convert whole arrays at a time: extracting single elements costs more than everything else here.
    facts = (scores.label, scores.confidence, scores.probabilities, scores.needs_review, scores.windows, scores.cut)
    felt = scores.emotions
    more = () if felt is None else (felt.emotion, felt.p_emotion, felt.p_offensive)
    rows = zip(*(array.tolist() for array in (*facts, *more)), strict=True)
    for i, (label, confidence, probabilities, review, windows, cut, *emotion) in zip(places, rows, strict=True):
        three = tuple(probabilities)
        yield Checked(texts[i], cleaned[i], label, confidence, three, review, windows, cut, "", *emotion)


def _unscored(text: str) -> Checked:
    return Checked(text, "", UNSCORED, math.nan, (math.nan,) * 3, False, 0, False, why_blank(text))


def labelled_frame(rows: Sequence[Checked], originals: dict[str, Sequence[str]]) -> pd.DataFrame:
    """Convert results to the table layout that ``core.export`` writes.

    Args:
        rows: The results.
        originals: Further columns to place before ours, each as long as ``rows``.

    Returns:
        (n, …) the score and emotion columns, status, reason and the originals with their prefix.
    """
    import pandas as pd

    from core.schema import Col, Status, original

    probabilities = [row.probabilities for row in rows]
    columns: dict[str, object] = {original(name): list(values) for name, values in originals.items()}
    columns |= {
        Col.TEXT: [row.text for row in rows],
        Col.STATUS: [Status.SCORED if row.label >= 0 else Status.BLANK for row in rows],
        Col.REASON: [str(row.reason) for row in rows],
        Col.LABEL: pd.array([row.label for row in rows], dtype="int8"),
        Col.CONFIDENCE: pd.array([row.confidence for row in rows], dtype="float32"),
        Col.P_NEGATIVE: pd.array([p[0] for p in probabilities], dtype="float32"),
        Col.P_NEUTRAL: pd.array([p[1] for p in probabilities], dtype="float32"),
        Col.P_POSITIVE: pd.array([p[2] for p in probabilities], dtype="float32"),
        Col.NEEDS_REVIEW: [row.needs_review for row in rows],
        Col.WINDOWS: pd.array([row.windows for row in rows], dtype="int16"),
        Col.CUT: [row.cut for row in rows],
        Col.EMOTION: pd.array([row.emotion for row in rows], dtype="int8"),
        Col.P_EMOTION: pd.array([row.p_emotion for row in rows], dtype="float32"),
        Col.P_OFFENSIVE: pd.array([row.p_offensive for row in rows], dtype="float32"),
    }
    return pd.DataFrame(columns)
