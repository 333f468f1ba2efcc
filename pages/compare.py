"""对比: products, sources, periods, regions side by side, and stars against texts."""

from __future__ import annotations

from core.results import Choices
from core.schema import Filter, Job
from pages.parts import comments_panel, compare_parts, job_page


def draw(job: Job, chosen: Filter, offered: Choices) -> None:
    compare_parts.show(job.id, chosen, offered)
    comments_panel.show(job.id, job.spec.name)


job_page.show("对比", "谁更让人不满?和谁比?", draw)
