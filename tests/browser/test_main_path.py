"""The main path in a real browser: a file goes in, labels come out, a word is clicked, its comments are taken along."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.schema import word_forms, word_title
from tests.browser import app

pytestmark = pytest.mark.browser


def total(tab: Page) -> int:
    """The number of comments that the panel says it shows."""
    return int(re.sub(r"\D", "", app.heading(tab).inner_text()))


def expect_total(tab: Page, n: int) -> None:
    expect(app.heading(tab)).to_contain_text(f"· {n:,} 条")


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
    app.opened(tab, address, job)
    everything = total(tab)
    word = pick_word(tab)
    assert word_title(app.params(tab)["term"]) == word
    expect(app.heading(tab)).not_to_contain_text(f"· {everything:,} 条")
    assert 0 < total(tab) < everything
    expect(tab.locator(".box mark").first).to_be_visible()
    assert set(tab.locator(".box mark").all_inner_texts()) <= set(word_forms(app.params(tab)["term"]))
    tab.get_by_role("button", name=re.compile("含词")).click()
    expect_total(tab, everything)
    assert "term" not in app.params(tab)


def test_a_long_comment_can_be_unfolded_by_keyboard(tab: Page, address: str, job: str) -> None:
    tab.set_viewport_size({"width": 420, "height": 768})  # some comments are too long for their column here
    app.opened(tab, address, job)
    text = tab.locator(".box .text.long").first
    folded = text.evaluate("node => node.clientHeight")
    text.focus()
    tab.keyboard.press("Enter")
    expect(text).to_have_attribute("aria-expanded", "true")
    assert text.evaluate("node => node.clientHeight") > folded


def test_a_word_can_be_picked_by_keyboard(tab: Page, address: str, job: str) -> None:
    app.opened(tab, address, job)
    tab.locator("svg.cloud text").first.focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("button", name=re.compile("含词"))).to_be_visible()
    assert "term" in app.params(tab)


def test_the_downloaded_csv_holds_what_the_screen_counts(tab: Page, address: str, job: str, tmp_path: Path) -> None:
    app.opened(tab, address, job, "&label=negative&source=京东")
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
    app.opened(tab, address, job)  # the menu was drawn without a filter first
    before = total(tab)
    tab.get_by_role("button", name=re.compile("负面$")).first.click()
    expect(app.heading(tab)).not_to_contain_text(f"· {before:,} 条")
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
    app.opened(tab, address, job, "&label=negative&q=耳机")
    before = total(tab)
    expect(tab.get_by_role("button", name=re.compile("含“耳机”"))).to_be_visible()
    expect(tab.locator(".box .badge").first).to_be_visible()
    assert set(tab.locator(".box .badge").all_inner_texts()) == {"😠 负面"}
    tab.reload()
    expect(app.heading(tab)).to_be_visible()
    expect_total(tab, before)
    assert app.params(tab)["q"] == "耳机"


def test_the_menu_takes_the_job_and_the_filter_along(tab: Page, address: str, job: str) -> None:
    app.opened(tab, address, job, "&label=negative")
    tab.get_by_test_id("stSidebarNavLink").filter(has_text="关键词对比").click()
    tab.wait_for_url(re.compile(r"/keywords\?job="))
    expect(tab.get_by_role("button", name="情感:负面")).to_be_visible()
    assert app.params(tab) == {"job": job, "label": "negative"}


def test_a_click_into_the_trend_shows_the_comments_of_that_time(tab: Page, address: str, job: str) -> None:
    app.opened(tab, address, job, "&freq=month")
    everything = total(tab)
    chart = tab.get_by_test_id("stVegaLiteChart").first.bounding_box()
    assert chart is not None
    tab.mouse.click(chart["x"] + chart["width"] / 2, chart["y"] + 140)
    tab.wait_for_url(re.compile(r"at\.from="))
    expect(tab.get_by_role("button", name="取消点选")).to_be_visible()
    assert 0 < total(tab) < everything
    assert app.params(tab)["at.from"].endswith("-01")
    tab.get_by_role("button", name="取消点选").click()
    tab.wait_for_url(re.compile(r"^(?!.*at\.from)"))
    expect_total(tab, everything)


def test_going_back_lets_go_of_the_clicked_time_in_the_chart_too(tab: Page, address: str, job: str) -> None:
    app.opened(tab, address, job, "&freq=month")
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
    app.opened(tab, address, job)
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
    app.opened(tab, address, job, "&emotion=anger")
    chosen = total(tab)
    tab.get_by_role("button", name="情绪:愤怒").click()
    tab.wait_for_url(re.compile(r"^(?!.*emotion)"))
    expect(app.heading(tab)).not_to_contain_text(f"· {chosen:,} 条")
    assert 0 < chosen < total(tab)


def test_the_files_of_a_chart_are_called_after_the_job(tab: Page, address: str, job: str) -> None:
    app.opened(tab, address, job)
    tab.get_by_role("button", name="保存").first.click()
    with tab.expect_download() as waited:
        tab.get_by_role("button", name="数据 CSV").click()
    assert waited.value.suggested_filename == "shop_reviews_gbk_负面占比随时间的变化.csv"


def test_the_numbers_of_the_course_of_topics_are_its_steps(tab: Page, address: str, job: str, tmp_path: Path) -> None:
    tab.goto(f"{address}/topics?job={job}")
    expect(tab.get_by_test_id("stVegaLiteChart").nth(1)).to_be_visible(timeout=app.LABELLING_MS)
    app.settle(tab)
    tab.get_by_role("button", name="保存").nth(1).click()
    with tab.expect_download() as waited:
        tab.get_by_role("button", name="数据 CSV").click()
    target = tmp_path / "course.csv"
    waited.value.save_as(target)
    assert waited.value.suggested_filename == "shop_reviews_gbk_各话题随时间的变化.csv"
    assert target.read_text("utf-8-sig").startswith("话题,开始,条数,全部评论,")


def test_a_label_set_right_is_marked_and_can_be_undone(tab: Page, address: str, job: str) -> None:
    app.opened(tab, address, job, "&label=negative")
    before = total(tab)
    tab.get_by_role("button", name="改判为正面").first.click()
    expect(tab.get_by_role("button", name="撤销改判(1)")).to_be_visible()
    expect_total(tab, before - 1)
    tab.get_by_role("button", name="撤销改判(1)").click()
    expect(tab.get_by_role("button", name="撤销改判(1)")).to_be_hidden()
    expect_total(tab, before)


def test_a_corrected_row_is_taken_back_in_another_session(tab: Page, chromium: Browser, address: str, job: str) -> None:
    app.opened(tab, address, job)
    tab.get_by_role("button", name="改判为正面").first.click()
    expect(tab.locator(".box").get_by_text("已改判,模型:负面")).to_be_visible()
    with app.tab(chromium) as other:
        app.opened(other, address, job)
        other.locator(".box").get_by_role("button", name="撤销改判").click()
        expect(other.locator(".box").get_by_text("已改判")).to_have_count(0)
        expect(other.get_by_role("button", name="撤销改判(1)")).to_be_hidden()


def test_a_word_of_a_contrast_leads_to_the_comments_of_its_side(tab: Page, address: str, job: str) -> None:
    tab.goto(f"{address}/keywords?job={job}")
    expect(app.heading(tab)).to_be_visible()
    app.settle(tab)
    everything = total(tab)
    tab.locator("svg.cloud text").first.click()
    expect(tab.get_by_role("button", name="取消点选")).to_be_visible()
    app.settle(tab)
    assert app.params(tab)["at.label"] == "negative"
    assert 0 < total(tab) < everything
    assert set(tab.locator(".box mark").all_inner_texts()) <= set(word_forms(app.params(tab)["at.term"]))


def test_a_group_of_a_comparison_leads_to_its_comments(tab: Page, address: str, job: str) -> None:
    tab.goto(f"{address}/compare?job={job}&o.by=source")
    expect(app.heading(tab)).to_be_visible()
    app.settle(tab)
    everything = total(tab)
    dot = tab.locator("path[aria-roledescription='circle'][aria-label*='京东']").first
    expect(dot).to_be_visible()
    dot.click()
    expect(tab.get_by_role("button", name="取消点选")).to_be_visible()
    app.settle(tab)
    assert app.params(tab)["at.source"] == "京东"
    assert 0 < total(tab) < everything
