"""The plan of a sitting: its settings, the split of its seconds among stages, and a stage's progress by the clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

from core.train.config import LOG
from core.train.losses import LossWeights

STAGES: Final = ("teacher reads", "teacher learns", "teacher says", "pupil reads", "pupil learns")


@dataclass(frozen=True)
class SittingConfig(LossWeights):
    """Settings of ``sitting``. Shares are of the seconds left when a stage begins."""

    bundle: str = ".gpu"  # folder, relative to where the step is started
    out: str = "out"  # folder for the results to bring back
    keep: str = "sitting"  # folder for the stages' outputs
    start: str = ""  # folder with earlier results: masked-word models to continue from
    stages: str = ",".join(STAGES)  # stages to run; "none" = none
    rehearsal: bool = True  # first run all stages on a few texts, to fail early
    seconds: float = 560.0  # in total
    windows: int = 64  # windows per step …
    pupil_windows: int = 128  # … for the pupil …
    length: int = 512  # … of this many tokens; if no text is longer than
    short: int = 256  # … this, shorter ones with as many tokens in total: attention costs half
    width: int = 512  # of the teacher
    layers: int = 8
    pupil_width: int = 256
    pupil_layers: int = 5
    voices: int = 2  # teachers fine-tuned from the same reader
    teacher_reads: float = 0.50
    teacher_learns: float = 0.06  # each
    teacher_says: float = 0.06  # reserved: the stage runs to its end
    pupil_reads: float = 0.28
    pupil_learns: float = 0.25
    rate: float = 6.0e-4  # masked-word training, teacher
    pupil_rate: float = 2.0e-3
    learn_rate: float = 3.0e-4
    pupil_learn_rate: float = 8.0e-4
    warmup: float = 0.06  # of a stage's seconds
    decay: float = 0.01
    mask: float = 0.2
    shuffle: float = 0.05
    copies: int = 2  # copies of the train texts among the masked-word data
    dropout: float = 0.1
    ema: float = 0.998
    soft: float = 0.8  # share of the pupil's packs that are corpus texts
    blend: float = 0.5  # weight of the teachers against the label on train rows
    elder_soft: float = 0.5  # the same shares while the teachers learn from an elder, if the bundle has one
    elder_blend: float = 0.3
    elder_share: float = 0.33  # weight of the elder in the teachers' outputs
    said: int = 300_000  # corpus texts whose outputs are brought back
    compiled: bool = True
    seed: int = 1

    def __post_init__(self) -> None:
        """Check the stages before any of them runs.

        Raises:
            ValueError: One is unknown.
        """
        unknown = [repr(name) for name in self.requested if name not in STAGES]
        if unknown:
            raise ValueError(f"unknown stages: {', '.join(unknown)}; the stages are {', '.join(STAGES)}, or none")

    @property
    def requested(self) -> tuple[str, ...]:
        """The stages to run."""
        return () if self.stages == "none" else tuple(name.strip() for name in self.stages.split(","))


def laid(config: SittingConfig, longest: int) -> tuple[int, int]:
    """Return how many windows of how many tokens hold texts up to a given length.

    Example:
        >>> laid(SittingConfig(), 500), laid(SittingConfig(), 200)
        ((64, 512), (128, 256))
    """
    length = config.short if longest <= config.short < config.length else config.length
    return config.windows * config.length // length, length


class Clock:
    """The time budget of a sitting, divided among its stages."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.shares: dict[str, float] = {}

    def stage(self, name: str, rate: float, warmup: float) -> Stage:
        """Start the next stage with its share of the remaining seconds."""
        left = max(0.0, self.end - time.monotonic())
        seconds = left * self.shares[name] / sum(self.shares.values())
        del self.shares[name]
        LOG.info("%s: %.0f of %.0f s", name, seconds, left)
        return Stage(name, rate, seconds, warmup)


class Stage:
    """One stage: its name, its progress by the clock, its learning rate.

    Args:
        name: For the log; it also seeds the random draw of rows.
        rate: Peak learning rate.
        seconds: Duration.
        warmup: Fraction of the duration over which the rate rises.
    """

    def __init__(self, name: str, rate: float, seconds: float, warmup: float) -> None:
        self.name, self.highest, self.seconds, self.warmup = name, rate, max(seconds, 1e-3), warmup
        self.curve: list[tuple[int, float]] = []
        self.begin()

    def begin(self) -> None:
        """Start the clock; called once everything is compiled."""
        self.step = self.tokens = 0
        self.began = time.monotonic()

    def done(self) -> float:
        """Return the completed fraction of the stage; 1 = all."""
        return (time.monotonic() - self.began) / self.seconds

    def rate(self) -> float:
        """Return the current learning rate: warm-up, then linear decay to a fiftieth of the peak."""
        done = self.done()
        return self.highest * min(1.0, (done + 1e-4) / self.warmup) * max(0.02, 1 - done)

    def note(self, tokens: int) -> None:
        """Count a step."""
        self.step += 1
        self.tokens += tokens

    def report(self, loss: float) -> None:
        """Log the stage's progress and add the loss to the curve."""
        self.curve.append((self.tokens, round(loss, 4)))
        speed = self.tokens / (time.monotonic() - self.began)
        LOG.info("%s: %.2f step %d loss %.3f tokens/s %.0f", self.name, min(1.0, self.done()), self.step, loss, speed)

    def facts(self) -> dict[str, Any]:
        """Return the facts worth keeping."""
        seconds = round(self.seconds)
        return {"steps": self.step, "tokens": self.tokens, "seconds": seconds, "rate": self.highest, "loss": self.curve}
