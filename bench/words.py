"""Words and comparisons: segmentation alone, the derived table of words, contrasts and groups on 1,000,000 rows."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from unittest.mock import patch

from bench import labelled
from bench.dashboard import median
from bench.tables import Section
from bench.texts import mixed
from core import analyse
from core.clean import clean_text, segment
from core.derive import derive
from core.derive.words import Words
from core.schema import Col, Filter
from core.store import LabelledTable, Store

TEXTS = 100_000
COPIES = (
    "Without the search for copies, which needs the lengths and keys of all texts, the three rows of compare and ranks "
    "take {least} to {most} ms."
)
_HANZI = re.compile("[\u4e00-\u9fff]+")


def run() -> list[Section]:
    """Measure segmentation, then the analyses; a folder in TINGFENG_BENCH_DATA is reused."""
    kept = os.environ.get("TINGFENG_BENCH_DATA")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(kept or folder)
        rows = int(os.environ.get("TINGFENG_BENCH_ROWS", labelled.ROWS))
        job = labelled.build(data, rows)
        store = Store(data)
        try:
            return [segmentation(), analyses(store, job, rows)]
        finally:
            store.close()


def segmentation() -> Section:
    """Comments per second on one core."""
    import rjieba

    texts = [clean_text(text) for text in mixed(TEXTS)]
    runs = [_HANZI.findall(text) for text in texts]
    cut = rjieba.Jieba().cut
    segment(texts[:10])
    steps: dict[str, Callable[[], object]] = {
        "rjieba alone, runs of hanzi": lambda: [cut(piece) for comment in runs for piece in comment],
        "`segment`: negations, emoticons, Latin words": lambda: segment(texts),
    }
    rows = []
    for name, do in steps.items():
        started = time.process_time()
        do()
        rows.append([name, f"{len(texts) / (time.process_time() - started):,.0f}"])
    mean = sum(map(len, texts)) / len(texts)
    what = f"{TEXTS:,} comments of {mean:.0f} characters on average, one core, done once when a job is labelled."
    return Section("Segmentation", what, ["step", "comments/s"], rows)


def analyses(store: Store, job: str, n: int) -> Section:
    """Milliseconds per answer with the stored terms and with the derived words."""
    recipe = Words(analyse.synonyms())
    store.derived(job).path(derive(job, recipe, store=store, table=store.table(job))).unlink()
    started = time.perf_counter()
    view = derive(job, recipe, store=store, table=store.table(job))
    seconds = time.perf_counter() - started
    table = store.table(job)
    rows = [[name, *cells] for name, cells in _answers(table, view).items()]
    size = store.derived(job).path(view).stat().st_size / 1e6
    note = f"The derived words of {n:,} comments take {seconds:,.0f} s in the background, once, and {size:,.0f} MB."
    with without_copies():
        least, *_, most = sorted(
            (median(ask) for ask in grouped(table).values()), key=lambda ms: float(ms.replace(",", ""))
        )
    notes = [note, COPIES.format(least=least, most=most)]
    what = "Median milliseconds, nothing cached: from the terms in the job's table and from the derived words."
    return Section(f"Words and comparisons of {n:,} rows", what, ["", "stored terms", "derived words"], rows, notes)


def _months() -> tuple[Filter, Filter]:
    periods = analyse.recent_periods("2026-08-01", "2026-10-28")
    assert periods is not None
    return periods


def _answers(table: LabelledTable, view: str) -> dict[str, tuple[str, str]]:
    periods = _months()
    one, two = (Filter(products=(f"商品{i}",)) for i in (1, 2))
    negative = Filter(labels=("负面",))
    both: dict[str, Callable[[str | None], object]] = {
        "keywords, all comments": lambda v: analyse.keywords(table, Filter(), view=v),
        "keywords, one source": lambda v: analyse.keywords(table, Filter(sources=("微博",)), view=v),
        "negative against positive": lambda v: analyse.contrast(table, Filter(), *analyse.BY_LABEL, view=v),
        "two products": lambda v: analyse.contrast(table, Filter(), one, two, view=v),
        "a product against the rest": lambda v: analyse.contrast(table, Filter(), one, None, view=v),
        "two months, negative only": lambda v: analyse.contrast(table, negative, periods[1], periods[0], view=v),
    }
    plain: dict[str, Callable[[], object]] = {
        "stars against texts": lambda: analyse.stars(table, Filter(), Col.PRODUCT),
        "comments of a phrase (`select`)": lambda: analyse.select(table, Filter(term="物流＋慢｜太慢")),
    }
    timed = {name: (median(lambda ask=ask: ask(None)), median(lambda ask=ask: ask(view))) for name, ask in both.items()}
    return timed | {name: (median(ask), "") for name, ask in (grouped(table) | plain).items()}


def grouped(table: LabelledTable) -> dict[str, Callable[[], object]]:
    """The analyses that need to know which comments are copies."""
    return {
        "compare by product": lambda: analyse.compare(table, Filter(), Col.PRODUCT),
        "compare by a column of the file": lambda: analyse.compare(table, Filter(), "src:商品"),
        "ranks of two months": lambda: analyse.ranks(table, Filter(), Col.PRODUCT, *_months()),
    }


@contextmanager
def without_copies() -> Iterator[None]:
    """Let these analyses treat every comment as the only one of its text."""
    with ExitStack() as stack:
        for name in ("compare", "ranks"):
            stack.enter_context(patch.object(import_module(f"core.analyse.{name}"), "COPY_KEY", "NULL"))
        yield
