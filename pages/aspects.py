"""方面分析: what people talk about, and whether they praise or criticise it."""

from __future__ import annotations

from core.results import Choices
from core.schema import Filter, Job
from pages.parts import aspect_parts, comments_panel, job_page


def draw(job: Job, chosen: Filter, offered: Choices) -> None:
    aspect_parts.show(job, chosen, offered)
    comments_panel.show(job.id, job.spec.name)


job_page.show("方面分析", "大家说的是哪些方面?各是好是坏?", draw)
