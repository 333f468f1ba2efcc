"""话题: what the comments are about, found from the comments themselves."""

from __future__ import annotations

from core.results import Choices
from core.schema import Filter, Job
from pages.parts import comments_panel, job_page, topic_parts


def draw(job: Job, chosen: Filter, offered: Choices) -> None:
    topic = topic_parts.show(job.id, chosen, offered)
    comments_panel.show(job.id, job.spec.name, within=topic)


job_page.show("话题", "大家反复在说哪几件事?", draw)
