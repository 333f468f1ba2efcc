"""舆情看板 on 1,000,000 labelled rows: each analysis alone, and the whole page after a change of filter."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from bench import labelled
from bench.process import ROOT
from bench.tables import Section
from core import analyse
from core.schema import Col, Filter
from core.settings import get_settings
from core.store import LabelledTable, Store

ROUNDS = 5
#: User actions, as a filter and as the parameters of the URL.
FILTERS: dict[str, tuple[Filter, dict[str, str]]] = {
    "all comments": (Filter(), {}),
    "one label": (Filter(labels=("负面",)), {"label": "negative"}),
    "one source": (Filter(sources=("微博",)), {"source": "微博"}),
    "four weeks": (Filter(start="2026-09-01", end="2026-09-28"), {"from": "2026-09-01", "to": "2026-09-28"}),
    "a keyword": (Filter(keyword="物流"), {"q": "物流"}),
    "a word-cloud term": (Filter(term="客服"), {"term": "客服"}),
}


def run() -> list[Section]:
    """Build the table once, measure the analyses, then the page; a folder in TINGFENG_BENCH_DATA is reused."""
    kept = os.environ.get("TINGFENG_BENCH_DATA")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(kept or folder)
        job = labelled.build(data)
        store = Store(data)
        try:
            return [calls(store.table(job)), pages(data, job)]
        finally:
            store.close()


def calls(table: LabelledTable) -> Section:
    asked: dict[str, Callable[[analyse.Selection], object]] = {
        "overview": lambda chosen: analyse.overview(table, chosen),
        "trend": lambda chosen: analyse.trend(table, chosen),
        "keywords": lambda chosen: analyse.keywords(table, chosen),
        "compare by product": lambda chosen: analyse.compare(table, chosen, Col.PRODUCT),
        "distribution": lambda chosen: analyse.distribution(table, chosen),
        "first page of comments": lambda chosen: analyse.comments(table, chosen, order=Col.P_NEGATIVE, descending=True),
    }
    rows = [["matching rows (`select`)", *(median(lambda f=f: analyse.select(table, f)) for f, _ in FILTERS.values())]]
    selections = [analyse.select(table, chosen) for chosen, _ in FILTERS.values()]
    rows += [[name, *(median(lambda s=s, ask=ask: ask(s)) for s in selections)] for name, ask in asked.items()]
    what = f"Median milliseconds of {ROUNDS} calls each, nothing cached, files in the page cache."
    return Section(f"Analyses of {labelled.ROWS:,} rows", what, ["", *FILTERS], rows)


def median(do: Callable[[], Any]) -> str:
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        do()
        seconds.append(time.perf_counter() - started)
    return f"{1000 * statistics.median(seconds):,.0f}"


def pages(data: Path, job: str) -> Section:
    os.environ["TINGFENG_DATA_DIR"] = str(data)
    get_settings.cache_clear()
    from pages.parts import answers, resources

    resources.take_turns()
    derived = data / "jobs" / job / "derived"
    for path in derived.glob("words_*"):
        path.unlink()
    at = AppTest.from_file(str(ROOT / "pages/app.py"), default_timeout=120).run()
    at.switch_page("dashboard.py")
    at.query_params["job"] = job
    at.run()
    began, beside = time.perf_counter(), []
    while not list(derived.glob("words_*.parquet")):
        answers.forget()
        beside.append(timed(at))
    laid = time.perf_counter() - began
    rows = [["all comments, while the words are derived", f"{1000 * statistics.median(beside):,.0f}", "–"]]
    for name, (_, params) in FILTERS.items():
        first, again = [], []
        for _ in range(ROUNDS):
            at.query_params.clear()
            at.query_params.update({"job": job} | params)
            answers.forget()
            first.append(timed(at))
            again.append(timed(at))
        rows.append([name, f"{1000 * statistics.median(first):,.0f}", f"{1000 * statistics.median(again):,.0f}"])
    what = (
        f"Median milliseconds of {ROUNDS} runs of the page on the server after the filter changed: figures, trend, "
        "words, comments and the open tab, first without and then with cached answers. The first visit to a job this "
        f"large derives its words in the background, once: {laid:.0f} seconds while the page is queried continuously."
    )
    return Section(f"The dashboard on {labelled.ROWS:,} rows", what, ["filter", "changed", "cached"], rows)


def timed(at: AppTest) -> float:
    started = time.perf_counter()
    at.run()
    if at.exception:
        raise RuntimeError("the page failed")
    return time.perf_counter() - started
