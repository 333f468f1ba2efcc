"""Words called typical of an abnormal day: false positives on overdispersed days, and power for a planted word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.tables import Section
from core.analyse.word_scatter import Heard, surplus
from core.metrics import wilson

Floats = NDArray[np.float64]

SEED, MONTHS = 20261127, 500
WORDS = 60
#: Share of the comments that contain each word.
HELD = 0.5 / (1 + np.arange(WORDS)) ** 0.7
_SHARE, _PLANTED, _LEVEL, _LEAST = 0.25, 5, 0.05, 5


@dataclass(frozen=True)
class Days:
    """Parameters of days of comments followed by a period.

    Attributes:
        volume: Comments a day.
        before: Days that the period is compared with.
        days: Length of the period.
        busy: Factor on the number of comments in the period.
        rho: Intraclass correlation of the labels of one day.
        scatter: Intraclass correlation of the words of one day, each word independently.
        bursts: The same for a random tenth of the words.
        lift: Added to the negative share in the period.
        word: Factor on the share of the period's negative comments that contain one word.
    """

    volume: int = 80
    before: int = 30
    days: int = 1
    busy: float = 4.0
    rho: float = 0.0
    scatter: float = 0.0
    bursts: float = 0.0
    lift: float = 0.0
    word: float = 1.0


QUIET = {
    "a day of 320": Days(),
    "a day of 80": Days(busy=1),
    "overdispersed days (0.05), a day of 320": Days(rho=0.05),
    "overdispersed days (0.05), 5 days of 80": Days(rho=0.05, busy=1, days=5),
    "overdispersed days (0.01), 500 a day, a day of 2,000": Days(500, rho=0.01),
    "overdispersed words (0.005), a day of 320": Days(scatter=0.005),
    "overdispersed words (0.02), a day of 320": Days(scatter=0.02),
    "both (0.02 and 0.01), a day of 320": Days(rho=0.02, scatter=0.01),
    "both (0.02 and 0.01), 8 days before": Days(rho=0.02, scatter=0.01, before=8),
    "a tenth of the words overdispersed (0.05), a day of 320": Days(bursts=0.05),
    "a tenth of the words overdispersed (0.05), 500 a day, a day of 2,000": Days(500, bursts=0.05),
}
PLANTED = {
    "15 points more, a day of 320": Days(lift=0.15),
    "15 points more, 5 days of 80": Days(lift=0.15, busy=1, days=5),
    "15 points more, 500 a day, a day of 2,000": Days(500, lift=0.15),
    "one word twice as often, a day of 320": Days(word=2),
    "one word twice as often, 500 a day, a day of 2,000": Days(500, word=2),
    "one word three times as often, a day of 320": Days(word=3),
    "one word three times as often, overdispersed words (0.005)": Days(word=3, scatter=0.005),
    "one word three times as often, overdispersed days (0.05)": Days(word=3, rho=0.05),
}


def scattered(random: np.random.Generator, mean: Floats, rho: float) -> Floats:
    """Draw a share for each mean from the beta distribution, with intraclass correlation ``rho`` within a day."""
    return random.beta(mean * (1 / rho - 1), (1 - mean) * (1 / rho - 1)) if rho else mean


def month(random: np.random.Generator, asked: Days) -> tuple[Heard, Heard]:
    """Draw the period and the days before it."""
    new = np.arange(asked.before + asked.days) >= asked.before
    n = np.maximum(1, random.poisson(np.where(new, asked.volume * asked.busy, asked.volume)))
    share = scattered(random, np.full(len(n), _SHARE), asked.rho) + asked.lift * new
    said = scattered(random, np.tile(HELD, (len(n), 1)), asked.scatter)
    if asked.bursts:
        wild = random.random(WORDS) < 0.1
        said[:, wild] = scattered(random, np.tile(HELD[wild], (len(n), 1)), asked.bursts)
    said[new, _PLANTED] *= asked.word
    words = random.binomial(random.binomial(n, np.minimum(share, 1))[:, None], np.minimum(said, 1)).astype(np.float64)
    first, other = (Heard(n[which].astype(np.float64), words[which], words[which].sum(axis=0)) for which in (new, ~new))
    return first, other


def named(first: Heard, other: Heard, *, known: bool) -> bool:
    """Return whether any word is significant; ``known``: whether the overdispersion of the days is estimated."""
    if not known:
        # pooled into one day, they carry no information on overdispersion
        other = Heard(other.n.sum(keepdims=True), other.held[None, :], other.held)
    counted = first.held + other.held >= _LEAST
    return bool(surplus(first, other)[counted].min(initial=1.0) * counted.sum() < _LEVEL)


def section() -> Section:
    """Measure how often a word is significant."""
    kinds = {**QUIET, **{f"**{name}**": kind for name, kind in PLANTED.items()}}
    rows = []
    for name, kind in kinds.items():
        random = np.random.default_rng(SEED)
        drawn = [month(random, kind) for _ in range(MONTHS)]
        found = [sum(named(*one, known=known) for one in drawn) for known in (False, True)]
        rows.append([name, *(rate(count, MONTHS) for count in found)])
    what = (
        f"Percent of {MONTHS} periods (95 % interval) for which at least one of {WORDS} words is called typical, by "
        "the test of two counts alone and, as implemented, with the overdispersion of the days before. 80 comments a "
        "day and 30 days before unless stated. Only rows in **bold** have a true effect; with 15 points more, all "
        "words take part in it."
    )
    note = (
        "A day with more negative comments has more of all their words, and words are bursty themselves. What remains "
        "above 5 comes from a few words far more overdispersed than others of their frequency: thirty days of few "
        "comments do not reveal which ones."
    )
    return Section("Words of overdispersed days", what, ["", "counts alone", "with overdispersion"], rows, [note])


def rate(count: int, n: int) -> str:
    """Return a percentage with its interval."""
    found = wilson(count, n)
    return f"{100 * found.value:.1f} ({100 * found.low:.1f}–{100 * found.high:.1f})"
