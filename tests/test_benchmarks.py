"""docs/benchmarks.md is what bench writes, and the READMEs say what was measured."""

from __future__ import annotations

import json
import re

import pytest

from bench import readmes, words
from bench.__main__ import PAGE, page_of, sections
from bench.memory_table import make_table
from bench.process import ROOT
from core import analyse
from core.schema import Col, Filter
from core.score.builtin import WEIGHTS

RIGHT = {"README.md": "{low:.0f} to {high:.0f} %", "README.zh-CN.md": "{low:.0f}% 到 {high:.0f}%"}


def test_the_page_is_what_bench_makes_of_its_tables_the_summary_too() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page_of(sections(page)) == page


def test_the_page_says_what_the_search_for_copies_costs_as_bench_does() -> None:
    least, most = (r"(\d+)",) * 2
    assert re.search(f"^{words.COPIES.format(least=least, most=most)}$", PAGE.read_text(encoding="utf-8"), re.M)


def test_bench_can_leave_the_search_for_copies_out() -> None:
    text = {"clean_text": "物流太慢了,客服也不理人,很失望", "product": "甲"}
    table = make_table([text, text, text | {"product": "乙"}])

    def once() -> list[int]:
        return [group.once for group in analyse.compare(table, Filter(), Col.PRODUCT).groups]

    assert once() == [1, 1]
    with words.without_copies():
        assert once() == [2, 1]
    assert once() == [1, 1]


@pytest.mark.parametrize("readme", readmes.SENTENCES)
def test_a_readme_says_how_fast_the_benchmarks_are(readme: str) -> None:
    page, text = PAGE.read_text("utf-8"), (ROOT / readme).read_text("utf-8")
    assert readmes.LABELLED.search(page)
    assert readmes.with_figures(readme, text, page) == text


def test_a_new_measurement_is_written_into_the_readmes() -> None:
    page = "| `builtin` | 100,000 | 31.6 | 3,165 | 385 | 20.4 × |\n"
    text = "**Fast.** in 7 seconds on two cores, 2 times as fast as SnowNLP"
    assert readmes.with_figures("README.md", text, page).endswith(
        "in 32 seconds on two cores, 20 times as fast as SnowNLP"
    )
    assert readmes.with_figures("README.md", text, "nothing measured") == text
    with pytest.raises(ValueError, match="0 sentences"):
        readmes.with_figures("README.md", "**Fast.** very", page)


@pytest.mark.parametrize("readme", RIGHT)
@pytest.mark.parametrize(
    "sets",
    [("waimai10k", "online_shopping", "chnsenticorp_htl"), ("weibo_senti_100k_partial", "weibo2018")],
    ids=["reviews", "weibo"],
)
def test_a_readme_says_how_right_the_model_card_is(readme: str, sets: tuple[str, ...]) -> None:
    card = json.loads((WEIGHTS / "builtin" / "card.json").read_text("utf-8"))
    right = [100 * card["test"]["sets"][name]["accuracy"] for name in sets]
    assert RIGHT[readme].format(low=min(right), high=max(right)) in (ROOT / readme).read_text("utf-8")
