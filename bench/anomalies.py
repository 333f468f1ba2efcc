"""Planted bursts in synthetic daily series: recall, detection delay, and false alarms on quiet days.

A stream has the features of real ones: fewer comments at weekends and noisy volume, a higher negative share at
weekends, overdispersed days (beta-binomial), stories lasting some days (optional), and a drifting level. A burst raises
the negative share by some percentage points for 2 to 7 days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from bench.tables import Section
from core.analyse import anomalies
from core.analyse.design_effects import DesignEffects
from core.metrics import wilson
from core.results import Bucket, Frequency, Trend
from core.schema import Filter

VOLUMES = (50, 100, 200, 500, 1000, 2000)
#: Range of the burst sizes of one cell in percentage points; in the last one each burst draws its own.
POINTS = ((5, 5), (10, 10), (15, 15), (20, 20), (30, 30), (5, 30))
STREAMS = 30
GOAL_RECALL, GOAL_FALSE = 0.9, 1.0
SEED = 20261125
_BUSY = np.array([1.0, 1.0, 1.0, 1.05, 1.1, 0.8, 0.75])
_MOOD = np.array([0.0, -0.3, -0.5, -0.2, 0.0, 0.7, 1.0])


@dataclass(frozen=True)
class Noise:
    """Parameters of a stream without bursts.

    Attributes:
        share: Initial negative share.
        rho: Intraclass correlation of the comments of one day.
        drift: Standard deviation of the daily step of the level (a random walk).
        story: Standard deviation of the innovations of an AR(1) deviation with coefficient 1/2.
        weekend: Increase of the share on Sundays.
    """

    share: float = 0.25
    rho: float = 0.002
    drift: float = 0.0015
    story: float = 0.0
    weekend: float = 0.03


NOISES = {
    "as above": Noise(),
    "sampling noise only": Noise(rho=0.00001, drift=0.0, weekend=0.0),
    "five times the overdispersion": Noise(rho=0.01),
    "episodes of several days": Noise(story=0.015),
    "twice the drift": Noise(drift=0.003),
    "a strong weekly pattern": Noise(weekend=0.1),
    "a share of 8 %": Noise(share=0.08),
}


@dataclass(frozen=True)
class Found:
    """Results of some streams.

    Attributes:
        bursts: Planted bursts.
        hits: Bursts with at least one day flagged as abnormal.
        delays: For each hit, days from the start of the burst to the first flagged day.
        quiet: Days without a burst.
        alarms: Quiet days flagged as abnormal, too high or too low.
    """

    bursts: int
    hits: int
    delays: tuple[int, ...]
    quiet: int
    alarms: int

    def __add__(self, other: Found) -> Found:
        return Found(
            self.bursts + other.bursts,
            self.hits + other.hits,
            self.delays + other.delays,
            self.quiet + other.quiet,
            self.alarms + other.alarms,
        )

    @property
    def recall(self) -> float:
        return self.hits / self.bursts

    @property
    def delay(self) -> float:
        return float(np.mean(self.delays)) if self.delays else float("nan")

    @property
    def false_alarms(self) -> float:
        """False alarms per 100 quiet days."""
        return 100 * self.alarms / self.quiet


def measure(
    volume: float, least: int, most: int | None = None, *, noise: Noise, streams: int = STREAMS, days: int = 300
) -> Found:
    """Plant bursts in streams of ``volume`` comments a day and try to detect them.

    Args:
        volume: Comments a day.
        least: Lift of each burst, percentage points.
        most: Draw each burst's lift uniformly from ``least`` to this; None or the same = one size.
        noise: Parameters of the streams.
        streams: Number of streams.
        days: Days per stream.
    """
    one_size = most is None or most == least
    # a single size draws no random size and keeps its original seed, so that its figures stay comparable
    random = np.random.default_rng([SEED, int(volume), least if one_size else 100 * least + (most or 0), streams])
    lifts = (least / 100, (most or least) / 100)
    total = Found(0, 0, (), 0, 0)
    for _ in range(streams):
        n, p = quiet_days(random, volume, days, noise)
        spans = plant(random, p, lifts)
        total += look(draw(random, n, p, noise.rho), spans)
    return total


def quiet_days(
    random: np.random.Generator, volume: float, days: int, noise: Noise
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the comments of each day and the true negative share, before the day's overdispersion."""
    weekday = np.arange(days) % 7
    n = random.poisson(volume * _BUSY[weekday] * np.exp(random.normal(0, 0.15, days)))
    story = np.zeros(days)
    for i in range(1, days):
        story[i] = story[i - 1] / 2 + random.normal(0, noise.story)
    level = noise.share + np.cumsum(random.normal(0, noise.drift, days)) + noise.weekend * _MOOD[weekday] + story
    return np.maximum(n, 1), np.clip(level, 0.02, 0.9)


def plant(random: np.random.Generator, p: NDArray[np.float64], lifts: tuple[float, float]) -> list[tuple[int, int]]:
    """Lift the share on some days, in place; return each burst's first day and the day after its last."""
    spans = []
    day = 40 + int(random.integers(0, 20))
    while day < len(p) - 10:
        end = day + int(random.integers(2, 8))
        least, most = lifts
        p[day:end] += random.uniform(least, most) if most > least else least
        spans.append((day, end))
        day = end + int(random.integers(25, 60))
    return spans


def draw(random: np.random.Generator, n: NDArray[np.int64], p: NDArray[np.float64], rho: float) -> Trend:
    """Return a daily trend with beta-binomial negative counts."""
    size = 1 / rho - 1
    true = np.clip(p, 0.005, 0.995)
    count = random.binomial(n, random.beta(true * size, (1 - true) * size))
    start = datetime(2026, 1, 5)  # a Monday
    buckets = tuple(
        Bucket(start + timedelta(i), start + timedelta(i + 1), (int(k), 0, int(m - k)), wilson(int(k), int(m)))
        for i, (k, m) in enumerate(zip(count, n, strict=True))
    )
    return Trend(Filter(), Frequency.DAY, Frequency.DAY, buckets, int(n.sum()), 0)


def look(trend: Trend, spans: list[tuple[int, int]], design_effects: DesignEffects | None = None) -> Found:
    """Compare the verdicts on a trend with the planted bursts; a day flagged too low in a burst is no hit."""
    verdicts = anomalies(trend, design_effects).verdicts
    high = np.array([verdict.abnormal == 1 for verdict in verdicts])
    burst = np.zeros(len(verdicts), bool)
    delays = []
    for first, end in spans:
        burst[first:end] = True
        delays += np.flatnonzero(high[first:end])[:1].tolist()
    alarms = sum(bool(verdict.abnormal) for verdict, in_burst in zip(verdicts, burst, strict=True) if not in_burst)
    return Found(len(spans), len(delays), tuple(delays), int((~burst).sum()), alarms)


def run() -> list[Section]:
    """Measure over volumes and burst sizes, then over kinds of noise."""
    return [_by_volume(), _by_noise()]


def _by_volume() -> Section:
    found = {(volume, points): measure(volume, *points, noise=Noise()) for volume in VOLUMES for points in POINTS}
    rows = [[f"{volume:,} comments a day", *(_cell(found[volume, p]) for p in POINTS)] for volume in VOLUMES]
    noise = Noise()
    what = (
        f"Recall · mean delay in days · false alarms per 100 quiet days, over {STREAMS} streams of 300 days per cell. "
        f"Bursts of 2 to 7 days raise a negative share of {noise.share:.0%}; days are overdispersed with an intraclass "
        f"correlation of {noise.rho}, the level drifts by {100 * noise.drift:.2f} points a day, the weekend is "
        f"{100 * noise.weekend:.0f} points higher. **Bold**: recall of at least {GOAL_RECALL} at {GOAL_FALSE:.0f} "
        "false alarm or less."
    )
    return Section("Abnormal days", what, ["", *map(_heading, POINTS)], rows, [_reached(found), _worst(found.values())])


def _by_noise() -> Section:
    rows = [[name, *(_cell(measure(500, *p, noise=noise)) for p in POINTS)] for name, noise in NOISES.items()]
    what = "The same with different noise, at 500 comments a day."
    note = (
        "With a correlation of 0.01 a day of 500 comments has an effective sample size of 83: more comments on the "
        "same days help little, and 5 points over a few days are within day-to-day variation."
    )
    return Section("Abnormal days, other noise", what, ["", *map(_heading, POINTS)], rows, [note])


def _heading(points: tuple[int, int]) -> str:
    least, most = points
    return f"+{least} points" if least == most else f"+{least} to +{most}, uniform"


def _cell(found: Found) -> str:
    text = f"{found.recall:.2f} · {found.delay:.1f} · {found.false_alarms:.2f}"
    return f"**{text}**" if _good(found) else text


def _good(found: Found) -> bool:
    return found.recall >= GOAL_RECALL and found.false_alarms <= GOAL_FALSE


def _reached(found: Mapping[tuple[int, tuple[int, int]], Found]) -> str:
    """Report for each kind of burst the volume from which the goal is reached."""
    said = []
    for points in POINTS:
        short = [volume for volume in VOLUMES if not _good(found[volume, points])]
        enough = [volume for volume in VOLUMES if volume > max(short, default=0)]
        where = f"from {enough[0]:,} comments a day" if enough else f"not even at {VOLUMES[-1]:,} comments a day"
        said.append(f"{_heading(points)}: {where}")
    return f"Recall of {GOAL_RECALL} at {GOAL_FALSE:.0f} false alarm or less is reached: {'; '.join(said)}."


def _worst(found: Iterable[Found]) -> str:
    together = Found(0, 0, (), 0, 0)
    for one in found:
        together += one
    return f"Over all cells {together.false_alarms:.2f} false alarms per 100 quiet days ({together.quiet:,} days)."
