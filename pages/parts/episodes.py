"""Anomalous periods, one line each, with the explanation and a link to their comments."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core import chart
from core.analyse import mark_of_episode
from core.results import FREQUENCY_TITLES, Anomalies, Episode, Frequency
from core.schema import Filter
from pages.parts import answers, links, say

#: Latest periods that are explained; and earlier ones that are listed.
EXPLAINED, LISTED = 2, 20
#: From this many comments on, an explanation takes too long for a change of the filter; it is computed on request.
ASK_FROM_ROWS = 200_000
_ASKED = "episodes_asked"


def show(job: str, chosen: Filter, found: Anomalies, *, rows: int, shown: Frequency) -> None:
    """Draw the lines; nothing if there are no anomalies.

    Args:
        job: Its id.
        chosen: The filter of the page.
        found: The anomalies.
        rows: Dated comments of the filter.
        shown: Step of the trend above. If the anomalies were found at finer steps, the lines say so, because no
            triangle in the trend marks them.
    """
    latest = found.episodes[::-1]
    closer = found.frequency is not shown
    by = f"按{FREQUENCY_TITLES[found.frequency]}看," if closer else ""
    if latest and closer:
        _no_triangle(shown, found.frequency)
    for episode in latest[:EXPLAINED]:
        said = by + chart.describe_episode(episode, found.frequency)
        if rows < ASK_FROM_ROWS or st.session_state.get(_ASKED) == (job, episode.start):
            said += chart.describe_shift(answers.shift(job, chosen, episode, found.overdispersion))
            _line(episode, said)
        else:
            _line(episode, said, ask=job)
    earlier = latest[EXPLAINED : EXPLAINED + LISTED]
    if earlier:
        with st.expander(f"更早的 {len(latest) - EXPLAINED} 处异常"):
            for episode in earlier:
                _line(episode, by + chart.describe_episode(episode, found.frequency))
    if closer and found.copied:  # otherwise the caption of the trend says so
        st.caption(say.escape(f"{by}{chart.describe_copied(found)}。"))
    changes = answers.change_points(job, chosen, links.frequency())
    if changes:
        st.caption(say.escape(";".join(map(chart.describe_change, changes[-EXPLAINED:])) + "。"))


def _no_triangle(shown: Frequency, closer: Frequency) -> None:
    """Say why the trend does not show the periods below it, and offer the step that does."""
    whole, step = FREQUENCY_TITLES[shown], FREQUENCY_TITLES[closer]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f"上图按{whole}画,三角只标整{whole}看也异常的,这里一个也没有;下面是按{step}才看得出的。", width="stretch"
        )
        st.button(
            f"按{step}画",
            key="episodes_closer",
            icon=":material/zoom_in:",
            type="tertiary",
            on_click=links.set_frequency,
            args=(closer,),
        )


def _ask(job: str, start: datetime) -> None:
    st.session_state[_ASKED] = (job, start)


def _line(episode: Episode, said: str, *, ask: str = "") -> None:
    sign = ":material/trending_up:" if episode.direction > 0 else ":material/trending_down:"
    # no columns: in a narrow window the buttons' labels would be truncated
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{sign} {say.escape(said)}", width="stretch")
        if ask:
            st.button(
                "为什么?",
                key=f"why_{episode.start.isoformat()}",
                on_click=_ask,
                args=(ask, episode.start),
                type="tertiary",
                help="分清是来源和商品的构成变了,还是各自内部也变了;评论很多,要算一会儿。",
            )
        st.button(
            "看评论",
            key=f"episode_{episode.start.isoformat()}",
            on_click=links.set_mark,
            args=(mark_of_episode(episode),),
            type="tertiary",
            help="只看这段时间的评论",
        )
