"""The main path in a real browser: a file goes in, labels come out, a word is clicked, its comments are taken along."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.schema import word_forms, word_title
from tests.browser import app

pytestmark = pytest.mark.browser
SAMPLE = app.ROOT / "data" / "samples" / "shop_reviews_gbk.csv"
LABELLING_MS = 120_000


@pytest.fixture(scope="module")
def job(chromium: Browser, address: str) -> Iterator[str]:
    """Upload the sample, ask for emotions, start it with what was detected, wait for its end; the job's id."""
    with app.tab(chromium) as tab:
        tab.goto(f"{address}/batch")
        app.settle(tab)
        tab.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(SAMPLE)
        expect(tab.get_by_text("GBK / GB18030 · 逗号分隔")).to_be_visible()
        expect(tab.get_by_text("评价内容").first).to_be_visible()
        tab.get_by_text("判断情绪", exact=True).click()
        app.settle(tab)
        tab.get_by_role("button", name="开始打标").click()
        expect(tab.get_by_text("逐行结果")).to_be_visible(timeout=LABELLING_MS)
        yield params(tab)["job"]


def params(tab: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(tab.url).query).items()}


def opened(tab: Page, address: str, job: str, more: str = "") -> Page:
    tab.goto(f"{address}/dashboard?job={job}{more}")
    expect(heading(tab)).to_be_visible()
    app.settle(tab)
    return tab


def heading(tab: Page) -> Locator:
    return tab.get_by_role("heading", name=re.compile("评论原文"))


def total(tab: Page) -> int:
    """The number of comments that the panel says it shows."""
    return int(re.sub(r"\D", "", heading(tab).inner_text()))


def expect_total(tab: Page, n: int) -> None:
    expect(heading(tab)).to_contain_text(f"· {n:,} 条")


def pick_word(tab: Page) -> str:
    """Click the largest word of the cloud and return it."""
    word = tab.locator("svg.cloud text").first
    text = str(word.evaluate("node => node.firstChild.textContent"))
    word.click()
    expect(tab.get_by_role("button", name=re.compile(f"含词“{re.escape(text)}”"))).to_be_visible()
    app.settle(tab)
    return text


def shown_texts(tab: Page) -> list[str]:
    return tab.locator(".box tbody .text").all_inner_texts()


def test_a_clicked_word_shows_its_comments_with_the_word_marked(tab: Page, address: str, job: str) -> None:
    opened(tab, address, job)
    everything = total(tab)
    word = pick_word(tab)
    assert word_title(params(tab)["term"]) == word
    expect(heading(tab)).not_to_contain_text(f"· {everything:,} 条")
    assert 0 < total(tab) < everything
    expect(tab.locator(".box mark").first).to_be_visible()
    assert set(tab.locator(".box mark").all_inner_texts()) <= set(word_forms(params(tab)["term"]))
    tab.get_by_role("button", name=re.compile("含词")).click()
    expect_total(tab, everything)
    assert "term" not in params(tab)


def test_a_long_comment_can_be_unfolded_by_keyboard(tab: Page, address: str, job: str) -> None:
    tab.set_viewport_size({"width": 420, "height": 768})  # some comments are too long for their column here
    opened(tab, address, job)
    text = tab.locator(".box .text.long").first
    folded = text.evaluate("node => node.clientHeight")
    text.focus()
    tab.keyboard.press("Enter")
    expect(text).to_have_attribute("aria-expanded", "true")
    assert text.evaluate("node => node.clientHeight") > folded


def test_a_word_can_be_picked_by_keyboard(tab: Page, address: str, job: str) -> None:
    opened(tab, address, job)
    tab.locator("svg.cloud text").first.focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("button", name=re.compile("含词"))).to_be_visible()
    assert "term" in params(tab)


def test_the_downloaded_csv_holds_what_the_screen_counts(tab: Page, address: str, job: str, tmp_path: Path) -> None:
    opened(tab, address, job, "&label=negative&source=京东")
    on_screen = total(tab)
    tab.get_by_role("button", name="下载", exact=True).click()
    with tab.expect_download() as waited:
        tab.get_by_test_id("stDownloadButton").get_by_role("button", name="CSV", exact=True).first.click()
    target = tmp_path / "out.csv"
    waited.value.save_as(target)
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == on_screen > 0
    assert {row["情感"] for row in rows} == {"负面"}
    assert {row["平台"] for row in rows} == {"京东"}
    assert {row["订单编号"][:1] for row in rows}.isdisjoint("=+@")
    texts = {row["评价内容"].strip() for row in rows}
    assert all(text.strip() in texts for text in shown_texts(tab))


def test_a_filter_clicked_on_the_page_is_what_the_menu_says_and_the_file_holds(
    tab: Page, address: str, job: str, tmp_path: Path
) -> None:
    opened(tab, address, job)  # the menu was drawn without a filter first
    before = total(tab)
    tab.get_by_role("button", name=re.compile("负面$")).first.click()
    expect(heading(tab)).not_to_contain_text(f"· {before:,} 条")
    app.settle(tab)
    on_screen = total(tab)
    tab.get_by_role("button", name="下载", exact=True).click()
    expect(tab.get_by_role("radio", name=f"筛选后的 {on_screen:,} 条")).to_be_checked()
    with tab.expect_download() as waited:
        tab.get_by_test_id("stDownloadButton").get_by_role("button", name="CSV", exact=True).first.click()
    assert waited.value.suggested_filename.endswith("_筛选.csv")
    target = tmp_path / "out.csv"
    waited.value.save_as(target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == on_screen


def test_a_cold_link_shows_the_filtered_state_and_a_reload_keeps_it(tab: Page, address: str, job: str) -> None:
    opened(tab, address, job, "&label=negative&q=耳机")
    before = total(tab)
    expect(tab.get_by_role("button", name=re.compile("含“耳机”"))).to_be_visible()
    expect(tab.locator(".box .badge").first).to_be_visible()
    assert set(tab.locator(".box .badge").all_inner_texts()) == {"😠 负面"}
    tab.reload()
    expect(heading(tab)).to_be_visible()
    expect_total(tab, before)
    assert params(tab)["q"] == "耳机"


def test_the_menu_takes_the_job_and_the_filter_along(tab: Page, address: str, job: str) -> None:
    opened(tab, address, job, "&label=negative")
    tab.get_by_test_id("stSidebarNavLink").filter(has_text="关键词对比").click()
    tab.wait_for_url(re.compile(r"/keywords\?job="))
    expect(tab.get_by_role("button", name="情感:负面")).to_be_visible()
    assert params(tab) == {"job": job, "label": "negative"}


def test_a_click_into_the_trend_shows_the_comments_of_that_time(tab: Page, address: str, job: str) -> None:
    opened(tab, address, job, "&freq=month")
    everything = total(tab)
    chart = tab.get_by_test_id("stVegaLiteChart").first.bounding_box()
    assert chart is not None
    tab.mouse.click(chart["x"] + chart["width"] / 2, chart["y"] + 140)
    tab.wait_for_url(re.compile(r"at\.from="))
    expect(tab.get_by_role("button", name="取消点选")).to_be_visible()
    assert 0 < total(tab) < everything
    assert params(tab)["at.from"].endswith("-01")
    tab.get_by_role("button", name="取消点选").click()
    tab.wait_for_url(re.compile(r"^(?!.*at\.from)"))
    expect_total(tab, everything)


def test_going_back_lets_go_of_the_clicked_time_in_the_chart_too(tab: Page, address: str, job: str) -> None:
    opened(tab, address, job, "&freq=month")
    chart = tab.get_by_test_id("stVegaLiteChart").first
    column = chart.locator("path[aria-roledescription='rect mark'][opacity='0.16']")
    box = chart.bounding_box()
    assert box is not None
    tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + 140)
    tab.wait_for_url(re.compile(r"at\.from="))
    expect(column).to_have_count(1)
    tab.go_back()
    tab.wait_for_url(re.compile(r"^(?!.*at\.from)"))
    expect(column).to_have_count(0)


def test_a_clicked_emotion_shows_its_comments(tab: Page, address: str, job: str) -> None:
    opened(tab, address, job)
    everything = total(tab)
    tab.get_by_role("tab", name="情绪", exact=True).click()
    bar = tab.locator("path[aria-label*='emotion: 愤怒']")
    expect(bar).to_be_visible()
    app.settle(tab)
    bar.click()
    tab.wait_for_url(re.compile(r"at\.emotion=anger"))
    expect(tab.get_by_role("button", name="取消点选")).to_be_visible()
    expect(tab.get_by_text("情绪:愤怒", exact=True)).to_be_visible()
    assert 0 < total(tab) < everything


def test_an_emotion_in_the_address_is_a_filter_that_can_be_taken_back(tab: Page, address: str, job: str) -> None:
    opened(tab, address, job, "&emotion=anger")
    chosen = total(tab)
    tab.get_by_role("button", name="情绪:愤怒").click()
    tab.wait_for_url(re.compile(r"^(?!.*emotion)"))
    expect(heading(tab)).not_to_contain_text(f"· {chosen:,} 条")
    assert 0 < chosen < total(tab)


def test_the_files_of_a_chart_are_called_after_the_job(tab: Page, address: str, job: str) -> None:
    opened(tab, address, job)
    tab.get_by_role("button", name="保存").first.click()
    with tab.expect_download() as waited:
        tab.get_by_role("button", name="数据 CSV").click()
    assert waited.value.suggested_filename == "shop_reviews_gbk_负面占比随时间的变化.csv"


def test_the_numbers_of_the_course_of_topics_are_its_steps(tab: Page, address: str, job: str, tmp_path: Path) -> None:
    tab.goto(f"{address}/topics?job={job}")
    expect(tab.get_by_test_id("stVegaLiteChart").nth(1)).to_be_visible(timeout=LABELLING_MS)
    app.settle(tab)
    tab.get_by_role("button", name="保存").nth(1).click()
    with tab.expect_download() as waited:
        tab.get_by_role("button", name="数据 CSV").click()
    target = tmp_path / "course.csv"
    waited.value.save_as(target)
    assert waited.value.suggested_filename == "shop_reviews_gbk_各话题随时间的变化.csv"
    assert target.read_text("utf-8-sig").startswith("话题,开始,条数,全部评论,")


def test_a_label_set_right_is_marked_and_can_be_undone(tab: Page, address: str, job: str) -> None:
    opened(tab, address, job, "&label=negative")
    before = total(tab)
    tab.get_by_role("button", name="改判为正面").first.click()
    expect(tab.get_by_role("button", name="撤销改判(1)")).to_be_visible()
    expect_total(tab, before - 1)
    tab.get_by_role("button", name="撤销改判(1)").click()
    expect(tab.get_by_role("button", name="撤销改判(1)")).to_be_hidden()
    expect_total(tab, before)


def test_a_corrected_row_is_taken_back_in_another_session(tab: Page, chromium: Browser, address: str, job: str) -> None:
    opened(tab, address, job)
    tab.get_by_role("button", name="改判为正面").first.click()
    expect(tab.locator(".box").get_by_text("已改判,模型:负面")).to_be_visible()
    with app.tab(chromium) as other:
        opened(other, address, job)
        other.locator(".box").get_by_role("button", name="撤销改判").click()
        expect(other.locator(".box").get_by_text("已改判")).to_have_count(0)
        expect(other.get_by_role("button", name="撤销改判(1)")).to_be_hidden()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", ["dashboard", "batch"])
def test_the_pages_of_a_job_fit_a_laptop(chromium: Browser, address: str, job: str, path: str, dark: bool) -> None:
    with app.tab(chromium, dark=dark) as tab:
        tab.goto(f"{address}/{path}?job={job}")
        expect(heading(tab)).to_be_visible()
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
    opened(tab, address, job)
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
    opened(tab, address, job)
    more = tab.locator(".box .more").first
    expect(more).to_be_hidden()
    tab.set_viewport_size({"width": 960, "height": 850})
    expect(more).to_be_visible()
    expect(more).to_contain_text("置信度")
    expect(tab.locator(".box th", has_text="置信度")).to_be_hidden()


def test_a_chart_that_has_to_scroll_on_a_phone_says_so_and_can_be_clicked(tab: Page, address: str, job: str) -> None:
    tab.set_viewport_size({"width": 420, "height": 850})
    opened(tab, address, job, "&freq=month")
    trend = tab.get_by_test_id("stVegaLiteChart").first
    assert trend.evaluate("chart => chart.scrollWidth > chart.clientWidth")
    assert trend.evaluate("chart => getComputedStyle(chart, '::after').opacity") == "1"
    trend.scroll_into_view_if_needed()
    box = trend.bounding_box()
    assert box is not None
    tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + 110)
    tab.wait_for_url(re.compile(r"at\.from="))


def test_a_word_of_a_contrast_leads_to_the_comments_of_its_side(tab: Page, address: str, job: str) -> None:
    tab.goto(f"{address}/keywords?job={job}")
    expect(heading(tab)).to_be_visible()
    app.settle(tab)
    everything = total(tab)
    tab.locator("svg.cloud text").first.click()
    expect(tab.get_by_role("button", name="取消点选")).to_be_visible()
    app.settle(tab)
    assert params(tab)["at.label"] == "negative"
    assert 0 < total(tab) < everything
    assert set(tab.locator(".box mark").all_inner_texts()) <= set(word_forms(params(tab)["at.term"]))


def test_a_group_of_a_comparison_leads_to_its_comments(tab: Page, address: str, job: str) -> None:
    tab.goto(f"{address}/compare?job={job}&o.by=source")
    expect(heading(tab)).to_be_visible()
    app.settle(tab)
    everything = total(tab)
    dot = tab.locator("path[aria-roledescription='circle'][aria-label*='京东']").first
    expect(dot).to_be_visible()
    dot.click()
    expect(tab.get_by_role("button", name="取消点选")).to_be_visible()
    app.settle(tab)
    assert params(tab)["at.source"] == "京东"
    assert 0 < total(tab) < everything
