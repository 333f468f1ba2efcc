"""From cleaned rows to labelled rows: each distinct text is scored once, and every row gets its score."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core.clean import Deduper
from core.errors import JobError
from core.jobs.cached_scorer import cache_version, to_cached
from core.jobs.feed import Batch
from core.schema import LABELS, Backend, Col, ScoreOptions, Scores, Status
from core.score import Encoded, encode, score_encoded
from core.score.labels import label
from core.store import CachedEmotion, CachedScore, Chunks, ScoreCache

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Answered", "Labeller", "Prepared"]

_NOT_SCORED: Final = -1


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows whose distinct new texts are ready for the model.

    Attributes:
        batch: The cleaned rows.
        keys: Text key of each row, "" = nothing to score.
        status: Status of each row.
        again: Whether each row's text occurred earlier in the job.
        known: Cached scores of texts new to the job.
        missing: Keys of the texts to score.
        encoded: The texts to score, tokenized.
        seconds: Time this step took.
    """

    batch: Batch
    keys: list[str]
    status: NDArray[np.object_]
    again: NDArray[np.bool_]
    known: dict[str, CachedScore]
    missing: list[str]
    encoded: Encoded
    seconds: float


@dataclass(frozen=True, slots=True)
class Answered:
    """Rows whose texts have been scored.

    Attributes:
        prepared: The rows.
        scores: Scores of the missing texts, in order.
        seconds: Time the model took.
        second_texts: Number of texts that a cascade passed to its second model.
    """

    prepared: Prepared
    scores: Scores
    seconds: float
    second_texts: int


class Labeller:
    """Labels the batches of one job in three steps, each of which may run in its own thread, in order.

    Args:
        backend: The model.
        options: How probabilities become labels.
        cache: Scores of earlier jobs.
        chunks: The job's stored rows, for duplicates whose score is no longer in the cache.
    """

    def __init__(self, backend: Backend, options: ScoreOptions, cache: ScoreCache, chunks: Chunks) -> None:
        self._backend = backend
        self._options = options
        self._cache = cache
        self._chunks = chunks
        self._halted = threading.Event()
        self._deduper = Deduper()
        #: Approximate number of rows of the job that the model has reached.
        self.reached = 0
        self.version = cache_version(backend, options)
        for keys in chunks.text_keys():
            self._deduper.add(keys)

    def halt(self) -> None:
        """Make ``answer`` stop after its current batch."""
        self._halted.set()

    def prepare(self, batch: Batch) -> Prepared:
        """Find which texts of the next rows are new, and tokenize those without a known score."""
        started = time.perf_counter()
        frame = batch.frame
        status = frame[Col.STATUS].to_numpy(dtype=object).copy()
        keys: list[str] = np.where(status == Status.PENDING, frame[Col.TEXT_KEY].to_numpy(dtype=object), "").tolist()
        again = self._deduper.mark(keys)
        status[status == Status.PENDING] = Status.SCORED
        status[again] = Status.DUPLICATE
        first = [key for key, repeated in zip(keys, again.tolist(), strict=True) if key and not repeated]
        known = self._cache.get(self.version, first)
        texts = dict(zip(keys, frame[Col.CLEAN_TEXT].tolist(), strict=True))
        missing = [key for key in first if key not in known]
        encoded = encode([texts[key] for key in missing], self._backend, self._options)
        return Prepared(batch, keys, status, again, known, missing, encoded, time.perf_counter() - started)

    def answer(self, prepared: Prepared) -> Answered:
        """Run the model.

        Raises:
            JobError: J03 ``halt`` was called.
        """
        self._go_on()
        started, asked = time.perf_counter(), getattr(self._backend, "second_texts", 0)
        batch = prepared.batch

        def watch(part: float) -> None:
            if part < 1:
                self._go_on()
            self.reached = batch.first_row + int(part * len(batch.frame))

        scores = score_encoded(prepared.encoded, self._backend, self._options, watch)
        asked = getattr(self._backend, "second_texts", 0) - asked
        return Answered(prepared, scores, time.perf_counter() - started, asked)

    def finish(self, answered: Answered) -> tuple[pd.DataFrame, dict[str, CachedScore], dict[str, float]]:
        """Give every row its score; all earlier rows must already be stored.

        Returns:
            The labelled frame; the new scores, to be cached once the rows are stored; facts.
        """
        one = answered.prepared
        new = dict(zip(one.missing, to_cached(answered.scores), strict=True))
        found = one.known | new
        elsewhere = {key for key, repeated in zip(one.keys, one.again.tolist(), strict=True) if repeated} - found.keys()
        labelled = self._assembled(one.batch.frame, one.keys, one.status, found | self._earlier(elsewhere))
        facts = {
            "cache_hits": float(len(one.known)),
            "second_texts": float(answered.second_texts),
            "score_seconds": answered.seconds,
            "encode_seconds": one.seconds,
        }
        return labelled, new, facts

    def _go_on(self) -> None:
        if self._halted.is_set():
            raise JobError("J03", "已停止。", "可以重新运行。")

    def _earlier(self, keys: Collection[str]) -> dict[str, CachedScore]:
        """Return the scores of texts that occur in rows already stored."""
        known = self._cache.get(self.version, list(keys))
        lost = [key for key in keys if key not in known]
        return known | self._chunks.scores(lost) if lost else known

    def _assembled(
        self, frame: pd.DataFrame, keys: Sequence[str], status: NDArray[np.object_], known: dict[str, CachedScore]
    ) -> pd.DataFrame:
        """Add the score columns to the comment columns; a row with nothing to score has label -1 and NaN."""
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


def _add_emotions(labelled: pd.DataFrame, has: NDArray[np.bool_], felt: Sequence[CachedEmotion | None]) -> None:
    """Add the emotion columns; ``felt`` covers only the rows that have a text."""
    n, known = len(has), [one or CachedEmotion() for one in felt]
    emotion = np.array([one.emotion for one in known], np.int8)
    labelled[Col.EMOTION] = _spread(has, emotion, np.full(n, _NOT_SCORED, np.int8))
    for name, values in (
        (Col.P_EMOTION, [one.p_emotion for one in known]),
        (Col.P_OFFENSIVE, [one.p_offensive for one in known]),
    ):
        labelled[name] = _spread(has, np.array(values, np.float32), np.full(n, np.nan, np.float32))


def _spread(has: NDArray[np.bool_], values: NDArray[np.generic], onto: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return ``onto`` with ``values`` at the positions where ``has`` is true."""
    onto[has] = values
    return onto
