"""Screenshots of every page, light and dark, of the demo: ``python -m tests.browser.screenshots [FOLDER]``.

They go to docs/screenshots; check them before committing.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page

from tests.browser import app

_COMMENTS = (
    "固件升级之后左耳天天断连,客服只会让我重启,太失望了[怒]\n"
    "包装很用心,音质对得起这个价,会推荐给朋友 😄\n"
    "物流三天到,东西和图片一样,没什么好说的\n"
    "不能说不好用,只是和宣传的降噪差得有点远"
)
_DEMO_SECONDS = 180
#: Whether every chart of the page is drawn.
_DRAWN = """() => [...document.querySelectorAll("[data-testid=stVegaLiteChart]")]
  .every(chart => chart.querySelector("canvas, svg.marks"))"""


def main(folder: Path) -> None:
    """Start the app with an empty data folder, run the demo and take the screenshots."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, app.browser() as browser:
        place = Path(scratch)
        with app.server(place / "data", place / "server.log") as address:
            with app.tab(browser) as tab:
                _take(tab, f"{address}/", folder / "home_empty.png")
                job = _run_demo(tab, address)
            for dark in (False, True):
                with app.tab(browser, dark=dark) as tab:
                    _all(tab, address, job, folder, "_dark" if dark else "")


def _all(tab: Page, address: str, job: str, folder: Path, suffix: str) -> None:
    def name(page: str) -> Path:
        return folder / f"{page}{suffix}.png"

    _take(tab, f"{address}/", name("home"))
    _take(tab, f"{address}/single", name("single"), _judge)
    _take(tab, f"{address}/batch?job={job}", name("batch"))
    _take(tab, f"{address}/brief?job={job}", name("brief"))
    _take(tab, f"{address}/dashboard?job={job}", name("dashboard"))
    _take(tab, f"{address}/aspects?job={job}", name("aspects"), _aspects)
    _take(tab, f"{address}/topics?job={job}&o.of=all", name("topics"))
    _take(tab, f"{address}/floods?job={job}", name("floods"))
    _take(tab, f"{address}/dialogue?job={job}", name("dialogue"), _dialogues)
    _take(tab, f"{address}/keywords?job={job}", name("keywords"))
    _take(tab, f"{address}/compare?job={job}&o.by=product", name("compare"))
    _take(tab, f"{address}/models", name("models"))
    if not suffix:  # the API's docs page has only one theme
        tab.goto(f"{address}/api/docs", wait_until="networkidle")
        tab.screenshot(path=name("api"))


def _take(tab: Page, url: str, path: Path, act: Callable[[Page], None] | None = None) -> None:
    tab.goto(url)
    app.settle(tab)
    if act is not None:
        act(tab)
    tab.wait_for_function(_DRAWN)  # charts and components draw after the script has ended
    tab.wait_for_timeout(1_000)
    tab.screenshot(path=path)


def _aspects(tab: Page) -> None:
    tab.get_by_text("各方面被怎么说").first.wait_for(timeout=_DEMO_SECONDS * 1_000)
    app.settle(tab)


def _dialogues(tab: Page) -> None:
    tab.get_by_role("button", name="看一个示例").click()
    tab.get_by_text("复核清单").first.wait_for(timeout=_DEMO_SECONDS * 1_000)
    app.settle(tab)


def _judge(tab: Page) -> None:
    tab.get_by_label("评论").fill(_COMMENTS)
    tab.get_by_label("评论").press("Control+Enter")
    tab.locator(".bars .number").first.wait_for()
    app.settle(tab)


def _run_demo(tab: Page, address: str) -> str:
    tab.get_by_role("button", name="看一个示例").click()
    tab.wait_for_url("**/dashboard?*")
    (job,) = parse_qs(urlsplit(tab.url).query)["job"]
    tab.goto(f"{address}/")
    tab.get_by_text(re.compile("已完成$")).first.wait_for(timeout=_DEMO_SECONDS * 1_000)  # the icon's name precedes it
    return job


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else app.ROOT / "docs" / "screenshots")
