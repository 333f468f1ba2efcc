"""Features of a dialogue: model scores of each round, counts of cues, and n-grams of the words themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.mine.dialogue import cues
from core.mine.dialogue.grams import Grams, block_grams, joined
from core.results import AGENT, CUSTOMER

__all__ = ["HEADS", "WIDTH", "Round", "dense", "grams"]

#: Model outputs per text: three of sentiment, eight of emotion, the probability of offence.
HEADS: Final = 12
_WORDS: Final = len(cues.CUES)
_SHAPE: Final = 4
_LENGTHS: Final = 5
#: Per side: first, last, mean and minimum of its rounds; mean over the sentences of the first round, the last and all;
#: maximum over all sentences.
_SIDE: Final = 8 * HEADS + 2 * _WORDS + _LENGTHS
#: Number of features in ``dense``.
WIDTH: Final = _SHAPE + 2 * _SIDE


@dataclass(frozen=True, slots=True)
class Round:
    """What one side says before the other speaks.

    Attributes:
        role: CUSTOMER or AGENT.
        text: Cleaned text.
        heard: Model outputs for the whole, shape (HEADS,).
        pieces: Model outputs for each of its sentences, shape (at least 1, HEADS).
    """

    role: int
    text: str
    heard: NDArray[np.float32]
    pieces: NDArray[np.float32]


def dense(rounds: Sequence[Round]) -> NDArray[np.float32]:
    """Return the features of a dialogue other than n-grams.

    Args:
        rounds: In order; the sides alternate.

    Returns:
        Shape (WIDTH,); zeros for a side that says nothing.
    """
    sides = [[one for one in rounds if one.role == role] for role in (CUSTOMER, AGENT)]
    shape = [len(rounds), *map(len, sides), float(bool(rounds) and rounds[-1].role == CUSTOMER)]
    return np.concatenate([np.array(shape, np.float32), *map(_side, sides)])


def grams(rounds: Sequence[Round]) -> Grams:
    """Return the hashed n-grams of a dialogue, by position.

    Blocks: the customer's first round, later ones, last one; all the agent's rounds and the last one; and
    the end of the dialogue, whoever speaks last.
    """
    customer = [one.text for one in rounds if one.role == CUSTOMER]
    agent = [one.text for one in rounds if one.role == AGENT]
    end = f"{rounds[-1].role}{rounds[-1].text}" if rounds else ""
    first, last = (customer[0], customer[-1]) if customer else ("", "")
    places = (first, " ".join(customer[1:]), last, " ".join(agent), agent[-1] if agent else "", end)
    return joined([block_grams(text, block) for block, text in enumerate(places)])


def _side(rounds: Sequence[Round]) -> NDArray[np.float32]:
    if not rounds:
        return np.zeros(_SIDE, np.float32)
    heard = np.stack([one.heard for one in rounds])
    pieces = np.concatenate([one.pieces for one in rounds])
    parts = [
        heard[0],
        heard[-1],
        heard.mean(axis=0),
        heard.min(axis=0),
        rounds[0].pieces.mean(axis=0),
        rounds[-1].pieces.mean(axis=0),
        pieces.mean(axis=0),
        pieces.max(axis=0),
        np.log1p(_counted(cues.counts, rounds[-1].text)),
        np.log1p(_counted(cues.counts, " ".join(one.text for one in rounds))),
        np.log1p([len(rounds[0].text), len(rounds[-1].text), *_sizes(rounds), len(pieces)]),
    ]
    return np.concatenate(parts).astype(np.float32)


def _counted(count: Callable[[str], list[float]], text: str) -> NDArray[np.float32]:
    return np.array(count(text), np.float32)


def _sizes(rounds: Sequence[Round]) -> tuple[float, float]:
    chars = [len(one.text) for one in rounds]
    return float(sum(chars)), sum(chars) / len(chars)
