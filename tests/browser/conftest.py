"""One server and one Chromium for all browser tests of a run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import app

SAMPLE = app.ROOT / "data" / "samples" / "shop_reviews_gbk.csv"

expect.set_options(timeout=20_000)  # two cores, and pages that compute


@pytest.fixture(scope="session", autouse=True)
def needs_a_browser() -> None:
    """Skip with a reason if there is no browser; in CI that is a failure."""
    lacking = app.missing()
    if lacking and os.environ.get("CI") == "true":
        pytest.fail(f"浏览器测试缺少:{lacking};tests/browser/install.sh 应当装好它们")
    if lacking:
        pytest.skip(f"浏览器测试缺少:{lacking};运行 sh tests/browser/install.sh")


@pytest.fixture(scope="session")
def address(needs_a_browser: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running app with an empty data folder of its own."""
    folder = tmp_path_factory.mktemp("server")
    with app.server(folder / "data", folder / "server.log") as found:
        yield found


@pytest.fixture(scope="session")
def chromium(needs_a_browser: None) -> Iterator[Browser]:
    """A running Chromium."""
    with app.browser() as started:
        yield started


@pytest.fixture(scope="session")
def job(chromium: Browser, address: str) -> Iterator[str]:
    """Upload the sample, request emotions, start it with the detected options, wait for its end; return its id."""
    with app.tab(chromium) as tab:
        tab.goto(f"{address}/batch")
        app.settle(tab)
        tab.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(SAMPLE)
        expect(tab.get_by_text("GBK / GB18030 · 逗号分隔")).to_be_visible()
        expect(tab.get_by_text("评价内容").first).to_be_visible()
        tab.get_by_text("判断情绪", exact=True).click()
        app.settle(tab)
        tab.get_by_role("button", name="开始打标").click()
        expect(tab.get_by_text("逐行结果")).to_be_visible(timeout=app.LABELLING_MS)
        yield app.params(tab)["job"]


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A fresh tab, 1366×768."""
    with app.tab(chromium) as page:
        yield page
