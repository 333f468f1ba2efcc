"""The analyses of a job as the pages need them, cached until the job's rows or corrections change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from core import analyse
from core.results import (
    Anomalies,
    Aspects,
    ChangePoint,
    Choices,
    CommentPage,
    Comparison,
    Contrast,
    Distribution,
    EmotionCounts,
    Episode,
    Findings,
    Floods,
    Heat,
    Keywords,
    Overview,
    Quote,
    Ranks,
    Shift,
    Stars,
    Topics,
    Trend,
    Without,
)
from core.schema import Filter, Job, RunReport
from core.store import LabelledTable
from pages.parts import comment_list, drawings, resources, words_view

Version = tuple[int, int]
_ANALYSES: dict[str, Callable[..., Any]] = {
    "comments": analyse.comments,
    "overview": analyse.overview,
    "keywords": analyse.keywords,
    "compare": analyse.compare,
    "contrast": analyse.contrast,
    "heat": analyse.heat,
    "ranks": analyse.ranks,
    "stars": analyse.stars,
    "distribution": analyse.distribution,
    "emotions": analyse.emotions,
    "distinct_texts": analyse.distinct_texts,
    "shift": analyse.shift,
    "findings": analyse.findings,
    "topics": analyse.topics,
    "aspects": analyse.aspects,
    "aspect_trend": analyse.aspect_trend,
    "without": analyse.without,
}


def table(job: str) -> LabelledTable:
    """Return the labelled table of a job."""
    return resources.jobs().table(job)


def is_mixed(job: str) -> bool:
    """Return whether the tables of a job name their columns differently."""
    found = resources.store().catalogue.get(job)
    return found is not None and found.spec.is_mixed


def version(job: str) -> Version:
    """Return a value that changes with the rows or the corrections of a job."""
    store = resources.store()
    return store.chunks(job).rows(), store.catalogue.corrections_version(job)


def choices(job: str) -> Choices:
    """Return the options that the filters offer."""
    return _choices(job, version(job))


def report(job: Job) -> tuple[RunReport, int] | None:
    """Return the report of a finished job with its corrected labels, and the number of corrections.

    Lists call this for many jobs: only those with corrections are recounted.
    """
    corrections = resources.store().catalogue.corrected(job.id)
    if job.report is None or not corrections:
        return None if job.report is None else (job.report, 0)
    return analyse.corrected(job.report, overview(job.id, Filter(reexported=True)).now), corrections


def overview(job: str, chosen: Filter) -> Overview:
    """Return the key figures."""
    return _answer(job, version(job), "overview", chosen)


def trend(job: str, chosen: Filter, frequency: Any) -> Trend:
    """Return the comments over time."""
    return _trend(job, version(job), chosen, frequency)


def anomalies(job: str, chosen: Filter, frequency: Any) -> Anomalies:
    """Return the anomalies over time."""
    return _anomalies(job, version(job), chosen, frequency)


def change_points(job: str, chosen: Filter, frequency: Any) -> tuple[ChangePoint, ...]:
    """Return the lasting changes of the negative share."""
    return _change_points(job, version(job), chosen, frequency)


def shift(job: str, chosen: Filter, episode: Episode, overdispersion: float) -> Shift:
    """Return the explanation of an anomalous period."""
    return _answer(job, version(job), "shift", chosen, episode=episode, overdispersion=overdispersion)


def keywords(job: str, chosen: Filter, stop: tuple[str, ...] = ()) -> Keywords:
    """Return the distinctive words without those of ``stop``.

    The filter's labels are ignored, as ``core.analyse.keywords`` does anyway.
    """
    view = words_view.ready(job, analyse.synonyms())
    return _answer(job, version(job), "keywords", replace(chosen, labels=()), stop=stop, view=view)


def contrast(
    job: str, chosen: Filter, sides: tuple[Filter, Filter | None], *, view: str | None, stop: tuple[str, ...]
) -> Contrast:
    """Return the words that distinguish two sides."""
    first, second = sides
    return _answer(job, version(job), "contrast", chosen, first=first, second=second, view=view, stop=stop)


def compare(job: str, chosen: Filter, by: str, label: int, reference: str | None = None) -> Comparison:
    """Return a comparison of groups."""
    return _answer(job, version(job), "compare", chosen, by=by, label=label, reference=reference)


def ranks(job: str, chosen: Filter, by: str, periods: tuple[Filter, Filter], label: int) -> Ranks:
    """Return how the order of groups changed between two periods."""
    before, after = periods
    return _answer(job, version(job), "ranks", chosen, by=by, before=before, after=after, label=label)


def stars(job: str, chosen: Filter, by: str) -> Stars:
    """Return ratings compared with texts."""
    return _answer(job, version(job), "stars", chosen, by=by)


def heat(job: str, chosen: Filter, by: str, view: str) -> Heat:
    """Return aspects by groups."""
    return _answer(job, version(job), "heat", chosen, by=by, view=view)


def aspects(job: str, chosen: Filter, view: str, facts: dict[str, Any]) -> Aspects:
    """Return what people say about each aspect, from a derived table of mentions and its facts."""
    found = tuple(row["name"] for row in facts.get("found", ()))
    options = {"pack": str(facts.get("pack", "")), "share": float(facts.get("share", 1)), "found": found}
    return _answer(job, version(job), "aspects", chosen, view=view, **options)


def aspect_trend(job: str, chosen: Filter, view: str, aspect: str, frequency: Any) -> Trend:
    """Return the comments on one aspect over time."""
    return _answer(job, version(job), "aspect_trend", chosen, view=view, aspect=aspect, frequency=frequency)


def whole_mentions(job: str) -> str:
    """Return the latest derived table of the mentions in all comments of a job; "" if there is none."""
    return resources.store().derived(job).latest("mentions", share=1) or ""


def evidence(job: str, chosen: Filter, rows: Sequence[int]) -> list[str]:
    """Return the parts of comments that match a filter on mentions of aspects."""
    within = chosen.within
    if within is None or not within.view.startswith("mentions_"):
        return []
    return analyse.pieces(table(job), within, rows)


def distribution(job: str, chosen: Filter) -> Distribution:
    """Return the distributions of confidence and rating."""
    return _answer(job, version(job), "distribution", chosen)


def distinct_texts(job: str, chosen: Filter) -> int:
    """Return the number of different texts."""
    return int(_answer(job, version(job), "distinct_texts", chosen))


def emotions(job: str, chosen: Filter) -> EmotionCounts:
    """Return the emotions of a job labelled with them."""
    return _answer(job, version(job), "emotions", chosen)


def findings(job: str, chosen: Filter) -> Findings:
    """Return where most of the surplus of negative comments lies, including aspects where mentions were derived."""
    shelf = resources.store().derived(job)
    mentions = shelf.latest("mentions") or ""
    share = float((shelf.facts(mentions) or {}).get("share", 1)) if mentions else 1.0
    every = replace(chosen, labels=())
    return _answer(job, version(job), "findings", every, mentions=mentions, mentions_share=share)


def topics(job: str, chosen: Filter, view: str, facts: dict[str, Any], edits: analyse.TopicEdits) -> Topics:
    """Return the topics of a derived table with people's names and merges."""
    options = {"view": view, "facts": facts, "names": edits.names, "merged": edits.merged}
    return _answer(job, version(job), "topics", chosen, **options)


def floods(job: str, chosen: Filter, view: str) -> Floods:
    """Return the suspicious groups of a derived table."""
    return _floods(job, version(job), chosen, view)


def without(job: str, chosen: Filter, view: str) -> Without:
    """Return the negative share with and without the rows of a derived table."""
    return _answer(job, version(job), "without", chosen, view=view)


def page(job: str, chosen: Filter, *, order: str, descending: bool, offset: int, limit: int) -> CommentPage:
    """Return one page of comments, with the columns of ``comment_list``."""
    where = {"order": order, "descending": descending, "offset": offset, "limit": limit}
    return _answer(job, version(job), "comments", chosen, columns=comment_list.COLUMNS, **where)


def forget() -> None:
    """Clear all cached answers: a deleted job may return under its id with other corrections."""
    for kept in (_answer, _trend, _floods, _flood_quotes, _anomalies, _change_points, _choices, _found):
        kept.clear()
    drawings.forget()


def selection(job: str, chosen: Filter) -> analyse.Selection:
    """Return the filter with its words looked up once for all analyses."""
    if not (chosen.keyword or chosen.term):
        return analyse.Selection(chosen)
    return analyse.Selection(chosen, _found(job, version(job), chosen.keyword, chosen.term))


@st.cache_data(show_spinner=False, max_entries=400)
def _answer(job: str, version: Version, what: str, chosen: Filter, **options: Any) -> Any:
    return _ANALYSES[what](table(job), selection(job, chosen), **options)


@st.cache_data(show_spinner=False, max_entries=100)
def _trend(job: str, version: Version, chosen: Filter, frequency: Any) -> Trend:
    totals = overview(job, chosen).now
    return analyse.trend(table(job), selection(job, chosen), frequency, totals=totals)


@st.cache_data(show_spinner=False, max_entries=100)
def _floods(job: str, version: Version, chosen: Filter, view: str) -> Floods:
    facts = resources.store().derived(job).facts(view) or {}
    known = _flood_quotes(job, version, view)
    return analyse.floods(table(job), selection(job, chosen), view, facts, known=known)


@st.cache_resource(show_spinner=False, max_entries=20)
def _flood_quotes(job: str, version: Version, view: str) -> dict[int, tuple[Quote, ...]]:
    return {}


@st.cache_data(show_spinner=False, max_entries=100)
def _anomalies(job: str, version: Version, chosen: Filter, frequency: Any) -> Anomalies:
    return analyse.anomalies(trend(job, chosen, frequency), analyse.design_effects(table(job), selection(job, chosen)))


@st.cache_data(show_spinner=False, max_entries=100)
def _change_points(job: str, version: Version, chosen: Filter, frequency: Any) -> tuple[ChangePoint, ...]:
    return analyse.change_points(trend(job, chosen, frequency))


@st.cache_data(show_spinner=False, max_entries=50)
def _choices(job: str, version: Version) -> Choices:
    return analyse.choices(table(job))


@st.cache_data(show_spinner=False, max_entries=50)
def _found(job: str, version: Version, keyword: str, term: str) -> str | None:
    return analyse.select(table(job), Filter(keyword=keyword, term=term)).rows
