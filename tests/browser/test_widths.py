"""Pages in windows of every width: nothing is cut off, nothing scrolls sideways that need not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import app

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", ["dashboard", "batch"])
def test_the_pages_of_a_job_fit_a_laptop(chromium: Browser, address: str, job: str, path: str, dark: bool) -> None:
    with app.tab(chromium, dark=dark) as tab:
        tab.goto(f"{address}/{path}?job={job}")
        expect(app.heading(tab)).to_be_visible()
        app.settle(tab)
        assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        if path == "dashboard":  # the first screen answers: figures, trend and words stand above the fold
            for part in ("[data-testid=stMetric]", "[data-testid=stVegaLiteChart]", "svg.cloud"):
                box = tab.locator(part).first.bounding_box()
                assert box is not None
                assert box["y"] + min(box["height"], 330) <= app.VIEWPORT["height"]


@pytest.mark.parametrize("path", ["dashboard", "compare"])
def test_on_a_narrow_screen_charts_scroll_and_comments_keep_their_room(
    tab: Page, address: str, job: str, path: str
) -> None:
    tab.set_viewport_size({"width": 420, "height": 850})
    tab.goto(f"{address}/{path}?job={job}")
    app.settle(tab)
    assert tab.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")
    text = tab.locator("div.text").first.bounding_box()
    assert text is not None
    assert text["width"] > 150


@pytest.mark.parametrize(("path", "name"), [("", "jobs"), ("models", "models")])
def test_on_a_narrow_screen_a_list_has_no_titles_and_each_line_is_a_compact_card(
    tab: Page, address: str, job: str, path: str, name: str
) -> None:
    tab.set_viewport_size({"width": 420, "height": 850})
    tab.goto(f"{address}/{path}")
    app.settle(tab)
    expect(tab.locator(f".st-key-{name}_titles")).to_be_hidden()
    card = tab.locator(f"[class*=st-key-{name}_line_]").first
    box = card.bounding_box()
    assert box is not None
    assert box["height"] < 160
    columns = card.get_by_test_id("stColumn")
    before = columns.evaluate_all("all => all.map((one) => getComputedStyle(one, '::before').content)")
    assert {"jobs": '"负面占比"', "models": '"大小"'}[name] in before


#: Charts, pills and dates of the page that do not show all they hold, by what they are called.
_CUT = """() => ["[data-testid=stVegaLiteChart]", "[data-testid=stButtonGroup]"]
  .concat([".st-key-filter_labels", ".st-key-filter_dates"])
  .flatMap(part => [...document.querySelectorAll(part)])
  .flatMap(part => [part, ...part.querySelectorAll("[role=group], [data-testid=stButtonGroup]")])
  .filter(part => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).display !== "contents")
  .map(part => part.getAttribute("aria-label") || part.className)"""


@pytest.mark.parametrize("width", [900, 960, 1100, 1250])
@pytest.mark.parametrize("path", ["dashboard", "compare", "topics"])
def test_in_a_window_of_half_a_screen_charts_and_filters_are_whole(
    tab: Page, address: str, job: str, path: str, width: int
) -> None:
    tab.set_viewport_size({"width": width, "height": 850})
    tab.goto(f"{address}/{path}?job={job}")
    app.settle(tab)
    expect(tab.get_by_test_id("stVegaLiteChart").locator("svg.marks").first).to_be_visible()
    assert tab.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")
    assert tab.evaluate(_CUT) == []
    dates = tab.locator(".st-key-filter_dates").bounding_box()
    assert dates is not None
    assert dates["width"] >= 200  # 2025-01-01 – 2025-04-30


@pytest.mark.parametrize("width", [420, 1024, 1440])
def test_dotted_names_of_columns_can_be_read_where_they_are_chosen(
    tab: Page, address: str, tmp_path: Path, width: int
) -> None:
    lines = [
        {"mblog": {"created_at": f"2026-03-{day} 10:00", "text": f"{day}日,很好用", "user": {"screen_name": f"u{day}"}}}
        for day in range(10, 30)
    ]
    path = tmp_path / "微博.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    tab.set_viewport_size({"width": width, "height": 850})
    tab.goto(f"{address}/batch")
    app.settle(tab)
    tab.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(path)
    chosen = tab.locator("[class*=st-key-roles_] [data-testid=stSelectbox] input")
    expect(chosen.first).to_be_visible()
    app.settle(tab)
    shown = chosen.evaluate_all("all => all.map(one => [one.value, one.scrollWidth <= one.clientWidth])")
    assert {"mblog.created_at", "mblog.user.screen_name"} <= {name for name, _ in shown}
    assert all(whole for _, whole in shown)
    assert tab.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")


@pytest.mark.parametrize("width", [420, 900, 960, 1100, 1250, 1700])
def test_the_comments_fit_their_box_and_show_every_fact_and_the_buttons_at_any_width(
    tab: Page, address: str, job: str, width: int
) -> None:
    tab.set_viewport_size({"width": width, "height": 850})
    app.opened(tab, address, job)
    box = tab.locator("div.box:has(tbody .text)")
    expect(box.locator(".text").first).to_be_visible()
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    buttons = box.get_by_role("button", name="改判为正面").first.bounding_box()
    assert buttons is not None
    assert buttons["x"] + buttons["width"] <= width
    facts = [r"\d%", r"\d{4}-\d\d-\d\d"]
    line = box.locator("tbody tr").first.inner_text()
    assert all(re.search(fact, line) for fact in facts)
    text = box.locator(".text").first.bounding_box()
    assert text is not None
    assert text["width"] > 150


def test_facts_beside_the_comments_go_below_them_when_the_window_becomes_narrow(
    tab: Page, address: str, job: str
) -> None:
    app.opened(tab, address, job)
    more = tab.locator(".box .more").first
    expect(more).to_be_hidden()
    tab.set_viewport_size({"width": 960, "height": 850})
    expect(more).to_be_visible()
    expect(more).to_contain_text("置信度")
    expect(tab.locator(".box th", has_text="置信度")).to_be_hidden()


def test_a_chart_that_has_to_scroll_on_a_phone_says_so_and_can_be_clicked(tab: Page, address: str, job: str) -> None:
    tab.set_viewport_size({"width": 420, "height": 850})
    app.opened(tab, address, job, "&freq=month")
    trend = tab.get_by_test_id("stVegaLiteChart").first
    assert trend.evaluate("chart => chart.scrollWidth > chart.clientWidth")
    assert trend.evaluate("chart => getComputedStyle(chart, '::after').opacity") == "1"
    trend.scroll_into_view_if_needed()
    box = trend.bounding_box()
    assert box is not None
    tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + 110)
    tab.wait_for_url(re.compile(r"at\.from="))
