"""A clickable word cloud: SVG text written with ``textContent``, accessible by keyboard; its file, and hidden words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core import chart
from core.results import Contrast, Keywords, PlacedWord
from core.schema import NEGATIVE
from pages.parts import links

_HIDDEN = "hidden_words"
#: Size of a saved cloud, pixels.
_WIDTH, _HEIGHT = 960, 480
_CLOUD = st.components.v2.component(
    "tingfeng_cloud",
    html="<svg class='cloud' role='group'></svg>\n",
    css="""
    .cloud { width: 100%; height: auto; display: block; font-family: var(--st-font); font-weight: 600; }
    .cloud text { cursor: pointer; outline: none; }
    .cloud text:hover, .cloud text:focus-visible { text-decoration: underline; }
    .cloud text:focus-visible { stroke: var(--st-primary-color); stroke-width: 1px; }
    .cloud.picked text { opacity: 0.35; }
    .cloud.picked text.on, .cloud.picked text:hover { opacity: 1; }
    .cloud text.on { text-decoration: underline; }
    """,
    js="""
    const SVG = "http://www.w3.org/2000/svg"
    export default function ({ data, parentElement, setTriggerValue }) {
      const root = parentElement.querySelector(".cloud")
      root.replaceChildren()
      root.setAttribute("viewBox", `0 0 ${data.width} ${data.height}`)
      root.style.maxWidth = `${1.5 * data.width}px`
      root.setAttribute("aria-label", data.title)
      root.classList.toggle("picked", data.words.some((word) => word.word === data.selected))
      for (const word of data.words) {
        const drawn = document.createElementNS(SVG, "text")
        const said = document.createElementNS(SVG, "title")
        said.textContent = word.said
        drawn.textContent = word.text
        drawn.append(said)
        for (const [name, value] of Object.entries({
          x: word.x, y: word.baseline, "font-size": word.size, fill: word.color, textLength: word.width,
          lengthAdjust: "spacingAndGlyphs", role: "button", tabindex: 0, "aria-label": `${word.text},${word.said}`,
          "aria-pressed": word.word === data.selected,
        })) drawn.setAttribute(name, value)
        if (word.word === data.selected) drawn.classList.add("on")
        const pick = () => setTriggerValue("word", word.word)
        drawn.onclick = pick
        drawn.onkeydown = (event) => {
          if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pick() }
        }
        root.append(drawn)
      }
    }
    """,
)


def show(
    words: Sequence[PlacedWord],
    *,
    title: str,
    selected: str,
    width: int,
    height: int,
    key: str,
    on_word: Callable[[str], None],
) -> None:
    """Draw placed words.

    Args:
        words: From ``core.chart.cloud``.
        title: Read out by screen readers.
        selected: The highlighted word, as ``Filter.term`` names it; "" = none.
        width: Layout width in pixels; drawn as wide as there is room, up to half as wide again.
        height: Layout height in pixels.
        key: Unique on the page.
        on_word: Called with a clicked word, before the page reruns.
    """

    def clicked() -> None:
        word = st.session_state[key].word
        if word is not None:
            on_word(str(word))

    drawn = [
        {
            "word": w.word,
            "text": w.text,
            "x": w.x,
            "baseline": w.baseline,
            "size": w.size,
            "width": w.width,
            "color": w.color,
            "said": f"{w.n:,} 条评论提到",
        }
        for w in words
    ]
    data = {"words": drawn, "width": width, "height": height, "title": title, "selected": selected}
    _CLOUD(data=data, key=key, on_word_change=clicked)


def picture(result: Keywords | Contrast, title: str, form: str, *, label: int = NEGATIVE) -> bytes:
    """Return a cloud as a file.

    Args:
        result: Its words.
        title: Its title.
        form: png or svg.
        label: The side, as for ``core.chart.cloud``.
    """
    placed = chart.cloud(result, label=label, width=_WIDTH, height=_HEIGHT)
    look: dict[str, Any] = {"title": title, "width": _WIDTH, "height": _HEIGHT}
    return chart.png(placed, **look) if form == "png" else chart.svg(placed, **look).encode()


def hiding(offered: Sequence[str] = ()) -> None:
    """Draw the menu of unwanted words; hidden words are stored in the URL and can be shown again.

    Args:
        offered: Words to choose from; any other can be typed.
    """
    hidden = links.hidden()
    st.session_state[_HIDDEN] = list(hidden)
    title = f"隐藏 {len(hidden)} 词" if hidden else "隐藏词"
    with st.popover(title, icon=":material/visibility_off:", type="tertiary"):
        st.multiselect(
            "不看这些词",
            list(dict.fromkeys([*hidden, *offered])),
            key=_HIDDEN,
            on_change=_hidden_changed,
            accept_new_options=True,
            select_all=False,
            placeholder="选择或输入,回车确认" if offered else "输入一个词,回车确认",
            help="只是不显示,不影响打标和其他数字;地址里会记住。",
        )


def _hidden_changed() -> None:
    links.set_hidden(st.session_state[_HIDDEN])
