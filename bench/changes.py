"""False positives and misses of the pages' statements about time: on quiet series, and with planted events.

Lasting changes, abnormal days and the reasons of an abnormal period, on series and tables without any event: a
constant share, few comments, overdispersed days (beta-binomial), a drifting level, and copies of texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import word_days
from bench.anomalies import Found, Noise, draw, look, plant, quiet_days
from bench.memory_table import make_table
from bench.tables import Section
from bench.word_days import HELD, rate, scattered
from core.analyse import anomalies, change_points, design_effects, shift, trend
from core.metrics import wilson
from core.results import Bucket, Cause, Episode, Frequency, History, Shift, Trend, Verdict
from core.schema import NEGATIVE, POSITIVE, Filter, Table

SERIES, TABLES = 300, 100
SEED = 20261127
LENGTHS = (60, 120, 300)
VOLUMES, POINTS = (3, 30, 200, 2000), (5, 10, 20, 30)
START = datetime(2026, 1, 5)  # a Monday
_SHARE = 0.25
_QUIET = Noise(rho=0.00001, drift=0.0, weekend=0.0)


@dataclass(frozen=True)
class Quiet:
    """A series without an event.

    Attributes:
        volume: Comments a day, without copies.
        noise: As in ``bench.anomalies``.
        copies: A tenth of the texts are posted about this many more times on their day.
    """

    volume: float
    noise: Noise = _QUIET
    copies: float = 0.0


SERIES_OF = {
    "200 comments a day, a constant share": Quiet(200),
    "3 comments a day": Quiet(3),
    "200, 2 % negative": Quiet(200, Noise(share=0.02, rho=0.00001, drift=0.0, weekend=0.0)),
    "200, a weekly pattern": Quiet(200, Noise(drift=0.0, weekend=0.1)),
    "200, overdispersed days (0.05)": Quiet(200, Noise(rho=0.05, drift=0.0, weekend=0.0)),
    "2,000, overdispersed days (0.05)": Quiet(2000, Noise(rho=0.05, drift=0.0, weekend=0.0)),
    "2,000, episodes of several days": Quiet(2000, Noise(drift=0.0, story=0.015)),
    "2,000, a drift of 0.15 points a day": Quiet(2000, Noise()),
    "200, a tenth of the texts 6 times": Quiet(200, copies=5),
    "3, a tenth of the texts 6 times": Quiet(3, copies=5),
    "3, a tenth of the texts 31 times": Quiet(3, copies=30),
}


@dataclass(frozen=True)
class Series:
    """A daily series and the design effects of its copies, as ``core.analyse.design_effects`` computes them."""

    trend: Trend
    effects: dict[Bucket, float]

    def design_effects(self, frequency: Frequency, buckets: Sequence[Bucket]) -> list[float]:
        """See ``core.analyse.design_effects``."""
        return [self.effects.get(bucket, 1.0) for bucket in buckets]


def series(random: np.random.Generator, quiet: Quiet, days: int, lift: float = 0.0) -> Series:
    """Draw a daily series; ``lift`` is added to the share of its second half."""
    n, share = quiet_days(random, quiet.volume, days, quiet.noise)
    share[days // 2 :] += lift
    return posted(random, n, share, quiet)


def posted(random: np.random.Generator, n: NDArray[np.int64], share: NDArray[np.float64], quiet: Quiet) -> Series:
    """Draw the comments of days with the given numbers of texts and shares."""
    if not quiet.copies:
        return Series(draw(random, n, share, quiet.noise.rho), {})
    day = np.repeat(np.arange(len(n)), n)
    times = np.where(random.random(len(day)) < 0.1, 1 + random.poisson(quiet.copies, len(day)), 1)
    bad = times * (random.random(len(day)) < share[day])
    counts = zip(np.bincount(day, bad), np.bincount(day, times), strict=True)
    buckets = tuple(_bucket(i, int(k), int(m)) for i, (k, m) in enumerate(counts))
    effects = np.bincount(day, times**2) / np.bincount(day, times)
    found = Trend(Filter(), Frequency.DAY, Frequency.DAY, buckets, int(times.sum()), 0)
    return Series(found, dict(zip(buckets, effects.tolist(), strict=True)))


def _bucket(day: int, negative: int, n: int) -> Bucket:
    start = START + timedelta(day)
    return Bucket(start, start + timedelta(1), (negative, 0, n - negative), wilson(negative, n))


def run() -> list[Section]:
    """Measure all of them with and without an event."""
    return [_quiet_series(), _planted_changes(), _planted_days(), _reasons(), word_days.section()]


def _quiet_series() -> Section:
    rows = []
    for name, quiet in SERIES_OF.items():
        random = np.random.default_rng(SEED)
        found = [sum(bool(change_points(series(random, quiet, days).trend)) for _ in range(SERIES)) for days in LENGTHS]
        drawn = [series(random, quiet, LENGTHS[1]) for _ in range(SERIES // 6)]
        by_comments = _alarms(drawn, heard=0)
        alarms = _alarms(drawn, heard=1) if quiet.copies else by_comments
        rows.append([name, *(rate(k, SERIES) for k in found), by_comments, alarms])
    what = (
        f"Percent of {SERIES} series without an event in which a lasting change is reported (95 % interval), and "
        f"abnormal days per 100 ({SERIES // 6} series of {LENGTHS[1]} days), first with every comment counted as "
        "independent, then as reported: a day that looks abnormal is retested with its copies as one observation. "
        "Episodes and drifts change the share, but not its level permanently."
    )
    header = [
        "",
        *(f"{days} days" for days in LENGTHS),
        "abnormal days per 100, all comments independent",
        "abnormal days per 100, as reported",
    ]
    return Section("Quiet series", what, header, rows)


def _alarms(drawn: Sequence[Series], *, heard: int) -> str:
    verdicts = [v for one in drawn for v in anomalies(one.trend, one.design_effects if heard else None).verdicts]
    return f"{100 * sum(bool(verdict.abnormal) for verdict in verdicts) / len(verdicts):.2f}"


def _planted_changes() -> Section:
    rows = [[f"{volume:,} comments a day", *(_dated(volume, points) for points in POINTS)] for volume in VOLUMES]
    what = (
        f"Percent of {SERIES // 3} series of 120 days, with a rise of the share by so many points from day 61 on, in "
        "which exactly one change is reported, at most three days off; intraclass correlation of days 0.002."
    )
    return Section("Detection of lasting changes", what, ["", *(f"+{points} points" for points in POINTS)], rows)


def _dated(volume: int, points: int) -> str:
    random = np.random.default_rng([SEED, volume, points])
    quiet = Quiet(volume, Noise(drift=0.0, weekend=0.0))
    right = 0
    for _ in range(SERIES // 3):
        found = change_points(series(random, quiet, 120, points / 100).trend)
        right += len(found) == 1 and abs(found[0].at - START - timedelta(60)) <= timedelta(3)
    return f"{300 * right / SERIES:.0f}"


#: Volume, copies and lift in points of bursts among copies.
BURSTS = ((3, 30, 50), (50, 5, 20), (200, 5, 15), (200, 30, 20), (2000, 5, 5))


def _planted_days() -> Section:
    rows = []
    for volume, copies, points in BURSTS:
        random = np.random.default_rng([SEED, volume, copies, points])
        quiet = Quiet(volume, Noise(), copies)
        planted = [_with_bursts(random, quiet, points / 100) for _ in range(SERIES // 10)]
        name = f"{volume:,} texts a day, a tenth of them {copies + 1} times, +{points} points"
        rows.append([name, *(_looked(planted, heard=heard) for heard in (0, 1))])
    what = (
        f"Recall · false alarms per 100 quiet days, of {SERIES // 10} series of {LENGTHS[1]} days with bursts of 2 to "
        "7 days among copies, with every comment counted as independent and as reported."
    )
    return Section("Detection of abnormal days among copies", what, ["", "all independent", "as reported"], rows)


def _with_bursts(random: np.random.Generator, quiet: Quiet, lift: float) -> tuple[Series, list[tuple[int, int]]]:
    n, share = quiet_days(random, quiet.volume, LENGTHS[1], quiet.noise)
    spans = plant(random, share, (lift, lift))
    return posted(random, n, share, quiet), spans


def _looked(planted: Sequence[tuple[Series, list[tuple[int, int]]]], *, heard: int) -> str:
    total = Found(0, 0, (), 0, 0)
    for one, spans in planted:
        total += look(one.trend, spans, one.design_effects if heard else None)
    return f"{total.recall:.2f} · {total.false_alarms:.2f}"


@dataclass(frozen=True)
class Month:
    """Parameters of a table of thirty days followed by a period that is compared with them.

    Attributes:
        volume: Texts per day.
        days: Length of the period.
        busy: Factor on the number of texts in the period.
        rho: Intraclass correlation of the labels of one day.
        scatter: Intraclass correlation of the words of one day, each word independently.
        copies: One text of fifty is posted about this many more times on its day.
        authors: Copies are short and by one author each; otherwise long and by many.
        lift: Added to the negative share in the period.
        word: Factor on the share of the period's negative comments that contain one of the words.
    """

    volume: int = 80
    days: int = 1
    busy: float = 1.0
    rho: float = 0.0
    scatter: float = 0.0
    copies: float = 0.0
    authors: bool = False
    lift: float = 0.0
    word: float = 1.0


MONTHS = {
    "80 comments a day": Month(),
    "3 comments a day, 3 days": Month(3, 3),
    "80, 5 days": Month(days=5),
    "80, overdispersed days (0.05), 5 days": Month(days=5, rho=0.05),
    "80, overdispersed days (0.05), a day of 320": Month(busy=4, rho=0.05),
    "80, overdispersed words (0.005)": Month(scatter=0.005),
    "80, overdispersed words (0.005), a day of 320": Month(busy=4, scatter=0.005),
    "80, copies of long texts": Month(copies=10),
    "80, copies of long texts, 5 days": Month(days=5, copies=10),
    "80, copies of long texts, a day of 320": Month(busy=4, copies=10),
    "80, short copies of one author, 5 days": Month(days=5, copies=10, authors=True),
    "a day of 320, **15 points more**": Month(busy=4, lift=0.15),
    "a day of 320, **one word twice as often**": Month(busy=4, word=2),
    "a day of 320, **one word twice as often**, copies": Month(busy=4, word=2, copies=10),
}
_GROUPS = (("微博", "甲"), ("微博", "乙"), ("京东", "甲"), ("京东", "乙"))
_PARTS, _MOODS = np.array([0.35, 0.15, 0.3, 0.2]), np.array([1.4, 1.2, 0.7, 0.6])
_DAYS = 30


def month(random: np.random.Generator, asked: Month) -> Table:
    """Draw a table."""
    busy = np.where(np.arange(_DAYS + asked.days) < _DAYS, 1.0, asked.busy)
    day = np.repeat(np.arange(len(busy)), np.maximum(1, random.poisson(asked.volume * busy)))
    share = scattered(random, np.full(len(busy), _SHARE), asked.rho)
    return make_table(list(_rows(random, asked, day, share + asked.lift * (np.arange(len(busy)) >= _DAYS))))


def _rows(
    random: np.random.Generator, asked: Month, day: NDArray[np.int64], share: NDArray[np.float64]
) -> Iterator[dict[str, Any]]:
    group = random.choice(4, len(day), p=_PARTS)
    bad = random.random(len(day)) < np.clip(share[day] * _MOODS[group], 0, 1)
    more = np.where((np.arange(60) == 5) & ((day >= _DAYS) & bad)[:, None], asked.word, 1.0)
    said = scattered(random, np.tile(HELD, (int(day.max()) + 1, 1)), asked.scatter)
    held = random.random((len(day), 60)) < said[day] * more
    times = np.where(random.random(len(day)) < 0.02, 1 + random.poisson(asked.copies, len(day)), 1)
    for i, (at, which) in enumerate(zip(day, group, strict=True)):
        row = {
            "time": START + timedelta(int(at), hours=int(random.integers(24))),
            "source": _GROUPS[which][0],
            "product": _GROUPS[which][1],
            "label": NEGATIVE if bad[i] else POSITIVE,
            "terms": [f"词{word}" for word in np.flatnonzero(held[i])],
            "text_key": str(i),
            "clean_text": f"短{i}" if asked.authors else f"这是一条写得足够长的评论第{i:06}条",
        }
        for again in range(int(times[i]) if asked.copies else 1):
            yield {**row, "author": f"人{i}" if asked.authors else f"人{i}之{again}"}


def explained(table: Table, days: int) -> Shift:
    """Compare the days after the first thirty with these, as the dashboard does."""
    stretch = [_bucket(_DAYS + day, 1, 1) for day in range(days)]
    verdicts = tuple(Verdict(bucket, 0.2, 0.1, 0.3, 4.0, 1, 1, History.PAST) for bucket in stretch)
    first, last = stretch[0].start, stretch[-1].end
    episode = Episode(first, last, verdicts, 1, wilson(1, 1), 0.2, ((START, first),))
    found = trend(table, Filter(), Frequency.DAY)
    rho = anomalies(found, design_effects(table, Filter())).overdispersion
    return shift(table, Filter(), episode, overdispersion=rho)


def _reasons() -> Section:
    asked: tuple[Callable[[Shift], bool], ...] = (_inside, _composed, _worded)
    rows = []
    for name, kind in MONTHS.items():
        random = np.random.default_rng(SEED)
        found = [explained(month(random, kind), kind.days) for _ in range(TABLES)]
        rows.append([name, *(rate(sum(map(ask, found)), TABLES) for ask in asked)])
    what = (
        f"Percent of {TABLES} tables (95 % interval) in which a day (or several), compared with the thirty before it, "
        "is reported to differ within its sources and products, in its composition, or in at least one of 60 words. "
        "Only the last three have a true effect."
    )
    note = (
        "The periods were fixed beforehand. The dashboard explains those that the trend flags as abnormal; what it "
        "says about one flagged by chance was not measured."
    )
    return Section("Reasons", what, ["", "within", "composition", "a word"], rows, [note])


def _inside(found: Shift) -> bool:
    return found.cause in (Cause.REAL, Cause.BOTH)


def _composed(found: Shift) -> bool:
    return found.cause in (Cause.MIX, Cause.BOTH)


def _worded(found: Shift) -> bool:
    return any(driver.clear for driver in found.drivers)
