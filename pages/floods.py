"""异常与水军: which comments look copied or posted by one actor, and the figures without them."""

from __future__ import annotations

from core.results import Choices
from core.schema import Filter, Job
from pages.parts import comments_panel, flood_parts, job_page


def draw(job: Job, chosen: Filter, offered: Choices) -> None:
    flood_parts.show(job.id, chosen, offered)
    comments_panel.show(job.id, job.spec.name, order="最早的在前")


job_page.show("异常与水军", "有多少评论疑似雷同?", draw)
