"""Files and finished jobs for the tests of 批量打标 and 舆情看板."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from core.jobs import new_spec
from core.read import inspect
from core.schema import Job, JobSpec
from core.settings import get_settings
from pages.parts import answers, resources

HEADER = ("订单号", "评论时间", "平台", "商品", "评分", "评论内容")


def rows(n: int) -> list[tuple[str, ...]]:
    """n comments over ten weeks: complaints about 断连 in the second half, praise of 音质 before and alongside."""
    made = []
    for i in range(n):
        bad = i % 3 == 0 if i < n // 2 else i % 3 != 0
        text = f"第{i}次断连了,太差了,退货" if bad else f"第{i}天,音质很好,非常喜欢"
        day = i * 70 // max(1, n)
        time = f"2026-{8 + day // 30:02d}-{day % 30 + 1:02d} 10:{i % 60:02d}:00"
        made.append((str(10**17 + i), time, ("微博", "京东")[i % 2], "耳机", "1" if bad else "5", text))
    return made


def write(path: Path, lines: list[tuple[str, ...]], *, encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([HEADER, *lines])
    return path


def spec_of(path: Path, name: str) -> JobSpec:
    model = get_settings().backend
    spec = new_spec(inspect([path]), resources.backend(model), settings=get_settings(), name=name)
    return replace(spec, backend=model)


def labelled(path: Path, name: str = "耳机") -> Job:
    """Label a file to its end."""
    answers.forget()
    return resources.jobs().wait(resources.jobs().submit(spec_of(path, name)).id, 120)
