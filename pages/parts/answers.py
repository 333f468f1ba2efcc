"""The analyses of a job as the pages ask them: each answer is kept until its rows or corrections change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from core import analyse
from core.results import (
    Anomalies,
    ChangePoint,
    Choices,
    CommentPage,
    Comparison,
    Distribution,
    EmotionCounts,
    Episode,
    Keywords,
    Overview,
    Shift,
    Trend,
)
from core.schema import Filter
from core.store import LabelledTable
from pages.parts import comment_list, resources

Version = tuple[int, int]
_ANALYSES: dict[str, Callable[..., Any]] = {
    "comments": analyse.comments,
    "overview": analyse.overview,
    "trend": analyse.trend,
    "keywords": analyse.keywords,
    "compare": analyse.compare,
    "distribution": analyse.distribution,
    "emotions": analyse.emotions,
    "distinct_texts": analyse.distinct_texts,
    "shift": analyse.shift,
}


def table(job: str) -> LabelledTable:
    """Return the labelled table of a job."""
    return resources.jobs().table(job)


def version(job: str) -> Version:
    """Return what changes when the rows or the corrections of a job do."""
    store = resources.store()
    return store.chunks(job).rows(), store.catalogue.corrections_version(job)


def choices(job: str) -> Choices:
    """Return what the filters can offer."""
    return _choices(job, version(job))


def overview(job: str, chosen: Filter) -> Overview:
    """Return the key figures."""
    return _answer(job, version(job), "overview", chosen)


def trend(job: str, chosen: Filter, frequency: Any) -> Trend:
    """Return the rows over time."""
    return _answer(job, version(job), "trend", chosen, frequency=frequency)


def anomalies(job: str, chosen: Filter, frequency: Any) -> Anomalies:
    """Return what is abnormal in the rows over time."""
    return _anomalies(job, version(job), chosen, frequency)


def change_points(job: str, chosen: Filter, frequency: Any) -> tuple[ChangePoint, ...]:
    """Return the lasting changes of the negative share."""
    return _change_points(job, version(job), chosen, frequency)


def shift(job: str, chosen: Filter, episode: Episode, overdispersion: float) -> Shift:
    """Return what an abnormal stretch comes from."""
    return _answer(job, version(job), "shift", chosen, episode=episode, overdispersion=overdispersion)


def keywords(job: str, chosen: Filter, stop: tuple[str, ...] = ()) -> Keywords:
    """Return the telling words without those of ``stop``.

    The filter's labels are set aside, as ``core.analyse.keywords`` does anyway.
    """
    return _answer(job, version(job), "keywords", replace(chosen, labels=()), stop=stop)


def compare(job: str, chosen: Filter, by: str, label: int) -> Comparison:
    """Return groups side by side."""
    return _answer(job, version(job), "compare", chosen, by=by, label=label)


def distribution(job: str, chosen: Filter) -> Distribution:
    """Return confidences and ratings."""
    return _answer(job, version(job), "distribution", chosen)


def distinct_texts(job: str, chosen: Filter) -> int:
    """Return the number of different texts."""
    return int(_answer(job, version(job), "distinct_texts", chosen))


def emotions(job: str, chosen: Filter) -> EmotionCounts:
    """Return the emotions of a job that was asked for them."""
    return _answer(job, version(job), "emotions", chosen)


def page(job: str, chosen: Filter, *, order: str, descending: bool, offset: int, limit: int) -> CommentPage:
    """Return one page of comments, with the columns of ``comment_list``."""
    where = {"order": order, "descending": descending, "offset": offset, "limit": limit}
    return _answer(job, version(job), "comments", chosen, columns=comment_list.COLUMNS, **where)


def forget() -> None:
    """Let go of all answers: a job that was deleted may come again under its id with other corrections."""
    for kept in (_answer, _anomalies, _change_points, _choices, _found):
        kept.clear()


def selection(job: str, chosen: Filter) -> analyse.Selection:
    """Return the filter with its words looked up once for all analyses."""
    if not (chosen.keyword or chosen.term):
        return analyse.Selection(chosen)
    return analyse.Selection(chosen, _found(job, version(job), chosen.keyword, chosen.term))


@st.cache_data(show_spinner=False, max_entries=400)
def _answer(job: str, version: Version, what: str, chosen: Filter, **options: Any) -> Any:
    return _ANALYSES[what](table(job), selection(job, chosen), **options)


@st.cache_data(show_spinner=False, max_entries=100)
def _anomalies(job: str, version: Version, chosen: Filter, frequency: Any) -> Anomalies:
    return analyse.anomalies(trend(job, chosen, frequency))


@st.cache_data(show_spinner=False, max_entries=100)
def _change_points(job: str, version: Version, chosen: Filter, frequency: Any) -> tuple[ChangePoint, ...]:
    return analyse.change_points(trend(job, chosen, frequency))


@st.cache_data(show_spinner=False, max_entries=50)
def _choices(job: str, version: Version) -> Choices:
    return analyse.choices(table(job))


@st.cache_data(show_spinner=False, max_entries=50)
def _found(job: str, version: Version, keyword: str, term: str) -> str | None:
    return analyse.select(table(job), Filter(keyword=keyword, term=term)).rows
