"""docs/benchmarks.md is what bench writes, and the READMEs say what was measured."""

from __future__ import annotations

import json

import pytest

from bench import readmes
from bench.__main__ import PAGE, page_of, sections
from bench.process import ROOT
from core.score.builtin import WEIGHTS

RIGHT = {"README.md": "{low:.0f} to {high:.0f} %", "README.zh-CN.md": "{low:.0f}% 到 {high:.0f}%"}


def test_the_page_is_what_bench_makes_of_its_tables_the_summary_too() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page_of(sections(page)) == page


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
