"""A chart on a page: drawn, clickable, and downloadable as picture or numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analyse import to_params
from core.chart import numbers, render, short_name, spec, text_width
from core.files import stem
from core.schema import Filter
from pages.parts import drawings, links, resources, table_files

_ROUND = "mark_round"
#: In pixels: narrowest and widest column of words; width of a hanzi in it; its margins.
_NARROWEST, _WIDEST, _EM, _BESIDE = 88, 134, 14, 20


def dark() -> bool:
    """Return whether the dark theme is active."""
    return st.context.theme.type == "dark"


def show(
    draw: Callable[..., Any],
    result: object,
    *,
    name: str,
    selection: str,
    mark: Callable[[dict[str, Any]], Filter | None],
    empty: str,
    bar: DeltaGenerator | None = None,
    about: Filter | None = None,
    table: Callable[[Any], pd.DataFrame] = numbers,
    **options: Any,
) -> None:
    """Draw a result and its download menu.

    Args:
        draw: A function of ``core.chart``.
        result: Its argument.
        name: Chinese name; file names append it to the job's.
        selection: Name of the chart's point selection.
        mark: Maps the fields of a clicked mark to the filter it represents; None = nothing to show.
        empty: What to say when there is nothing to draw.
        bar: Where the menu is drawn; None = above the chart.
        about: The part of the filter that the result depends on (None = all); the chart is kept until it changes.
        table: Maps the result to the numbers shown, for the CSV file.
        options: Further arguments of ``draw``.
    """
    picture = drawings.drawn(_written, result, draw=draw, dark=dark(), **options)
    if picture is None:
        st.info(empty, icon=":material/info:")
        return
    with bar or st.container(horizontal=True, horizontal_alignment="right"):
        downloads(result, name, partial(_picture, draw, result, options), table)
    key = _key(f"chart_{selection}_{name}", selection, mark, about)
    st.vega_lite_chart(
        # by default, Streamlit squeezes a chart with its axes and numbers into the width of the plot
        picture | {"autosize": "pad"},
        theme=None,
        width="content",
        key=key,
        on_select=partial(_clicked, key, selection, mark),
        selection_mode=selection,
        alt=name,
    )


def _written(result: object, *, draw: Callable[..., Any], **options: Any) -> dict[str, Any] | None:
    picture = draw(result, **options)
    return None if picture is None else spec(picture)


def _key(
    name: str, selection: str, mark: Callable[[dict[str, Any]], Filter | None], about: Filter | None = None
) -> str:
    """Return the chart's widget key; a new one if the chart's selection no longer matches the URL.

    Going back, or clicking in another chart, changes the URL without the chart's knowledge.
    """
    own_round = f"{_ROUND}_{name}"
    key = f"{keyed(name, about)}|{st.session_state.get(own_round, 0)}"
    picked = st.session_state[key].selection.get(selection) if key in st.session_state else None
    if picked and to_params(mark(dict(picked[0])) or Filter()) != to_params(links.mark()):
        st.session_state[own_round] = st.session_state.get(own_round, 0) + 1
        key = f"{keyed(name, about)}|{st.session_state[own_round]}"
    return key


def keyed(name: str, about: Filter | None = None) -> str:
    """Return a widget key that changes with the filter, so that no old selection survives.

    Args:
        name: Unique on the page.
        about: The part of the filter that counts here; None = all of it, and the step of the trend.
    """
    seen = f"{links.chosen()[0]!r}|{links.frequency()}" if about is None else repr(about)
    return f"{name}|{st.session_state.get(_ROUND, 0)}|{seen}|{links.job_id()}"


def grid_key(name: str, content: str) -> str:
    """Return the widget key of a selectable table: kept across content changes, since the browser is slow to build a
    grid; new if a row is selected, whose position would then hold another row.

    Args:
        name: Unique on the page.
        content: Changes with what the table shows.
    """
    own = f"{_ROUND}_{name}"
    count, before = st.session_state.get(own, (0, content))
    key = f"{name}|{count}"
    if content != before and key in st.session_state and any(st.session_state[key].selection.values()):
        count += 1
    st.session_state[own] = (count, content)
    return f"{name}|{count}"


def word_room(words: Sequence[str]) -> int:
    """Return the width in pixels of a column that shows words in full, except for very long ones.

    Args:
        words: The contents of the column.
    """
    longest = max(map(text_width, words), default=0.0)
    return round(min(_WIDEST, max(_NARROWEST, _EM * longest + _BESIDE)))


def downloads(
    result: object, name: str, picture: Callable[[str], bytes], table: Callable[[Any], pd.DataFrame] = numbers
) -> None:
    """Draw the menu that downloads a chart as PNG or SVG and its numbers as CSV."""
    file = f"{short_name(stem(resources.jobs().get(links.job_id()).spec.name))}_{name}"
    with st.popover("保存", icon=":material/download:", type="tertiary", key=f"save_{name}"):
        for form, title in (("png", "图片 PNG"), ("svg", "矢量图 SVG")):
            st.download_button(
                title,
                data=partial(picture, form),
                file_name=f"{file}.{form}",
                on_click="ignore",
                key=f"save_{name}_{form}",
                width="stretch",
            )
        st.download_button(
            "数据 CSV",
            data=partial(_numbers, result, table),
            file_name=f"{file}.csv",
            on_click="ignore",
            key=f"save_{name}_csv",
            width="stretch",
        )


def clear_mark() -> None:
    """Clear the clicked mark, in the URL and in the charts."""
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    links.set_mark(None)


def _picture(draw: Callable[..., Any], result: object, options: dict[str, Any], form: str) -> bytes:
    return render(draw(result, **options), form)


def _numbers(result: object, table: Callable[[Any], pd.DataFrame]) -> bytes:
    return table_files.numbers_file(table(result))


def _clicked(key: str, selection: str, mark: Callable[[dict[str, Any]], Filter | None]) -> None:
    picked = st.session_state[key].selection.get(selection) or []
    links.set_mark(mark(dict(picked[0])) if picked else None)
