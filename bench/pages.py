"""Every analysis page on 1,000,000 labelled rows, in a real Chromium against a real server.

客服质检 is measured on 1,000,000 turns of dialogues: first on opening, when the real model scores an even sample, then
with all of them, scored in advance by the word rule (see ``bench.talks``).
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

from bench import labelled, talks
from bench.tables import Section
from pages.parts.frame import PAGES
from tests.browser import app

#: Pages that are not about a labelled job.
OTHERS = {None, "single", "batch", "models"}
DIALOGUE = "dialogue"
#: Filters as URL parameters; each run uses another one, so that no answer is cached.
ADDRESSES = ("source=微博", "source=京东", "from=2026-09-01&to=2026-09-28")
MADE_SECONDS = 900
#: A page counts as drawn once it has been idle for this long, which is subtracted from its time.
QUIET = app.QUIET_MS / 1000


def run() -> list[Section]:
    """Measure; a folder in TINGFENG_BENCH_DATA is reused."""
    kept = os.environ.get("TINGFENG_BENCH_DATA")
    rows = []
    with tempfile.TemporaryDirectory() as folder, app.browser() as chromium:
        data = Path(kept or folder)
        pages = places(data)
        with app.server(data, Path(folder) / "server.log") as address:
            for title, place in pages:
                with app.tab(chromium) as tab:
                    rows.append([title, *measured(tab, f"{address}/{place}")])
    what = (
        "Seconds in the browser, medians of three. *derived*: until the page's derived table (mentions, topics, "
        "near-duplicates, dialogues) is ready; *title and filters*: from navigation until they are usable, with a "
        "filter not used before; *all drawn*: until every figure and chart is drawn; *filter changed*: from a click "
        "on 负面 until everything is drawn."
    )
    note = (
        f"客服质检: {talks.TURNS:,} turns. The built-in model scores an even sample of the dialogues first "
        "(*derived*); all of them had been scored before by a word rule."
    )
    if kept:
        note += " The folder had been used before, so most derived tables already existed."
    header = ["page", "derived", "title and filters", "all drawn", "filter changed"]
    return [Section(f"The pages on {labelled.ROWS:,} rows, in Chromium", what, header, rows, [note])]


def places(data: Path) -> list[tuple[str, str]]:
    """Make the jobs in a data folder; return title and URL of each page to measure."""
    comments, dialogues = labelled.build(data), talks.build(data)
    talks.hear_all(data, dialogues)
    pages = [(title, name) for _, title, _, name in PAGES if name not in OTHERS]
    found = [(title, f"{name}?job={dialogues if name == DIALOGUE else comments}") for title, name in pages]
    return [*found, *((f"{title}, all dialogues", f"{place}&o.all=1") for title, place in found if DIALOGUE in place)]


def measured(tab: Page, url: str) -> list[str]:
    made = until_made(tab, url)
    paints, drawn, changed = [], [], []
    for filtered in ADDRESSES:
        started = time.perf_counter()
        tab.goto(f"{url}&{filtered}")
        tab.get_by_placeholder("搜索评论").wait_for()
        paints.append(time.perf_counter() - started)
        app.settle(tab)
        drawn.append(time.perf_counter() - started - QUIET)
        started = time.perf_counter()
        tab.get_by_role("button", name="负面").first.click()
        tab.wait_for_function("new URL(location).searchParams.get('label') === 'negative'")
        app.settle(tab)
        changed.append(time.perf_counter() - started - QUIET)
    return [f"{made:.0f}", *(f"{statistics.median(times):.2f}" for times in (paints, drawn, changed))]


def until_made(tab: Page, url: str) -> float:
    """Open a page, wait until no derived table is being made for it, and return the seconds."""
    started = time.perf_counter()
    tab.goto(url)
    app.settle(tab)
    start = tab.get_by_role("button", name="开始分析")
    if start.count():
        start.first.click()
        app.settle(tab)
    while tab.get_by_test_id("stProgress").count():
        if time.perf_counter() - started > MADE_SECONDS:
            raise RuntimeError(f"still not made: {url}")
        tab.wait_for_timeout(500)
        app.settle(tab)
    return time.perf_counter() - started
