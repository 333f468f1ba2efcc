"""一页纸: the five most important findings, each with its evidence."""

from __future__ import annotations

from core.results import Choices
from core.schema import Filter, Job
from pages.parts import answers, brief_parts, job_page


def draw(job: Job, chosen: Filter, _offered: Choices) -> None:
    brief_parts.show(job, answers.overview(job.id, chosen), answers.findings(job.id, chosen))


job_page.show("一页纸", "最要紧的是哪几件事?", draw)
