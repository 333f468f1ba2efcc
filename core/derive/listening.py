"""Score dialogues with a sentiment model: every turn, every sentence, and the consecutive turns of one side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from core.clean import clean_text
from core.derive.talks import Talk
from core.mine.dialogue import HEADS, Heard, Round, Turn, mood_of, sentences
from core.results import OTHER
from core.schema import EMOTIONS, LABELS, NEGATIVE, POSITIVE, Backend
from core.score import TokenBackend, score, score_heads

__all__ = ["HeardTalk", "Listener", "hears_all", "listen"]

_OFFENSIVE = HEADS - 1
_NAMES = ("sentiment", "emotion", "offensive")
#: Most cached texts before the cache is cleared.
_KEPT_TEXTS = 200_000


@dataclass(frozen=True, slots=True)
class HeardTalk:
    """A dialogue and the model's outputs for it.

    Attributes:
        heard: Per turn.
        pieces: Per turn its sentences, verbatim, and the mood of each; NaN = nothing to score.
        rounds: What each side says before the other speaks; turns of neither side are left out.
    """

    talk: Talk
    heard: tuple[Heard, ...]
    pieces: tuple[tuple[tuple[str, float], ...], ...]
    rounds: tuple[Round, ...]


def hears_all(backend: Backend) -> bool:
    """Tell whether a model also predicts emotions and offence, as the trained satisfaction model needs."""
    if not isinstance(backend, TokenBackend) or any(name not in backend.heads for name in _NAMES):
        return False
    return len(backend.heads["sentiment"]) == len(LABELS) and set(backend.heads["emotion"]) == set(EMOTIONS)


def listen(talks: Sequence[Talk], backend: Backend) -> list[HeardTalk]:
    """Score dialogues.

    Args:
        talks: The dialogues; each distinct text in them is scored once.
        backend: An open model.
    """
    return Listener(backend)(talks)


class Listener:
    """Scores dialogues batch by batch; texts that agents repeat are scored once.

    Args:
        backend: An open model.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._known: dict[str, NDArray[np.float32]] = {}

    def __call__(self, talks: Sequence[Talk]) -> list[HeardTalk]:
        """Score some dialogues."""
        cut = [[sentences(turn.text) for turn in talk.turns] for talk in talks]
        raw = [turn.text for talk in talks for turn in talk.turns]
        raw += [one for talk in cut for turn in talk for one in turn]
        clean = {text: clean_text(text) for text in dict.fromkeys(raw)}
        together = [_joined(turns, clean) for talk in talks for _, turns in _sides(talk)]
        texts = {text: place for place, text in enumerate(dict.fromkeys([*clean.values(), *together]))}
        ear = _Ear(clean, texts, self._hear(list(texts)))
        return [ear.talk(talk, pieces) for talk, pieces in zip(talks, cut, strict=True)]

    def _hear(self, texts: list[str]) -> NDArray[np.float32]:
        if len(self._known) > _KEPT_TEXTS:
            self._known.clear()
        new = [text for text in texts if text not in self._known]
        self._known |= zip(new, _hear(new, self._backend), strict=True)
        return np.array([self._known[text] for text in texts], np.float32).reshape(-1, HEADS)


class _Ear:
    """Lookup of the model outputs of texts.

    Args:
        clean: Verbatim text → its cleaned form, which was scored.
        texts: Scored text → its row in ``heard``.
        heard: Shape (texts, HEADS).
    """

    def __init__(self, clean: dict[str, str], texts: dict[str, int], heard: NDArray[np.float32]) -> None:
        self._clean = clean
        self._texts = texts
        self._heard = heard

    def talk(self, talk: Talk, cut: Sequence[tuple[str, ...]]) -> HeardTalk:
        pieces = tuple(tuple((piece, self._mood(self._clean[piece])) for piece in turn) for turn in cut)
        heard = tuple(self._turn(turn, said) for turn, said in zip(talk.turns, pieces, strict=True))
        return HeardTalk(talk, heard, pieces, tuple(self._round(role, turns) for role, turns in _sides(talk)))

    def _mood(self, text: str) -> float:
        row = self._heard[self._texts[text]]
        return mood_of(float(row[NEGATIVE]), float(row[POSITIVE])) if text else math.nan

    def _turn(self, turn: Turn, pieces: Sequence[tuple[str, float]]) -> Heard:
        text = self._clean[turn.text]
        scored = [(mood, place) for place, (_, mood) in enumerate(pieces) if not math.isnan(mood)]
        worst = pieces[min(scored)[1]][0] if scored else turn.text
        offensive = float(self._heard[self._texts[text], _OFFENSIVE]) if text else math.nan
        return Heard(self._mood(text), offensive, worst)

    def _round(self, role: int, turns: Sequence[Turn]) -> Round:
        text = _joined(turns, self._clean)
        pieces = [self._texts[self._clean[piece]] for turn in turns for piece in sentences(turn.text)]
        return Round(role, text, self._heard[self._texts[text]], self._heard[pieces])


def _sides(talk: Talk) -> Iterator[tuple[int, list[Turn]]]:
    """Yield the consecutive turns of each side."""
    for role, turns in groupby([turn for turn in talk.turns if turn.role != OTHER], key=_role):
        yield role, list(turns)


def _role(turn: Turn) -> int:
    return turn.role


def _joined(turns: Sequence[Turn], clean: dict[str, str]) -> str:
    return " ".join(filter(None, (clean[turn.text] for turn in turns)))


def _hear(texts: list[str], backend: Backend) -> NDArray[np.float32]:
    """Return sentiment, emotion and offence of texts, shape (n, HEADS); NaN where the model does not predict them."""
    heard = np.full((len(texts), HEADS), np.nan, np.float32)
    if not texts:
        return heard
    if not (hears_all(backend) and isinstance(backend, TokenBackend)):
        heard[:, : len(LABELS)] = score(texts, backend).probabilities
        return heard
    answers = score_heads(texts, backend, _NAMES)
    order = [backend.heads["emotion"].index(name) for name in EMOTIONS]
    heard[:, : len(LABELS)] = score(texts, backend).probabilities if _shuffled(backend) else answers["sentiment"]
    heard[:, len(LABELS) : _OFFENSIVE] = answers["emotion"][:, order]
    heard[:, _OFFENSIVE] = answers["offensive"][:, backend.heads["offensive"].index("yes")]
    return heard


def _shuffled(backend: TokenBackend) -> bool:
    """Tell whether the model's order of sentiment labels differs from ours."""
    from core.schema import LABEL_NAMES

    return tuple(backend.heads["sentiment"]) not in (LABELS, LABEL_NAMES)
