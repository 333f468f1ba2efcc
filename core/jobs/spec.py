"""Create job specifications and derive job ids from them."""

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

#: How a table is extracted from a file; together with the file's content and the mapping it determines the rows.
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
    """Create a job specification from tables, a model and the current settings.

    Args:
        sources: The tables in order, with their mappings.
        backend: The model, for its name and version.
        backend_name: The name passed to ``core.score.load``, so that the job can be resumed in another process;
            "" uses the model's own name, which is right for registered ones.
        settings: For time zone and the labelling options not given here.
        neutral_band: See ``ScoreOptions``; None uses the setting.
        mask_pii: See ``CleanOptions``.
        emotion: See ``ScoreOptions``.
        user_words: See ``CleanOptions``.
        name: The user's name for the job; "" uses the name of the first table.

    Raises:
        MappingError: R03 a table has no comment column.
        ModelError: M14 emotions are requested of a model that has none.
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
    # A table that was already part of a job keeps the reference time its rows were read with.
    tables = tuple(s if s.exported else replace(s, exported=_moment(s.path.stat().st_mtime, zone)) for s in sources)
    return JobSpec(tables, backend_name or backend.name, backend.version, clean, score, title)


def clean_options(
    sources: Sequence[TableSource], settings: Settings, *, mask_pii: bool = False, user_words: Sequence[str] = ()
) -> CleanOptions:
    """Build the cleaning options of some tables.

    刚刚 and 昨天 are relative to when a table's file was last modified, taken as its export time. The value here is
    that of the newest file, for tables without their own; ``new_spec`` sets one per table. Absolute times may be as
    late as now, because copying and unpacking give files older timestamps.

    Args:
        sources: The tables; their files must exist.
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
    """Return the id of a job: a hash of everything that determines its rows, 24 hex digits.

    It covers the contents of the files, how their tables are extracted and by which revision of the reader, the
    mappings, the options and the model's version, but not paths, display names, the job's name or the reference times
    for dates.
    """
    clean = asdict(spec.clean)
    del clean["reference_time"], clean["latest_time"]
    facts = {
        "tables": [
            {"sha256": s.sha256, "mapping": asdict(s.mapping), **{name: getattr(s, name) for name in _CUT}}
            # jobs from before revisions existed keep their ids
            | ({"reading": s.reading} if s.reading else {})
            for s in spec.sources
        ],
        "model_version": spec.model_version,
        "clean": clean,
        "score": asdict(spec.score),
    }
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
