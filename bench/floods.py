"""Planted floods in real comments: recall of their rows, and other rows wrongly flagged.

The surrounding comments are distinct texts of ../shared/data; each flagged row that was not planted counts as wrong,
even if two real comments do resemble each other.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.labelled import timed
from bench.tables import Section
from bench.texts import mixed
from core.clean.text import clean_text
from core.mine.floods import near_copies
from core.mine.floods.rules import FEWEST

AROUND = 20_000
SIZES = (3, 5, 10, 30, 100)
EDITS = (0.0, 0.05, 0.1, 0.15, 0.2)
FLOODS_EACH = 40
SPEED_ROWS = (100_000, 1_000_000)
SEED = 20261125
#: Characters for insertions and replacements: frequent characters of comments.
_FILLERS = "的很了好也还真就是都不太买用东西质量物流客服包装喜欢推荐这个那个感觉比较"


@dataclass(frozen=True)
class Found:
    """Results on planted floods.

    Attributes:
        planted: Rows planted.
        found: Planted rows in a group of ``FEWEST`` or more.
        wrong: Rows in such a group that were not planted.
        around: Rows that were not planted.
    """

    planted: int
    found: int
    wrong: int
    around: int

    @property
    def recall(self) -> float:
        return self.found / self.planted

    @property
    def precision(self) -> float:
        return self.found / max(1, self.found + self.wrong)


def edited(text: str, rate: float, chance: random.Random) -> str:
    """Edit about this share of the characters: replace, delete or insert, equally often."""
    made: list[str] = []
    for character in text:
        if chance.random() >= rate:
            made.append(character)
            continue
        how = chance.randrange(3)
        made += [chance.choice(_FILLERS)] if how == 0 else [character, chance.choice(_FILLERS)] if how == 1 else []
    return "".join(made)


def measure(size: int, rate: float, *, around: int = AROUND, floods: int = FLOODS_EACH) -> Found:
    """Plant floods of one size and edit rate and detect them; originals are real texts of 20 to 80 characters."""
    chance = random.Random(f"{SEED} {size} {rate}")
    texts = [clean_text(text) for text in mixed(around + 4 * floods)]
    fitting = [i for i, text in enumerate(texts) if 20 <= len(text) <= 80]
    taken = set(chance.sample(fitting, floods))
    rest = [text for i, text in enumerate(texts) if i not in taken][:around]
    planted = [edited(texts[i], rate, chance) for i in sorted(taken) for _ in range(size)]
    rows = rest + planted
    chance.shuffle(order := list(range(len(rows))))
    flagged = _flagged([rows[i] for i in order])
    is_planted = np.array(order) >= len(rest)
    hits, wrong = int((flagged & is_planted).sum()), int((flagged & ~is_planted).sum())
    return Found(len(planted), hits, wrong, len(rest))


def _flagged(rows: list[str]) -> Any:
    distinct = {text: i for i, text in enumerate(dict.fromkeys(rows))}
    text = np.array([distinct[row] for row in rows])
    copies = near_copies([list(distinct)], np.bincount(text, minlength=len(distinct)))
    group = copies.group[text]
    size = np.bincount(group[group >= 0], minlength=len(distinct))
    return (group >= 0) & (size[group] >= FEWEST)


SPEED = """
import json, sys, time
from pathlib import Path
from bench.labelled import build
from core.derive import Floods, derive
from core.store import Store
store = Store(Path(sys.argv[1]))
table = store.table(sys.argv[2])
mark = time.perf_counter()
view = derive(sys.argv[2], Floods(), store=store, table=table)
rows = len(table.query(f"SELECT row FROM {view}"))
print(json.dumps({"seconds": time.perf_counter() - mark, "rows": rows}))
"""


def run() -> list[Section]:
    """Measure detection, then time and memory."""
    return [_found(), _speed()]


def _found() -> Section:
    cells = {(size, rate): measure(size, rate) for size in SIZES for rate in EDITS}
    rows = [[f"{size} copies", *(_cell(cells[size, rate]) for rate in EDITS)] for size in SIZES]
    wrong, around = (sum(getattr(cell, name) for cell in cells.values()) for name in ("wrong", "around"))
    what = (
        f"Recall · precision of rows, {FLOODS_EACH} floods per cell among {AROUND:,} real comments, by the share of "
        "characters changed independently in each copy (replaced, deleted, inserted)."
    )
    note = (
        f"Of {around:,} other rows {wrong:,} ({wrong / around:.2%}) are in a group of {FEWEST} or more; some of them "
        "are real templates in the source data. Originals have 20 to 80 characters; those with fewer than 15 letters "
        "and hanzi are never compared, which is why unchanged copies do not always reach 1.00."
    )
    return Section("Planted floods", what, ["", *(f"{rate:.0%} changed" for rate in EDITS)], rows, [note])


def _cell(found: Found) -> str:
    return f"{found.recall:.2f} · {found.precision:.2f}"


def _speed() -> Section:
    rows = [
        [f"{size:,}", f"{told['seconds']:.0f}", f"{peak_mb:,.0f}", f"{told['rows']:,}"]
        for size, told, peak_mb in timed(SPEED, SPEED_ROWS)
    ]
    what = (
        "Seconds for the whole derived table of a labelled job, in a fresh process, and its peak memory. Beyond the "
        "available real comments, texts are repeated with a counter appended, so most of the million are in groups."
    )
    return Section("Search for floods", what, ["comments", "seconds", "peak MiB", "rows in groups"], rows)
