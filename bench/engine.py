"""A base-size StructBERT run in every available way."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench import base_model, peaks
from bench.base_model import neighbours
from bench.tables import Section
from bench.texts import mixed
from core.score import TokenBackend, load, score
from core.settings import get_settings

THREADS = 2
#: Texts for each way, so that each takes a few seconds; ours has as many as a chunk of a job.
DEFAULT_TEXTS, SINGLE_TEXTS, BATCH_TEXTS, OUR_TEXTS = 10, 40, 160, 2_000
#: Alternations of the methods compared. The engine takes a whole chunk of a job each time, because few texts of many
#: lengths make small batches.
TURNS = 4
LOOP, ONE_BY_ONE = "modelscope, `pipeline(text)` in a loop", "modelscope, `padding=True`, one by one"
BATCHED, OURS = "transformers, `batch_size=32`", "Tingfeng, onnx int8"
ENGINES = ("onnx-int8", "openvino-int8", "onnx-fp32", "torch-bf16", "torch-fp32")
SHORT = "物流很快,包装也好,就是味道一般,不知道下次还会不会买这一家"


def run() -> list[Section]:
    """Measure everything side by side with two threads and return one section per question."""
    import torch

    os.environ["TINGFENG_THREADS"] = str(THREADS)
    get_settings.cache_clear()
    torch.set_num_threads(THREADS)
    with tempfile.TemporaryDirectory() as place:
        folder = base_model.write(Path(place) / "base")
        # some sets begin with a long text: small samples are spread over all texts
        texts = mixed(OUR_TEXTS * 20)[::20]
        ours = load(f"{folder}#onnx-int8", print)
        assert isinstance(ours, TokenBackend)
        return [
            ways(folder, ours, texts),
            single(folder, ours),
            engines(folder, spread(texts, BATCH_TEXTS)),
            limit(Path(place), ours, texts),
        ]


def rate(answer: Callable[[], object], n: int) -> float:
    """Return texts per second."""
    started = time.perf_counter()
    answer()
    return n / (time.perf_counter() - started)


def rates(ways: dict[str, tuple[Callable[[Sequence[str]], object], list[str]]]) -> dict[str, float]:
    """Return texts per second of each way; they alternate, so that other load on the machine affects them equally."""
    seconds = dict.fromkeys(ways, 0.0)
    for turn in range(TURNS):
        for name, (answer, texts) in ways.items():
            part = share(texts, turn)
            seconds[name] += 1 / rate(lambda answer=answer, part=part: answer(part), len(part))  # type: ignore[misc]
    return {name: TURNS / seconds[name] for name in ways}


def share(texts: Sequence[str], turn: int) -> Sequence[str]:
    """Return the texts for one turn: a job's whole chunk, or every ``TURNS``-th text of any other sample."""
    return texts if len(texts) == OUR_TEXTS else texts[turn::TURNS]


def spread(texts: Sequence[str], n: int) -> list[str]:
    """Return n evenly spaced texts."""
    return list(texts[:: max(1, len(texts) // n)][:n])


def ways(folder: Path, ours: TokenBackend, texts: list[str]) -> Section:
    """The same weights as usually called, and by us."""
    ask = base_model.modelscope_pipeline(folder)
    ask_padded = base_model.modelscope_pipeline(folder, padding=True)
    for call in (ask, ask_padded):
        call(SHORT)
    batched = base_model.transformers_pipeline(folder)
    score(texts[:16], ours)
    found = rates(
        {
            LOOP: (lambda part: [ask(text) for text in part], spread(texts, DEFAULT_TEXTS)),
            ONE_BY_ONE: (lambda part: [ask_padded(text) for text in part], spread(texts, SINGLE_TEXTS)),
            BATCHED: (
                lambda part: batched(part, batch_size=32, truncation=True, max_length=512),
                spread(texts, BATCH_TEXTS),
            ),
            OURS: (lambda part: score(part, ours), texts),
        }
    )
    numbers = dict(zip(found, (DEFAULT_TEXTS, SINGLE_TEXTS, BATCH_TEXTS, len(texts)), strict=True))
    rows = [[name, str(numbers[name]), f"{one:.2f}", f"{one / found[LOOP]:.1f} ×"] for name, one in found.items()]
    return Section(
        "A base-size StructBERT, rows/s",
        f"Random weights of the base size (12 × 768), real comments of six sets, {THREADS} threads, {TURNS} "
        "interleaved rounds in one run; modelscope and transformers compute in float, ours in int8 (agreement with "
        "float: see the engines below).",
        ["", "texts", "rows/s", "against the default loop"],
        rows,
        [f"Against the best one-by-one call: {found[OURS] / found[ONE_BY_ONE]:.1f} ×."],
    )


def single(folder: Path, ours: TokenBackend) -> Section:
    """One text of 32 tokens at a time, as a page or an API call does."""
    ask = base_model.modelscope_pipeline(folder)
    ask_padded = base_model.modelscope_pipeline(folder, padding=True)
    calls: dict[str, Callable[[], object]] = {
        "modelscope, default": lambda: ask(SHORT),
        "modelscope, `padding=True`": lambda: ask_padded(SHORT),
        "Tingfeng, onnx int8": lambda: score([SHORT], ours),
    }
    times = {name: milliseconds(call, 4 if "default" in name else 12) for name, call in calls.items()}
    slow = times["modelscope, default"]
    tokens = int(ours.lengths([SHORT])[0]) + 2
    rows = [[name, f"{ms:.1f}", f"1/{slow / ms:.1f}"] for name, ms in times.items()]
    return Section(
        f"One text of {tokens} tokens, ms",
        "Median of several calls, with a warm model.",
        ["", "ms", "of the default call"],
        rows,
    )


def milliseconds(call: Callable[[], object], rounds: int) -> float:
    """Return the median duration of a call."""
    call()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e3


def engines(folder: Path, texts: list[str]) -> Section:
    """Every engine and precision on the same batches."""
    rows = []
    for name in ENGINES:
        backend = load(f"{folder}#{name}", print)
        assert isinstance(backend, TokenBackend)
        speed = bare_rate(backend, texts)
        found = backend.agreement
        agreement = "reference" if found is None else f"{found.same}/{found.n}, drift {found.mean_drift:.4f}"
        rows.append([name, f"{speed:.1f}", agreement, f"{neighbours(backend):.4f}"])
    return Section(
        "Engines and precisions",
        f"{len(texts)} of the same texts, tokenised in advance; labels against torch in float on the probe texts; the "
        "largest change of a text's probability with its neighbours in the batch, over 40 texts.",
        ["", "rows/s", "same label", "neighbours"],
        rows,
    )


def bare_rate(backend: TokenBackend, texts: Sequence[str]) -> float:
    """Return texts per second of a backend on pretokenised texts."""
    tokens = backend.encode(texts)
    backend.score_tokens(tokens.take(np.arange(4)))
    return rate(lambda: backend.score_tokens(tokens), tokens.n)


def limit(folder: Path, ours: TokenBackend, texts: list[str]) -> Section:
    """How close the engine is to the CPU's multiplication throughput, counting padding as waste."""
    (path,) = folder.glob("base/.tingfeng/*-onnx-int8*/model.onnx")
    whole, done, peak = beside_peaks(ours, path, texts)
    rows = [
        [name, f"{steady:,.0f}", f"{whole / steady:.0%}", f"{best:,.0f}", f"{whole / best:.0%}"]
        for name, (steady, best) in peak.items()
    ]
    steady, best = peak[peaks.FIRST]
    for name, value in (("Tingfeng, base-size int8, real comments", whole), ("of which actually computed", done)):
        rows.append([name, f"{value:,.0f}", f"{value / steady:.0%} of the first", "", f"{value / best:.0%}"])
    return Section(
        "Share of peak: int8 GFLOP/s, base size",
        f"Byte matrix multiplications alone on {THREADS} threads and the whole engine on a job's {OUR_TEXTS:,} rows, "
        f"{TURNS} interleaved rounds. Only matrix products of real tokens count as work; padding, softmax, norms and "
        f"GELU cost time but count as none. First all calls of {peaks.SECONDS} s per round together, then the fastest "
        "single call.",
        ["", "GFLOP/s", "engine : this", "fastest call", "engine : this"],
        rows,
        [
            "The engine gives the full model's answers but skips what no answer depends on (the last layer's other "
            "tokens): that is the difference between the last two rows."
        ],
    )


def beside_peaks(
    backend: TokenBackend, path: Path, texts: Sequence[str]
) -> tuple[float, float, dict[str, tuple[float, float]]]:
    """Return the useful GFLOP/s of a backend on pretokenised texts: nominal for the whole model, and executed.

    Also the throughput of multiplications alone, measured alternately with it.
    """
    lengths = np.minimum(backend.lengths(texts), backend.window_tokens) + 2
    peak = peaks.Peaks(THREADS)
    seconds = 0.0
    for turn in range(TURNS):
        peak.round()
        part = share(texts, turn)
        seconds += len(texts) / TURNS / bare_rate(backend, part)
    peak.round()
    whole, done = peaks.flops(path, lengths)
    return whole / seconds / 1e9, done / seconds / 1e9, peak.found()
