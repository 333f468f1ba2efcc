"""What a job is and the id that follows from it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.read import require_text
from core.schema import Backend, CleanOptions, JobSpec, ScoreOptions, TableSource, default_name
from core.score import heads_of
from core.settings import Settings

__all__ = ["clean_options", "job_id", "new_spec"]

#: How a table is cut out of a file; with the file's content and the mapping it decides what the rows are.
_CUT: Final = (
    "member",
    "sheet",
    "format",
    "encoding",
    "delimiter",
    "header_row",
    "columns",
    "default_source",
    "rating_unit",
)


def new_spec(
    sources: Sequence[TableSource],
    backend: Backend,
    *,
    settings: Settings,
    backend_name: str = "",
    neutral_band: float | None = None,
    mask_pii: bool = False,
    emotion: bool = False,
    user_words: Sequence[str] = (),
    name: str = "",
) -> JobSpec:
    """Put a job together from tables, a model and the settings in force.

    Args:
        sources: The tables in order, with their mappings.
        backend: The model, for its name and version.
        backend_name: What ``core.score.load`` was given for it, so that the job can be resumed in another process;
            "" takes the model's own name, which is right for registered ones.
        settings: For time zone and the labelling options not given here.
        neutral_band: See ``ScoreOptions``; None takes the setting.
        mask_pii: See ``CleanOptions``.
        emotion: See ``ScoreOptions``.
        user_words: See ``CleanOptions``.
        name: What the person calls the job; "" takes the name of the first table.

    Raises:
        MappingError: R03 a table has no comment column.
        ModelError: M14 emotions are wanted of a model that has none.
    """
    for source in sources:
        require_text(source)
    if emotion:
        heads_of(backend)
    clean = clean_options(sources, settings, mask_pii=mask_pii, user_words=user_words)
    band = settings.neutral_band if neutral_band is None else neutral_band
    score = ScoreOptions(band, settings.review_below, settings.max_windows, emotion)
    title = name or default_name(sources)
    zone = ZoneInfo(settings.timezone)
    # a table that already stood in a job keeps the time that its rows were read by
    tables = tuple(s if s.exported else replace(s, exported=_moment(s.path.stat().st_mtime, zone)) for s in sources)
    return JobSpec(tables, backend_name or backend.name, backend.version, clean, score, title)


def clean_options(
    sources: Sequence[TableSource], settings: Settings, *, mask_pii: bool = False, user_words: Sequence[str] = ()
) -> CleanOptions:
    """Put the cleaning options of some tables together.

    刚刚 and 昨天 are counted from the time a table's file was last changed: that is when it was exported. Here stands
    that of the youngest one, for tables that say none; ``new_spec`` tells each its own. A time that is written out may
    be as late as now: copying and unpacking give files older times.

    Args:
        sources: The tables, their files there.
        settings: For the time zone.
        mask_pii: See ``CleanOptions``.
        user_words: See ``CleanOptions``.
    """
    zone = ZoneInfo(settings.timezone)
    changed = max(source.path.stat().st_mtime for source in sources)
    return CleanOptions(
        reference_time=_moment(changed, zone),
        latest_time=_moment(time.time(), zone),
        timezone=settings.timezone,
        mask_pii=mask_pii,
        user_words=tuple(user_words),
    )


def _moment(seconds: float, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(seconds, zone).replace(tzinfo=None, microsecond=0)


def job_id(spec: JobSpec) -> str:
    """Return the id of a job: a hash of all that decides its rows, 24 hex digits.

    The contents of the files, how their tables are cut out and by which revision of reading, the mappings, the options
    and the model's version count;
    paths, display names, the job's name and the times that dates are read by do not.
    """
    clean = asdict(spec.clean)
    del clean["reference_time"], clean["latest_time"]
    facts = {
        "tables": [
            {"sha256": s.sha256, "mapping": asdict(s.mapping), **{name: getattr(s, name) for name in _CUT}}
            # a job from before revisions were counted keeps its id
            | ({"reading": s.reading} if s.reading else {})
            for s in spec.sources
        ],
        "model_version": spec.model_version,
        "clean": clean,
        "score": asdict(spec.score),
    }
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
