"""docs/benchmarks.md is what bench writes."""

from __future__ import annotations

from bench.__main__ import PAGE, page_of, sections


def test_the_page_is_what_bench_makes_of_its_tables_the_summary_too() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page_of(sections(page)) == page
