"""docs/benchmarks.md is what bench writes, and the READMEs say what was measured."""

from __future__ import annotations

import json
import re

import pytest

from bench.__main__ import PAGE, page_of, sections
from bench.process import ROOT
from core.score.builtin import WEIGHTS

READMES = {
    "README.md": ("in {seconds:.0f} seconds", "{times:.0f} times as fast", "{low:.0f} to {high:.0f} %"),
    "README.zh-CN.md": ("{seconds:.0f} 秒", "{times:.0f} 倍", "{low:.0f}% 到 {high:.0f}%"),
}


def test_the_page_is_what_bench_makes_of_its_tables_the_summary_too() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page_of(sections(page)) == page


@pytest.mark.parametrize("readme", READMES)
def test_a_readme_says_how_fast_the_benchmarks_are(readme: str) -> None:
    row = re.search(r"^\| `builtin` \| 100,000 \| ([\d.]+) \|.* ([\d.]+) × \|$", PAGE.read_text("utf-8"), re.M)
    assert row is not None
    text = (ROOT / readme).read_text("utf-8")
    seconds, times, _ = READMES[readme]
    assert seconds.format(seconds=float(row[1])) in text
    assert times.format(times=float(row[2])) in text


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize(
    "sets",
    [("waimai10k", "online_shopping", "chnsenticorp_htl"), ("weibo_senti_100k_partial", "weibo2018")],
    ids=["reviews", "weibo"],
)
def test_a_readme_says_how_right_the_model_card_is(readme: str, sets: tuple[str, ...]) -> None:
    card = json.loads((WEIGHTS / "builtin" / "card.json").read_text("utf-8"))
    right = [100 * card["test"]["sets"][name]["accuracy"] for name in sets]
    assert READMES[readme][2].format(low=min(right), high=max(right)) in (ROOT / readme).read_text("utf-8")
