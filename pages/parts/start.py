"""Start jobs from pages: from confirmed tables, and the demo from data/samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.jobs import job_id, new_spec
from core.read import inspect
from core.schema import Job, TableSource
from core.score import can_tell
from core.settings import get_settings
from pages.parts import resources

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
#: The tables of the demo: one story from several sources. labelled.csv is for `evaluate`.
DEMO_FILES = ("weibo_comments.csv", "shop_reviews_gbk.csv", "takeaway_reviews.csv", "hotel_reviews.xlsx", "notes.jsonl")
DEMO_DIALOGUES = ("service_dialogue.csv",)


def start(
    sources: Sequence[TableSource],
    *,
    name: str,
    model: str,
    neutral_band: float | None = None,
    mask_pii: bool = False,
    emotion: bool = False,
    user_words: Sequence[str] = (),
) -> tuple[str, Job | None]:
    """Submit tables to the job manager.

    Args:
        sources: Tables with the mapping that the user confirmed.
        name: The user's name for the job.
        model: Registry name or folder.
        neutral_band: None for the setting's value.
        mask_pii: Replace phone numbers and the like.
        emotion: Also predict emotions; the model must support them.
        user_words: Words that segmentation keeps whole.

    Returns:
        The job's id, and the job that already existed under it: the same tables and options give the same id and are
        not scored twice.
    """
    spec = new_spec(
        sources,
        resources.backend(model),
        settings=get_settings(),
        neutral_band=neutral_band,
        mask_pii=mask_pii,
        emotion=emotion,
        user_words=user_words,
        name=name,
    )
    # a folder's backend is named by the folder's last part; a resumed job must find the folder again
    before = resources.store().catalogue.get(job_id(spec))
    return resources.jobs().submit(replace(spec, backend=model)).id, before


def start_demo() -> str:
    """Label the sample tables with the default model; return the job's id."""
    return _start_samples(DEMO_FILES, "示例:耳机、外卖和酒店的一个秋天")


def start_dialogues() -> str:
    """Label the sample of service dialogues with the default model; return the job's id."""
    return _start_samples(DEMO_DIALOGUES, "示例:客服对话")


def _start_samples(files: Sequence[str], name: str) -> str:
    sources = inspect([SAMPLES / file for file in files])
    model = get_settings().backend
    felt = can_tell(resources.backend(model))
    return start(sources, name=name, model=model, emotion=felt)[0]
