"""Progress, throughput and remaining time of a run."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["STAGE_TITLES", "Meter", "Progress", "Stage", "duration"]

#: Window of the moving rate in seconds: long enough to be stable, short enough to follow longer comments.
WINDOW_SECONDS: Final = 20.0


class Stage(StrEnum):
    """What a job is doing; ``STAGE_TITLES`` has the Chinese titles."""

    WAITING = "waiting"
    COUNTING = "counting"
    SCORING = "scoring"
    FINISHING = "finishing"
    IDLE = "idle"


STAGE_TITLES: Final[dict[Stage, str]] = {
    Stage.WAITING: "排队中",
    Stage.COUNTING: "正在清点行数",
    Stage.SCORING: "正在打标",
    Stage.FINISHING: "正在整理结果",
    Stage.IDLE: "未在运行",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a run at one moment.

    Attributes:
        rows_done: Rows labelled, including those of earlier runs of the job.
        rows_total: Rows of the job; None until counted.
        rows_per_second: Over the last 20 seconds; 0 before the first rows.
        eta_seconds: Time until the last row; None if unknown.
        stage: The current stage.
    """

    rows_done: int
    rows_total: int | None
    rows_per_second: float
    eta_seconds: float | None
    stage: Stage


class Meter:
    """Computes ``Progress`` from row counts.

    Args:
        rows_done: Rows present at the start; they do not count towards the rate.
        rows_total: Rows of the job; None if unknown.
    """

    def __init__(self, rows_done: int, rows_total: int | None) -> None:
        self._total = rows_total
        self._marks: deque[tuple[float, int]] = deque([(time.monotonic(), rows_done)])

    def at(self, rows_done: int, stage: Stage, *, now: float | None = None, total: int | None = None) -> Progress:
        """Return the progress at a row count.

        Args:
            rows_done: Rows labelled by now.
            stage: The current stage.
            now: ``time.monotonic`` seconds; None reads the clock.
            total: Rows of the job, if not known before.

        Example:
            >>> meter = Meter(0, 300)
            >>> start = time.monotonic()
            >>> round(meter.at(100, Stage.SCORING, now=start + 10).eta_seconds)
            20
        """
        moment = time.monotonic() if now is None else now
        self._total = self._total if total is None else total
        self._marks.append((moment, rows_done))
        while len(self._marks) > 2 and moment - self._marks[1][0] >= WINDOW_SECONDS:
            self._marks.popleft()
        since, before = self._marks[0]
        rate = (rows_done - before) / (moment - since) if moment > since else 0.0
        left = None if self._total is None else max(0, self._total - rows_done)
        eta = 0.0 if left == 0 else left / rate if left is not None and rate > 0 else None
        return Progress(rows_done, self._total, rate, eta, stage)


def duration(seconds: float) -> str:
    """Format seconds in Chinese for a person.

    Example:
        >>> duration(0.2), duration(42), duration(95), duration(7300)
        ('不到 1 秒', '42 秒', '1 分 35 秒', '2 小时 1 分')
    """
    if not math.isfinite(seconds):
        return "未知"
    whole = round(seconds)
    if whole < 1:
        return "不到 1 秒"
    if whole < 60:
        return f"{whole} 秒"
    if whole < 3600:
        return f"{whole // 60} 分 {whole % 60} 秒"
    return f"{whole // 3600} 小时 {whole % 3600 // 60} 分"
