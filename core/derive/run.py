"""Build one derived table unless it already exists."""

from __future__ import annotations

from typing import Any

from core.derive.recipe import Recipe, Report, view_of
from core.errors import StoreError
from core.store import LabelledTable, Store

__all__ = ["derive"]


def derive(job_id: str, recipe: Recipe, *, store: Store, table: LabelledTable, report: Report | None = None) -> str:
    """Build a derived table, or find the existing one.

    Args:
        job_id: The job.
        recipe: The recipe.
        store: The store with the job.
        table: Its labelled table, from ``store`` or the jobs manager.
        report: Called with the progress.

    Returns:
        The view's name; ``store.derived(job_id).facts(view)`` holds the facts recorded with it.

    Raises:
        JobError: J03 ``report`` stopped it; nothing is kept.
        StoreError: S01, S03 the data folder cannot be used, S09 another derived table of this job is being built.
        TingfengError: Whatever the recipe's model or options raise.
    """
    view, shelf = view_of(recipe, table), store.derived(job_id)
    if _there(store, job_id, view):
        return view
    with store.lock(job_id, what="derived"):
        if not _there(store, job_id, view):
            facts: dict[str, Any] = {}
            shelf.write(view, recipe.make(table, facts, report or _nobody), facts)
    return view


def _there(store: Store, job_id: str, view: str) -> bool:
    try:
        return store.derived(job_id).facts(view) is not None
    except StoreError as exc:
        if exc.code != "S04":
            raise
        return False


def _nobody(_done: int, _total: int) -> None:
    return
