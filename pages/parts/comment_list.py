"""A page of comments as a table: search terms are highlighted, a wrong label can be corrected.

Every text is written with ``textContent``: what a comment contains can never become HTML or Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.analyse import PAGE_COLUMNS
from core.chart import format_percent
from core.schema import LABEL_EMOJI, LABELS, Col

_LIST = st.components.v2.component(
    "tingfeng_comments",
    html="<div class='box'><table><thead><tr></tr></thead><tbody></tbody></table></div>\n",
    css="""
    .box { font-family: var(--st-font); color: var(--st-text-color); font-size: 0.9rem; overflow-x: auto;
           scroll-margin: 8.5rem 0 1rem 0; }
    table { border-collapse: collapse; width: 100%; table-layout: fixed; }
    th { box-sizing: border-box; }
    th { text-align: left; font-weight: 500; color: var(--st-gray-text-color); font-size: 0.82rem; white-space: nowrap;
         border-bottom: 1px solid var(--st-border-color); padding: 0.2rem 0.45rem; }
    td { vertical-align: top; padding: 0.32rem 0.45rem; border-bottom: 1px solid var(--st-border-color-light); }
    .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    .cut { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .text { overflow-wrap: anywhere; white-space: pre-wrap; display: -webkit-box; -webkit-box-orient: vertical;
            -webkit-line-clamp: 2; overflow: hidden; cursor: default; }
    .text.long { cursor: zoom-in; } .text.long.open { -webkit-line-clamp: unset; cursor: zoom-out; }
    .text:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
    mark { background: var(--st-yellow-background-color); color: inherit; font-weight: 600; padding: 0 0.1em;
           border-radius: 2px; }
    .badge { border-radius: 4px; padding: 0.05rem 0.35rem; white-space: nowrap; font-size: 0.85rem; }
    .l0 { background: var(--st-orange-background-color); color: var(--st-orange-text-color); }
    .l1 { background: var(--st-gray-background-color); color: var(--st-gray-text-color); }
    .l2 { background: var(--st-blue-background-color); color: var(--st-blue-text-color); }
    .small { display: block; font-size: 0.75rem; color: var(--st-gray-text-color); }
    .more { display: none; flex-wrap: wrap; gap: 0.1rem 0.8rem; margin-top: 0.1rem; font-size: 0.75rem;
            color: var(--st-gray-text-color); }
    .narrow .more { display: flex; } .narrow .side { display: none; }
    .set { display: inline-flex; border: 1px solid var(--st-border-color); border-radius: 4px; overflow: hidden; }
    .set button { all: unset; cursor: pointer; padding: 0.05rem 0.42rem; font-size: 0.8rem;
                  color: var(--st-gray-text-color); }
    .set button + button { border-left: 1px solid var(--st-border-color); }
    .set button:hover, .set button:focus-visible { color: var(--st-primary-color);
                  background: var(--st-secondary-background-color); }
    .undo { all: unset; cursor: pointer; display: block; margin-top: 0.15rem; font-size: 0.75rem;
            color: var(--st-gray-text-color); text-decoration: underline; }
    .undo:hover, .undo:focus-visible { color: var(--st-primary-color); }
    .set button[aria-pressed=true] { color: var(--st-text-color); font-weight: 650; cursor: default;
                  background: var(--st-secondary-background-color); }
    """,
    js="""
    function marked(cell, text, wanted) {
      const found = wanted.filter((word) => word)
      if (!found.length) { cell.textContent = text; return }
      const lower = text.toLowerCase()
      let at = 0
      while (at < text.length) {
        let best = -1, length = 0
        for (const word of found) {
          const i = lower.indexOf(word.toLowerCase(), at)
          if (i >= 0 && (best < 0 || i < best)) { best = i; length = word.length }
        }
        if (best < 0) break
        cell.append(text.slice(at, best))
        const mark = document.createElement("mark")
        mark.textContent = text.slice(best, best + length)
        cell.append(mark)
        at = best + length
      }
      cell.append(text.slice(at))
    }
    // what was searched must be seen though only two lines are: a text is folded to begin shortly before it
    function brought(text, wanted) {
      const lower = text.toLowerCase()
      const found = wanted.filter((word) => word)
      const places = found.map((word) => lower.indexOf(word.toLowerCase())).filter((i) => i >= 0)
      const first = places.length ? Math.min(...places) : 0
      return first > 34 ? "…" + text.slice(first - 14) : text
    }
    // columns that stand beside the text, and their classes
    const SIDE = { n: "n side", cut: "cut side" }
    function make(tag, className, text) {
      const element = document.createElement(tag)
      if (className) element.className = className
      if (text !== undefined) element.textContent = text
      return element
    }
    export default function ({ data, parentElement, setTriggerValue }) {
      const box = parentElement.querySelector(".box")
      const head = parentElement.querySelector("thead tr")
      const body = parentElement.querySelector("tbody")
      head.replaceChildren(); body.replaceChildren()
      // narrower than this, texts would get no room at all: what stands at their side goes below them
      const rem = parseFloat(getComputedStyle(document.documentElement).fontSize)
      const needed = data.columns.reduce((sum, column) => sum + (parseFloat(column.width) || 14), 0) * rem
      const fit = () => box.classList.toggle("narrow", box.clientWidth < needed)
      fit()  // before it is asked which texts are too long
      box.watch?.disconnect()
      box.watch = new ResizeObserver(fit)
      box.watch.observe(box)
      for (const column of data.columns) {
        const cell = make("th", SIDE[column.kind] ?? "", column.title)
        if (column.width) cell.style.width = column.width
        head.append(cell)
      }
      for (const row of data.rows) {
        const line = make("tr")
        for (const column of data.columns) {
          const value = row[column.name]
          const cell = make("td", SIDE[column.kind] ?? (column.kind === "text" ? "" : column.kind))
          if (column.kind === "text") {
            const text = make("div", "text")
            const folded = brought(value, data.wanted)
            marked(text, folded, data.wanted)
            cell.append(text)
            requestAnimationFrame(() => {
              if (folded === value && text.scrollHeight <= text.clientHeight + 2) return
              text.classList.add("long")
              text.tabIndex = 0
              text.setAttribute("aria-expanded", false)
            })
            const more = make("div", "more")
            for (const side of data.columns.filter((one) => one.kind in SIDE && row[one.name])) {
              const fact = make("span", "", side.title + " " + row[side.name])
              fact.title = row[side.name + "_said"] ?? ""
              more.append(fact)
            }
            cell.append(more)
            const unfold = () => {
              if (getSelection().toString() || !text.classList.contains("long")) return
              const open = text.classList.toggle("open")
              text.replaceChildren()
              marked(text, open ? value : folded, data.wanted)
              text.setAttribute("aria-expanded", open)
            }
            text.onclick = unfold
            text.onkeydown = (event) => {
              if (event.key === "Enter" || event.key === " ") { event.preventDefault(); unfold() }
            }
          } else if (column.kind === "label") {
            cell.append(make("span", "badge l" + row.label, data.labels[row.label]))
            if (row.remark) cell.append(make("span", "small", row.remark))
          } else if (column.kind === "act") {
            const set = make("span", "set")
            data.short.forEach((title, label) => {
              const button = make("button", "", title)
              button.type = "button"
              button.title = "改判为" + data.names[label]
              button.setAttribute("aria-label", button.title)
              button.setAttribute("aria-pressed", label === row.label)
              button.onclick = () => { if (label !== row.label) setTriggerValue("relabel", { row: row.row, label }) }
              set.append(button)
            })
            cell.append(set)
            if (row.corrected) {
              const undo = make("button", "undo", "撤销改判")
              undo.type = "button"
              undo.onclick = () => setTriggerValue("relabel", { row: row.row, label: null })
              cell.append(undo)
            }
          } else {
            cell.textContent = value
            cell.title = row[column.name + "_said"] ?? value
          }
          line.append(cell)
        }
        body.append(line)
      }
      if (data.come && box.dataset.come !== data.come) {
        setTimeout(() => box.scrollIntoView({ behavior: "smooth", block: "nearest" }), 150)
      }
      box.dataset.come = data.come
    }
    """,
)
#: Name, Chinese title, kind and width of each column; columns without a value on the page are left out.
_COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    (Col.LABEL, "情感", "label", "5.8rem"),
    (Col.TEXT, "评论", "text", ""),
    (Col.CONFIDENCE, "置信度", "n", "4rem"),
    (Col.RATING, "评分", "n", "3rem"),
    (Col.TIME, "时间", "n", "6.4rem"),
    (Col.SOURCE, "来源", "cut", "4.8rem"),
    (Col.PRODUCT, "商品", "cut", "7rem"),
    (Col.ROW_NUMBER, "行", "n", "4.4rem"),
    ("set", "改判", "act", "6.8rem"),
)
_OPTIONAL = (Col.RATING, Col.TIME, Col.SOURCE, Col.PRODUCT)
#: Columns that ``core.analyse.comments`` must fetch.
COLUMNS = (*PAGE_COLUMNS, Col.MODEL_LABEL, Col.CORRECTED)


def show(
    frame: pd.DataFrame, *, wanted: Sequence[str], come: str, key: str, on_relabel: Callable[[int, int | None], None]
) -> None:
    """Draw comments.

    Args:
        frame: With ``COLUMNS``.
        wanted: Words to highlight in the texts.
        come: When it changes to a value other than "", the table is scrolled into view.
        key: Unique on the page.
        on_relabel: Called with a row and the label a person gave it, or None to revert, before the page
            reruns.
    """

    def relabelled() -> None:
        said = st.session_state[key].relabel
        if said is not None:
            on_relabel(int(said["row"]), None if said["label"] is None else int(said["label"]))

    rows = [_row(record) for record in frame.to_dict("records")]
    columns = [
        {"name": name, "title": title, "kind": kind, "width": width}
        for name, title, kind, width in _COLUMNS
        if name not in _OPTIONAL or any(row[name] for row in rows)
    ]
    data = {
        "rows": rows,
        "columns": columns,
        "wanted": list(wanted),
        "come": come,
        "names": list(LABELS),
        "short": [label[0] for label in LABELS],
        "labels": [f"{face} {label}" for face, label in zip(LABEL_EMOJI, LABELS, strict=True)],
    }
    _LIST(data=data, key=key, on_relabel_change=relabelled)


def _row(record: dict[Any, Any]) -> dict[str, Any]:
    time, rating = record[Col.TIME], record[Col.RATING]
    return {
        Col.ROW: int(record[Col.ROW]),
        Col.LABEL: int(record[Col.LABEL]),
        Col.TEXT: record[Col.TEXT],
        Col.CONFIDENCE: format_percent(record[Col.CONFIDENCE]),
        Col.RATING: "" if pd.isna(rating) else f"{rating:g}",
        Col.TIME: "" if pd.isna(time) else f"{time:%Y-%m-%d}",
        f"{Col.TIME}_said": "" if pd.isna(time) else f"{time:%Y-%m-%d %H:%M}",
        Col.SOURCE: record[Col.SOURCE],
        Col.PRODUCT: record[Col.PRODUCT],
        Col.ROW_NUMBER: f"{record[Col.ROW_NUMBER]:,}",
        f"{Col.ROW_NUMBER}_said": f"{record[Col.FILE]} 第 {record[Col.ROW_NUMBER]:,} 行",
        "remark": _remark(record),
        "corrected": bool(record[Col.CORRECTED]),
    }


def _remark(record: dict[Any, Any]) -> str:
    if record[Col.CORRECTED]:
        return f"已改判,模型:{LABELS[record[Col.MODEL_LABEL]]}"
    return "需复核" if record[Col.NEEDS_REVIEW] else ""
