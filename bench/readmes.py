"""The READMEs' speed figures, taken from docs/benchmarks.md, so that a new measurement always updates them."""

from __future__ import annotations

import re

from bench.process import ROOT

# the sentence as it is, and its template
SENTENCES = {
    "README.md": (
        r"in \d+ seconds on two cores, \d+ times as fast",
        "in {seconds:.0f} seconds on two cores, {times:.0f} times as fast",
    ),
    "README.zh-CN.md": (
        r"两个核 \d+ 秒，是 SnowNLP 打分速度的 \d+ 倍",
        "两个核 {seconds:.0f} 秒，是 SnowNLP 打分速度的 {times:.0f} 倍",
    ),
}
LABELLED = re.compile(r"^\| `builtin` \| 100,000 \| ([\d.]+) \|.* ([\d.]+) × \|$", re.M)


def write(page: str) -> None:
    """Write the figures of a page into the READMEs; a page without them leaves both unchanged."""
    for name in SENTENCES:
        path = ROOT / name
        path.write_text(with_figures(name, path.read_text(encoding="utf-8"), page), encoding="utf-8")


def with_figures(name: str, text: str, page: str) -> str:
    """Return a README's text with the figures of a page.

    Raises:
        ValueError: The README does not have exactly one speed sentence to update.
    """
    measured = LABELLED.search(page)
    if measured is None:
        return text
    pattern, sentence = SENTENCES[name]
    said = sentence.format(seconds=float(measured[1]), times=float(measured[2]))
    told, places = re.subn(pattern, said, text)
    if places != 1:
        raise ValueError(f"{name}: {places} sentences like {pattern!r}, one is wanted")
    return told
