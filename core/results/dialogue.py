"""Results for customer-service dialogues: speakers, customer satisfaction, the review list, agents."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.results.figures import Mean
from core.schema import Filter, Share

__all__ = [
    "AGENT",
    "CUSTOMER",
    "LEVELS",
    "LEVEL_BOUNDS",
    "OTHER",
    "ROLES",
    "SATISFACTION_LIMIT",
    "Agent",
    "Agents",
    "Dialogue",
    "Dialogues",
    "Service",
    "Talk",
    "Utterance",
    "level_of",
    "signed",
]

CUSTOMER, AGENT, OTHER = 0, 1, 2
#: Titles of the roles, in the order of the numbers above.
ROLES: Final = ("客户", "客服", "其他")
#: Satisfaction lies between minus this and this.
SATISFACTION_LIMIT: Final = 2.0
#: Levels of satisfaction, and the lower bound of each but the first, on −2…2.
LEVELS: Final = ("很不满", "不满", "一般", "满意", "很满意")
LEVEL_BOUNDS: Final = (-1.0, -0.3, 0.3, 1.0)


def level_of(satisfaction: float) -> int:
    """Return the satisfaction level, an index into ``LEVELS``; −1 for NaN.

    Example:
        >>> LEVELS[level_of(-0.5)], LEVELS[level_of(0.3)], level_of(float("nan"))
        ('不满', '满意', -1)
    """
    return -1 if math.isnan(satisfaction) else sum(satisfaction >= bound for bound in LEVEL_BOUNDS)


def signed(mood: float, digits: int = 1) -> str:
    """Format a mood, or a difference in points, with its sign and one decimal, or ``digits`` of them.

    Example:
        >>> signed(-1.25), signed(0.5), signed(-0.04), signed(-0.04, 2)
        ('−1.2', '+0.5', '0.0', '−0.04')
    """
    text = f"{mood:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One dialogue of the review list.

    Attributes:
        number: Its number in the derived table.
        name: Its name in the file.
        agent: Who served; "" = nobody.
        turns: Number of turns.
        row: Row of its first turn in the labelled table.
        satisfaction: On −2…2; NaN = no customer speaks.
        plain: The rule-based mood score on the same scale, always present.
        start: Mood of the customer's first turn; final, of the last; lowest, of the worst one.
        lowest_turn: Number of that turn from 1.
        quote: Its most negative sentence, verbatim.
        unresolved: Whether the customer was left dissatisfied.
        faults: Faults found in the agent's turns.
        waited: Longest wait for an answer, seconds; NaN = no times.
        reasons: Why it is ranked as it is, in Chinese.
        how: How satisfaction was determined: heard, words or plain.
    """

    number: int
    name: str
    agent: str
    turns: int
    row: int
    satisfaction: float
    plain: float
    start: float
    final: float
    lowest: float
    lowest_turn: int
    quote: str
    unresolved: bool
    faults: int
    waited: float
    reasons: tuple[str, ...]
    how: str


@dataclass(frozen=True, slots=True)
class Dialogues:
    """Dialogues in order of review or of the file, out of the ``total`` that the filter keeps."""

    filter: Filter
    dialogues: tuple[Dialogue, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Service:
    """The key figures of the selected dialogues.

    Attributes:
        n: Number of dialogues.
        satisfaction: Their mean satisfaction.
        levels: Dialogues per level, ``LEVELS`` order.
        unresolved: Share that left the customer dissatisfied.
        faulty: Share with a negative or dismissive reply.
        waited: Median of the longest waits, seconds; NaN without times. ``timed``: dialogues with times.
    """

    filter: Filter
    n: int
    satisfaction: Mean
    levels: tuple[int, ...]
    unresolved: Share
    faulty: Share
    waited: float
    timed: int


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent; the other fields are those of ``Service``.

    Attributes:
        apart: Mean satisfaction minus that of all other agents' dialogues; NaN when one of them has none.
        p_adjusted: p-value of that difference, Holm-adjusted over all agents; NaN = not tested.
    """

    name: str
    n: int
    satisfaction: Mean
    unresolved: Share
    faulty: Share
    waited: float
    timed: int
    apart: float
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class Agents:
    """Agents, out of ``total``, by rising upper end of the interval of their satisfaction."""

    filter: Filter
    agents: tuple[Agent, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn.

    Attributes:
        number: From 1.
        role: CUSTOMER, AGENT or OTHER.
        time: None = not given.
        mood: On −2…2; NaN = nothing to score.
        sentences: Verbatim, each with its mood.
        fault: Fault of an agent's turn; "" = none.
        wait: Seconds the customer waited for this answer; NaN = none or no times.
        row: Row of the labelled table.
    """

    number: int
    role: int
    speaker: str
    text: str
    time: datetime | None
    mood: float
    sentences: tuple[tuple[str, float], ...]
    fault: str
    wait: float
    row: int


@dataclass(frozen=True, slots=True)
class Talk:
    """One dialogue, turn by turn."""

    dialogue: Dialogue
    turns: tuple[Utterance, ...]
