"""A visitor who follows a link, types a sentence, and calls the API while the dashboard is open."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import app

pytestmark = pytest.mark.browser
PATHS = [
    "",
    "single",
    "batch",
    "brief",
    "dashboard",
    "aspects",
    "keywords",
    "topics",
    "compare",
    "dialogue",
    "floods",
    "models",
]
MENU = [
    "首页", "单句分析", "批量打标", "一页纸", "舆情看板", "方面分析", "关键词对比", "话题", "对比", "客服质检",
    "异常与水军", "模型",
]  # fmt: skip


def bar_numbers(tab: Page) -> list[float]:
    """The three probabilities, in percent, once they are drawn."""
    numbers = tab.locator(".bars .number")
    expect(numbers).to_have_count(3)
    return [float(number.rstrip("%")) for number in numbers.all_inner_texts()]


@pytest.mark.parametrize("path", PATHS)
def test_a_cold_deep_link_shows_the_frame_and_the_chinese_menu(tab: Page, address: str, path: str) -> None:
    tab.goto(f"{address}/{path}")
    app.settle(tab)
    links = tab.get_by_test_id("stSidebarNavLink").all_inner_texts()
    assert [text.split("\n")[-1] for text in links] == MENU  # before it stands the name of the icon
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    assert tab.title() == f"{MENU[PATHS.index(path)]} · 听风"


def test_streamlits_own_words_are_said_in_chinese(tab: Page, address: str) -> None:
    tab.goto(f"{address}/nosuchpage")
    dialog = tab.get_by_test_id("stDialog")
    expect(dialog).to_contain_text("没有这一页")
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="主菜单").click()
    menu = tab.get_by_test_id("stMainMenuPopover")
    expect(menu).to_contain_text("跟随系统")
    expect(menu).to_contain_text("打印")
    expect(menu).not_to_contain_text("Record")


def test_a_comment_that_happens_to_be_a_word_of_streamlits_stays_as_it_is(tab: Page, address: str) -> None:
    tab.goto(f"{address}/single")
    app.settle(tab)
    tab.get_by_label("评论").fill("Print")
    tab.get_by_label("评论").press("Control+Enter")
    expect(tab.locator(".words")).to_have_text("Print")


def test_a_page_asks_no_server_but_ours(tab: Page, address: str) -> None:
    foreign: list[str] = []
    tab.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None)
    for path in ("", "single", "models", "api/docs"):
        tab.goto(f"{address}/{path}", wait_until="networkidle")
    assert not [url for url in foreign if not url.startswith(address.replace("http", "ws"))]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_scrolls_sideways_on_a_laptop(chromium: Browser, address: str, path: str, dark: bool) -> None:
    with app.tab(chromium, dark=dark) as tab:
        tab.goto(f"{address}/{path}")
        app.settle(tab)
        assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_typed_sentence_is_judged_by_keyboard_and_markup_stays_text(tab: Page, address: str) -> None:
    tab.goto(f"{address}/single")
    app.settle(tab)
    comment = "<img src=x onerror='window.hacked=1'>味道很好 **很喜欢**"
    tab.get_by_label("评论").fill(comment)
    tab.get_by_label("评论").press("Control+Enter")
    expect(tab.locator(".words")).to_contain_text("**很喜欢**")
    assert sum(bar_numbers(tab)) == pytest.approx(100, abs=0.2)
    assert tab.evaluate("window.hacked") is None
    assert not tab.locator("img[src=x]").count()


def test_a_link_with_a_text_fills_the_box(tab: Page, address: str) -> None:
    tab.goto(f"{address}/single?text=%E7%89%A9%E6%B5%81%E5%BE%88%E5%BF%AB")
    app.settle(tab)
    assert tab.get_by_label("评论").input_value() == "物流很快"


def test_the_download_of_the_session_opens_and_says_what_the_page_says(tab: Page, address: str) -> None:
    tab.goto(f"{address}/single")
    app.settle(tab)
    tab.get_by_label("评论").fill("太差了,差评\n还不错,很喜欢")
    tab.get_by_role("button", name="判断情感").click()
    app.settle(tab)
    with tab.expect_download() as waiting:
        tab.get_by_role("button", name=re.compile("下载.*CSV")).click()
    content = waiting.value.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").splitlines()
    assert waiting.value.suggested_filename == "单句分析.csv"
    assert len(lines) == 3
    assert "太差了,差评" in lines[1]


def test_the_table_of_the_session_fits_and_has_no_export_of_streamlits(tab: Page, address: str) -> None:
    tab.goto(f"{address}/single")
    app.settle(tab)
    tab.get_by_label("评论").fill("=1+1 这个公式不会执行\n" + "很好用\n" * 20)
    tab.get_by_role("button", name="判断情感").click()
    table = tab.get_by_test_id("stDataFrame")
    expect(table).to_be_visible()
    app.settle(tab)
    assert table.locator(".dvn-scroller").evaluate("node => node.scrollWidth <= node.clientWidth")
    table.hover()
    tools = tab.get_by_test_id("stElementToolbar").get_by_role("button")
    expect(tools.last).to_be_visible()
    assert tools.evaluate_all("all => all.map((tool) => tool.ariaLabel)") == ["显示或隐藏列", "搜索", "全屏"]
    tab.get_by_role("button", name="复制全部").click()
    expect(tab.get_by_test_id("stCode")).to_contain_text("'=1+1")


def test_no_part_of_a_name_becomes_a_link_an_icon_or_an_arrow(tab: Page, address: str) -> None:
    name = "www.taobao.com https://x.cn a@b.com :smile: -> :material/home:"
    tab.goto(f"{address}/models")
    app.settle(tab)
    tab.get_by_text("使用本机的模型文件夹").click()
    tab.get_by_label("文件夹的完整路径").fill(name)
    tab.get_by_role("button", name="使用这个文件夹").click()
    said = tab.get_by_test_id("stAlert")
    expect(said).to_contain_text(name)
    expect(said.locator("a")).to_have_count(0)


def test_the_api_and_the_open_dashboard_share_one_process_and_give_equal_scores(tab: Page, address: str) -> None:
    tab.goto(f"{address}/single")
    app.settle(tab)
    tab.get_by_label("评论").fill("客服态度太差了")
    tab.get_by_label("评论").press("Control+Enter")
    shown = bar_numbers(tab)
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{address}/api/sentiment",
        json.dumps({"text": "客服态度太差了"}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        probabilities = json.load(answer)["probabilities"]
    assert [probabilities[k] * 100 for k in ("negative", "neutral", "positive")] == pytest.approx(shown, abs=0.06)


def test_the_docs_page_of_the_api_draws_its_operations_offline(tab: Page, address: str) -> None:
    tab.goto(f"{address}/api/docs")
    expect(tab.get_by_text("判断一条评论的情感")).to_be_visible()
