"""How a sitting is planned: its settings, its seconds shared out among the stages, a stage's progress by the clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from core.train.config import LOG
from core.train.losses import LossWeights


@dataclass(frozen=True)
class SittingConfig(LossWeights):
    """Settings of ``sitting``. Shares are of the seconds that are left when a stage begins."""

    bundle: str = ".gpu"  # folder, from where the step is started
    out: str = "out"  # folder that comes back
    keep: str = "sitting"  # folder of what the stages made
    start: str = ""  # folder with what came home before: readers that read on from there
    stages: str = "teacher reads,teacher learns,teacher says,pupil reads,pupil learns"  # those to do; "none" = none
    rehearsal: bool = True  # first all stages on a handful of texts, so that what would fail fails at once
    seconds: float = 560.0  # all in all
    windows: int = 64  # windows a step …
    pupil_windows: int = 128  # … of the pupil …
    length: int = 512  # … of so many tokens; where no text is longer than
    short: int = 256  # … this, shorter ones, as many tokens in all: who sees whom costs half
    width: int = 512  # of the teacher
    layers: int = 8
    pupil_width: int = 256
    pupil_layers: int = 5
    voices: int = 2  # teachers fine-tuned from the same reader
    teacher_reads: float = 0.50
    teacher_learns: float = 0.06  # each
    teacher_says: float = 0.06  # set aside: it takes as long as it takes
    pupil_reads: float = 0.28
    pupil_learns: float = 0.25
    rate: float = 6.0e-4  # masked words, teacher
    pupil_rate: float = 2.0e-3
    learn_rate: float = 3.0e-4
    pupil_learn_rate: float = 8.0e-4
    warmup: float = 0.06  # of a stage's seconds
    decay: float = 0.01
    mask: float = 0.2
    shuffle: float = 0.05
    copies: int = 2  # how often train texts stand among what is read
    dropout: float = 0.1
    ema: float = 0.998
    soft: float = 0.8  # share of the pupil's packs that are corpus texts
    blend: float = 0.5  # of the teachers' word on train rows beside the label
    elder_soft: float = 0.5  # the same shares while the teachers learn from an elder, where the bundle has one
    elder_blend: float = 0.3
    elder_share: float = 0.33  # of the elder's word in what the teachers say
    said: int = 300_000  # corpus texts whose answers come back
    compiled: bool = True
    seed: int = 1


def laid(config: SittingConfig, longest: int) -> tuple[int, int]:
    """Return how many windows of how many tokens hold texts of at most so many tokens.

    Example:
        >>> laid(SittingConfig(), 500), laid(SittingConfig(), 200)
        ((64, 512), (128, 256))
    """
    length = config.short if longest <= config.short < config.length else config.length
    return config.windows * config.length // length, length


class Clock:
    """The seconds of a sitting, shared out stage by stage."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.shares: dict[str, float] = {}

    def stage(self, name: str, rate: float, warmup: float) -> Stage:
        """Return the next stage, with its share of the seconds that are left."""
        left = max(0.0, self.end - time.monotonic())
        seconds = left * self.shares[name] / sum(self.shares.values())
        del self.shares[name]
        LOG.info("%s: %.0f of %.0f s", name, seconds, left)
        return Stage(name, rate, seconds, warmup)


class Stage:
    """One stage: its name, its progress by the clock, its learning rate.

    Args:
        name: For the log; whoever draws rows at random draws others under another name.
        rate: Highest learning rate.
        seconds: How long.
        warmup: Share of the seconds in which the rate rises.
    """

    def __init__(self, name: str, rate: float, seconds: float, warmup: float) -> None:
        self.name, self.highest, self.seconds, self.warmup = name, rate, max(seconds, 1e-3), warmup
        self.curve: list[tuple[int, float]] = []
        self.begin()

    def begin(self) -> None:
        """Start the clock: called when everything is compiled."""
        self.step = self.tokens = 0
        self.began = time.monotonic()

    def done(self) -> float:
        """Return how much of the stage is over, 1 = all."""
        return (time.monotonic() - self.began) / self.seconds

    def rate(self) -> float:
        """Return the learning rate of now: up, then linearly down to a fiftieth of the highest."""
        done = self.done()
        return self.highest * min(1.0, (done + 1e-4) / self.warmup) * max(0.02, 1 - done)

    def note(self, tokens: int) -> None:
        """Count a step."""
        self.step += 1
        self.tokens += tokens

    def report(self, loss: float) -> None:
        """Log how far the stage is and keep the loss for the curve."""
        self.curve.append((self.tokens, round(loss, 4)))
        speed = self.tokens / (time.monotonic() - self.began)
        LOG.info("%s: %.2f step %d loss %.3f tokens/s %.0f", self.name, min(1.0, self.done()), self.step, loss, speed)

    def facts(self) -> dict[str, Any]:
        """Return what is worth keeping."""
        seconds = round(self.seconds)
        return {"steps": self.step, "tokens": self.tokens, "seconds": seconds, "rate": self.highest, "loss": self.curve}
