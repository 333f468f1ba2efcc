"""The verdict on one text: three probabilities as bars, and the words that explain it.

Drawn by two small components that write every text with ``textContent``: what a comment contains can never become
HTML or Markdown. Colours come from the theme, so both follow light and dark mode.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.schema import LABEL_EMOJI, LABELS
from core.score import Attribution

_COLOURS = ("--st-orange-color", "--st-gray-color", "--st-blue-color")

_BARS = st.components.v2.component(
    "tingfeng_bars",
    html="<div class='bars'></div>\n",
    css="""
    .bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: 0.45rem 0.7rem;
            align-items: center; font-family: var(--st-font); color: var(--st-text-color); }
    .track { height: 0.85rem; border-radius: 3px; background: var(--st-secondary-background-color); overflow: hidden; }
    .fill { height: 100%; border-radius: 3px; }
    .number { text-align: right; font-variant-numeric: tabular-nums; }
    .winner { font-weight: 650; }
    """,
    js="""
    export default function ({ data, parentElement }) {
      const root = parentElement.querySelector(".bars")
      root.replaceChildren()
      for (const bar of data.bars) {
        const cells = ["span", "div", "span"].map((tag) => document.createElement(tag))
        cells[0].textContent = bar.title
        cells[1].className = "track"
        const fill = document.createElement("div")
        fill.className = "fill"
        fill.style.width = (bar.value * 100).toFixed(2) + "%"
        fill.style.background = "var(" + bar.colour + ")"
        cells[1].append(fill)
        cells[2].textContent = bar.number
        cells[2].className = "number"
        if (bar.winner) { cells[0].className = "winner"; cells[2].className = "number winner" }
        root.append(...cells)
      }
    }
    """,
)

_WORDS = st.components.v2.component(
    "tingfeng_words",
    html="<p class='words'></p>\n",
    css="""
    .words { margin: 0; font-family: var(--st-font); color: var(--st-text-color); line-height: 2.1; max-height: 16.9rem;
             overflow-y: auto; overflow-wrap: anywhere; white-space: pre-wrap; }
    .for { border-radius: 3px; padding: 0.15em 0.12em; }
    .against { border-bottom: 2px dotted var(--st-text-color); }
    """,
    js="""
    export default function ({ data, parentElement }) {
      const root = parentElement.querySelector(".words")
      root.replaceChildren()
      for (const piece of data.pieces) {
        const span = document.createElement("span")
        span.textContent = piece.text
        if (piece.note) span.title = piece.note
        if (piece.side) span.className = piece.side
        if (piece.side === "for") {
          const share = Math.round(12 + 58 * piece.strength)
          span.style.background = "color-mix(in srgb, var(" + data.colour + ") " + share + "%, transparent)"
        }
        root.append(span)
      }
    }
    """,
)

#: Contributions below this (log-odds; near even odds 2.5 points) are noise of the quantised model, not marked …
_VISIBLE = 0.1
#: … nor are those below this fraction of the strongest: in a long text every word contributes a little.
_VISIBLE_PART = 0.25


def bars(probabilities: tuple[float, float, float], *, key: str) -> None:
    """Draw the three probabilities with their numbers.

    Args:
        probabilities: Negative, neutral, positive.
        key: Unique on the page.
    """
    best = max(probabilities)
    rows = [
        {
            "title": f"{LABEL_EMOJI[i]} {LABELS[i]}",
            "value": p,
            "number": f"{p:.1%}",
            "colour": _COLOURS[i],
            "winner": p == best,
        }
        for i, p in enumerate(probabilities)
    ]
    _BARS(data={"bars": rows}, key=key)


def words(text: str, pieces: Sequence[Attribution], label: int, *, key: str) -> None:
    """Draw the text with its words marked: filled = supports the label, dotted = opposes it.

    Args:
        text: As it was given.
        pieces: From ``core.score.explain``, in reading order.
        label: The label that was explained.
        key: Unique on the page.
    """
    strongest = _strongest(pieces)
    drawn: list[dict[str, object]] = []
    end = 0
    for piece in pieces:
        drawn.append({"text": text[end : piece.start]})
        drawn.append(_drawn(piece, strongest, LABELS[label]))
        end = piece.end
    drawn.append({"text": text[end:]})
    _WORDS(data={"pieces": drawn, "colour": _COLOURS[label]}, key=key)


def marks(pieces: Sequence[Attribution]) -> bool:
    """Tell whether any of the words is marked by ``words``."""
    return any(_marked(piece, _strongest(pieces)) for piece in pieces)


def _strongest(pieces: Sequence[Attribution]) -> float:
    return max((abs(piece.push) for piece in pieces), default=0.0)


def _marked(piece: Attribution, strongest: float) -> bool:
    return abs(piece.push) >= max(_VISIBLE, _VISIBLE_PART * strongest)


def _drawn(piece: Attribution, strongest: float, label: str) -> dict[str, object]:
    if not _marked(piece, strongest):
        return {"text": piece.text}
    change = "下降" if piece.push > 0 else "上升"
    return {
        "text": piece.text,
        "side": "for" if piece.push > 0 else "against",
        "strength": abs(piece.push) / strongest,
        "note": f"去掉这个词,{label}的概率会{change} {abs(piece.effect) * 100:.1f} 个百分点",
    }
