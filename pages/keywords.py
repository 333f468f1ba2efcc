"""关键词对比: which words distinguish two sets of comments."""

from __future__ import annotations

from core.results import Choices
from core.schema import Filter, Job
from pages.parts import comments_panel, job_page, keyword_parts


def draw(job: Job, chosen: Filter, offered: Choices) -> None:
    sides = keyword_parts.sides(job.id, offered)
    keyword_parts.words(job.id, chosen, sides)
    comments_panel.show(job.id, job.spec.name)


job_page.show("关键词对比", "两组评论,用词差在哪里?", draw)
