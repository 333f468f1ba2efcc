"""The customer's mood from turn to turn, and what a supervisor should review: simple, documented rules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.mine.dialogue import cues
from core.mine.dialogue.moments import seconds_between
from core.mine.dialogue.turns import Turn
from core.results import AGENT, CUSTOMER

__all__ = ["BAD", "Assessment", "Heard", "assess", "mood_of", "waits"]

#: A mood below this is bad: p(负面) exceeds p(正面) by more than 0.25, half a point on the scale of −2 to 2.
BAD: Final = -0.5
_GOOD: Final = 0.5
#: An agent's words count as negative beyond these levels of offence or negativity; apologies never do.
_OFFENSIVE: Final = 0.6
_HOSTILE: Final = -1.7
#: A long reply with negative words describes the problem; a short one is aimed at the customer.
_SHORT: Final = 40
#: Each turn has this fraction of the weight of the next one.
_FADE: Final = 0.5
#: An answer later than this is slow, in seconds.
SLOW_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class Heard:
    """The model's outputs for one turn.

    Attributes:
        mood: On −2…2, see ``mood_of``; NaN = nothing to score.
        offensive: Probability; NaN = not available from the model.
        worst: The most negative of its sentences, verbatim.
    """

    mood: float
    offensive: float
    worst: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """The assessment of one dialogue by documented rules.

    Attributes:
        mood: Rule-based satisfaction on −2…2: mean mood of the customer's turns, each weighted twice the one before.
        start: Mood of the customer's first turn; end, of the last; lowest, of the worst. NaN without a customer.
        lowest_turn: Number of that turn from 1; 0 = none.
        quote: Its most negative sentence, verbatim.
        unresolved: The customer's last bad turn is among the customer's last two, and no later one thanks,
            accepts or is in a good mood. A turn is bad when it threatens to complain or leave, or when its mood is bad
            and it does not thank or accept.
        faults: Turn number from 1 and the reason, for the agent's turns that are negative or dismissive.
        waits: Seconds that the customer waited for each answer, where the times are known.
    """

    mood: float
    start: float
    end: float
    lowest: float
    lowest_turn: int
    quote: str
    unresolved: bool
    faults: tuple[tuple[int, str], ...]
    waits: tuple[float, ...]


def mood_of(p_negative: float, p_positive: float) -> float:
    """Return the mood of a text on −2…2: twice the difference of the positive and negative probabilities.

    Example:
        >>> mood_of(0.75, 0.25)
        -1.0
    """
    return 2 * (p_positive - p_negative)


def assess(turns: Sequence[Turn], heard: Sequence[Heard]) -> Assessment:
    """Assess one dialogue.

    Args:
        turns: In order.
        heard: The model's outputs for each.
    """
    said = [i for i, turn in enumerate(turns) if turn.role == CUSTOMER and not math.isnan(heard[i].mood)]
    moods = [heard[i].mood for i in said]
    lowest = said[moods.index(min(moods))] if said else -1
    return Assessment(
        mood=_faded(moods),
        start=moods[0] if moods else math.nan,
        end=moods[-1] if moods else math.nan,
        lowest=heard[lowest].mood if said else math.nan,
        lowest_turn=lowest + 1,
        quote=heard[lowest].worst if said else "",
        unresolved=_unresolved([turns[i].text for i in said], moods),
        faults=tuple(_faults(turns, heard)),
        waits=tuple(seconds for seconds in waits(turns) if not math.isnan(seconds)),
    )


def _faded(moods: Sequence[float]) -> float:
    """Return the mean with each mood weighted twice as much as the one before; NaN without any.

    Example:
        >>> _faded([-2.0, 1.0]), _faded([])
        (0.0, nan)
    """
    weights = [_FADE ** (len(moods) - 1 - i) for i in range(len(moods))]
    total = sum(weights)
    return sum(w * mood for w, mood in zip(weights, moods, strict=True)) / total if total else math.nan


def _unresolved(texts: Sequence[str], moods: Sequence[float]) -> bool:
    """Apply the rule of ``Assessment.unresolved`` to the customer's turns."""
    bad = [
        i
        for i, (text, mood) in enumerate(zip(texts, moods, strict=True))
        if cues.complains(text) or (mood < BAD and not cues.accepts(text))
    ]
    if not bad or bad[-1] < len(texts) - 2:
        return False
    later = range(bad[-1] + 1, len(texts))
    return not any(cues.accepts(texts[i]) or moods[i] > _GOOD for i in later)


def _faults(turns: Sequence[Turn], heard: Sequence[Heard]) -> list[tuple[int, str]]:
    """Return the faults of the agent's turns: rude, negative, dismissive, or a repeated template."""
    found: list[tuple[int, str]] = []
    before: set[str] = set()
    for i, turn in enumerate(turns):
        if turn.role != AGENT:
            continue
        ways = list(cues.dismissals(turn.text))
        if not cues.sorry(turn.text):
            if heard[i].offensive >= _OFFENSIVE:
                ways.append("言语冒犯")
            elif heard[i].mood < _HOSTILE and len(turn.text) < _SHORT:
                ways.append("语气负面")
        if cues.boilerplate(turn.text, before):
            ways.append("重复同一段话")
        found += [(i + 1, way) for way in ways]
    return found


def waits(turns: Sequence[Turn]) -> list[float]:
    """Return, for each of the agent's answers, the seconds that the customer had waited since first asking.

    Returns:
        One number per turn; NaN where nobody waited or a time is missing.
    """
    seconds = [math.nan] * len(turns)
    asked: Turn | None = None
    for i, turn in enumerate(turns):
        if turn.role == CUSTOMER:
            asked = asked or turn
        elif turn.role == AGENT and asked is not None:
            seconds[i], asked = seconds_between(asked.time, turn.time), None
    return seconds
