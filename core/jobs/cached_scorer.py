"""Score reuse: texts that a job, a page or the API has scored before are not scored again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np

from core.clean import text_key
from core.errors import StoreError
from core.schema import Backend, Emotions, ScoreOptions, Scores
from core.score import score
from core.score.labels import label
from core.store import CachedEmotion, CachedScore, ScoreCache

LOG = logging.getLogger(__name__)

__all__ = ["CachedScorer", "cache_version", "from_cached", "to_cached"]

#: Write-behind limits: pending scores are flushed at this count, or once the first has waited this many nanoseconds.
#: A transaction per request would cost more than a small model does.
_HELD, _HELD_NS = 2_000, 1_000_000_000


class CachedScorer:
    """Scores texts through the cache; thread-safe.

    The cache only saves time: if it cannot be read or written, the model scores the texts and the reason is logged.

    Args:
        cache: Shared with the jobs.

    Attributes:
        asked: Number of texts requested.
        hits: Number of those found in the cache.
    """

    def __init__(self, cache: ScoreCache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._held: dict[str, dict[str, CachedScore]] = {}
        self._since = time.monotonic_ns()
        self._deletions = 0
        self.asked = 0
        self.hits = 0

    def score(self, texts: Sequence[str], backend: Backend, options: ScoreOptions) -> Scores:
        """Score clean texts as ``core.score.score`` does, running the model only on texts not scored before.

        Args:
            texts: Results of ``core.clean.clean_text``, none empty.
            backend: The model.
            options: How probabilities become labels.

        Raises:
            ModelError: As ``core.score.score``.
        """
        if not self._cache.limit:
            return score(texts, backend, options)
        version = cache_version(backend, options)
        keys = [text_key(text) for text in texts]
        with self._lock:
            known = {key: held for key in keys if (held := self._held.get(version, {}).get(key)) is not None}
        known |= self._kept(version, [key for key in dict.fromkeys(keys) if key not in known])
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        new = dict(zip(missing, to_cached(score(list(missing.values()), backend, options)), strict=True))
        self._hold(version, new, len(keys))
        found = known | new
        return from_cached([found[key] for key in keys], options)

    def flush(self) -> None:
        """Write the pending scores; also called when the process ends."""
        with self._writing:
            with self._lock:
                held, self._held, deletions = self._held, {}, self._deletions
            try:
                for version, scores in held.items():
                    self._cache.put(version, scores, deletions=deletions)
            except StoreError as exc:
                LOG.warning("scores of %d texts not kept: %s", sum(map(len, held.values())), exc)

    def _kept(self, version: str, keys: Sequence[str]) -> dict[str, CachedScore]:
        try:
            return self._cache.get(version, keys)
        except StoreError as exc:
            LOG.warning("known scores cannot be read: %s", exc)
            return {}

    def _deleted(self) -> int:
        try:
            return self._cache.deletions()
        except StoreError:  # then nothing is stored
            return -1

    def _hold(self, version: str, new: dict[str, CachedScore], asked: int) -> None:
        with self._lock:
            self.asked += asked
            self.hits += asked - len(new)
            if not self._held:
                self._since, self._deletions = time.monotonic_ns(), self._deleted()
            self._held.setdefault(version, {}).update(new)
            full = sum(map(len, self._held.values())) >= _HELD or time.monotonic_ns() - self._since >= _HELD_NS
        if full and not self._writing.locked():
            # In a separate thread: the caller must not wait for a slow or busy disk.
            threading.Thread(target=self.flush, name="tingfeng-known", daemon=True).start()


def cache_version(backend: Backend, options: ScoreOptions) -> str:
    """Return what a cached score depends on besides its text: the model and how much of a long text is read."""
    return f"{backend.version}/{options.max_windows}" + ("/emotion" if options.emotion else "")


def to_cached(scores: Scores) -> Iterator[CachedScore]:
    """Yield the score of each text in the cache's format."""
    rows = zip(scores.probabilities.tolist(), scores.windows.tolist(), scores.cut.tolist(), strict=True)
    for (p, windows, cut), emotion in zip(rows, _emotions(scores), strict=True):
        yield CachedScore((p[0], p[1], p[2]), windows, cut, emotion)


def from_cached(rows: Sequence[CachedScore], options: ScoreOptions) -> Scores:
    """Convert cached scores of n texts to ``Scores``, with labels.

    Args:
        rows: In text order.
        options: Neutral band, review threshold; with ``emotion`` every row must hold one.
    """
    probabilities = np.array([row.probabilities for row in rows], np.float32).reshape(-1, 3)
    windows = np.array([row.windows for row in rows], np.int16)
    scores = label(probabilities, windows, np.array([row.cut for row in rows], np.bool_), options)
    if not options.emotion:
        return scores
    felt = [row.emotion or CachedEmotion() for row in rows]
    emotions = Emotions(
        np.array([one.emotion for one in felt], np.int8),
        np.array([one.p_emotion for one in felt], np.float32),
        np.array([one.p_offensive for one in felt], np.float32),
    )
    return Scores(
        scores.probabilities, scores.label, scores.confidence, scores.needs_review, scores.windows, scores.cut, emotions
    )


def _emotions(scores: Scores) -> list[CachedEmotion | None]:
    """Return the emotion of each text; None if not requested."""
    felt = scores.emotions
    if felt is None:
        return [None] * len(scores.label)
    facts = (felt.emotion.tolist(), felt.p_emotion.tolist(), felt.p_offensive.tolist())
    return [CachedEmotion(*one) for one in zip(*facts, strict=True)]
