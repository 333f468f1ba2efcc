"""Choose a cascade's threshold for given tables, from a target agreement or time, on a sample of rows."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.clean import clean
from core.files import atomic_write
from core.jobs.spec import clean_options
from core.metrics import wilson
from core.read import count, read
from core.schema import Backend, Col, Share, Status, TableSource
from core.score import ThresholdChoice, cascade, cascade_name, choose_for_agreement, choose_for_share, first_for, load
from core.settings import Settings

__all__ = ["CascadeTarget", "planned_cascade"]

#: Rows scored by both models to choose the threshold; a smaller table is used whole.
SAMPLE_ROWS: Final = 800
_WARM_UP: Final = 16


@dataclass(frozen=True, slots=True)
class CascadeTarget:
    """The target of a cascade; exactly one of the two.

    Attributes:
        agreement: Share of rows that get the label the second model alone would give, in [0, 1].
        minutes: Total time for all tables.
    """

    agreement: float | None = None
    minutes: float | None = None


def planned_cascade(
    sources: Sequence[TableSource], second: str, aim: CascadeTarget, settings: Settings, tell: Callable[[str], None]
) -> tuple[str, Backend, ThresholdChoice]:
    """Choose the threshold of a cascade and open it.

    The choice is stored in the data folder: the same tables with the same models and target get the same threshold
    again, so that an interrupted job can resume.

    Args:
        sources: The tables, with their mappings.
        second: Name of the second model.
        aim: The target.
        settings: Settings of this process.
        tell: Called with Chinese progress messages.

    Returns:
        The name that reopens the same cascade, the cascade, and its expected performance.

    Raises:
        ModelError: One of the models cannot be opened.
        ReadError: A file cannot be read.
    """
    quick, slow = load(first_for(second)), load(second, tell)
    path = settings.data_dir / "cascade" / f"{_key(sources, quick, slow, aim)}.json"
    if path.is_file():
        choice = _restored(json.loads(path.read_text("utf-8")))
    else:
        tell(f"正在用最多 {SAMPLE_ROWS} 行样本选择阈值…")
        choice = _chosen(sources, quick, slow, aim, settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            file.write(json.dumps(asdict(choice)).encode("utf-8"))
    name = cascade_name(choice.threshold, second)
    return name, cascade(quick, slow, choice.threshold, name), choice


def _key(sources: Sequence[TableSource], quick: Backend, slow: Backend, aim: CascadeTarget) -> str:
    tables = [(source.sha256, asdict(source.mapping)) for source in sources]
    facts = json.dumps([tables, quick.version, slow.version, asdict(aim)], sort_keys=True)
    return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _restored(facts: dict[str, Any]) -> ThresholdChoice:
    # A share that was not requested is NaN, which JSON stores in Python's own notation.
    return ThresholdChoice(facts["threshold"], Share(**facts["second"]), Share(**facts["agreement"]))


def _chosen(
    sources: Sequence[TableSource], quick: Backend, slow: Backend, aim: CascadeTarget, settings: Settings
) -> ThresholdChoice:
    total = sum(count(source) for source in sources)
    texts = _sample(sources, total, settings)
    if not texts:
        return ThresholdChoice(0.0, wilson(0, 0), wilson(0, 0))
    first, first_rate = _timed(quick, texts)
    second, second_rate = _timed(slow, texts)
    if aim.minutes is None:
        return choose_for_agreement(first, second, slow.labels, 1.0 if aim.agreement is None else aim.agreement)
    left = aim.minutes * 60 - total / first_rate
    choice = choose_for_share(first, left * second_rate / max(1, total))
    return choice.measured(first, second, slow.labels)


def _timed(backend: Backend, texts: Sequence[str]) -> tuple[NDArray[np.float32], float]:
    """Return the probabilities and the throughput in texts per second."""
    backend.score(texts[:_WARM_UP])
    started = time.perf_counter()
    answers = backend.score(texts)
    return answers, len(texts) / (time.perf_counter() - started)


def _sample(sources: Sequence[TableSource], total: int, settings: Settings) -> list[str]:
    """Return the cleaned texts of a systematic sample of the rows."""
    step = max(1, total // SAMPLE_ROWS)
    options = clean_options(sources, settings)
    texts: list[str] = []
    position = 0
    for source in sources:
        for chunk in read(source, chunk_rows=settings.chunk_rows):
            rows = np.flatnonzero((np.arange(len(chunk.frame)) + position) % step == 0)
            position += len(chunk.frame)
            reasons = np.asarray(chunk.reasons, dtype=object)[rows]
            some = replace(
                chunk, frame=chunk.frame.iloc[rows], row_numbers=chunk.row_numbers[rows], reasons=reasons, ragged=0
            )
            frame = clean(some, source.mapping, options, first_row=0)
            texts += frame.loc[frame[Col.STATUS] == Status.PENDING, Col.CLEAN_TEXT].tolist()
    return texts
