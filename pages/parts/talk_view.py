"""One dialogue turn by turn: the mood curve, then the text, each sentence coloured and labelled in words."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from core import analyse, chart
from core.results import AGENT, CUSTOMER, ROLES, Talk, Utterance
from core.schema import LABEL_EMOJI, LABELS, NEGATIVE, POSITIVE, Filter, Within
from pages.parts import answers, chart_view, say

#: Turns drawn initially; the rest needs a click.
MOST_TURNS = 60
_WHOLE = "talk_whole"
_ICONS = {CUSTOMER: ":material/person:", AGENT: ":material/support_agent:"}
_NO_DAY = 1900


def show(job: str, view: str, number: int, *, on_close: Callable[[], None]) -> None:
    """Draw a dialogue.

    Args:
        job: Its job.
        view: Derived table of dialogues.
        number: Its number in that table.
        on_close: Called when it is closed.
    """
    found = _talk(job, answers.version(job), view, number)
    if found is None:
        st.caption("链接里的对话不在这个任务里,已忽略。")
        return
    one = found.dialogue
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader(f"会话 {say.short(one.name, 40)}", anchor=False, width="content")
            st.button("收起", icon=":material/close:", key="talk_close", on_click=on_close)
        st.markdown(_summary(found))
        chart_view.show(
            chart.mood_curve,
            found,
            name="客户情绪逐轮变化",
            selection="turn",
            mark=partial(_turn_mark, view, found),
            empty="客户没有说可以打分的话。",
        )
        whole = len(found.turns) <= MOST_TURNS or st.session_state.get(_WHOLE) == (view, number)
        for turn in found.turns if whole else found.turns[:MOST_TURNS]:
            _turn(turn, lowest=turn.number == one.lowest_turn)
        if not whole:
            st.button(f"显示全部 {len(found.turns):,} 轮", key="talk_all", on_click=_show_all, args=(view, number))


def _show_all(view: str, number: int) -> None:
    st.session_state[_WHOLE] = (view, number)


@st.cache_data(show_spinner=False, max_entries=100)
def _talk(job: str, version: answers.Version, view: str, number: int) -> Talk | None:
    return analyse.talk(answers.table(job), view=view, number=number)


def _summary(found: Talk) -> str:
    one = found.dialogue
    left = ":orange[**不满没有化解**]" if one.unresolved else "没有留下不满"
    parts = [
        f"满意度 **{chart.format_mood(one.satisfaction)}**",
        f"情绪分 {chart.format_mood(one.plain)}",
        left,
        f"客服 {say.short(one.agent)}" if one.agent else "没有客服发言",
    ]
    why = f"  \n{say.escape(';'.join(one.reasons))}" if one.reasons else ""
    return " · ".join(parts) + why


def _turn_mark(view: str, found: Talk, fields: dict[str, Any]) -> Filter | None:
    row = fields.get("row")
    turn = next((each for each in found.turns if each.row == row), None)
    if turn is None:
        return None
    return Filter(within=Within(view, (("dialogue", str(found.dialogue.number)), ("turn", str(turn.number)))))


def _turn(turn: Utterance, *, lowest: bool) -> None:
    """Draw one turn: who, which mood in words, any problem, then the text."""
    indent, body = st.columns((1, 12)) if turn.role == AGENT else st.columns((12, 1))[::-1]
    del indent
    with body.container(border=True, gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"{_ICONS.get(turn.role, ':material/info:')} **{turn.number}** · {_who(turn)}", width="content")
            if turn.role == CUSTOMER and not math.isnan(turn.mood):
                label = chart.mood_label(turn.mood)
                colour = say.LABEL_COLOURS[label]
                st.badge(f"{LABEL_EMOJI[label]} {LABELS[label]} {chart.format_mood(turn.mood)}", color=colour)
            if lowest:
                st.badge("最低点", color="orange", icon=":material/south:")
            if turn.fault:
                st.badge(say.escape(turn.fault), color="red", icon=":material/report:")
        st.markdown(_coloured(turn))


def _who(turn: Utterance) -> str:
    parts = [ROLES[turn.role]]
    if turn.speaker.strip() and turn.speaker.strip() != ROLES[turn.role]:
        parts.append(say.short(turn.speaker.strip()))
    if turn.time is not None:
        parts.append(
            say.escape(f"{turn.time:%H:%M:%S}" if turn.time.year == _NO_DAY else f"{turn.time:%Y-%m-%d %H:%M}")
        )
    if not math.isnan(turn.wait):
        parts.append(f"客户等了 {chart.format_wait(turn.wait)}")
    return " · ".join(parts)


def _coloured(turn: Utterance) -> str:
    """Return the text of a turn; a customer's clearly negative or positive sentences in the label's colour."""
    if turn.role != CUSTOMER or not turn.sentences:
        return say.escape(turn.text)
    parts, at = [], 0
    for sentence, mood in turn.sentences:
        start = turn.text.find(sentence, at)
        if start < 0:
            continue
        parts += [say.escape(turn.text[at:start]), _piece(sentence, mood)]
        at = start + len(sentence)
    return "".join([*parts, say.escape(turn.text[at:])])


def _piece(sentence: str, mood: float) -> str:
    label = chart.mood_label(mood)
    if label not in (NEGATIVE, POSITIVE):
        return say.escape(sentence)
    return f":{say.LABEL_COLOURS[label]}[{say.escape(sentence)}]"
