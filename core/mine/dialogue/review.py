"""Which dialogues a supervisor should read first, and why."""

from __future__ import annotations

import math
from typing import Final

from core.mine.dialogue.mood import SLOW_SECONDS, Assessment
from core.results import signed

__all__ = ["concern", "reasons"]

_UNRESOLVED: Final = 1.0
_FAULT: Final = 0.5
_MOST_FAULTS: Final = 2
_SLOW: Final = 0.3
_FELL: Final = 1.0
_LOW: Final = -0.5


def concern(satisfaction: float, found: Assessment) -> float:
    """Score how urgently a dialogue needs review; larger = sooner.

    The negated satisfaction, plus 1 for unresolved dissatisfaction, plus 0.5 for each of the agent's faults up
    to two, plus 0.3 when an answer took longer than ten minutes.

    Args:
        satisfaction: On −2…2; NaN counts as 0.
        found: The assessment by the rules.
    """
    base = 0.0 if math.isnan(satisfaction) else -satisfaction
    faults = _FAULT * min(_MOST_FAULTS, len(found.faults))
    return base + _UNRESOLVED * found.unresolved + faults + _SLOW * (max(found.waits, default=0.0) > SLOW_SECONDS)


def reasons(satisfaction: float, found: Assessment) -> tuple[str, ...]:
    """Return why a dialogue should be reviewed, in Chinese, most important first; () = nothing stands out."""
    said: list[str] = []
    if found.unresolved:
        said.append("不满没有化解")
    if satisfaction <= _LOW:
        said.append(f"满意度低({signed(satisfaction)})")
    said += [f"客服第 {turn} 轮{why}" for turn, why in found.faults]
    if found.end - found.start <= -_FELL:
        said.append(f"情绪由 {signed(found.start)} 降到 {signed(found.end)}")
    slowest = max(found.waits, default=0.0)
    if slowest > SLOW_SECONDS:
        said.append(f"最久等了 {round(slowest / 60):,} 分钟")
    return tuple(dict.fromkeys(said))
