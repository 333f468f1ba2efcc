"""The real app for the browser tests and the screenshots: a server process and a Chromium."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
#: The laptop screen that every page must fit.
VIEWPORT = {"width": 1366, "height": 768}
START_SECONDS = 90
LABELLING_MS = 120_000
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def missing() -> str:
    """Return what the browser tests lack on this machine; "" = nothing."""
    lacking = [] if chromium() else ["chromium(或设置 CHROMIUM)"]
    fonts = shutil.which("fc-list") and subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout
    return "、".join(lacking if fonts else [*lacking, "fonts-wqy-microhei"])


def chromium() -> str | None:
    """Return the path of the browser."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def server(data_dir: Path, log: Path, **environment: str) -> Iterator[str]:
    """Run ``python -m core serve`` on a free port.

    Args:
        data_dir: Its own data folder.
        log: File for its output.
        environment: Additional ``TINGFENG_`` variables.

    Yields:
        The address, such as ``http://127.0.0.1:43210``.
    """
    port = _free_port()
    variables = {**os.environ, "TINGFENG_DATA_DIR": str(data_dir), **environment}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "core", "serve", "--port", str(port)],
            cwd=ROOT,
            env=variables,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=_ARGUMENTS)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def tab(started: Browser, *, dark: bool = False) -> Iterator[Page]:
    """Open a fresh tab without cookies, of size ``VIEWPORT``."""
    context = started.new_context(
        viewport=VIEWPORT, color_scheme="dark" if dark else "light", locale="zh-CN", accept_downloads=True
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    try:
        yield page
    finally:
        context.close()


#: Streamlit says "not running" before a click has reached the server and before components have drawn, so a page
#: counts as settled only once it has run nothing, drawn nothing and shown nothing of an earlier run for this long.
QUIET_MS = 400
_SETTLED = """(quiet) => {
  const app = document.querySelector("[data-testid=stApp]")
  const now = performance.now()
  if (window.tingfengChanged === undefined) {
    window.tingfengChanged = now
    new MutationObserver(() => { window.tingfengChanged = performance.now() })
      .observe(document.documentElement, { subtree: true, childList: true, characterData: true })
  }
  const still = app && app.getAttribute("data-test-script-state") === "notRunning"
    && !document.querySelector("[data-stale=true], [data-testid=stSkeleton]")
  if (!still) window.tingfengChanged = now
  return still && now - window.tingfengChanged >= quiet
}"""


def settle(page: Page) -> None:
    """Wait until the page has finished running and is idle.

    Drawing in a component's shadow tree is not visible here: wait for that with ``expect``.
    """
    page.wait_for_selector("[data-testid=stApp]")
    page.wait_for_function(_SETTLED, arg=QUIET_MS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(
                f"the server ended with {process.returncode}: {log.read_text('utf-8', 'replace')[-2000:]}"
            )
        try:
            with urllib.request.urlopen(f"{address}/api/health", timeout=2):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"no answer within {START_SECONDS} s: {log.read_text('utf-8', 'replace')[-2000:]}")


def params(tab: Page) -> dict[str, str]:
    """Return the parameters of the URL."""
    return {name: values[0] for name, values in parse_qs(urlsplit(tab.url).query).items()}


def opened(tab: Page, address: str, job: str, more: str = "") -> Page:
    """Open the dashboard of a job and wait for its comments."""
    tab.goto(f"{address}/dashboard?job={job}{more}")
    expect(heading(tab)).to_be_visible()
    settle(tab)
    return tab


def heading(tab: Page) -> Locator:
    """Return the heading of the comments."""
    return tab.get_by_role("heading", name=re.compile("评论原文"))
