"""A link to a topic: the URL holds its words besides its number, to find it again after the topics are recomputed."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core import chart
from core.analyse import mark_of_topic
from core.results import Topic, Topics
from core.schema import Filter, Within
from pages.parts import links, say

#: The URL option that holds the words; kinds of derived tables whose rows have a topic.
_WORDS, _KINDS = "topic", ("topics", "merged")
#: Words that a link holds, and the share of them that a topic must have to count as the same one.
_HELD, _ALIKE = 6, 0.5
_OTHER = "其他"


def follow(result: Topics) -> None:
    """Keep the URL and the topics consistent.

    A number loses its meaning once comments are added or removed, labels corrected or topics merged: such a mark is set
    to the topic with the same words, and the page says so; if there is none, the mark is dropped, which the page says.

    Args:
        result: The topics that the page shows.
    """
    mark = links.mark()
    within = mark.within
    if within is None or within.view.split("_")[0] not in _KINDS:
        links.note(_WORDS, "")
        return
    number = dict(within.equal).get("topic", "")
    if within.view == result.view:
        links.note(_WORDS, _words(result, number))
        return
    held = links.option(_WORDS).split()
    found = _number(result, held)
    name = "、".join(held[:3]) or number
    links.set_mark(_moved(mark, result, found))
    if found is None:
        said = f"链接里的话题「{name}」现在没有了:话题重新归纳过或合并过。下面是全部评论,请在图里重新点选。"
    else:
        links.note(_WORDS, _words(result, str(found)))
        now = next((topic.name for topic in result.topics if topic.number == found), _OTHER)
        said = f"话题重新归纳或合并过。链接里的「{name}」按用词找到,现在是「{chart.short_name(now)}」,评论会有出入。"
    st.info(say.escape(said), icon=":material/link:")


def _words(result: Topics, number: str) -> str:
    topic = next((topic for topic in result.topics if str(topic.number) == number), None)
    return " ".join(topic.terms[:_HELD]) if topic else _OTHER * (number == "0")


def _number(result: Topics, held: list[str]) -> int | None:
    """Return the number of the topic sharing most of some words, the largest in a tie; None if none shares half."""
    if held == [_OTHER]:
        return 0
    shared = {topic.number: _shared(topic, held) for topic in result.topics}
    best = max(shared, key=shared.__getitem__, default=None)
    return best if best is not None and shared[best] >= _ALIKE else None


def _shared(topic: Topic, held: list[str]) -> float:
    return len({*held} & {*topic.terms}) / len(held) if held else 0.0


def _moved(mark: Filter, result: Topics, number: int | None) -> Filter | None:
    if number is None:
        return None
    within: Within | None = mark_of_topic(result.view, number).within
    return replace(mark, within=within)
