"""From cleaned rows to labelled rows: each distinct text is scored once, every row gets its answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core.clean import Deduper
from core.schema import LABELS, Backend, Col, ScoreOptions, Scores, Status
from core.score import score
from core.score.labels import label
from core.store import CachedEmotion, CachedScore, Chunks, ScoreCache

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Labeller"]

#: Texts given to the model between two looks at the stop flag; texts of a slice are of like length.
SLICE_TEXTS: Final = 512
_NOT_SCORED: Final = -1


class Labeller:
    """Labels the chunks of one job in order.

    Args:
        backend: The model.
        options: How probabilities become labels.
        cache: Scores of earlier jobs.
        chunks: What is stored of this job, for duplicates whose score the cache has lost.
        watch: Called with the number of texts scored of the chunk and of all; may raise to stop.
    """

    def __init__(
        self,
        backend: Backend,
        options: ScoreOptions,
        cache: ScoreCache,
        chunks: Chunks,
        watch: Callable[[int, int], None],
    ) -> None:
        self._backend = backend
        self._options = options
        self._cache = cache
        self._chunks = chunks
        self._watch = watch
        self._deduper = Deduper()
        # what a text scores depends on the model and on how much of a long text is read
        self.version = f"{backend.version}/{options.max_windows}" + ("/emotion" if options.emotion else "")
        for keys in chunks.text_keys():
            self._deduper.add(keys)

    def label(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, CachedScore], dict[str, float]]:
        """Label the next rows.

        Args:
            frame: What ``core.clean.clean`` made.

        Returns:
            The labelled frame; the new scores, to be put into the cache once the rows are stored; the facts
            cache_hits and score_seconds.
        """
        started = time.perf_counter()
        status = frame[Col.STATUS].to_numpy(dtype=object).copy()
        keys = np.where(status == Status.PENDING, frame[Col.TEXT_KEY].to_numpy(dtype=object), "")
        again = self._deduper.mark(keys.tolist())
        status[status == Status.PENDING] = Status.SCORED
        status[again] = Status.DUPLICATE
        wanted = dict.fromkeys(key for key in keys.tolist() if key)
        known, hits = self._known(wanted, set(keys[again].tolist()), set(keys[status == Status.SCORED].tolist()))
        texts = dict(zip(keys.tolist(), frame[Col.CLEAN_TEXT].tolist(), strict=True))
        missing = [key for key in wanted if key not in known]
        new = self._scored(missing, [texts[key] for key in missing])
        labelled = self._assembled(frame, keys.tolist(), status, known | new)
        return labelled, new, {"cache_hits": float(hits), "score_seconds": time.perf_counter() - started}

    def _known(self, wanted: dict[str, None], again: set[str], first: set[str]) -> tuple[dict[str, CachedScore], int]:
        """Return the scores that need no model, and how many of the texts new to this job were among them."""
        known = self._cache.get(self.version, list(wanted))
        lost = [key for key in again - first if key not in known]
        if lost:
            known |= self._chunks.scores(lost)
        return known, len(first & known.keys())

    def _scored(self, keys: Sequence[str], texts: Sequence[str]) -> dict[str, CachedScore]:
        order = sorted(range(len(texts)), key=[len(text) for text in texts].__getitem__, reverse=True)
        found: dict[str, CachedScore] = {}
        for start in range(0, len(order), SLICE_TEXTS):
            self._watch(start, len(order))
            places = order[start : start + SLICE_TEXTS]
            scores = score([texts[i] for i in places], self._backend, self._options)
            rows = zip(scores.probabilities.tolist(), scores.windows.tolist(), scores.cut.tolist(), strict=True)
            felt = _emotions(scores)
            for i, (p, windows, cut), emotion in zip(places, rows, felt, strict=True):
                found[keys[i]] = CachedScore((p[0], p[1], p[2]), windows, cut, emotion)
        return {key: found[key] for key in keys}

    def _assembled(
        self, frame: pd.DataFrame, keys: Sequence[str], status: NDArray[np.object_], known: dict[str, CachedScore]
    ) -> pd.DataFrame:
        """Put the score columns beside the comment columns; a row without words has label -1 and NaN."""
        n = len(frame)
        probabilities = np.full((n, len(LABELS)), np.nan, np.float32)
        windows, cut = np.zeros(n, np.int16), np.zeros(n, np.bool_)
        has = np.array([bool(key) for key in keys], np.bool_)
        for i in np.flatnonzero(has).tolist():
            answer = known[keys[i]]
            probabilities[i], windows[i], cut[i] = answer.probabilities, answer.windows, answer.cut
        answers = label(probabilities[has], windows[has], cut[has], self._options)
        labelled = frame.copy(deep=False)
        labelled[Col.STATUS] = [str(s) for s in status]
        labelled[Col.LABEL] = _spread(has, answers.label, np.full(n, _NOT_SCORED, np.int8))
        labelled[Col.CONFIDENCE] = _spread(has, answers.confidence, np.full(n, np.nan, np.float32))
        for name, column in zip((Col.P_NEGATIVE, Col.P_NEUTRAL, Col.P_POSITIVE), probabilities.T, strict=True):
            labelled[name] = column
        labelled[Col.NEEDS_REVIEW] = _spread(has, answers.needs_review, np.zeros(n, np.bool_))
        labelled[Col.WINDOWS], labelled[Col.CUT] = windows, cut
        if self._options.emotion:
            _add_emotions(labelled, has, [known[key].emotion for key in keys if key])
        return labelled


def _emotions(scores: Scores) -> list[CachedEmotion | None]:
    """Return the emotion of each text; None where it was not asked for."""
    felt = scores.emotions
    if felt is None:
        return [None] * len(scores.label)
    return [
        CachedEmotion(emotion, p, offensive)
        for emotion, p, offensive in zip(
            felt.emotion.tolist(), felt.p_emotion.tolist(), felt.p_offensive.tolist(), strict=True
        )
    ]


def _add_emotions(labelled: pd.DataFrame, has: NDArray[np.bool_], felt: Sequence[CachedEmotion | None]) -> None:
    """Put the emotion columns beside the others; ``felt`` is of the rows that have words."""
    n, known = len(has), [one or CachedEmotion() for one in felt]
    emotion = np.array([one.emotion for one in known], np.int8)
    labelled[Col.EMOTION] = _spread(has, emotion, np.full(n, _NOT_SCORED, np.int8))
    for name, values in (
        (Col.P_EMOTION, [one.p_emotion for one in known]),
        (Col.P_OFFENSIVE, [one.p_offensive for one in known]),
    ):
        labelled[name] = _spread(has, np.array(values, np.float32), np.full(n, np.nan, np.float32))


def _spread(has: NDArray[np.bool_], values: NDArray[np.generic], onto: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return ``onto`` with ``values`` at the marked places."""
    onto[has] = values
    return onto
