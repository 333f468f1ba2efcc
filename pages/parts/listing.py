"""A list with a title row and one line per item; on a narrow screen each item is a compact card."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

#: Up to this width Streamlit stacks columns, which would separate the titles from their values.
_NARROW = "@media (max-width: 640px)"
_CARD = """
.st-key-NAME_titles { display: none }
[class*=st-key-NAME_line_] { border-top: 1px solid rgba(128, 128, 128, 0.35); padding-top: 0.6rem }
LINE { flex-flow: row wrap; gap: 0.1rem 1.1rem }
LINE > [data-testid=stColumn] { flex: 0 1 auto; width: auto; min-width: 0 }
LINE > [data-testid=stColumn]:first-child { flex-basis: 100% }
LINE > [data-testid=stColumn]:has([data-testid=stProgress]) { flex: 1 1 14rem }
"""
_KEPT = """
LINE > [data-testid=stColumn]:nth-child(PLACE) { display: flex; align-items: baseline; gap: 0.4rem }
LINE > [data-testid=stColumn]:nth-child(PLACE)::before { content: "TITLE"; font-size: 0.85rem; opacity: 0.7 }
"""


def titles(name: str, columns: Mapping[str, float], *, kept: Collection[str], right: Collection[str] = ()) -> None:
    """Draw the titles of a list.

    Args:
        name: Letters that identify the list on the page.
        columns: Title and width of each column.
        kept: Titles also shown before their values on a narrow screen; other values are self-explanatory.
        right: Titles of columns of numbers.
    """
    places = [(str(place), title) for place, title in enumerate(columns, start=1) if title in kept]
    rules = [_CARD, *(_KEPT.replace("PLACE", place).replace("TITLE", title) for place, title in places)]
    line = f"[class*=st-key-{name}_line_] > [data-testid=stLayoutWrapper] > [data-testid=stHorizontalBlock]"
    style = "".join(rules).replace("LINE", line).replace("NAME", name)
    with st.container(key=f"{name}_titles"):
        st.html(f"<style>{_NARROW} {{{style}}}</style>")
        for column, title in zip(st.columns(list(columns.values())), columns, strict=True):
            column.caption(title, text_alignment="right" if title in right else "left")


def line(name: str, key: str, columns: Mapping[str, float]) -> list[DeltaGenerator]:
    """Return the columns of one line.

    Args:
        name: Of the list, as for ``titles``.
        key: Key of the item, unique in the list.
        columns: As for ``titles``.
    """
    with st.container(key=f"{name}_line_{key}"):
        return st.columns(list(columns.values()), vertical_alignment="center")
